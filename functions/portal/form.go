package portal

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"beian/shared/rules/finding"
	"beian/shared/web"
)

// A field is one question of a form. Its name is a JSON pointer into the request of the operation.
type field struct {
	Name     string
	Kind     string // type of the input, or: textarea, select, radios, checkboxes, check, fixed
	Label    string
	Hint     string
	Why      string
	Value    string
	Options  []option
	Optional bool

	Class, Autocomplete, Inputmode string

	Errors []problem
}

// An option is an answer that can be chosen.
type option struct {
	Value, Label, Hint string
	Chosen             bool
	Rare               bool // shown only after one more press, unless it is chosen
}

// A problem is a finding on the page: at its field and in the summary.
type problem struct {
	finding.Finding
	N     int
	Href  string // of the field; "" if no page asks for it
	Label string // of the field on this page
	// Explains offers to explain the finding; Explanation is what was written.
	Explains    bool
	Explanation string
}

// ExplainName is the name of the field for the explanation; see [draft.readExplanations].
func (p problem) ExplainName() string { return "explain " + string(p.Code) + " " + p.Pointer }

// Blocks reports whether the person has to correct it before going on.
func (p problem) Blocks() bool { return p.Severity == finding.Block }

// ID is the id of the field's element.
func (f field) ID() string { return idOf(f.Name) }

func idOf(pointer string) string { return "f" + strings.ReplaceAll(pointer, "/", "-") }

// HasRare reports whether the field has options that are rarely chosen, and RareChosen whether one of them is.
func (f field) HasRare() bool {
	return slices.ContainsFunc(f.Options, func(o option) bool { return o.Rare })
}

func (f field) RareChosen() bool {
	return slices.ContainsFunc(f.Options, func(o option) bool { return o.Rare && o.Chosen })
}

// Wrong reports whether the person has to correct the field.
func (f field) Wrong() bool { return slices.ContainsFunc(f.Errors, problem.Blocks) }

// DescribedBy are the ids of the elements that describe the field.
func (f field) DescribedBy() string {
	var ids []string
	if f.Hint != "" {
		ids = append(ids, f.ID()+"-hint")
	}
	for _, e := range f.Errors {
		ids = append(ids, fmt.Sprintf("%s-problem-%d", f.ID(), e.N))
	}
	return strings.Join(ids, " ")
}

// attach gives each finding to its field.
func attach(fields []field, found finding.List) {
	for _, f := range found {
		if i := fieldOf(fields, f.Pointer); i >= 0 {
			fields[i].Errors = append(fields[i].Errors, problem{Finding: f, N: len(fields[i].Errors)})
		}
	}
}

// fieldOf returns the index of the field that a pointer names: a field above it, else the first field below it; -1 if there is none.
func fieldOf(fields []field, pointer string) int {
	above := func(f field) bool { return pointer == f.Name || strings.HasPrefix(pointer, f.Name+"/") }
	below := func(f field) bool { return pointer != "" && strings.HasPrefix(f.Name, pointer+"/") }
	if i := slices.IndexFunc(fields, above); i >= 0 {
		return i
	}
	return slices.IndexFunc(fields, below)
}

// Problems are the findings of the operation that a form called, with links to their fields on the page, in the order of the fields. Those
// without a field come first.
func (v *visit) Problems() []problem {
	if v.problem == nil {
		return nil
	}
	var all []problem
	for _, f := range v.problem.Findings {
		if f.Severity == finding.Block {
			one := problem{Finding: f, Href: v.hrefOf(f.Pointer)}
			if i := fieldOf(v.fields, f.Pointer); i >= 0 {
				one.Label = strings.TrimRight(v.fields[i].Label, "？?。.") // a colon follows
			}
			all = append(all, one)
		}
	}
	slices.SortStableFunc(all, func(a, b problem) int {
		return cmp.Compare(fieldOf(v.fields, a.Pointer), fieldOf(v.fields, b.Pointer))
	})
	return all
}

// Detail says what failed, if the operation found nothing in particular.
func (v *visit) Detail() string {
	if v.problem == nil || len(v.problem.Findings) > 0 {
		return ""
	}
	return v.problem.Detail
}

// hrefOf returns the address of the field that a pointer names: on this page, else on another page of the order; "" if there is none.
func (v *visit) hrefOf(pointer string) string {
	if i := fieldOf(v.fields, pointer); i >= 0 {
		return "#" + v.fields[i].ID()
	}
	if strings.HasPrefix(v.r.URL.Path, "/orders/") {
		return v.pageOf(pointer)
	}
	return ""
}

// Limits of a form, far above what any page has.
const (
	maxForm   = 1 << 20   // bytes, of which a Chinese character has nine
	maxTyped  = 256 << 10 // bytes of names and values. A page repeats them, and a response of Lambda has 6 MB at most
	maxFields = 2000
)

// parseForm parses the form of the request, so that each page has one that is well-formed. The error is a *web.Problem.
func (v *visit) parseForm() error {
	if v.r.Method != http.MethodPost || !strings.HasPrefix(strings.ToLower(v.r.Header.Get("Content-Type")), "application/x-www-form-urlencoded") {
		return nil
	}
	v.r.Body = http.MaxBytesReader(nil, v.r.Body, maxForm)
	err := v.r.ParseForm()
	if _, large := errors.AsType[*http.MaxBytesError](err); large {
		return &web.Problem{Status: http.StatusRequestEntityTooLarge}
	}
	fields, typed := 0, 0
	for name, values := range v.r.PostForm {
		fields += len(values)
		for _, value := range values {
			typed += len(name) + len(value)
		}
	}
	switch {
	case err != nil || fields > maxFields:
		return &web.Problem{Status: http.StatusBadRequest}
	case typed > maxTyped:
		return &web.Problem{Status: http.StatusRequestEntityTooLarge}
	}
	return nil
}

// CodeUnanswered says that a question that a page cannot go on without has no answer.
const CodeUnanswered finding.Code = "question-unanswered"

// unanswered returns the problem of questions without an answer; nil if all have one.
func unanswered(questions []question, d document) *web.Problem {
	p := &web.Problem{Status: http.StatusUnprocessableEntity}
	for _, q := range questions {
		if (q.only == nil || q.only(d)) && !q.optional && d.text(q.pointer) == "" {
			p.Findings = append(p.Findings, finding.New(CodeUnanswered, q.pointer))
		}
	}
	if len(p.Findings) == 0 {
		return nil
	}
	return p
}
