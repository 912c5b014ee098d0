package portal

import (
	"net/http"
	"slices"
	"strings"

	"beian/shared/filing"
	"beian/shared/rules/finding"
	"beian/shared/web"
	"beian/shared/web/pages"
)

// typeQuestions are the questions about what determines the type of an application. Numbers at other providers are asked only where a finding asks for
// them.
func typeQuestions(o web.Order) []pages.Question {
	all := slices.Concat(openingQuestions[:len(openingQuestions)-1]...)
	for _, q := range []pages.Question{
		{Pointer: "/filingNumber", Words: "type.filing-number", Kind: "text", Class: "short", Optional: true},
		{Pointer: "/siteNumber", Words: "type.site-number", Kind: "text", Class: "short", Optional: true},
	} {
		if slices.ContainsFunc(o.Findings, func(f finding.Finding) bool { return f.Pointer == q.Pointer }) {
			all = append(all, q)
		}
	}
	return all
}

// registerType registers the page that corrects what determines the type, and that of the filing password.
func (p *Portal) registerType() {
	show := func(v *visit, o web.Order, d pages.Document) error {
		fields, err := v.Ask(typeQuestions(o), d)
		if err != nil {
			return err
		}
		withExplanations(fields, draft{Document: d}, o)
		return v.Show("type", fields)
	}
	open := func(v *visit) (web.Order, pages.Document, error) {
		o, err := v.order()
		if err == nil && o.Step != filing.VerifyType {
			err = &web.Problem{Status: http.StatusConflict}
		}
		d := pages.Document{"province": string(o.Province), "entityKind": int(o.Entity), "name": o.Subject.Name.Reveal(), "serviceKind": o.Service,
			"certificate": map[string]any{"kind": int(o.Subject.Certificate.Kind), "number": o.Subject.Certificate.Number.Reveal()}}
		if o.Service == "" {
			d.Set("/serviceKind", "site")
		}
		var domains []any
		for _, domain := range o.Domains {
			domains = append(domains, domain.Display())
		}
		d.Set("/domains", domains)
		return o, d, err
	}
	p.private("GET /orders/{id}/type", func(v *visit) error {
		o, d, err := open(v)
		if err != nil {
			return err
		}
		typed, err := v.Typed()
		if err != nil {
			return err
		}
		if typed == nil {
			v.Problem = &web.Problem{Status: http.StatusOK, Findings: o.Findings}
		}
		d.Read(typeQuestions(o), typed)
		return show(v, o, d)
	})
	p.private("POST /orders/{id}/type", func(v *visit) error {
		o, d, err := open(v)
		if err != nil {
			return err
		}
		if err := v.R.ParseForm(); err != nil {
			return err
		}
		d.Read(typeQuestions(o), v.R.PostForm)
		body := draft{Document: d}
		body.readExplanations(v.R.PostForm)
		if d.Text("/serviceKind") == "site" {
			d.Set("/serviceKind", nil)
		}
		_, err = v.Call(pages.Request{Method: http.MethodPut, Path: v.orderPath("/type"), Key: v.R.PostForm.Get("once"), Body: d}, nil)
		if v.Refused(err) {
			if d.Text("/serviceKind") == "" {
				d.Set("/serviceKind", "site")
			}
			return show(v, o, d)
		}
		if err != nil {
			return err
		}
		v.Redirect(v.OrderHref(""))
		return nil
	})
	p.registerForm("/orders/{id}/password", "password", []pages.Question{{Pointer: "/password", Words: "password.password", Kind: "password", Class: "short"}},
		func(v *visit, d pages.Document) (string, error) {
			_, err := v.Call(pages.Request{Method: http.MethodPut, Path: v.orderPath("/filing-password"), Key: v.R.PostForm.Get("once"), Body: d}, nil)
			return v.OrderHref(""), err
		})
}

// determinesType reports whether a pointer names what determines the type.
func determinesType(pointer string) bool {
	return slices.Contains([]string{"province", "entityKind", "name", "certificate", "serviceKind", "domains", "filingNumber", "siteNumber"}, strings.Split(pointer+"/", "/")[1])
}

// TypeWhy says in a sentence what the application is and why; "" as long as that is not determined. While it is not said whether the subject
// is filed, it says only what was looked at.
func (v *visit) TypeWhy(o web.Order) (string, error) {
	if _, known := filing.KindOf(o.Type); !known {
		return "", nil
	}
	if o.Type == filing.First && o.Findings.Has(filing.CodeSubjectLater) {
		return v.T("kind.FIRST-so-far")
	}
	return v.T("kind." + string(o.Type))
}
