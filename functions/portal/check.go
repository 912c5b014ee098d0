package portal

import (
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"beian/functions/api"
	"beian/shared/filing"
	"beian/shared/filing/register"
	"beian/shared/rules/evidence"
	"beian/shared/rules/finding"
	"beian/shared/web"
	"beian/shared/web/pages"
	"beian/shared/web/pages/application"
)

// A checkPage shows everything that the applicant confirms.
type checkPage struct {
	Order     web.Order
	Open      bool // it can be confirmed now
	Changes   []checkRow
	Sections  []checkSection
	Papers    []checkPaper
	PapersURL string // "" if they cannot be changed
	Explained []web.Explained
	Ends      *web.Cancellation
	Ticks     []pages.Field // what has to be ticked: each consequence, and the statement
	Digest    string
}

// A checkPaper is an accepted paper.
type checkPaper struct {
	Name     string
	Outdated []finding.Finding // of a printed form
}

// A checkSection is the rows of one part of the application.
type checkSection struct {
	Title string
	Rows  []checkRow
}

// A checkRow is one value, or the value before and after a change.
type checkRow struct {
	Label         string
	Value, Before []string
	Href          string // of the page that asks for it; "" if it cannot be changed
	Differs       []readDifference
}

// registerCheck registers the page that shows all answers and submits the application (S15).
func (p *Portal) registerCheck() {
	p.private("GET /orders/{id}/check", func(v *visit) error { return v.showCheck() })
	p.private("POST /orders/{id}/check", func(v *visit) error {
		if err := v.R.ParseForm(); err != nil {
			return err
		}
		missing := &web.Problem{Status: http.StatusUnprocessableEntity}
		asked, _ := strconv.Atoi(v.R.PostForm.Get("ticks"))
		for n := range min(max(asked, 1), filing.DomainLimit) {
			if pointer := tickPointer(n); v.R.PostForm.Get(pointer) == "" {
				missing.Findings = append(missing.Findings, finding.New(CodeUnticked, pointer))
			}
		}
		if len(missing.Findings) > 0 {
			v.Problem = missing
			return v.showCheck()
		}
		body := pages.Document{"digest": v.R.PostForm.Get("digest")}
		_, err := v.Call(pages.Request{Method: http.MethodPost, Path: v.orderPath("/confirmation"), Key: v.R.PostForm.Get("once"), Body: body}, nil)
		if v.Refused(err) {
			return v.showCheck()
		}
		if err != nil {
			return err
		}
		v.Redirect(v.OrderHref(""))
		return nil
	})
}

// CodeUnticked says that the applicant has not ticked what the confirmation needs.
const CodeUnticked finding.Code = "confirmation-unticked"

func tickPointer(n int) string { return "/ticks/" + strconv.Itoa(n) }

func (v *visit) showCheck() error {
	o, err := v.order()
	if err != nil {
		return err
	}
	var s api.Summary
	if err := v.Get(v.orderPath("/summary"), &s); err != nil {
		return err
	}
	page := checkPage{Order: o, Open: editable(o) && o.Step == filing.AwaitConfirmation, Explained: s.Explained, Ends: s.Cancellation, Digest: s.Digest}
	names := application.Names{Visit: v.Visit, Today: v.today(), Words: map[string]finding.Words{}}
	for _, n := range s.Names {
		names.Words[n.Pointer] = n.Words
	}
	if err := v.addSections(&page, s, &names); err != nil {
		return err
	}
	if page.Papers, err = v.checkPapers(o, s.Evidence); err != nil {
		return err
	}
	if editable(o) {
		page.PapersURL = v.OrderHref("/papers")
	}
	if page.Open {
		if err := v.addTicks(&page); err != nil {
			return err
		}
	}
	return v.Show("check", page)
}

// checkPapers returns the accepted papers in the order in which they were asked for.
func (v *visit) checkPapers(o web.Order, given map[evidence.Slot]string) ([]checkPaper, error) {
	var list struct {
		Owed []api.Owed `json:"owed"`
	}
	if err := v.Get(v.orderPath("/evidence"), &list); err != nil {
		return nil, err
	}
	place := func(slot evidence.Slot) int {
		if i := slices.IndexFunc(list.Owed, func(o api.Owed) bool { return o.Slot == slot }); i >= 0 {
			return i
		}
		return len(list.Owed)
	}
	var papers []checkPaper
	for _, slot := range slices.SortedStableFunc(slices.Values(slices.Sorted(maps.Keys(given))), func(a, b evidence.Slot) int { return place(a) - place(b) }) {
		papers = append(papers, checkPaper{v.In(slot.Words()), outdated(o.Evidence[slot])})
	}
	return papers, nil
}

// addSections adds the rows of the summary, and those of a change.
func (v *visit) addSections(page *checkPage, s api.Summary, names *application.Names) error {
	d, err := pages.DocumentOf(s)
	if err != nil {
		return err
	}
	kind, _ := filing.KindOf(s.Type)
	all := application.Parts(len(s.Sites))
	for _, part := range all {
		block := kind.Sites
		if part.Number == 0 {
			block = kind.Subject
		}
		section, err := v.sectionOf(part, d, page.Order.Readings, names, len(s.Sites))
		if err != nil {
			return err
		}
		if !editable(page.Order) || block != filing.Asked && block != filing.Editable {
			for i := range section.Rows {
				section.Rows[i].Href = ""
			}
		}
		if len(section.Rows) > 0 {
			page.Sections = append(page.Sections, section)
		}
	}
	for _, change := range s.Changes {
		row, err := v.changeRow(change, all, len(s.Sites), names)
		if err != nil {
			return err
		}
		page.Changes = append(page.Changes, row)
	}
	return v.addProduct(page, s)
}

