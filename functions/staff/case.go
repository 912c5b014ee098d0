package staff

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"beian/functions/api"
	"beian/functions/reviewer"
	"beian/shared/filing"
	"beian/shared/filing/register"
	"beian/shared/rules/finding"
	"beian/shared/web"
	"beian/shared/web/pages"
	"beian/shared/web/pages/application"
)

// A casePage is the page of one order. Without the claim, it has only what lists show.
type casePage struct {
	web.Order
	Revised  []caseRow // what changed since the order was last returned
	Changes  []caseRow // what a change changes of its filing
	Sections []caseSection
	Papers   []casePaper
	Warnings []finding.Finding // that belong to no row
	Verdict  verdictForm
	Answer   string // to an appeal, as far as it was typed
}

// A caseSection is a part of the application, with the papers that prove it.
type caseSection struct {
	ID, Title string
	Same      string // title of an earlier part with the same values, such as that of a leader of both
	Rows      []caseRow
	Papers    []casePaper
}

// A caseRow is a value with what is known about it from elsewhere.
type caseRow struct {
	Label, Pointer string
	Before, Value  []string
	Read           []caseReading
	Findings       []finding.Finding
	Matches        []web.Match
}

// A caseReading is what the applicant's device read on the certificate, where something else was entered.
type caseReading struct {
	Text   string
	Unsure bool
}

// registerCase registers the page of an order, its claim and the release.
func (s *Staff) registerCase() {
	s.register("GET /orders/{id}", func(v *visit) error {
		typed, err := v.Typed()
		if err != nil {
			return err
		}
		return v.showCase(typed)
	})
	s.register("POST /orders/{id}/claim", func(v *visit) error {
		if len(reasonsOf(v.R.PostForm)) == 0 {
			return v.actOnCase(pages.Request{Method: http.MethodPost, Path: v.orderPath("/claim")}, v.CaseHref(""))
		}
		// What was typed before the claim ended goes on.
		_, err := v.Call(pages.Request{Method: http.MethodPost, Path: v.orderPath("/claim")}, nil)
		if err == nil || v.Refused(err) {
			return v.showCase(v.R.PostForm)
		}
		return err
	})
	s.register("POST /orders/{id}/release", func(v *visit) error {
		query := filterOf(v.R.URL.Query())
		query.Set("released", v.R.PathValue("id"))
		return v.actOnCase(pages.Request{Method: http.MethodDelete, Path: v.orderPath("/claim")}, Prefix+"/queue"+queryOf(query))
	})
	s.register("POST /orders/{id}/receipt", func(v *visit) error {
		filter := filterOf(v.R.URL.Query())
		filter.Set("step", string(filing.MailDocuments))
		return v.actOnCase(pages.Request{Method: http.MethodPost, Path: v.orderPath("/papers/receipt"), ETag: v.R.PostForm.Get("etag")}, Prefix+"/queue"+queryOf(filter))
	})
	s.register("POST /orders/{id}/renewal", (*visit).renewClaim)
	s.registerPapers()
	s.registerVerdict()
}

// renewClaim renews the claim for the page's script, which shows the text that is returned. It is refused if the order has changed since the page was shown.
func (v *visit) renewClaim() error {
	var o web.Order
	etag, err := v.Call(pages.Request{Method: http.MethodPost, Path: v.orderPath("/claim"), ETag: v.R.PostForm.Get("etag")}, &o)
	if refused, ok := errors.AsType[*web.Problem](err); ok {
		v.W.WriteHeader(refused.Status)
		return nil
	}
	if err != nil {
		return err
	}
	text, err := v.T("case.mine", "time", v.TimeOfDay(o.Claim.Until))
	if err != nil {
		return err
	}
	v.W.Header().Set("Content-Type", "application/json")
	return json.NewEncoder(v.W).Encode(map[string]string{"etag": etag, "text": text})
}

// actOnCase calls an operation on the order and goes to a page, or shows the case again with what the operation refused. What was typed is kept.
func (v *visit) actOnCase(q pages.Request, to string) error {
	q.Key = v.R.PostForm.Get("once")
	_, err := v.Call(q, nil)
	if v.Refused(err) {
		return v.showCase(v.R.PostForm)
	}
	if err != nil {
		return err
	}
	v.Redirect(to)
	return nil
}

