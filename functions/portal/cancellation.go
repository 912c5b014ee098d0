package portal

import (
	"net/http"
	"slices"
	"strconv"

	"beian/functions/api"
	"beian/shared/filing"
	"beian/shared/rules/finding"
	"beian/shared/web"
	"beian/shared/web/pages"
	"beian/shared/web/pages/application"
)

// A cancelPage says what a cancellation would mean, and asks for it.
type cancelPage struct {
	beginningAt
	Offer api.CancellationOffer
	Ticks []pages.Field // one for each consequence that the applicant confirms
}

var reasonQuestions = []pages.Question{
	{Pointer: "/reason", Words: "filing-cancel.reason", Kind: "radios", Shape: "number", Options: application.Numbered("/cancellation-reasons")},
	{Pointer: "/remark", Words: "filing-cancel.remark", Kind: "textarea", Optional: true},
}

var cancelQuestions = slices.Concat(reasonQuestions, contactAsked)

// registerCancellations registers the pages that cancel a part of a filing, and that of the reason.
func (p *Portal) registerCancellations() {
	p.private("GET /filings/{id}/cancel", func(v *visit) error {
		at, err := v.beginningAt()
		if err != nil {
			return err
		}
		var offers api.Cancellations
		if err := v.Get(v.filingPath("/cancellations"), &offers); err != nil {
			return err
		}
		return v.Show("filing-cancel", struct {
			Filing web.Filing
			Offers []api.CancellationOffer
		}{at.Filing, offers.Items})
	})
	p.private("GET /filings/{id}/cancel/{kind}/{site}", func(v *visit) error {
		page, err := v.cancelPage()
		if err != nil {
			return err
		}
		typed, err := v.Typed()
		if err != nil {
			return err
		}
		d := pages.Document{}
		v.contactAt(page.beginningAt, d)
		d.Read(cancelQuestions, typed)
		return v.showCancel(page, d, typed)
	})
	p.private("POST /filings/{id}/cancel/{kind}/{site}", func(v *visit) error {
		page, err := v.cancelPage()
		if err != nil {
			return err
		}
		if err := v.R.ParseForm(); err != nil {
			return err
		}
		d, form := pages.Document{}, v.R.PostForm
		d.Read(cancelQuestions, form)
		missing := &web.Problem{Status: http.StatusUnprocessableEntity}
		for n := range page.Offer.Confirm {
			if form.Get(confirmPointer(n)) == "" {
				missing.Findings = append(missing.Findings, finding.New(CodeUnticked, confirmPointer(n)))
			}
		}
		if d.Text("/reason") == "" {
			missing.Findings = append(missing.Findings, finding.New(pages.CodeUnanswered, "/reason"))
		}
		if len(missing.Findings) > 0 {
			v.Problem = missing
			return v.showCancel(page, d, form)
		}
		body := pages.Document{"kind": string(page.Offer.Kind), "confirmed": page.Offer.Confirm}
		if page.Offer.Site != "" {
			body["site"] = page.Offer.Site
		}
		body.Read(cancelQuestions, form)
		var opened web.Order
		_, err = v.Call(pages.Request{Method: http.MethodPost, Path: v.filingPath("/cancellations"), Key: form.Get("once"), Body: body}, &opened)
		if v.Refused(err) {
			return v.showCancel(page, d, form)
		}
		if err != nil {
			return err
		}
		v.Redirect("/orders/" + string(opened.ID) + "/check")
		return nil
	})
	p.registerReason()
}

// CancelHref returns the address of the page of an offer: its kind, and the index of the site.
func (v *visit) CancelHref(f web.Filing, offer api.CancellationOffer) string {
	site := wholeSubject
	if n := siteNumbered(f, offer.Site); n >= 0 {
		site = strconv.Itoa(n)
	}
	return v.FilingHref("/cancel/" + string(offer.Kind) + "/" + site)
}

// siteNumbered returns the index of the site with a number; -1 if there is none.
func siteNumbered(f web.Filing, number string) int {
	return slices.IndexFunc(f.Sites, func(s web.RegisteredSite) bool { return s.Number.String() == number })
}

func confirmPointer(n int) string { return "/confirmed/" + strconv.Itoa(n) }

// cancelPage reads the offer of the page's address.
func (v *visit) cancelPage() (cancelPage, error) {
	at, err := v.beginningAt()
	if err != nil {
		return cancelPage{}, err
	}
	var offers api.Cancellations
	if err := v.Get(v.filingPath("/cancellations"), &offers); err != nil {
		return cancelPage{}, err
	}
	for _, offer := range offers.Items {
		number := ""
		if at.Site != nil {
			number = at.Site.Number.String()
		}
		if offer.Kind == filing.Type(v.R.PathValue("kind")) && offer.Site == number {
			return cancelPage{beginningAt: at, Offer: offer}, nil
		}
	}
	return cancelPage{}, &web.Problem{Status: http.StatusNotFound}
}

// showCancel shows what a cancellation means. Each consequence has its own tick.
func (v *visit) showCancel(page cancelPage, d pages.Document, form map[string][]string) error {
	for n, code := range page.Offer.Confirm {
		i := slices.IndexFunc(page.Offer.Consequences, func(f finding.Finding) bool { return f.Code == code })
		if i < 0 {
			continue
		}
		f := page.Offer.Consequences[i]
		tick := pages.Field{Name: confirmPointer(n), Kind: "check", Label: v.In(f.Message), Hint: v.In(f.Remedy)}
		if len(form[tick.Name]) > 0 {
			tick.Value = "true"
		}
		page.Ticks = append(page.Ticks, tick)
	}
	v.Fields = slices.Clone(page.Ticks)
	fields, err := v.Ask(cancelQuestions, d)
	if err != nil {
		return err
	}
	page.Ticks, page.Fields = fields[:len(page.Ticks)], fields[len(page.Ticks):]
	return v.Show("filing-cancel-part", page)
}

// registerReason registers the page of the reason of a cancellation that is under way.
func (p *Portal) registerReason() {
	show := func(v *visit, d pages.Document) error {
		fields, err := v.Ask(reasonQuestions, d)
		if err != nil {
			return err
		}
		return v.Show("reason", fields)
	}
	p.private("GET /orders/{id}/reason", func(v *visit) error {
		o, err := v.order()
		if err != nil {
			return err
		}
		if o.Cancellation == nil {
			return &web.Problem{Status: http.StatusNotFound}
		}
		typed, err := v.Typed()
		if err != nil {
			return err
		}
		d := pages.Document{"reason": int(o.Cancellation.Reason), "remark": o.Cancellation.Remark}
		d.Read(reasonQuestions, typed)
		return show(v, d)
	})
	p.private("POST /orders/{id}/reason", func(v *visit) error {
		if err := v.R.ParseForm(); err != nil {
			return err
		}
		d := pages.Document{}
		d.Read(reasonQuestions, v.R.PostForm)
		_, err := v.Call(pages.Request{Method: http.MethodPut, Path: v.orderPath("/cancellation"), Key: v.R.PostForm.Get("once"), Body: d}, nil)
		if v.Refused(err) {
			return show(v, d)
		}
		if err != nil {
			return err
		}
		v.Redirect(v.OrderHref("/check"))
		return nil
	})
}
