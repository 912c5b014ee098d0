package portal

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"beian/functions/api"
	"beian/shared/filing"
	"beian/shared/rules/division"
	"beian/shared/rules/finding"
	"beian/shared/web"
)

// A detailPage is one page of the details: the fields below a pointer.
type detailPage struct {
	path, prefix string
	task         string // key of the title
	site         int    // -1 for the subject
	questions    []question
}

// detailPages returns the pages of the details of an application with a number of sites, in the order in which they are filled in.
func detailPages(sites int) []detailPage {
	pages := []detailPage{
		{path: "/subject/leader", prefix: "/subject/leader", task: "task.subject-leader", site: -1, questions: leaderQuestions("/subject/leader")},
		{path: "/subject", prefix: "/subject", task: "task.subject", site: -1, questions: subjectQuestions},
	}
	for n := range sites {
		prefix := "/sites/" + strconv.Itoa(n)
		pages = append(pages,
			detailPage{path: prefix + "/leader", prefix: prefix + "/leader", task: "task.site-leader", site: n, questions: leaderQuestions(prefix + "/leader")},
			detailPage{path: prefix, prefix: prefix, task: "task.site", site: n, questions: siteQuestions(prefix)})
	}
	return pages
}

var subjectQuestions = []question{
	{pointer: "/subject/name", words: "details.name", kind: "text", autocomplete: "organization"},
	{pointer: "/subject/certificate/validity/from", words: "details.valid-from", kind: "text", class: "short", optional: true},
	{pointer: "/subject/certificate/validity/to", words: "details.valid-to", kind: "text", class: "short"},
	{pointer: "/subject/certificateAddress", words: "details.certificate-address", kind: "text"},
	{pointer: "/subject/division", words: "details.division", kind: "select", options: divisions},
	{pointer: "/subject/address", words: "details.address", kind: "text", autocomplete: "street-address"},
	{pointer: "/subject/investor", words: "details.investor", kind: "text"},
	{pointer: "/subject/remark", words: "details.subject-remark", kind: "textarea", optional: true},
}

func leaderQuestions(prefix string) []question {
	at := func(field string) string { return prefix + field }
	return []question{
		{pointer: at("/legalRepresentative"), words: "details.legal-representative", kind: "check", shape: "bool"},
		{pointer: at("/name"), words: "details.leader-name", kind: "text", autocomplete: "name"},
		{pointer: at("/certificate/kind"), words: "details.leader-certificate-kind", kind: "select", shape: "number", options: personCertificates},
		{pointer: at("/certificate/number"), words: "details.leader-certificate-number", kind: "text"},
		{pointer: at("/certificate/validity/from"), words: "details.valid-from", kind: "text", class: "short", optional: true},
		{pointer: at("/certificate/validity/to"), words: "details.valid-to", kind: "text", class: "short"},
		{pointer: at("/mobile"), words: "details.mobile", kind: "tel", class: "short", autocomplete: "tel-national", inputmode: "numeric"},
		{pointer: at("/emergencyPhone"), words: "details.emergency-phone", kind: "tel", class: "short", inputmode: "tel"},
		{pointer: at("/officePhone"), words: "details.office-phone", kind: "tel", class: "short", inputmode: "tel", optional: true},
		{pointer: at("/email"), words: "details.email", kind: "email", autocomplete: "email", inputmode: "email"},
	}
}

func siteQuestions(prefix string) []question {
	at := func(field string) string { return prefix + field }
	return []question{
		{pointer: at("/name"), words: "details.site-name", kind: "text"},
		{pointer: at("/homeUrl"), words: "details.home-url", kind: "text", inputmode: "url", optional: true},
		{pointer: at("/serviceContent"), words: "details.service-content", kind: "checkboxes", shape: "numbers", options: numbered("/service-contents")},
		{pointer: at("/languages"), words: "details.languages", kind: "checkboxes", shape: "numbers", options: numbered("/site-languages")},
		{pointer: at("/remark"), words: "details.site-remark", kind: "textarea"},
	}
}

