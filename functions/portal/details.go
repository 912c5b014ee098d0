package portal

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"beian/functions/api"
	"beian/shared/filing"
	"beian/shared/rules/division"
	"beian/shared/web"
	"beian/shared/web/pages"
	"beian/shared/web/pages/application"
)

// A detailPage is one page of the details: the fields below a pointer.
type detailPage struct {
	path, prefix string
	task         string // key of the title
	site         int    // -1 for the subject
}

// detailPages returns the pages of the details of an application with a number of sites. A leader's page comes before that of the whole, so that each
// finding belongs to the first page whose prefix it has.
func detailPages(sites int) []detailPage {
	pages := []detailPage{
		{path: "/subject/leader", prefix: "/subject/leader", task: "task.subject-leader", site: -1},
		{path: "/subject", prefix: "/subject", task: "task.subject", site: -1},
	}
	for n := range sites {
		prefix := "/sites/" + strconv.Itoa(n)
		pages = append(pages, detailPage{path: prefix + "/leader", prefix: prefix + "/leader", task: "task.site-leader", site: n},
			detailPage{path: prefix, prefix: prefix, task: "task.site", site: n})
	}
	return pages
}

// filledIn returns the pages that the applicant of an order fills in, in the order of the task list.
func filledIn(o web.Order, d draft) []detailPage {
	kind, known := filing.KindOf(o.Type)
	entered := func(b filing.Block) bool { return !known || b == filing.Asked || b == filing.Editable }
	pages := detailPages(d.Rows("/sites"))
	for i := 0; i+1 < len(pages); i += 2 {
		pages[i], pages[i+1] = pages[i+1], pages[i]
	}
	return slices.DeleteFunc(pages, func(p detailPage) bool {
		return p.site < 0 && !entered(kind.Subject) || p.site >= 0 && !entered(kind.Sites)
	})
}

// pageTitle returns the title of a page. It has the number of the site if there are several.
func (v *visit) pageTitle(o web.Order, d draft, p detailPage) (string, error) {
	kind := ""
	if p.site >= 0 {
		kind = v.In(serviceOfSite(o, d, p.site).Words())
	}
	number := ""
	if d.Rows("/sites") > 1 {
		number = " " + strconv.Itoa(p.site+1)
	}
	return v.T(p.task, "kind", kind, "n", number)
}

// divisions lists the counties of the application's province, each with its city.
func divisions(v *pages.Visit, _ pages.Document) ([]pages.Option, error) {
	o, err := own(v).order()
	if err != nil {
		return nil, err
	}
	var all []pages.Option
	now := own(v).portal.config.Now()
	for _, city := range division.Children(string(o.Province)+"0000", now) {
		counties := division.Children(city.Code, now)
		if len(counties) == 0 {
			all = append(all, pages.Option{Value: city.Code, Label: city.Name})
		}
		for _, county := range counties {
			all = append(all, pages.Option{Value: county.Code, Label: city.Name + " " + county.Name})
		}
	}
	return all, nil
}

// detailTasks returns the tasks of the details.
func (v *visit) detailTasks(o web.Order) ([]task, error) {
	d := draft{Document: pages.Document{"sites": []any{nil}}}
	if !o.Step.Before(filing.CollectDetails) {
		var err error
		if d, err = v.draft(o); err != nil {
			return nil, err
		}
	}
	var all []task
	if canAllot(o) {
		title, err := v.T("task.sites")
		if err != nil {
			return nil, err
		}
		hint, err := v.T("task.sites-count", "n", d.Rows("/sites"))
		if err != nil {
			return nil, err
		}
		one := task{Title: title, Hint: hint, Href: v.OrderHref("/sites"), State: "done"}
		if o.Step.Before(filing.CollectDetails) {
			one.State, one.Hint = "later", ""
		}
		all = append(all, one)
	}
	for _, p := range filledIn(o, d) {
		title, err := v.pageTitle(o, d, p)
		if err != nil {
			return nil, err
		}
		all = append(all, task{Title: title, Href: v.OrderHref(p.path), State: d.state(o, p)})
	}
	kind, _ := filing.KindOf(o.Type)
	if o.Step == filing.CollectDetails && !o.Detailed && !slices.ContainsFunc(all, func(t task) bool { return t.State != "done" }) {
		for i := range all {
			switch {
			case kind.Edits():
				all[i].State = "open"
			case i == len(all)-1: // saving it enters the details
				all[i].State = "todo"
			}
		}
	}
	return all, nil
}

