package portal

import (
	"net/url"
	"reflect"
	"slices"
	"strings"

	"beian/functions/api"
	"beian/shared/filing"
	"beian/shared/rules/app"
	"beian/shared/rules/finding"
	"beian/shared/web"
	"beian/shared/web/pages"
	"beian/shared/web/pages/application"
)

// A draft is what was typed of the details, and what is wrong with it.
type draft struct {
	pages.Document
	found finding.List
	// returned are the findings with which a reviewer or the bureau returned the order, about values that the draft still has.
	returned finding.List
}

// draft reads what was typed of the order's details. There is at least one site, with the order's domains.
func (v *visit) draft(o web.Order) (draft, error) {
	var saved api.DetailsDraft
	if err := v.Get(v.orderPath("/details-draft"), &saved); err != nil {
		return draft{}, err
	}
	if len(saved.Sites) == 0 {
		saved.Sites = []filing.Site{{Domains: o.Domains}}
	}
	body, err := pages.DocumentOf(saved.Details)
	d := draft{Document: body, found: saved.Findings}
	d.settleReturned(o)
	return d, err
}

// settleReturned sets the findings with which the order was returned, as long as the draft has the values that they are about.
func (d *draft) settleReturned(o web.Order) {
	d.returned = nil
	if o.Status != filing.Returned {
		return
	}
	before, err := pages.DocumentOf(map[string]any{"subject": o.Subject, "sites": o.Sites})
	if err != nil {
		return // cannot fail: it was JSON
	}
	for _, f := range o.Findings {
		if f.Severity == finding.Block && pageOfDetails(f.Pointer) != nil && reflect.DeepEqual(withoutEmpty(before.At(f.Pointer)), withoutEmpty(d.At(f.Pointer))) {
			d.returned = append(d.returned, f)
		}
	}
}

// withoutEmpty returns a value without members that are empty, because a form has an empty text for what was never entered.
func withoutEmpty(value any) any {
	switch value := value.(type) {
	case map[string]any:
		left := map[string]any{}
		for key, one := range value {
			if one = withoutEmpty(one); one != nil {
				left[key] = one
			}
		}
		if len(left) > 0 {
			return left
		}
		return nil
	case []any:
		var left []any
		for _, one := range value {
			left = append(left, withoutEmpty(one))
		}
		if len(left) > 0 {
			return left
		}
		return nil
	case string:
		if value == "" {
			return nil
		}
	case bool:
		if !value {
			return nil
		}
	}
	return value
}

// begun reports whether the applicant has answered a question of the page that nothing prefills.
func (d draft) begun(p detailPage) bool {
	for _, key := range []string{"/mobile", "/address", "/remark", "/certificateAddress"} {
		if d.Text(p.prefix+key) != "" {
			return true
		}
	}
	return p.site >= 0 && !strings.HasSuffix(p.prefix, "/leader") && d.Text(p.prefix+"/name") != ""
}

// state returns the state of a page as a task. A page of which nothing was entered yet can have no finding: the site may not exist.
func (d draft) state(o web.Order, p detailPage) string {
	own := d.on(p)
	switch {
	case o.Step.Before(filing.CollectDetails):
		return "later"
	case len(own) > 0 && d.begun(p), len(d.returnedOn(p)) > 0:
		return "wrong"
	case len(own) > 0, o.Step == filing.CollectDetails && !o.Detailed && !d.begun(p):
		return "todo"
	}
	return "done"
}

// on returns the findings that block and belong to a page.
func (d draft) on(page detailPage) finding.List {
	var own finding.List
	for _, f := range d.found {
		if f.Severity == finding.Block && belongs(f, page) {
			own = append(own, f)
		}
	}
	return own
}

// about returns all findings that belong to a page.
func (d draft) about(page detailPage) finding.List {
	return slices.DeleteFunc(slices.Clone(d.found), func(f finding.Finding) bool { return !belongs(f, page) })
}

// returnedOn returns the findings of a returned order that belong to a page and are not corrected yet.
func (d draft) returnedOn(page detailPage) finding.List {
	var own finding.List
	for _, f := range d.returned {
		if belongs(f, page) {
			own = append(own, f)
		}
	}
	return own
}

func belongs(f finding.Finding, page detailPage) bool {
	p := pageOfDetails(f.Pointer)
	return p != nil && p.path == page.path
}

// next returns the path of the next page with something to fill in or to correct that was not seen yet; "" if there is none.
func (d draft) next(o web.Order, page detailPage, seen []string) string {
	pages := filledIn(o, d)
	at := slices.IndexFunc(pages, func(p detailPage) bool { return p.path == page.path })
	for _, p := range slices.Concat(pages[at+1:], pages[:max(at, 0)]) {
		if len(d.on(p)) > 0 || len(d.returnedOn(p)) > 0 && !slices.Contains(seen, p.path) {
			return p.path
		}
	}
	return ""
}

