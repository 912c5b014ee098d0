package portal

import (
	"net/http"
	"net/url"

	"beian/functions/api"
	"beian/shared/rules/finding"
)

// Questions of the look-ups. They are sent with POST, because what people type may be personal and does not belong into an address.
var (
	domainQuestions = []question{
		{pointer: "/domain", words: "domain.domain", kind: "text"},
		{pointer: "/province", words: "domain.province", kind: "select", options: provinces, optional: true},
		{pointer: "/entityKind", words: "domain.entity", kind: "select", shape: "number", options: entities},
	}
	numberQuestions = []question{{pointer: "/number", words: "number.number", kind: "text"}}
)

// A domainPage is the form, and the answer about a domain.
type domainPage struct {
	Fields   []field
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
	Fields []field
	Answer *api.NumberCheck
}

// registerLookups registers the look-ups of a domain and of a number.
func (p *Portal) registerLookups() {
	p.public("GET /domain", func(v *visit) error { return v.showDomain(document{"entityKind": 4}, domainPage{}) })
	p.public("POST /domain", func(v *visit) error {
		d, err := v.readForm(domainQuestions)
		if err != nil {
			return err
		}
		body := document{"domain": d.text("/domain")}
		if province := d.text("/province"); province != "" {
			body["province"] = province
			body["entityKind"] = d.at("/entityKind")
		}
		var page domainPage
		if v.problem = unanswered(domainQuestions[:1], d); v.problem == nil {
			page.Answer = &api.DomainCheck{}
			_, err = v.call(request{method: http.MethodPost, path: "/domain-checks", body: body}, page.Answer)
			if err != nil {
				page.Answer = nil
				if !v.refused(err) {
					return err
				}
			}
		}
		return v.showDomain(d, page)
	})
	p.public("GET /number", func(v *visit) error { return v.showNumber(document{}, numberPage{}) })
	p.public("POST /number", func(v *visit) error {
		d, err := v.readForm(numberQuestions)
		if err != nil {
			return err
		}
		var page numberPage
		if v.problem = unanswered(numberQuestions, d); v.problem == nil {
			page.Answer = &api.NumberCheck{}
			_, err = v.call(request{method: http.MethodPost, path: "/number-checks", body: d}, page.Answer)
			if err != nil {
				page.Answer = nil
				if !v.refused(err) {
					return err
				}
			}
		}
		return v.showNumber(d, page)
	})
}

// readForm returns the answers of the form that was sent.
func (v *visit) readForm(questions []question) (document, error) {
	if err := v.r.ParseForm(); err != nil {
		return nil, err
	}
	d := document{}
	d.read(questions, v.r.PostForm)
	return d, nil
}

func (v *visit) showDomain(d document, page domainPage) (err error) {
	if page.Fields, err = v.ask(domainQuestions, d); err != nil {
		return err
	}
	if d.text("/province") != "" {
		for _, o := range page.Fields[1].Options {
			if o.Chosen {
				page.Province = o.Label
			}
		}
	}
	return v.show("domain", page)
}

func (v *visit) showNumber(d document, page numberPage) (err error) {
	if page.Fields, err = v.ask(numberQuestions, d); err != nil {
		return err
	}
	return v.show("number", page)
}

// NeedAddress is the address of the page that says what else is needed, with the answers that were given.
func (p domainPage) NeedAddress() string {
	if p.Province == "" {
		return "/need"
	}
	return "/need?province=" + url.QueryEscape(p.Fields[1].Value) + "&entityKind=" + url.QueryEscape(p.Fields[2].Value)
}
