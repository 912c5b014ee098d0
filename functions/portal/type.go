package portal

import (
	"net/http"
	"slices"
	"strings"

	"beian/shared/filing"
	"beian/shared/rules/finding"
	"beian/shared/web"
)

// typeQuestions are the questions about what determines the type of an application. Numbers at other providers are asked only where a finding asks for
// them.
func typeQuestions(o web.Order) []question {
	all := slices.Concat(openingQuestions[:len(openingQuestions)-1]...)
	for _, q := range []question{
		{pointer: "/filingNumber", words: "type.filing-number", kind: "text", class: "short", optional: true},
		{pointer: "/siteNumber", words: "type.site-number", kind: "text", class: "short", optional: true},
	} {
		if slices.ContainsFunc(o.Findings, func(f finding.Finding) bool { return f.Pointer == q.pointer }) {
			all = append(all, q)
		}
	}
	return all
}

// registerType registers the page that corrects what determines the type, and that of the filing password.
func (p *Portal) registerType() {
	show := func(v *visit, o web.Order, d document) error {
		fields, err := v.ask(typeQuestions(o), d)
		if err != nil {
			return err
		}
		withExplanations(fields, draft{document: d}, o)
		return v.show("type", fields)
	}
	open := func(v *visit) (web.Order, document, error) {
		o, err := v.order()
		if err == nil && o.Step != filing.VerifyType {
			err = &web.Problem{Status: http.StatusConflict}
		}
		d := document{"province": string(o.Province), "entityKind": int(o.Entity), "name": o.Subject.Name.Reveal(), "serviceKind": o.Service,
			"certificate": map[string]any{"kind": int(o.Subject.Certificate.Kind), "number": o.Subject.Certificate.Number.Reveal()}}
		if o.Service == "" {
			d.set("/serviceKind", "site")
		}
		var domains []any
		for _, domain := range o.Domains {
			domains = append(domains, domain.Display())
		}
		d.set("/domains", domains)
		return o, d, err
	}
	p.private("GET /orders/{id}/type", func(v *visit) error {
		o, d, err := open(v)
		if err != nil {
			return err
		}
		typed, err := v.typed()
		if err != nil {
			return err
		}
		if typed == nil {
			v.problem = &web.Problem{Status: http.StatusOK, Findings: o.Findings}
		}
		d.read(typeQuestions(o), typed)
		return show(v, o, d)
	})
	p.private("POST /orders/{id}/type", func(v *visit) error {
		o, d, err := open(v)
		if err != nil {
			return err
		}
		if err := v.r.ParseForm(); err != nil {
			return err
		}
		d.read(typeQuestions(o), v.r.PostForm)
		body := draft{document: d}
		body.readExplanations(v.r.PostForm)
		if d.text("/serviceKind") == "site" {
			d.set("/serviceKind", nil)
		}
		_, err = v.call(request{method: http.MethodPut, path: v.orderPath("/type"), key: v.r.PostForm.Get("once"), body: d}, nil)
		if v.refused(err) {
			if d.text("/serviceKind") == "" {
				d.set("/serviceKind", "site")
			}
			return show(v, o, d)
		}
		if err != nil {
			return err
		}
		v.redirect(v.OrderHref(""))
		return nil
	})
	p.registerForm("/orders/{id}/password", "password", []question{{pointer: "/password", words: "password.password", kind: "password", class: "short"}},
		func(v *visit, d document) (string, error) {
			_, err := v.call(request{method: http.MethodPut, path: v.orderPath("/filing-password"), key: v.r.PostForm.Get("once"), body: d}, nil)
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