// divisions lists the counties of the application's province, each with its city.
func divisions(v *visit, _ document) ([]option, error) {
	o, err := v.order()
	if err != nil {
		return nil, err
	}
	var all []option
	now := v.portal.config.Now()
	for _, city := range division.Children(string(o.Province)+"0000", now) {
		counties := division.Children(city.Code, now)
		if len(counties) == 0 {
			all = append(all, option{Value: city.Code, Label: city.Name})
		}
		for _, county := range counties {
			all = append(all, option{Value: county.Code, Label: city.Name + " " + county.Name})
		}
	}
	return all, nil
}

// A draft is what was typed of the details, and what is wrong with it.
type draft struct {
	document
	found finding.List
}

// draft reads what was typed of the order's details. There is at least one site, with the order's domains.
func (v *visit) draft(o web.Order) (draft, error) {
	var saved api.DetailsDraft
	if err := v.get(v.orderPath("/details-draft"), &saved); err != nil {
		return draft{}, err
	}
	if len(saved.Sites) == 0 {
		saved.Sites = []filing.Site{{Domains: o.Domains}}
	}
	d, err := documentOf(saved.Details)
	return draft{document: d, found: saved.Findings}, err
}

// detailTasks returns the tasks of the details.
func (v *visit) detailTasks(o web.Order) ([]task, error) {
	d := draft{document: document{"sites": []any{nil}}}
	if !o.Step.Before(filing.CollectDetails) {
		var err error
		if d, err = v.draft(o); err != nil {
			return nil, err
		}
	}
	kind, _ := filing.KindOf(o.Type)
	var all []task
	for _, p := range detailPages(d.sites()) {
		if p.site < 0 && (kind.Subject == filing.Fixed || kind.Subject == filing.Reference || kind.Subject == filing.Absent) {
			continue
		}
		title, err := v.T(p.task, "n", p.site+1)
		if err != nil {
			return nil, err
		}
		one := task{Title: title, Href: v.OrderHref(p.path), State: "done"}
		own := d.on(p)
		switch {
		case o.Step.Before(filing.CollectDetails):
			one.State = "later"
		case len(own) > 0 && d.begun(p):
			one.State = "wrong"
		case len(own) > 0:
			one.State = "todo"
		}
		all = append(all, one)
	}
	// The pages of a leader come before those of the whole, so that each finding belongs to one page. People fill in the whole first.
	for i := 0; i+1 < len(all); i += 2 {
		all[i], all[i+1] = all[i+1], all[i]
	}
	return all, nil
}

func (d draft) sites() int {
	sites, _ := d.at("/sites").([]any)
	return len(sites)
}

// begun reports whether the applicant has answered a question of the page that nothing prefills.
func (d draft) begun(p detailPage) bool {
	for _, key := range []string{"/mobile", "/address", "/remark", "/certificateAddress"} {
		if d.text(p.prefix+key) != "" {
			return true
		}
	}
	return p.site >= 0 && !strings.HasSuffix(p.prefix, "/leader") && d.text(p.prefix+"/name") != ""
}

// A detailsForm is the page with some of the details.
type detailsForm struct {
	Title  string
	Href   string
	Fields []field
	// Same offers to take the leader of the subject as the leader of the site.
	Same bool
}

