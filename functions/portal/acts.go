package portal

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"

	"beian/functions/api"
	"beian/shared/web"
)

// An act is something that an applicant does to an application with one button, besides filling it in. Its page says what it means before.
type act struct {
	can               string // the name in the order's can
	path              string // of the page below the order
	method, operation string // of the API; the path below the order
	key               string // of its texts in words/acts.json: title-, text-, do-
	danger            bool   // it cannot be undone
	questions         []question
	// done is where the browser goes after it, below the order.
	done string
}

// acts are the acts in the order in which the page of the application lists them.
var acts = []act{
	{can: "split", path: "/split", method: http.MethodPost, operation: "/split", key: "split"},
	{can: "papers", path: "/mail", method: http.MethodPut, operation: "/papers", key: "mail", questions: []question{
		{pointer: "/courier", words: "acts.courier", kind: "text", class: "short"}, {pointer: "/tracking", words: "acts.tracking", kind: "text"}}},
	{can: "sms-hour", path: "/sms-hour", method: http.MethodPut, operation: "/sms-hour", key: "sms-hour", questions: []question{
		{pointer: "/hour", words: "acts.hour", kind: "radios", shape: "number", options: (*visit).smsHours}}},
	{can: "sms-repetition", path: "/sms-again", method: http.MethodPost, operation: "/sms-repetition", key: "sms-again"},
	{can: "resubmission", path: "/resubmit", method: http.MethodPost, operation: "/resubmission", key: "resubmit"},
	{can: "appeal", path: "/appeal", method: http.MethodPost, operation: "/appeal", key: "appeal", questions: []question{
		{pointer: "/reason", words: "acts.reason", kind: "textarea"}}},
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
	Fields  []field
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
			typed, err := v.typed()
			if err != nil {
				return err
			}
			d := answersOf(o)
			d.read(a.questions, typed)
			return v.showAct(a, o, d)
		})
		p.private("POST /orders/{id}"+a.path, func(v *visit) error {
			if err := v.r.ParseForm(); err != nil {
				return err
			}
			d, q := document{}, request{method: a.method, path: v.orderPath(a.operation), key: v.r.PostForm.Get("once")}
			d.read(a.questions, v.r.PostForm)
			switch {
			case a.can == "split":
				q.body = document{"digest": v.r.PostForm.Get("digest")}
			case len(a.questions) > 0:
				q.body = d
			}
			_, err := v.call(q, nil)
			if v.refused(err) {
				problem := v.problem
				o, err := v.actable(a)
				if err != nil { // it is not possible any more: the API's answer says why
					return problem
				}
				return v.showAct(a, o, d)
			}
			if err != nil {
				return err
			}
			v.redirect(v.OrderHref(a.done))
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
		return v.show("cover", actPage{Order: o, Address: p.config.PaperAddress})
	})
}

// soon is the answer of the page that sends the SMS codes as soon as possible.
const soon = "soon"

// answersOf returns what the applicant answered before on the pages of the acts.
func answersOf(o web.Order) document {
	d := document{"hour": soon}
	if o.Papers != nil {
		d.set("/courier", o.Papers.Courier)
		d.set("/tracking", o.Papers.Tracking)
	}
	if o.SMSTime != nil && o.SMSTime.Hour != nil {
		d.set("/hour", *o.SMSTime.Hour)
	}
	return d
}

// smsHours returns the hours at which the SMS codes can be sent. An order that waits for them has the day of each.
func (v *visit) smsHours(document) ([]option, error) {
	var hours api.SMSHours
	if err := v.get(v.orderPath("/sms-hour"), &hours); err != nil {
		return nil, err
	}
	var options []option
	for _, choice := range hours.Choices {
		one := option{Value: soon, Label: page{visit: v}.Moment(choice.SendAt)}
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

func (v *visit) showAct(a act, o web.Order, d document) error {
	fields, err := v.ask(a.questions, d)
	if err != nil {
		return err
	}
	return v.show("act", actPage{act: a, Order: o, Fields: fields, Address: v.portal.config.PaperAddress})
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
