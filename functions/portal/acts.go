package portal

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"

	"beian/functions/api"
	"beian/shared/web"
	"beian/shared/web/pages"
)

// An act is something that an applicant does to an application with one button, besides filling it in. Its page says what it means before.
type act struct {
	can               string // the name in the order's can
	path              string // of the page below the order
	method, operation string // of the API; the path below the order
	key               string // of its texts in words/acts.json: title-, text-, do-
	danger            bool   // it cannot be undone
	questions         []pages.Question
	// done is where the browser goes after it, below the order.
	done string
}

// acts are the acts in the order in which the page of the application lists them.
var acts = []act{
	{can: "split", path: "/split", method: http.MethodPost, operation: "/split", key: "split"},
	{can: "papers", path: "/mail", method: http.MethodPut, operation: "/papers", key: "mail", questions: []pages.Question{
		{Pointer: "/courier", Words: "acts.courier", Kind: "text", Class: "short"}, {Pointer: "/tracking", Words: "acts.tracking", Kind: "text"}}},
	{can: "sms-hour", path: "/sms-hour", method: http.MethodPut, operation: "/sms-hour", key: "sms-hour", questions: []pages.Question{
		{Pointer: "/hour", Words: "acts.hour", Kind: "radios", Shape: "number", Options: smsHours}}},
	{can: "sms-repetition", path: "/sms-again", method: http.MethodPost, operation: "/sms-repetition", key: "sms-again"},
	{can: "resubmission", path: "/resubmit", method: http.MethodPost, operation: "/resubmission", key: "resubmit"},
	{can: "appeal", path: "/appeal", method: http.MethodPost, operation: "/appeal", key: "appeal", questions: []pages.Question{
		{Pointer: "/reason", Words: "acts.reason", Kind: "textarea"}}},
	{can: "appeal-withdrawal", path: "/appeal/withdraw", method: http.MethodDelete, operation: "/appeal", key: "appeal-withdraw", danger: true},
	{can: "withdrawal", path: "/withdraw", method: http.MethodPost, operation: "/withdrawal", key: "withdraw", danger: true},
	{can: "abandonment", path: "/abandon", method: http.MethodPost, operation: "/abandonment", key: "abandon", danger: true},
	{can: "erasure-request", path: "/erase", method: http.MethodPost, operation: "/erasure-request", key: "erase", danger: true},
}

// pagesOfOperations are the pages for the operations that workflow.NextAction names, by their paths below the order. TestNextHasPage holds them together.
var pagesOfOperations = map[string]string{
	"/type": "/type", "/split": "/split", "/product": "/product", "/details": "", "/evidence": "/papers", "/challenges": "/liveness", "/contact-codes": "/contact",
	"/summary": "/check", "/papers": "/mail", "/sms-answers": "/sms", "/resubmission": "/resubmit",
}

// An actPage is the page of an act.
type actPage struct {
	act
	Order   web.Order
	Fields  []pages.Field
	Address string // to which originals are mailed
}

// registerActs registers the pages of the acts.
func (p *Portal) registerActs() {
	for _, a := range acts {
		p.private("GET /orders/{id}"+a.path, func(v *visit) error {
			o, err := v.actable(a)
			if err != nil {
				return err
			}
			typed, err := v.Typed()
			if err != nil {
				return err
			}
			d := answersOf(o)
			d.Read(a.questions, typed)
			return v.showAct(a, o, d)
		})
		p.private("POST /orders/{id}"+a.path, func(v *visit) error {
			if err := v.R.ParseForm(); err != nil {
				return err
			}
			d, q := pages.Document{}, pages.Request{Method: a.method, Path: v.orderPath(a.operation), Key: v.R.PostForm.Get("once")}
			d.Read(a.questions, v.R.PostForm)
			switch {
			case a.can == "split":
				q.Body = pages.Document{"digest": v.R.PostForm.Get("digest")}
			case len(a.questions) > 0:
				q.Body = d
			}
			_, err := v.Call(q, nil)
			if v.Refused(err) {
				problem := v.Problem
				o, err := v.actable(a)
				if err != nil { // it is not possible any more: the API's answer says why
					return problem
				}
				return v.showAct(a, o, d)
			}
			if err != nil {
				return err
			}
			v.Redirect(v.OrderHref(a.done))
			return nil
		})
	}
	p.private("GET /orders/{id}/mail/cover", func(v *visit) error {
		o, err := v.order()
		if err != nil {
			return err
		}
		if o.Papers == nil {
			return &web.Problem{Status: http.StatusNotFound}
		}
		return v.Show("cover", actPage{Order: o, Address: p.config.PaperAddress})
	})
}

// soon is the answer of the page that sends the SMS codes as soon as possible.
const soon = "soon"

// answersOf returns what the applicant answered before on the pages of the acts.
func answersOf(o web.Order) pages.Document {
	d := pages.Document{"hour": soon}
	if o.Papers != nil {
		d.Set("/courier", o.Papers.Courier)
		d.Set("/tracking", o.Papers.Tracking)
	}
	if o.SMSTime != nil && o.SMSTime.Hour != nil {
		d.Set("/hour", *o.SMSTime.Hour)
	}
	return d
}

// smsHours returns the hours at which the SMS codes can be sent. An order that waits for them has the day of each.
func smsHours(p *pages.Visit, _ pages.Document) ([]pages.Option, error) {
	v := own(p)
	var hours api.SMSHours
	if err := v.Get(v.orderPath("/sms-hour"), &hours); err != nil {
		return nil, err
	}
	var options []pages.Option
	for _, choice := range hours.Choices {
		one := pages.Option{Value: soon, Label: page{visit: v}.Moment(choice.SendAt)}
		var err error
		switch {
		case choice.Hour != nil:
			if one.Value = strconv.Itoa(*choice.Hour); hours.SendAt.IsZero() {
				one.Label = fmt.Sprintf("%02d:00", *choice.Hour)
			}
		case hours.SendAt.IsZero():
			one.Label, err = v.T("acts.hour-soon")
		default:
			one.Label, err = v.T("acts.hour-soon-at", "time", one.Label)
		}
		if err != nil {
			return nil, err
		}
		options = append(options, one)
	}
	return options, nil
}

// actable reads the order. If the act is not possible now, it returns a problem.
func (v *visit) actable(a act) (web.Order, error) {
	o, err := v.order()
	if err == nil && !slices.Contains(o.Can, a.can) {
		err = &web.Problem{Status: http.StatusConflict}
	}
	return o, err
}

func (v *visit) showAct(a act, o web.Order, d pages.Document) error {
	fields, err := v.Ask(a.questions, d)
	if err != nil {
		return err
	}
	return v.Show("act", actPage{act: a, Order: o, Fields: fields, Address: v.portal.config.PaperAddress})
}

// nextPage returns the address of the page for what has to be done next; "" if that is on the page of the order, or not the applicant's.
func (v *visit) nextPage(o web.Order) string {
	operation, found := cutOrder(o)
	if !found || o.Next.Who != "applicant" {
		return ""
	}
	if operation == "/sms-answers" {
		return "/sms/" + string(o.ID)
	}
	if page := pagesOfOperations[operation]; page != "" {
		return v.OrderHref(page)
	}
	return ""
}
