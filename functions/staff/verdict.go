package staff

import (
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"beian/functions/reviewer"
	"beian/shared/filing"
	"beian/shared/rules/evidence"
	"beian/shared/rules/finding"
	"beian/shared/web"
	"beian/shared/web/pages"
)

// A verdictForm is the form of the verdict, as far as it was typed.
type verdictForm struct {
	Places    []pages.Option // that a reason can name
	Reasons   []reasonForm
	Overrides []overrideForm
	Originals []pages.Option
	Catalogue []reviewer.BoundReason
	Open      string // the part of the form that was sent: pass, return or reject
}

// A reasonForm is one reason not to pass. N numbers the rows.
type reasonForm struct {
	N                             int
	Pointer, Code, Words, English string
}

// An overrideForm asks for the reason to override a finding that the applicant explained.
type overrideForm struct {
	web.Explained
	Reason string
}

// Name is the name of the field.
func (o overrideForm) Name() string { return overrideName(o.Code, o.Pointer) }

func overrideName(code finding.Code, pointer string) string {
	return "override " + string(code) + " " + pointer
}

// maxReasons is the number of reasons that a verdict has at most; emptyReasons the number of rows that the page offers without JavaScript.
const (
	maxReasons   = 32
	emptyReasons = 2
)

// read takes what was typed. There is always an empty reason.
func (f *verdictForm) read(form url.Values) {
	f.Open = form.Get("verdict")
	f.Reasons = reasonsOf(form)
	for range emptyReasons {
		f.Reasons = append(f.Reasons, reasonForm{})
	}
	for i := range f.Reasons {
		f.Reasons[i].N = i
	}
	for i := range f.Overrides {
		f.Overrides[i].Reason = form.Get(f.Overrides[i].Name())
	}
	for i := range f.Originals {
		f.Originals[i].Chosen = slices.Contains(form["originals"], f.Originals[i].Value)
	}
}

// Typed are the reasons in which something was entered.
func (f verdictForm) Typed() []reasonForm {
	return slices.DeleteFunc(slices.Clone(f.Reasons), func(r reasonForm) bool { return r.Code+r.Words+r.English == "" })
}

// Place is the chosen place of a reason among the places.
func (f verdictForm) Place(r reasonForm) []pages.Option {
	places := slices.Clone(f.Places)
	for i := range places {
		places[i].Chosen = places[i].Value == r.Pointer
	}
	return places
}

// reasonsOf returns the reasons of a form in which something was entered.
func reasonsOf(form url.Values) []reasonForm {
	var all []reasonForm
	for n := range maxReasons {
		at := func(field string) string {
			return strings.TrimSpace(form.Get("reason-" + strconv.Itoa(n) + "-" + field))
		}
		if r := (reasonForm{Pointer: at("pointer"), Code: at("code"), Words: at("words"), English: at("english")}); r.Code+r.Words+r.English != "" {
			all = append(all, r)
		}
	}
	return all
}

// verdictOf returns the verdict of the request's form. A reason is named by its code, or as it reads in either language.
func (v *visit) verdictOf(form url.Values) (reviewer.Verdict, error) {
	out := reviewer.Verdict{Verdict: filing.Verdict(form.Get("verdict"))}
	if out.Verdict == filing.VerdictPass {
		for _, slot := range form["originals"] {
			out.Documents = append(out.Documents, evidence.Slot(slot))
		}
		for name, values := range form {
			if parts := strings.SplitN(name, " ", 3); len(parts) == 3 && parts[0] == "override" {
				out.Overrides = append(out.Overrides, filing.OverrideRequest{Code: finding.Code(parts[1]), Pointer: parts[2], Reason: strings.Join(values, "\n")})
			}
		}
		slices.SortFunc(out.Overrides, func(a, b filing.OverrideRequest) int {
			return strings.Compare(overrideName(a.Code, a.Pointer), overrideName(b.Code, b.Pointer))
		})
		return out, nil
	}
	reasons := reasonsOf(form)
	catalogue, err := v.catalogueFor(reasons)
	if err != nil {
		return out, err
	}
	for _, r := range reasons {
		reason := reviewer.Reason{Pointer: r.Pointer}
		if r.Code != "" {
			code := finding.Code(r.Code)
			if i := slices.IndexFunc(catalogue, func(b reviewer.BoundReason) bool { return b.Message.Chinese == r.Code || b.Message.English == r.Code }); i >= 0 {
				code = catalogue[i].Code
			}
			reason.Code = code
		}
		if r.Words+r.English != "" {
			reason.Message = &reviewer.OwnWords{Chinese: r.Words, English: r.English}
		}
		out.Findings = append(out.Findings, reason)
	}
	return out, nil
}

var reasonCode = regexp.MustCompile(`^[a-z0-9-]+$`)

// catalogueFor returns the reasons of the catalogue, if one of those given is not a code.
func (v *visit) catalogueFor(given []reasonForm) ([]reviewer.BoundReason, error) {
	if !slices.ContainsFunc(given, func(r reasonForm) bool { return r.Code != "" && !reasonCode.MatchString(r.Code) }) {
		return nil, nil
	}
	var list web.Page[reviewer.BoundReason]
	err := v.Get("/review/reasons", &list)
	return list.Items, err
}

// registerVerdict registers the verdict. A decision on an order that has moved since the page was shown is refused, and what was typed stays.
func (s *Staff) registerVerdict() {
	s.register("POST /orders/{id}/review", func(v *visit) error {
		verdict, err := v.verdictOf(v.R.PostForm)
		if err != nil {
			return err
		}
		verdict.UndoSeconds = undoSeconds
		return v.actOnCase(pages.Request{Method: http.MethodPost, Path: v.orderPath("/review"), ETag: v.R.PostForm.Get("etag"), Body: verdict}, v.after("/queue"))
	})
}
