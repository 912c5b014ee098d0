package portal

import (
	"net/http"
	"net/url"
	"strconv"

	"beian/shared/rules/finding"
	"beian/shared/web"
)

// openingQuestions are the questions of an application's opening, by page. The last page has all, to correct them.
var openingQuestions = [][]question{
	{
		{pointer: "/entityKind", words: "begin.entity", kind: "radios", shape: "number", options: entities},
		{pointer: "/province", words: "begin.province", kind: "select", options: provinces},
	},
	{
		{pointer: "/name", words: "begin.name", kind: "text", autocomplete: "organization", only: isOrganisation},
		{pointer: "/name", words: "begin.own-name", kind: "text", autocomplete: "name", only: isIndividual},
		{pointer: "/certificate/kind", words: "begin.certificate-kind", kind: "radios", shape: "number", options: certificatesOf},
		{pointer: "/certificate/number", words: "begin.certificate-number", kind: "text"},
	},
	{
		{pointer: "/serviceKind", words: "begin.service", kind: "radios", options: serviceKinds},
		{pointer: "/domains", words: "begin.domains", kind: "textarea", shape: "lines"},
	},
	{
		{pointer: "/contact/mobile", words: "begin.mobile", kind: "tel", class: "short", autocomplete: "tel-national", inputmode: "numeric"},
		{pointer: "/contact/email", words: "begin.email", kind: "email", autocomplete: "email", inputmode: "email"},
	},
}

func isIndividual(d document) bool   { return d.text("/entityKind") == strconv.Itoa(individual) }
func isOrganisation(d document) bool { return !isIndividual(d) }

// A beginPage is one page of the opening. Nothing is stored before the last: each page carries the answers of those before.
type beginPage struct {
	Step, Steps int
	All         bool // all questions at once, to correct them
	Fields      []field
	Carried     []field
}

// registerBegin registers the pages that open an application.
func (p *Portal) registerBegin() {
	p.private("GET /begin", func(v *visit) error {
		typed, err := v.typed()
		if err != nil {
			return err
		}
		d := document{"serviceKind": "site"}
		v.prefillContact(d)
		step := stepOf(typed)
		for _, page := range openingQuestions {
			d.read(page, typed)
		}
		return v.showBegin(d, step)
	})
	p.private("POST /begin", func(v *visit) error {
		if err := v.r.ParseForm(); err != nil {
			return err
		}
		d, form := document{}, v.r.PostForm
		for _, page := range openingQuestions {
			d.read(page, form)
		}
		draft{document: d}.readExplanations(form)
		step := stepOf(form)
		if step < len(openingQuestions)-1 {
			if missing := unanswered(openingQuestions[step], d); missing != nil {
				v.problem = missing
				return v.showBegin(d, step)
			}
			return v.showBegin(d, step+1)
		}
		if d.text("/serviceKind") == "site" {
			d.set("/serviceKind", nil)
		}
		var opened web.Order
		_, err := v.call(request{method: http.MethodPost, path: "/orders", key: form.Get("once"), body: d}, &opened)
		if v.refused(err) {
			return v.showBegin(d, len(openingQuestions))
		}
		if err != nil {
			return err
		}
		v.redirect("/orders/" + string(opened.ID))
		return nil
	})
}

// stepOf returns the page that a form names; 0 is the first.
func stepOf(form url.Values) int {
	step, _ := strconv.Atoi(form.Get("step"))
	return max(step, 0)
}

// showBegin shows a page of the opening: one of its steps, or all questions.
func (v *visit) showBegin(d document, step int) error {
	if d.text("/serviceKind") == "" {
		d.set("/serviceKind", "site")
	}
	b := beginPage{Step: min(step, len(openingQuestions)-1), Steps: len(openingQuestions), All: step >= len(openingQuestions)}
	var asked []question
	for i, page := range openingQuestions {
		if b.All || i == step {
			asked = append(asked, page...)
			continue
		}
		for _, q := range page {
			if q.only == nil || q.only(d) {
				b.Carried = append(b.Carried, field{Name: q.pointer, Value: d.text(q.pointer)})
			}
		}
	}
	var err error
	if b.Fields, err = v.ask(asked, d); err != nil {
		return err
	}
	withExplanations(b.Fields, draft{document: d}, web.Order{})
	b.Carried = append(b.Carried, explainedBefore(d, b.Fields)...)
	return v.show("begin", b)
}

// explainedBefore returns the explanations that none of the fields asks for again: the findings are settled by them, so that the next form
// has to carry them.
func explainedBefore(d document, fields []field) []field {
	asked := map[string]bool{}
	for _, f := range fields {
		for _, e := range f.Errors {
			asked[e.ExplainName()] = e.Explains
		}
	}
	var carried []field
	given, _ := d.at("/explanations").([]any)
	for _, one := range given {
		e, _ := one.(map[string]any)
		code, _ := e["code"].(string)
		pointer, _ := e["pointer"].(string)
		text, _ := e["text"].(string)
		if name := (problem{Finding: finding.Finding{Code: finding.Code(code), Pointer: pointer}}).ExplainName(); !asked[name] {
			carried = append(carried, field{Name: name, Value: text})
		}
	}
	return carried
}