// registerDetails registers the pages of the details.
func (p *Portal) registerDetails() {
	for _, route := range []string{"/orders/{id}/subject", "/orders/{id}/subject/leader", "/orders/{id}/sites/{site}", "/orders/{id}/sites/{site}/leader"} {
		p.private("GET "+route, func(v *visit) error {
			o, d, page, err := v.openDetails()
			if err != nil {
				return err
			}
			typed, err := v.typed()
			if err != nil {
				return err
			}
			d.read(page.questions, typed)
			if typed == nil && d.begun(page) {
				v.problem = &web.Problem{Status: http.StatusOK, Findings: d.found}
			}
			return v.showDetails(o, d, page)
		})
		p.private("POST "+route, func(v *visit) error {
			o, d, page, err := v.openDetails()
			if err != nil {
				return err
			}
			if err := v.r.ParseForm(); err != nil {
				return err
			}
			if v.r.PostForm.Get("same") != "" {
				d.set(page.prefix, d.at("/subject/leader"))
			} else {
				d.read(page.questions, v.r.PostForm)
				d.readExplanations(v.r.PostForm)
			}
			return v.saveDetails(o, d, page)
		})
	}
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
	path := strings.TrimPrefix(v.r.URL.Path, "/orders/"+v.r.PathValue("id"))
	for _, p := range detailPages(d.sites()) {
		if p.path == path {
			return o, d, p, nil
		}
	}
	return o, d, detailPage{}, &web.Problem{Status: http.StatusNotFound}
}

// saveDetails saves what was typed. It shows the page again with what is wrong on it; else it goes on, and submits the details once all are right.
func (v *visit) saveDetails(o web.Order, d draft, page detailPage) error {
	var saved api.DetailsDraft
	_, err := v.call(request{method: http.MethodPut, path: v.orderPath("/details-draft"), body: d.document}, &saved)
	if v.refused(err) {
		return v.showDetails(o, d, page)
	}
	if err != nil {
		return err
	}
	d.found = saved.Findings
	if own := d.on(page); len(own) > 0 {
		v.problem = &web.Problem{Status: http.StatusUnprocessableEntity, Findings: own}
		return v.showDetails(o, d, page)
	}
	if !saved.Findings.Blocking() {
		_, err := v.call(request{method: http.MethodPut, path: v.orderPath("/details"), body: d.document}, nil)
		if v.refused(err) {
			return v.showDetails(o, d, page)
		}
		if err != nil {
			return err
		}
		v.redirect(v.OrderHref(""))
		return nil
	}
	v.redirect(v.nextDetails(d, page))
	return nil
}

// on returns the findings that block and belong to a page.
func (d draft) on(page detailPage) finding.List {
	var own finding.List
	for _, f := range d.found {
		if p := pageOfDetails(f.Pointer); f.Severity == finding.Block && p != nil && p.path == page.path {
			own = append(own, f)
		}
	}
	return own
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

// nextDetails returns the address of the next page with something to fill in, else that of the order.
func (v *visit) nextDetails(d draft, page detailPage) string {
	pages := detailPages(d.sites())
	for i := 0; i+1 < len(pages); i += 2 {
		pages[i], pages[i+1] = pages[i+1], pages[i]
	}
	at := slices.IndexFunc(pages, func(p detailPage) bool { return p.path == page.path })
	for _, p := range pages[at+1:] {
		if len(d.on(p)) > 0 {
			return v.OrderHref(p.path)
		}
	}
	return v.OrderHref("")
}

// readExplanations takes the explanations of a form: fields named "explain <code> <pointer>".
func (d draft) readExplanations(form map[string][]string) {
	given, _ := d.at("/explanations").([]any)
	for name, values := range form {
		parts := strings.SplitN(name, " ", 3)
		if len(parts) == 3 && parts[0] == "explain" && strings.TrimSpace(values[0]) != "" {
			given = append(given, map[string]any{"code": parts[1], "pointer": parts[2], "text": strings.TrimSpace(values[0])})
		}
	}
	if len(given) > 0 {
		d.set("/explanations", given)
	}
}

func (v *visit) showDetails(o web.Order, d draft, page detailPage) error {
	title, err := v.T(page.task, "n", page.site+1)
	if err != nil {
		return err
	}
	fields, err := v.ask(page.questions, d.document)
	if err != nil {
		return err
	}
	same := page.site >= 0 && strings.HasSuffix(page.path, "/leader") && d.text("/subject/leader/mobile") != ""
	return v.show("details", detailsForm{Title: title, Href: v.OrderHref(page.path), Fields: fields, Same: same})
}

// today is the present day of the system.
func (v *visit) today() time.Time { return v.portal.config.Now() }