// sectionOf returns the rows of a part that have a value, each with the page of the order that asks for it, and with what was read differently on the certificate.
func (v *visit) sectionOf(part application.Part, d pages.Document, readings []filing.Reading, names *application.Names, sites int) (checkSection, error) {
	section := checkSection{}
	var err error
	if section.Title, err = part.Title(v.Visit, sites); err != nil {
		return section, err
	}
	for _, r := range part.Rows {
		pointer := part.Prefix + r.Pointer
		row := checkRow{Href: v.pageOf(pointer)}
		if row.Value, err = names.Of(pointer, d.At(pointer)); err != nil {
			return section, err
		}
		if row.Label, err = v.T("application." + r.Words); err != nil {
			return section, err
		}
		for _, read := range application.Differs(readings, d, pointer) {
			row.Differs = append(row.Differs, readDifference{Read: read.Text, Unsure: application.Unsure(read)})
		}
		if len(row.Value) > 0 {
			section.Rows = append(section.Rows, row)
		}
	}
	return section, nil
}

// addProduct adds the server and the contact, which the applicant has chosen apart from the details.
func (v *visit) addProduct(page *checkPage, s api.Summary) error {
	link := func(path string) string {
		if !editable(page.Order) {
			return ""
		}
		return v.OrderHref(path)
	}
	add := func(title string, rows ...checkRow) error {
		words, err := v.T("application." + title)
		rows = slices.DeleteFunc(rows, func(r checkRow) bool { return len(r.Value) == 0 || r.Value[0] == "" })
		if len(rows) > 0 {
			page.Sections = append(page.Sections, checkSection{Title: words, Rows: rows})
		}
		return err
	}
	label := func(key string) string {
		words, err := v.T("application." + key)
		if err != nil {
			panic(err) // the keys below are constant
		}
		return words
	}
	if s.Product != nil {
		href := link("/product")
		err := add("access", checkRow{Label: label("server"), Value: []string{s.Product.Server}, Href: href}, checkRow{Label: label("service-code"), Value: []string{s.Product.ServiceCode}},
			checkRow{Label: label("ips"), Value: s.Product.IPs})
		if err != nil {
			return err
		}
	}
	return add("contact", checkRow{Label: label("mobile"), Value: []string{page.Order.Contact.Mobile.Reveal()}, Href: link("/contact")},
		checkRow{Label: label("email"), Value: []string{page.Order.Contact.Email.Reveal()}})
}

// changeRow returns the row of a change, with its part of the application and the value before and after.
func (v *visit) changeRow(change register.Difference, parts []application.Part, sites int, names *application.Names) (checkRow, error) {
	var row checkRow
	var err error
	if row.Before, err = names.Of(change.Pointer, change.Before); err != nil {
		return row, err
	}
	if row.Value, err = names.Of(change.Pointer, change.After); err != nil {
		return row, err
	}
	row.Label = change.Pointer
	for _, part := range slices.Backward(parts) {
		if change.Pointer != part.Prefix && !strings.HasPrefix(change.Pointer, part.Prefix+"/") {
			continue
		}
		row.Label, err = part.NameOf(v.Visit, change.Pointer, sites)
		return row, err
	}
	return row, nil
}

// addTicks adds what has to be ticked before the confirmation: each consequence of a cancellation, and the statement.
func (v *visit) addTicks(page *checkPage) error {
	var labels []string
	if page.Ends != nil {
		texts, err := v.consequences(*page.Ends)
		if err != nil {
			return err
		}
		labels = texts
	}
	statement, err := v.T("check.statement", "provider", v.Provider())
	if err != nil {
		return err
	}
	for n, label := range append(labels, statement) {
		value := ""                                                                                                           // of a form that was sent
		if v.R.PostForm.Get(tickPointer(n)) != "" && v.Problem != nil && v.Problem.Status == http.StatusUnprocessableEntity { // else it was of another summary
			value = "true"
		}
		v.Fields = append(v.Fields, pages.Field{Name: tickPointer(n), Kind: "check", Label: label, Value: value})
	}
	if v.Problem != nil {
		pages.Attach(v.Fields, v.Problem.Findings)
	}
	page.Ticks = v.Fields
	return nil
}

// consequences returns the consequences that the applicant confirmed at the opening of a cancellation, in words.
func (v *visit) consequences(ends web.Cancellation) ([]string, error) {
	var offers api.Cancellations
	if err := v.Get("/filings/"+string(ends.Filing)+"/cancellations", &offers); err != nil {
		return nil, err
	}
	messages := map[finding.Code]string{}
	for _, offer := range offers.Items {
		if offer.Site == "" || offer.Site == ends.Number {
			for _, f := range offer.Consequences {
				messages[f.Code] = v.In(f.Message)
			}
		}
	}
	var texts []string
	for _, code := range ends.Confirmed {
		if messages[code] == "" {
			messages[code] = v.In(finding.New(code, "").Message)
		}
		texts = append(texts, messages[code])
	}
	return texts, nil
}
