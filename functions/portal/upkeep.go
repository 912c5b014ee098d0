package portal

import (
	"net/http"
	"strconv"
	"strings"

	"beian/shared/filing/upkeep"
	"beian/shared/rules/annualreview"
	"beian/shared/rules/finding"
	"beian/shared/web"
	"beian/shared/web/pages"
)

// A record is a page on which an account records something about a site after approval.
type record struct {
	path      string // of the page and of the operation
	questions []pages.Question
}

// records are by the kind of the duty that they end.
var records = map[upkeep.Key]record{
	upkeep.PublicSecurity: {"public-security", []pages.Question{{Pointer: "/number", Words: "upkeep.public-security", Kind: "text"}}},
	upkeep.CommercialAsk:  {"commercial", []pages.Question{{Pointer: "/commercial", Words: "upkeep.commercial", Kind: "radios", Shape: "bool", Options: commercialAnswers}}},
	upkeep.LicenceMissing: {"licence", licenceQuestions},
	upkeep.LicenceExpires: {"licence", licenceQuestions},
	upkeep.AnnualReview:   {"annual-review", []pages.Question{{Pointer: "/status", Words: "upkeep.annual-review", Kind: "radios", Options: reviewAnswers}}},
	upkeep.LicenceReport:  {"licence-report", []pages.Question{{Pointer: "/reported", Words: "upkeep.reported", Kind: "check"}}},
}

var licenceQuestions = []pages.Question{
	{Pointer: "/number", Words: "upkeep.licence", Kind: "text"},
	{Pointer: "/validUntil", Words: "upkeep.licence-until", Kind: "text", Class: "short"},
}

func reviewAnswers(v *pages.Visit, d pages.Document) ([]pages.Option, error) {
	var options []pages.Option
	for _, s := range annualreview.Statuses {
		options = append(options, pages.Option{Value: string(s), Label: v.In(s.Words()), Chosen: d["status"] == string(s)})
	}
	return options, nil
}

func commercialAnswers(v *pages.Visit, _ pages.Document) ([]pages.Option, error) {
	no, err := v.T("upkeep.commercial-no")
	if err != nil {
		return nil, err
	}
	yes, err := v.T("upkeep.commercial-yes")
	return []pages.Option{{Value: "false", Label: no}, {Value: "true", Label: yes}}, err
}

// A recordPage is the page of a record.
type recordPage struct {
	beginningAt
	Title  finding.Words // of the open duty; zero if none is open, and the account corrects what ended it
	Why    finding.Words
	Fields []pages.Field
}

// RecordHref returns the address of the page that ends a duty; "" if none does.
func (v *visit) RecordHref(f web.Filing, d web.UpkeepDuty) string {
	if d.Kind == upkeep.LetterEnds {
		for i, p := range f.Papers {
			if string(p.Slot) == d.Part && p.Site == d.Site {
				return v.LetterHref(i)
			}
		}
		return ""
	}
	r, has := records[d.Kind]
	n := siteNumbered(f, d.Site)
	if !has || n < 0 {
		return ""
	}
	return v.FilingHref("/upkeep/" + r.path + "/" + strconv.Itoa(n))
}

// CorrectHref returns the address of the page on which an account corrects what ended a duty of a site; "" if the filing is cancelled or we do not host the site.
func (v *visit) CorrectHref(p filingPage, kind upkeep.Key, site string) string {
	n := siteNumbered(p.Filing, site)
	if p.CancelledOn != "" || n < 0 || !v.Hosted(p.Filing.Sites[n]) {
		return ""
	}
	return v.RecordHref(p.Filing, web.UpkeepDuty{Kind: kind, Site: site})
}

// PlaceOf returns the name of the site that a duty is about, "" if it is about the subject, or if its sentence names the site.
func (v *visit) PlaceOf(f web.Filing, d web.UpkeepDuty) string {
	n := siteNumbered(f, d.Site)
	if n < 0 || len(f.Sites[n].Details.Domains) == 0 {
		return d.Site
	}
	name := f.Sites[n].Details.Domains[0].Display()
	if strings.Contains(v.In(d.What), name) {
		return ""
	}
	return name
}

// RemedyOf returns what to do about a finding of the watch, without the HTML to copy.
func (v *visit) RemedyOf(f web.WatchedFinding) string {
	if f.Snippet == "" {
		return v.In(f.Remedy)
	}
	return strings.TrimSpace(strings.Replace(v.In(f.Remedy), f.Snippet, "", 1))
}

