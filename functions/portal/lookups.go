package portal

import (
	"net/http"
	"net/url"

	"beian/functions/api"
	"beian/shared/rules/finding"
	"beian/shared/web/pages"
	"beian/shared/web/pages/application"
)

// Questions of the look-ups. They are sent with POST, because what people type may be personal and does not belong into an address.
var (
	domainQuestions = []pages.Question{
		{Pointer: "/domain", Words: "domain.domain", Kind: "text"},
		{Pointer: "/province", Words: "domain.province", Kind: "select", Options: application.Provinces, Optional: true},
		{Pointer: "/entityKind", Words: "domain.entity", Kind: "select", Shape: "number", Options: entities},
	}
	numberQuestions = []pages.Question{{Pointer: "/number", Words: "number.number", Kind: "text"}}
)

// A domainPage is the form, and the answer about a domain.
type domainPage struct {
	Fields   []pages.Field
	Answer   *api.DomainCheck
	Province string // whose rules were checked; "" for none
}

// Wrong are the findings that keep the domain from being filed as it was typed, and Notes the others.
func (p domainPage) Wrong() finding.List { return ofSeverity(p.Answer.Findings, true) }

// Notes are the findings that do not keep the domain from being filed.
func (p domainPage) Notes() finding.List { return ofSeverity(p.Answer.Findings, false) }

func ofSeverity(all finding.List, blocking bool) finding.List {
	var found finding.List
	for _, f := range all {
		if (f.Severity == finding.Block) == blocking {
			found = append(found, f)
		}
	}
	return found
}

// A numberPage is the form, and the answer about a number.
type numberPage struct {
	Fields []pages.Field
	Answer *api.NumberCheck
}

// registerLookups registers the look-ups of a domain and of a number.
func (p *Portal) registerLookups() {
	p.public("GET /domain", func(v *visit) error { return v.showDomain(pages.Document{"entityKind": 4}, domainPage{}) })
	p.public("POST /domain", func(v *visit) error {
		d, err := v.ReadForm(domainQuestions)
		if err != nil {
			return err
		}
		body := pages.Document{"domain": d.Text("/domain")}
		if province := d.Text("/province"); province != "" {
			body["province"] = province
			body["entityKind"] = d.At("/entityKind")
		}
		var page domainPage
		if v.Problem = pages.Unanswered(domainQuestions[:1], d); v.Problem == nil {
			page.Answer = &api.DomainCheck{}
			_, err = v.Call(pages.Request{Method: http.MethodPost, Path: "/domain-checks", Body: body}, page.Answer)
			if err != nil {
				page.Answer = nil
				if !v.Refused(err) {
					return err
				}
			}
		}
		return v.showDomain(d, page)
	})
	p.public("GET /number", func(v *visit) error { return v.showNumber(pages.Document{}, numberPage{}) })
	p.public("POST /number", func(v *visit) error {
		d, err := v.ReadForm(numberQuestions)
		if err != nil {
			return err
		}
		var page numberPage
		if v.Problem = pages.Unanswered(numberQuestions, d); v.Problem == nil {
			page.Answer = &api.NumberCheck{}
			_, err = v.Call(pages.Request{Method: http.MethodPost, Path: "/number-checks", Body: d}, page.Answer)
			if err != nil {
				page.Answer = nil
				if !v.Refused(err) {
					return err
				}
			}
		}
		return v.showNumber(d, page)
	})
}

func (v *visit) showDomain(d pages.Document, page domainPage) (err error) {
	if page.Fields, err = v.Ask(domainQuestions, d); err != nil {
		return err
	}
	if d.Text("/province") != "" {
		for _, o := range page.Fields[1].Options {
			if o.Chosen {
				page.Province = o.Label
			}
		}
	}
	return v.Show("domain", page)
}

func (v *visit) showNumber(d pages.Document, page numberPage) (err error) {
	if page.Fields, err = v.Ask(numberQuestions, d); err != nil {
		return err
	}
	return v.Show("number", page)
}

// NeedAddress is the address of the page that says what else is needed, with the answers that were given.
func (p domainPage) NeedAddress() string {
	if p.Province == "" {
		return "/need"
	}
	return "/need?province=" + url.QueryEscape(p.Fields[1].Value) + "&entityKind=" + url.QueryEscape(p.Fields[2].Value)
}