// showCase shows the page, with the verdict as far as it was typed.
func (v *visit) showCase(typed url.Values) error {
	page := casePage{Answer: typed.Get("answer")}
	var err error
	if v.etag, err = v.Call(pages.Request{Method: http.MethodGet, Path: v.orderPath("")}, &page.Order); err != nil {
		return err
	}
	if !page.Withheld {
		if err := v.addCase(&page); err != nil {
			return err
		}
	}
	page.Verdict.read(typed)
	return v.Show("case", page)
}

// Mine reports whether the person has the claim of the order.
func (v *visit) Mine(o web.Order) bool {
	c := v.Lasting(o.Claim)
	return c != nil && c.Reviewer == v.Session.Account
}

// Lasting returns a claim that has not ended, else nil.
func (v *visit) Lasting(c *filing.Claim) *filing.Claim {
	if c == nil || !v.staff.config.Now().Before(c.Until) {
		return nil
	}
	return c
}

// addCase adds all data of a claimed order.
func (v *visit) addCase(page *casePage) error {
	var s api.Summary
	err := v.Get(v.orderPath("/summary"), &s)
	if p, ok := errors.AsType[*web.Problem](err); ok && p.Status == http.StatusConflict { // at a step before the details are complete
		s, err = api.Summary{Subject: page.Subject, Sites: page.Sites}, nil
	}
	if err != nil {
		return err
	}
	names := &application.Names{Visit: v.Visit, Today: v.staff.config.Now(), Words: map[string]finding.Words{}}
	for _, n := range s.Names {
		names.Words[n.Pointer] = n.Words
	}
	if page.Papers, err = v.papers(page.Order); err != nil {
		return err
	}
	d, err := pages.DocumentOf(s)
	if err != nil {
		return err
	}
	parts := application.Parts(len(s.Sites))
	left := page.Findings
	for _, part := range parts {
		section, err := v.sectionOf(part, d, page, names, len(s.Sites))
		if err != nil {
			return err
		}
		left = slices.DeleteFunc(slices.Clone(left), func(f finding.Finding) bool { return section.has(f.Pointer) })
		if len(section.Rows) > 0 {
			section.Same = sameAs(page.Sections, section)
			page.Sections = append(page.Sections, section)
		}
	}
	page.Warnings = left
	if page.Revised, err = v.changeRows(page.Order.Revised, parts, len(s.Sites), names); err != nil {
		return err
	}
	if page.Changes, err = v.changeRows(s.Changes, parts, len(s.Sites), names); err != nil {
		return err
	}
	return v.addPointers(page)
}

// sameAs returns the title of the first section with the rows of another; "" if none has.
func sameAs(earlier []caseSection, s caseSection) string {
	i := slices.IndexFunc(earlier, func(e caseSection) bool {
		return slices.EqualFunc(e.Rows, s.Rows, func(a, b caseRow) bool { return a.Label == b.Label && slices.Equal(a.Value, b.Value) })
	})
	if i < 0 {
		return ""
	}
	return earlier[i].Title
}

// has reports whether a row of the section shows the finding of a pointer.
func (s caseSection) has(pointer string) bool {
	return slices.ContainsFunc(s.Rows, func(r caseRow) bool { return isUnder(pointer, r.Pointer) })
}

// isUnder reports whether a pointer is another, or points into it.
func isUnder(pointer, place string) bool {
	return pointer == place || strings.HasPrefix(pointer, place+"/")
}