// A detailsForm is the page with some of the details.
type detailsForm struct {
	Title    string
	Href     string
	Sections []detailSection
	Same     bool // offers to take the leader of the subject as the leader of the site
	// Locked says that fields are shown as text, because they were not returned; Open opens them.
	Locked, Open bool
	Nothing      bool // no field is open
	Seen         []string
	Individual   bool // the page is about the leader of an individual
	Recognise    *offer
	Readings     []string // what the device read for fields of the page, as JSON
}

// A detailSection is a part of a page; one with a summary is folded.
type detailSection struct {
	Summary string
	Open    bool
	Fields  []pages.Field
}

// registerDetails registers the pages of the details.
func (p *Portal) registerDetails() {
	for _, route := range []string{"/orders/{id}/subject", "/orders/{id}/subject/leader", "/orders/{id}/sites/{site}", "/orders/{id}/sites/{site}/leader"} {
		p.private("GET "+route, func(v *visit) error {
			o, d, page, err := v.openDetails()
			if err != nil {
				return err
			}
			typed, err := v.Typed()
			if err != nil {
				return err
			}
			begun := d.begun(page)
			d.prefill(o, page)
			if typed != nil {
				d.readPage(v, o, page, typed)
				d.takeReadings(page, typed["reading"])
			}
			if typed == nil && begun {
				v.Problem = &web.Problem{Status: http.StatusOK, Findings: d.about(page)}
			}
			if typed == nil && (v.Problem == nil || len(v.Problem.Findings) == 0) {
				if err := v.markMismatches(o, page); err != nil {
					return err
				}
			}
			if typed == nil {
				typed = v.R.URL.Query()
			}
			return v.showDetails(o, d, page, typed)
		})
		p.private("POST "+route, func(v *visit) error {
			o, d, page, err := v.openDetails()
			if err != nil {
				return err
			}
			if err := v.R.ParseForm(); err != nil {
				return err
			}
			if v.R.PostForm.Get("same") != "" {
				d.Set(page.prefix, d.At("/subject/leader"))
			} else {
				d.readPage(v, o, page, v.R.PostForm)
				d.takeReadings(page, v.R.PostForm["reading"])
			}
			return v.saveDetails(o, d, page)
		})
	}
	p.registerSites()
}

// openDetails reads the order, what was typed, and the page of the address.
func (v *visit) openDetails() (web.Order, draft, detailPage, error) {
	o, err := v.order()
	if err != nil {
		return o, draft{}, detailPage{}, err
	}
	d, err := v.draft(o)
	if err != nil {
		return o, d, detailPage{}, err
	}
	path := strings.TrimPrefix(v.R.URL.Path, "/orders/"+v.R.PathValue("id"))
	for _, p := range filledIn(o, d) {
		if p.path == path {
			return o, d, p, nil
		}
	}
	return o, d, detailPage{}, &web.Problem{Status: http.StatusNotFound}
}

// saveDetails saves what was typed. It shows the page again with what is wrong on it; else it goes on, and submits the details once all are right.
func (v *visit) saveDetails(o web.Order, d draft, page detailPage) error {
	form := v.R.PostForm
	var saved api.DetailsDraft
	_, err := v.Call(pages.Request{Method: http.MethodPut, Path: v.orderPath("/details-draft"), Body: d.Document}, &saved)
	if v.Refused(err) {
		return v.showDetails(o, d, page, form)
	}
	if err != nil {
		return err
	}
	d.found = saved.Findings
	d.settleReturned(o)
	if own := d.on(page); len(own) > 0 {
		v.Problem = &web.Problem{Status: http.StatusUnprocessableEntity, Findings: own}
		return v.showDetails(o, d, page, form)
	}
	seen := append(slices.Clone(form["seen"]), page.path)
	if next := d.next(o, page, seen); next != "" {
		v.Redirect(v.OrderHref(next) + "?" + url.Values{"seen": seen}.Encode())
		return nil
	}
	if saved.Findings.Blocking() { // about the whole, or about parts that no page asks for
		v.Problem = &web.Problem{Status: http.StatusUnprocessableEntity, Findings: saved.Findings}
		return v.showDetails(o, d, page, form)
	}
	err = v.enterDetails(d)
	if v.Refused(err) {
		return v.showDetails(o, d, page, form)
	}
	return err
}