// locks reports whether only what was returned is open.
func (d draft) locks(o web.Order) bool { return o.Status == filing.Returned }

// open returns the questions of a page, those as text that cannot be answered: in a returned order, those without a finding.
func (d draft) open(o web.Order, page detailPage, questions []pages.Question, all bool) []pages.Question {
	if !d.locks(o) || all {
		return questions
	}
	named := func(q pages.Question) bool {
		return slices.ContainsFunc(slices.Concat(d.found, o.Findings), func(f finding.Finding) bool {
			return f.Severity != finding.Inform && (f.Pointer == q.Pointer || strings.HasPrefix(f.Pointer, q.Pointer+"/") ||
				strings.HasPrefix(q.Pointer, f.Pointer+"/") && belongs(f, page))
		})
	}
	var shown []pages.Question
	for _, q := range questions {
		if !named(q) {
			if q.Kind == "check" {
				q.Options = yesOrNo
			}
			q.Kind, q.Plain = "fixed", true
			if d.Text(q.Pointer) == "" {
				continue
			}
		}
		shown = append(shown, q)
	}
	return shown
}

func yesOrNo(v *pages.Visit, _ pages.Document) ([]pages.Option, error) {
	yes, err := v.T("application.true")
	if err != nil {
		return nil, err
	}
	no, err := v.T("application.false")
	return []pages.Option{{Value: "true", Label: yes}, {Value: "false", Label: no}}, err
}

// prefill enters what is known before the applicant has answered a question of the page: how to reach the leader of an individual.
func (d draft) prefill(o web.Order, page detailPage) {
	if d.begun(page) || o.Entity != application.Individual || !strings.HasSuffix(page.prefix, "/leader") {
		return
	}
	known := map[string]string{"/mobile": o.Contact.Mobile.Reveal(), "/email": o.Contact.Email.Reveal()}
	for _, field := range []string{"/mobile", "/emergencyPhone", "/email"} {
		value := known[field]
		if of := d.Text("/subject/leader" + field); page.site >= 0 && of != "" {
			value = of
		}
		if d.Text(page.prefix+field) == "" && value != "" {
			d.Set(page.prefix+field, value)
		}
	}
}

// readPage takes the answers of a page's form into the draft.
func (d draft) readPage(v *visit, o web.Order, page detailPage, form url.Values) {
	lists := []string{page.prefix + "/app/platforms", page.prefix + "/preApprovals"}
	if page.site >= 0 && !strings.HasSuffix(page.prefix, "/leader") {
		for _, list := range lists {
			d.ReadRows(list, form, listLimit)
		}
	}
	d.Read(d.open(o, page, v.questions(o, d, page), form.Get("open") != ""), form)
	for _, list := range lists {
		d.DropEmptyRows(list)
	}
	if strings.HasSuffix(page.prefix, "/leader") && o.Entity == application.Individual { // the leader is the subject: the system fills in who it is
		d.Set(page.prefix+"/name", nil)
		d.Set(page.prefix+"/certificate", nil)
		d.Set(page.prefix+"/legalRepresentative", true)
	}
	d.nameSystems(lists[0])
	d.readExplanations(form)
}

// listLimit is the maximum number of rows of a list.
const listLimit = 16

// nameSystems removes the names of platforms that the list of platforms names.
func (d draft) nameSystems(list string) {
	rows, _ := d.At(list).([]any)
	for _, row := range rows {
		if p, is := row.(map[string]any); is && p["system"] != app.Other && p["name"] == "" {
			delete(p, "name")
		}
	}
}

// readExplanations takes the explanations of a form: fields named "explain <code> <pointer>". An empty one removes what was explained before.
func (d draft) readExplanations(form url.Values) {
	given, _ := d.At("/explanations").([]any)
	given = slices.Clone(given)
	for name, values := range form {
		parts := strings.SplitN(name, " ", 3)
		if len(parts) != 3 || parts[0] != "explain" {
			continue
		}
		given = slices.DeleteFunc(given, func(one any) bool {
			e, _ := one.(map[string]any)
			return e["code"] == parts[1] && e["pointer"] == parts[2]
		})
		if text := strings.TrimSpace(values[0]); text != "" {
			given = append(given, map[string]any{"code": parts[1], "pointer": parts[2], "text": text})
		}
	}
	if d.At("/explanations") != nil || len(given) > 0 {
		d.Set("/explanations", given)
	}
}
