package portal

import (
	"net/http"
	"net/url"
	"strconv"

	"beian/shared/rules/finding"
	"beian/shared/web"
	"beian/shared/web/pages"
	"beian/shared/web/pages/application"
)

// openingQuestions are the questions of an application's opening, by page. The last page has all, to correct them.
var openingQuestions = [][]pages.Question{
	{
		{Pointer: "/entityKind", Words: "begin.entity", Kind: "radios", Shape: "number", Options: entities},
		{Pointer: "/province", Words: "begin.province", Kind: "select", Options: application.Provinces},
	},
	{
		{Pointer: "/name", Words: "begin.name", Kind: "text", Autocomplete: "organization", Only: isOrganisation},
		{Pointer: "/name", Words: "begin.own-name", Kind: "text", Autocomplete: "name", Only: isIndividual},
		{Pointer: "/certificate/kind", Words: "begin.certificate-kind", Kind: "radios", Shape: "number", Options: certificatesOf},
		{Pointer: "/certificate/number", Words: "begin.certificate-number", Kind: "text"},
	},
	{
		{Pointer: "/serviceKind", Words: "begin.service", Kind: "radios", Options: serviceKinds},
		{Pointer: "/domains", Words: "begin.domains", Kind: "textarea", Shape: "lines"},
	},
	{
		{Pointer: "/contact/mobile", Words: "begin.mobile", Kind: "tel", Class: "short", Autocomplete: "tel-national", Inputmode: "numeric"},
		{Pointer: "/contact/email", Words: "begin.email", Kind: "email", Autocomplete: "email", Inputmode: "email"},
	},
}

func isIndividual(d pages.Document) bool {
	return d.Text("/entityKind") == strconv.Itoa(application.Individual)
}
func isOrganisation(d pages.Document) bool { return !isIndividual(d) }

// A beginPage is one page of the opening. Nothing is stored before the last: each page carries the answers of those before.
type beginPage struct {
	Step, Steps int
	All         bool // all questions at once, to correct them
	Fields      []pages.Field
	Carried     []pages.Field
}

// registerBegin registers the pages that open an application.
func (p *Portal) registerBegin() {
	p.private("GET /begin", func(v *visit) error {
		typed, err := v.Typed()
		if err != nil {
			return err
		}
		d := pages.Document{"serviceKind": "site"}
		v.prefillContact(d)
		step := stepOf(typed)
		for _, page := range openingQuestions {
			d.Read(page, typed)
		}
		return v.showBegin(d, step)
	})
	p.private("POST /begin", func(v *visit) error {
		if err := v.R.ParseForm(); err != nil {
			return err
		}
		d, form := pages.Document{}, v.R.PostForm
		for _, page := range openingQuestions {
			d.Read(page, form)
		}
		draft{Document: d}.readExplanations(form)
		step := stepOf(form)
		if step < len(openingQuestions)-1 {
			if missing := pages.Unanswered(openingQuestions[step], d); missing != nil {
				v.Problem = missing
				return v.showBegin(d, step)
			}
			return v.showBegin(d, step+1)
		}
		if d.Text("/serviceKind") == "site" {
			d.Set("/serviceKind", nil)
		}
		var opened web.Order
		_, err := v.Call(pages.Request{Method: http.MethodPost, Path: "/orders", Key: form.Get("once"), Body: d}, &opened)
		if v.Refused(err) {
			return v.showBegin(d, len(openingQuestions))
		}
		if err != nil {
			return err
		}
		v.Redirect("/orders/" + string(opened.ID))
		return nil
	})
}

// stepOf returns the page that a form names; 0 is the first.
func stepOf(form url.Values) int {
	step, _ := strconv.Atoi(form.Get("step"))
	return max(step, 0)
}

// showBegin shows a page of the opening: one of its steps, or all questions.
func (v *visit) showBegin(d pages.Document, step int) error {
	if d.Text("/serviceKind") == "" {
		d.Set("/serviceKind", "site")
	}
	b := beginPage{Step: min(step, len(openingQuestions)-1), Steps: len(openingQuestions), All: step >= len(openingQuestions)}
	var asked []pages.Question
	for i, page := range openingQuestions {
		if b.All || i == step {
			asked = append(asked, page...)
			continue
		}
		for _, q := range page {
			if q.Only == nil || q.Only(d) {
				b.Carried = append(b.Carried, pages.Field{Name: q.Pointer, Value: d.Text(q.Pointer)})
			}
		}
	}
	var err error
	if b.Fields, err = v.Ask(asked, d); err != nil {
		return err
	}
	withExplanations(b.Fields, draft{Document: d}, web.Order{})
	b.Carried = append(b.Carried, explainedBefore(d, b.Fields)...)
	return v.Show("begin", b)
}

// explainedBefore returns the explanations that none of the fields asks for again: the findings are settled by them, so that the next form
// has to carry them.
func explainedBefore(d pages.Document, fields []pages.Field) []pages.Field {
	asked := map[string]bool{}
	for _, f := range fields {
		for _, e := range f.Errors {
			asked[e.ExplainName()] = e.Explains
		}
	}
	var carried []pages.Field
	given, _ := d.At("/explanations").([]any)
	for _, one := range given {
		e, _ := one.(map[string]any)
		code, _ := e["code"].(string)
		pointer, _ := e["pointer"].(string)
		text, _ := e["text"].(string)
		if name := (pages.Problem{Finding: finding.Finding{Code: finding.Code(code), Pointer: pointer}}).ExplainName(); !asked[name] {
			carried = append(carried, pages.Field{Name: name, Value: text})
		}
	}
	return carried
}