// registerUpkeep registers the pages on which an account records what ends a duty, and the form that turns reminders off and on.
func (p *Portal) registerUpkeep() {
	for kind, r := range records {
		if kind == upkeep.LicenceExpires { // has the page of LicenceMissing
			continue
		}
		show := func(v *visit, d pages.Document) error {
			at, err := v.beginningAt()
			if err != nil {
				return err
			}
			if at.Site == nil {
				return &web.Problem{Status: http.StatusNotFound}
			}
			var recorded web.Upkeep
			if err := v.Get(v.filingPath("/upkeep"), &recorded); err != nil {
				return err
			}
			page := recordPage{beginningAt: at}
			for _, duty := range recorded.Duties {
				if records[duty.Kind].path == r.path && duty.Site == at.Site.Number.String() {
					page.Title, page.Why = duty.What, duty.How
				}
			}
			if page.Fields, err = v.Ask(r.questions, d); err != nil {
				return err
			}
			return v.Show("filing-upkeep", page)
		}
		p.private("GET /filings/{id}/upkeep/"+r.path+"/{site}", func(v *visit) error {
			typed, err := v.Typed()
			if err != nil {
				return err
			}
			d := pages.Document{}
			d.Read(r.questions, typed)
			return show(v, d)
		})
		p.private("POST /filings/{id}/upkeep/"+r.path+"/{site}", func(v *visit) error {
			at, err := v.beginningAt()
			if err != nil {
				return err
			}
			if err := v.R.ParseForm(); err != nil {
				return err
			}
			d := pages.Document{}
			d.Read(r.questions, v.R.PostForm)
			if at.Site == nil {
				return &web.Problem{Status: http.StatusNotFound}
			}
			if err := v.putUpkeep(r, at.Site.Number.String(), d); err != nil {
				if v.Refused(err) {
					return show(v, d)
				}
				return err
			}
			v.Redirect(v.FilingHref(""))
			return nil
		})
	}
	p.registerLetterTerm()
	p.private("POST /filings/{id}/leader-left", func(v *visit) error {
		if err := v.R.ParseForm(); err != nil {
			return err
		}
		body := map[string]any{"left": v.R.PostForm.Get("left") == "true"}
		if site := v.R.PostForm.Get("site"); site != "" {
			body["site"] = site
		}
		if _, err := v.Call(pages.Request{Method: http.MethodPut, Path: v.filingPath("/leader-left"), Body: body}, nil); err != nil {
			return err
		}
		v.Redirect(v.FilingHref(""))
		return nil
	})
	p.private("POST /filings/{id}/reminders", func(v *visit) error {
		if err := v.R.ParseForm(); err != nil {
			return err
		}
		body := map[string]any{"kind": v.R.PostForm.Get("kind"), "muted": v.R.PostForm.Get("muted") == "true"}
		if _, err := v.Call(pages.Request{Method: http.MethodPut, Path: v.filingPath("/reminders"), Body: body}, nil); err != nil {
			return err
		}
		v.Redirect(v.FilingHref(""))
		return nil
	})
}

// putUpkeep records the answers. An answer that is missing is a problem of the form.
func (v *visit) putUpkeep(r record, site string, d pages.Document) error {
	var missing finding.List
	for _, q := range r.questions {
		switch {
		case strings.TrimSpace(v.R.PostForm.Get(q.Pointer)) != "":
		case q.Kind == "check":
			missing = append(missing, finding.New(CodeUnticked, q.Pointer))
		default:
			missing = append(missing, finding.New(pages.CodeUnanswered, q.Pointer))
		}
	}
	if len(missing) > 0 {
		return &web.Problem{Status: http.StatusUnprocessableEntity, Findings: missing}
	}
	body := map[string]any{"site": site}
	for _, q := range r.questions {
		if q.Kind == "check" {
			continue
		}
		body[q.Pointer[1:]] = d.Text(q.Pointer)
		if q.Shape == "bool" {
			body[q.Pointer[1:]] = v.R.PostForm.Get(q.Pointer) == "true"
		}
	}
	_, err := v.Call(pages.Request{Method: http.MethodPut, Path: v.filingPath("/" + r.path), Body: body}, nil)
	return err
}