// enterDetails enters the draft as the details of the order, and goes back to its page.
func (v *visit) enterDetails(d draft) error {
	_, err := v.Call(pages.Request{Method: http.MethodPut, Path: v.orderPath("/details"), Body: d.Document}, nil)
	if err == nil {
		v.Redirect(v.OrderHref(""))
	}
	return err
}

// pageOfDetails returns the page that asks for what a pointer names; nil if there is none.
func pageOfDetails(pointer string) *detailPage {
	for _, p := range allDetailPages {
		if pointer == p.prefix || strings.HasPrefix(pointer, p.prefix+"/") {
			return &p
		}
	}
	return nil
}

var allDetailPages = detailPages(filing.DomainLimit)

// showDetails shows a page. The form says whether all fields are open, and which pages were seen before.
func (v *visit) showDetails(o web.Order, d draft, page detailPage, form url.Values) error {
	title, err := v.pageTitle(o, d, page)
	if err != nil {
		return err
	}
	shown := detailsForm{Title: title, Href: v.OrderHref(page.path), Open: form.Get("open") != "", Seen: form["seen"], Individual: o.Entity == application.Individual}
	leader := strings.HasSuffix(page.path, "/leader")
	shown.Same = page.site >= 0 && leader && d.Text("/subject/leader/mobile") != "" && o.Entity != application.Individual
	questions := d.open(o, page, v.questions(o, d, page), shown.Open)
	shown.Nothing = !slices.ContainsFunc(questions, func(q pages.Question) bool { return q.Kind != "fixed" })
	shown.Locked = d.locks(o) && !shown.Open
	if shown.Locked {
		shown.Same = false
	}
	if !shown.Nothing {
		if shown.Recognise, err = v.offerRecognition(d, page, shown.Individual); err != nil {
			return err
		}
		shown.Readings = d.readingsOf(page)
	}
	if v.Problem != nil {
		v.Problem.Findings = append(slices.Clone(v.Problem.Findings), d.returnedOn(page)...)
	} else if mine := d.returnedOn(page); len(mine) > 0 {
		v.Problem = &web.Problem{Status: http.StatusOK, Findings: mine}
	}
	if leader && o.Entity == application.Individual { // the page shows what the subject's page asks for
		for _, field := range []string{"/name", "/certificate/number"} {
			d.Set(page.prefix+field, d.At("/subject"+field))
		}
	}
	fields, err := v.Ask(questions, d.Document)
	if err != nil {
		return err
	}
	withExplanations(fields, d, o)
	if shown.Sections, err = v.sectionsOf(fields, d, page); err != nil {
		return err
	}
	return v.Show("details", shown)
}

// sectionsOf folds the empty rows of lists.
func (v *visit) sectionsOf(fields []pages.Field, d draft, page detailPage) ([]detailSection, error) {
	var all []detailSection
	for _, f := range fields {
		summary, err := v.foldOf(f, d, page)
		if err != nil {
			return nil, err
		}
		if len(all) == 0 || all[len(all)-1].Summary != summary {
			all = append(all, detailSection{Summary: summary})
		}
		last := &all[len(all)-1]
		last.Open = last.Open || len(f.Errors) > 0
		last.Fields = append(last.Fields, f)
	}
	return all, nil
}

// foldOf returns the summary under which a field of an empty row is folded; "" if it is not folded.
func (v *visit) foldOf(f pages.Field, d draft, page detailPage) (string, error) {
	empty := func(list string, open int) bool {
		rest, in := strings.CutPrefix(f.Name, page.prefix+list+"/")
		index, _, _ := strings.Cut(rest, "/")
		n, err := strconv.Atoi(index)
		return in && err == nil && n >= max(d.Rows(page.prefix+list), open)
	}
	switch {
	case empty("/app/platforms", 1):
		return v.T("details.more-platforms")
	case empty("/preApprovals", 0) && d.Rows(page.prefix+"/preApprovals") > 0:
		return v.T("details.more-pre-approvals")
	case empty("/preApprovals", 0):
		return v.T("details.pre-approvals")
	}
	return "", nil
}

// today is the present day of the system.
func (v *visit) today() time.Time { return v.portal.config.Now() }
