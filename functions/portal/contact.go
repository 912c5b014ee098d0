package portal

import (
	"net/http"
	"slices"

	"beian/shared/filing"
	"beian/shared/web"
)

var contactQuestions = []question{
	{pointer: "/mobile", words: "contact.mobile", kind: "tel", class: "short", autocomplete: "tel-national", inputmode: "numeric"},
	{pointer: "/email", words: "contact.email", kind: "email", autocomplete: "email", inputmode: "email"},
	{pointer: "/language", words: "contact.language", kind: "radios", options: func(*visit, document) ([]option, error) {
		return []option{{Value: "zh-CN", Label: "中文"}, {Value: "en", Label: "English"}}, nil
	}},
}

var contactCodeQuestions = []question{
	{pointer: "/code", words: "contact.code", kind: "text", class: "code", autocomplete: "one-time-code", inputmode: "numeric"},
}

// A contactPage is the page of where messages about an application are sent.
type contactPage struct {
	Channels []web.Channel
	Fields   []field
}

// A contactCodePage is the page of the code that verifies one channel.
type contactCodePage struct {
	web.Channel
	Address string // of the account itself: the applicant typed it
	Valid   bool   // a code was sent and can be entered
	Fields  []field
}

// registerContact registers the pages of the contact of an application.
func (p *Portal) registerContact() {
	p.private("GET /orders/{id}/contact", func(v *visit) error {
		o, d, err := v.contactOf()
		if err != nil {
			return err
		}
		typed, err := v.typed()
		if err != nil {
			return err
		}
		d.read(contactQuestions, typed)
		return v.showContact(o, d)
	})
	p.private("POST /orders/{id}/contact", func(v *visit) error {
		o, d, err := v.contactOf()
		if err != nil {
			return err
		}
		if err := v.r.ParseForm(); err != nil {
			return err
		}
		d.read(contactQuestions, v.r.PostForm)
		var after web.Order
		_, err = v.call(request{method: http.MethodPut, path: v.orderPath("/contact"), key: v.r.PostForm.Get("once"), body: d}, &after)
		if v.refused(err) {
			return v.showContact(o, d)
		}
		if err != nil {
			return err
		}
		v.redirect(v.nextChannel(after))
		return nil
	})
	p.private("GET /orders/{id}/contact/{channel}", func(v *visit) error {
		typed, err := v.typed()
		if err != nil {
			return err
		}
		d := document{}
		d.read(contactCodeQuestions, typed)
		return v.showContactCode(d)
	})
	p.private("POST /orders/{id}/contact/{channel}", func(v *visit) error {
		if err := v.r.ParseForm(); err != nil {
			return err
		}
		d, channel := document{"channel": v.r.PathValue("channel")}, v.r.PathValue("channel")
		d.read(contactCodeQuestions, v.r.PostForm)
		q := request{method: http.MethodPost, path: v.orderPath("/contact-answers"), key: v.r.PostForm.Get("once"), body: d}
		sends := v.r.PostForm.Get("send") != ""
		if sends {
			q.path, q.body = v.orderPath("/contact-codes"), document{"channel": channel}
		}
		var after web.Order
		_, err := v.call(q, &after)
		if v.refused(err) {
			return v.showContactCode(d)
		}
		if err != nil {
			return err
		}
		if sends {
			v.redirect(v.OrderHref("/contact/" + channel))
		} else {
			v.redirect(v.nextChannel(after))
		}
		return nil
	})
}

// contactOf reads the order, and its contact as a document of PUT /orders/{id}/contact.
func (v *visit) contactOf() (web.Order, document, error) {
	o, err := v.order()
	if err != nil {
		return o, nil, err
	}
	d, err := documentOf(o.Contact)
	d.set("/language", o.Language)
	return o, d, err
}

// nextChannel returns the page of the first channel that is not verified; that of the order if all are.
func (v *visit) nextChannel(o web.Order) string {
	for _, c := range o.Channels {
		if !c.Verified {
			return v.OrderHref("/contact/" + string(c.Channel))
		}
	}
	return v.OrderHref("")
}

func (v *visit) showContact(o web.Order, d document) error {
	fields, err := v.ask(contactQuestions, d)
	if err != nil {
		return err
	}
	return v.show("contact", contactPage{Channels: o.Channels, Fields: fields})
}

func (v *visit) showContactCode(d document) error {
	o, err := v.order()
	if err != nil {
		return err
	}
	i := slices.IndexFunc(o.Channels, func(c web.Channel) bool { return string(c.Channel) == v.r.PathValue("channel") })
	if i < 0 {
		return &web.Problem{Status: http.StatusNotFound}
	}
	page := contactCodePage{Channel: o.Channels[i], Address: o.Contact.Email.Reveal()}
	if page.Channel.Channel == filing.ChannelMobile {
		page.Address = o.Contact.Mobile.Reveal()
	}
	page.Valid = page.TriesLeft > 0 && v.today().Before(page.ExpiresAt)
	if page.Valid {
		if page.Fields, err = v.ask(contactCodeQuestions, d); err != nil {
			return err
		}
	}
	return v.show("contact-code", page)
}
