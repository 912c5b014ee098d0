package portal

import (
	"net/http"
	"slices"
	"strconv"

	"beian/functions/api"
	"beian/shared/filing"
	"beian/shared/rules/finding"
	"beian/shared/web"
)

// A cancelPage says what a cancellation would mean, and asks for it.
type cancelPage struct {
	beginningAt
	Offer api.CancellationOffer
	Ticks []field // one for each consequence that the applicant confirms
}

var reasonQuestions = []question{
	{pointer: "/reason", words: "filing-cancel.reason", kind: "radios", shape: "number", options: numbered("/cancellation-reasons")},
	{pointer: "/remark", words: "filing-cancel.remark", kind: "textarea", optional: true},
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
		if err := v.get(v.filingPath("/cancellations"), &offers); err != nil {
			return err
		}
		return v.show("filing-cancel", struct {
			Filing web.Filing
			Offers []api.CancellationOffer
		}{at.Filing, offers.Items})
	})
	p.private("GET /filings/{id}/cancel/{kind}/{site}", func(v *visit) error {
		page, err := v.cancelPage()
		if err != nil {
			return err
		}
		typed, err := v.typed()
		if err != nil {
			return err
		}
		d := document{}
		v.contactAt(page.beginningAt, d)
		d.read(cancelQuestions, typed)
		return v.showCancel(page, d, typed)
	})
	p.private("POST /filings/{id}/cancel/{kind}/{site}", func(v *visit) error {
		page, err := v.cancelPage()
		if err != nil {
			return err
		}
		if err := v.r.ParseForm(); err != nil {
			return err
		}
		d, form := document{}, v.r.PostForm
		d.read(cancelQuestions, form)
		missing := &web.Problem{Status: http.StatusUnprocessableEntity}
		for n := range page.Offer.Confirm {
			if form.Get(confirmPointer(n)) == "" {
				missing.Findings = append(missing.Findings, finding.New(CodeUnticked, confirmPointer(n)))
			}
		}
		if d.text("/reason") == "" {
			missing.Findings = append(missing.Findings, finding.New(CodeUnanswered, "/reason"))
		}
		if len(missing.Findings) > 0 {
			v.problem = missing
			return v.showCancel(page, d, form)
		}
		body := document{"kind": string(page.Offer.Kind), "confirmed": page.Offer.Confirm}
		if page.Offer.Site != "" {
			body["site"] = page.Offer.Site
		}
		body.read(cancelQuestions, form)
		var opened web.Order
		_, err = v.call(request{method: http.MethodPost, path: v.filingPath("/cancellations"), key: form.Get("once"), body: body}, &opened)
		if v.refused(err) {
			return v.showCancel(page, d, form)
		}
		if err != nil {
			return err
		}
		v.redirect("/orders/" + string(opened.ID) + "/check")
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
	if err := v.get(v.filingPath("/cancellations"), &offers); err != nil {
		return cancelPage{}, err
	}
	for _, offer := range offers.Items {
		number := ""
		if at.Site != nil {
			number = at.Site.Number.String()
		}
		if offer.Kind == filing.Type(v.r.PathValue("kind")) && offer.Site == number {
			return cancelPage{beginningAt: at, Offer: offer}, nil
		}
	}
	return cancelPage{}, &web.Problem{Status: http.StatusNotFound}
}

// showCancel shows what a cancellation means. Each consequence has its own tick.
func (v *visit) showCancel(page cancelPage, d document, form map[string][]string) error {
	for n, code := range page.Offer.Confirm {
		i := slices.IndexFunc(page.Offer.Consequences, func(f finding.Finding) bool { return f.Code == code })
		if i < 0 {
			continue
		}
		f := page.Offer.Consequences[i]
		tick := field{Name: confirmPointer(n), Kind: "check", Label: v.In(f.Message), Hint: v.In(f.Remedy)}
		if len(form[tick.Name]) > 0 {
			tick.Value = "true"
		}
		page.Ticks = append(page.Ticks, tick)
	}
	v.fields = slices.Clone(page.Ticks)
	fields, err := v.ask(cancelQuestions, d)
	if err != nil {
		return err
	}
	page.Ticks, page.Fields = fields[:len(page.Ticks)], fields[len(page.Ticks):]
	return v.show("filing-cancel-part", page)
}

// registerReason registers the page of the reason of a cancellation that is under way.
func (p *Portal) registerReason() {
	show := func(v *visit, d document) error {
		fields, err := v.ask(reasonQuestions, d)
		if err != nil {
			return err
		}
		return v.show("reason", fields)
	}
	p.private("GET /orders/{id}/reason", func(v *visit) error {
		o, err := v.order()
		if err != nil {
			return err
		}
		if o.Cancellation == nil {
			return &web.Problem{Status: http.StatusNotFound}
		}
		typed, err := v.typed()
		if err != nil {
			return err
		}
		d := document{"reason": int(o.Cancellation.Reason), "remark": o.Cancellation.Remark}
		d.read(reasonQuestions, typed)
		return show(v, d)
	})
	p.private("POST /orders/{id}/reason", func(v *visit) error {
		if err := v.r.ParseForm(); err != nil {
			return err
		}
		d := document{}
		d.read(reasonQuestions, v.r.PostForm)
		_, err := v.call(request{method: http.MethodPut, path: v.orderPath("/cancellation"), key: v.r.PostForm.Get("once"), body: d}, nil)
		if v.refused(err) {
			return show(v, d)
		}
		if err != nil {
			return err
		}
		v.redirect(v.OrderHref("/check"))
		return nil
	})
}
