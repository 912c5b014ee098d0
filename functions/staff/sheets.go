package staff

import (
	"net/http"
	"net/url"
	"strconv"

	"beian/functions/operator"
	"beian/shared/rules/workday"
	"beian/shared/web"
	"beian/shared/web/pages"
)

// A sheetsPage lists what is filed by hand.
type sheetsPage struct {
	Waiting, Entered         []web.Brief
	NextWaiting, NextEntered string
}

// A sheetPage leads to the sheet of an order, and records what the bureau says.
type sheetPage struct {
	operator.Sheet
	Forms []sheetForm
}

// A sheetForm records a result: entry, approval or refusal.
type sheetForm struct {
	Result string
	Fields []pages.Field
}

// registerSheets registers the pages about filing by hand.
func (s *Staff) registerSheets() {
	s.register("GET /bureau/sheets", (*visit).showSheets)
	s.register("GET /orders/{id}/sheet", func(v *visit) error { return v.showSheet("", nil) })
	s.register("POST /orders/{id}/sheet/{result}", (*visit).recordResult)
}

// sheetQuestions are the questions of a form, for the number of sites of the order. label returns what a site is called.
func sheetQuestions(result string, sites int, label func(site int) string) []pages.Question {
	switch result {
	case "entry":
		return []pages.Question{{Pointer: "/on", Words: "bureau.entered-on", Kind: "date"}}
	case "approval":
		if sites == 0 {
			return nil
		}
		all := []pages.Question{{Pointer: "/subjectNumber", Words: "bureau.subject-number", Kind: "text"}, {Pointer: "/subjectMinistryId", Words: "bureau.subject-id", Kind: "text", Optional: true}}
		for i := range sites {
			at, of := "/sites/"+strconv.Itoa(i), []any{"site", label(i)}
			all = append(all, pages.Question{Pointer: at + "/number", Words: "bureau.site-number", Kind: "text", Args: of},
				pages.Question{Pointer: at + "/ministryId", Words: "bureau.site-id", Kind: "text", Args: of, Optional: true})
		}
		return all
	case "refusal":
		return []pages.Question{{Pointer: "/codes", Words: "bureau.codes", Kind: "textarea", Shape: "numbers"}, {Pointer: "/opinion", Words: "bureau.opinion", Kind: "textarea", Optional: true}}
	}
	return nil
}

func (v *visit) showSheets() error {
	var page sheetsPage
	for _, list := range []struct {
		state string
		items *[]web.Brief
		next  *string
	}{{"waiting", &page.Waiting, &page.NextWaiting}, {"entered", &page.Entered, &page.NextEntered}} {
		q := url.Values{"state": {list.state}, "limit": {"50"}}
		if v.R.URL.Query().Get("state") == list.state {
			q.Set("cursor", v.R.URL.Query().Get("cursor"))
		}
		var found web.Page[web.Brief]
		if err := v.Get("/sheets?"+q.Encode(), &found); err != nil {
			return err
		}
		*list.items = found.Items
		*list.next = v.nextOf("/bureau/sheets", url.Values{"state": {list.state}}, found.Next)
	}
	return v.Show("sheets", page)
}

// showSheet shows what to do with an order that is filed by hand, with what was typed for a result.
func (v *visit) showSheet(result string, typed pages.Document) error {
	var page sheetPage
	var err error
	if v.etag, err = v.Call(pages.Request{Method: http.MethodGet, Path: v.orderPath("/sheet")}, &page.Sheet); err != nil {
		return err
	}
	site := func(i int) string { return page.Sites[i].Label() }
	forms := []string{"entry", "approval", "refusal"}
	if page.Waiting { // a result comes after the entry
		forms = forms[:1]
	}
	problem := v.Problem
	for _, name := range forms {
		d := pages.Document{"on": string(workday.DateOf(v.staff.config.Now())), "sites": rowsOf(len(page.Sites))}
		if v.Problem = nil; name == result {
			d, v.Problem = typed, problem
		}
		before := len(v.Fields)
		all, err := v.Ask(sheetQuestions(name, len(page.Sites), site), d)
		if err != nil {
			return err
		}
		page.Forms = append(page.Forms, sheetForm{name, all[before:]})
	}
	v.Problem = problem
	return v.Show("sheet", page)
}

// rowsOf returns n empty objects.
func rowsOf(n int) []any {
	rows := make([]any, n)
	for i := range rows {
		rows[i] = map[string]any{}
	}
	return rows
}

// recordResult records the entry of an order into the bureau's console, or the bureau's result.
func (v *visit) recordResult() error {
	form, result := v.R.PostForm, v.R.PathValue("result")
	sites := 0
	for form.Has("/sites/" + strconv.Itoa(sites) + "/number") {
		sites++
	}
	body := pages.Document{}
	if sites > 0 {
		body["sites"] = rowsOf(sites)
	}
	body.Read(sheetQuestions(result, sites, func(int) string { return "" }), form)
	_, err := v.Call(pages.Request{Method: http.MethodPost, Path: v.orderPath("/sheet/" + url.PathEscape(result)), Key: form.Get("once"), ETag: form.Get("etag"), Body: body}, nil)
	if v.Refused(err) {
		return v.showSheet(result, body)
	}
	if err != nil {
		return err
	}
	v.Redirect(Prefix + "/bureau/sheets")
	return nil
}