// sectionOf returns a part with all that is known of each value. A finding about the whole part is shown at its first row.
func (v *visit) sectionOf(part application.Part, d pages.Document, page *casePage, names *application.Names, sites int) (caseSection, error) {
	section := caseSection{ID: pages.IDOf(part.Prefix)}
	var err error
	if section.Title, err = part.Title(v.Visit, sites); err != nil {
		return section, err
	}
	for _, r := range part.Rows {
		row := caseRow{Pointer: part.Prefix + r.Pointer}
		if row.Value, err = names.Of(row.Pointer, d.At(row.Pointer)); err != nil {
			return section, err
		}
		if row.Label, err = v.T("application." + r.Words); err != nil {
			return section, err
		}
		for _, read := range application.Differs(page.Readings, d, row.Pointer) {
			row.Read = append(row.Read, caseReading{Text: read.Text, Unsure: application.Unsure(read)})
		}
		for _, f := range page.Findings {
			if isUnder(f.Pointer, row.Pointer) {
				row.Findings = append(row.Findings, f)
			}
		}
		for _, m := range page.Matches {
			if slices.ContainsFunc(m.Pointers, func(p string) bool { return isUnder(p, row.Pointer) }) {
				row.Matches = append(row.Matches, m)
			}
		}
		if len(row.Value)+len(row.Findings) > 0 {
			section.Rows = append(section.Rows, row)
		}
	}
	for _, p := range page.Papers {
		if p.Section == part.Prefix {
			section.Papers = append(section.Papers, p)
		}
	}
	return section, nil
}

func (v *visit) changeRows(changes []register.Difference, parts []application.Part, sites int, names *application.Names) ([]caseRow, error) {
	var rows []caseRow
	for _, change := range changes {
		row, err := v.changeRow(change, parts, sites, names)
		if err != nil {
			return nil, err
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// changeRow returns the row of a change, with its part of the application. A paper is named, without its digests.
func (v *visit) changeRow(change register.Difference, parts []application.Part, sites int, names *application.Names) (caseRow, error) {
	row := caseRow{Pointer: change.Pointer, Label: change.Pointer}
	if slot, of := strings.CutPrefix(change.Pointer, "/papers/"); of {
		return v.paperRow(slot, change)
	}
	var err error
	if row.Before, err = names.Of(change.Pointer, change.Before); err != nil {
		return row, err
	}
	if row.Value, err = names.Of(change.Pointer, change.After); err != nil {
		return row, err
	}
	for _, part := range slices.Backward(parts) {
		if isUnder(change.Pointer, part.Prefix) {
			row.Label, err = part.NameOf(v.Visit, change.Pointer, sites)
			return row, err
		}
	}
	return row, nil
}

// addPointers adds the places of the application that a reason can name, for the form of the verdict.
func (v *visit) addPointers(page *casePage) error {
	whole, err := v.T("case.whole")
	if err != nil {
		return err
	}
	page.Verdict.Places = []pages.Option{{Label: whole}}
	for _, s := range page.Sections {
		for _, r := range s.Rows {
			page.Verdict.Places = append(page.Verdict.Places, pages.Option{Value: r.Pointer, Label: s.Title + " · " + r.Label})
		}
	}
	for _, p := range page.Papers {
		page.Verdict.Places = append(page.Verdict.Places, pages.Option{Value: p.Pointer(), Label: p.Name})
	}
	if page.Reviewable() && v.Mine(page.Order) {
		var list web.Page[reviewer.BoundReason]
		if err := v.Get("/review/reasons", &list); err != nil {
			return err
		}
		page.Verdict.Catalogue = list.Items
	}
	for _, e := range page.Explained {
		if e.Applies && e.Override == nil {
			page.Verdict.Overrides = append(page.Verdict.Overrides, overrideForm{Explained: e})
		}
	}
	for _, p := range page.Papers {
		page.Verdict.Originals = append(page.Verdict.Originals, pages.Option{Value: string(p.Slot), Label: p.Name})
	}
	return nil
}

// orderPath returns the API's path of an operation on the order of the page's address.
func (v *visit) orderPath(operation string) string {
	return "/orders/" + url.PathEscape(v.R.PathValue("id")) + operation
}

// OrderHref returns the address of a page of the order.
func (v *visit) OrderHref(rest string) string {
	return Prefix + "/orders/" + url.PathEscape(v.R.PathValue("id")) + rest
}

// CaseHref returns the address of a page of the order from which the reviewer comes back to the queue with its filter.
func (v *visit) CaseHref(rest string) string { return v.OrderHref(rest) + v.FilterQuery() }

// ETag is the version of the order that the page shows.
func (v *visit) ETag() string { return v.etag }

// Reviewable reports whether the order waits for a verdict, AwaitsOriginals whether it waits for papers by mail.
func (p casePage) Reviewable() bool { return p.Step == filing.InitialReview || p.AwaitsOriginals() }

func (p casePage) AwaitsOriginals() bool { return p.Step == filing.MailDocuments }
