package portal

import (
	"net/http"
	"slices"

	"beian/shared/filing"
	"beian/shared/web"
	"beian/shared/web/pages"
)

var contactQuestions = []pages.Question{
	{Pointer: "/mobile", Words: "contact.mobile", Kind: "tel", Class: "short", Autocomplete: "tel-national", Inputmode: "numeric"},
	{Pointer: "/email", Words: "contact.email", Kind: "email", Autocomplete: "email", Inputmode: "email"},
	{Pointer: "/language", Words: "contact.language", Kind: "radios", Options: func(*pages.Visit, pages.Document) ([]pages.Option, error) {
		return []pages.Option{{Value: "zh-CN", Label: "中文"}, {Value: "en", Label: "English"}}, nil
	}},
}

var contactCodeQuestions = []pages.Question{
	{Pointer: "/code", Words: "contact.code", Kind: "text", Class: "code", Autocomplete: "one-time-code", Inputmode: "numeric"},
}

// A contactPage is the page of where messages about an application are sent.
type contactPage struct {
	Channels []web.Channel
	Fields   []pages.Field
}

// A contactCodePage is the page of the code that verifies one channel.
type contactCodePage struct {
	web.Channel
	Address string // of the account itself: the applicant typed it
	Valid   bool   // a code was sent and can be entered
	Fields  []pages.Field
}

// registerContact registers the pages of the contact of an application.
func (p *Portal) registerContact() {
	p.private("GET /orders/{id}/contact", func(v *visit) error {
		o, d, err := v.contactOf()
		if err != nil {
			return err
		}
		typed, err := v.Typed()
		if err != nil {
			return err
		}
		d.Read(contactQuestions, typed)
		return v.showContact(o, d)
	})
	p.private("POST /orders/{id}/contact", func(v *visit) error {
		o, d, err := v.contactOf()
		if err != nil {
			return err
		}
		if err := v.R.ParseForm(); err != nil {
			return err
		}
		d.Read(contactQuestions, v.R.PostForm)
		var after web.Order
		_, err = v.Call(pages.Request{Method: http.MethodPut, Path: v.orderPath("/contact"), Key: v.R.PostForm.Get("once"), Body: d}, &after)
		if v.Refused(err) {
			return v.showContact(o, d)
		}
		if err != nil {
			return err
		}
		v.Redirect(v.nextChannel(after))
		return nil
	})
	p.private("GET /orders/{id}/contact/{channel}", func(v *visit) error {
		typed, err := v.Typed()
		if err != nil {
			return err
		}
		d := pages.Document{}
		d.Read(contactCodeQuestions, typed)
		return v.showContactCode(d)
	})
	p.private("POST /orders/{id}/contact/{channel}", func(v *visit) error {
		if err := v.R.ParseForm(); err != nil {
			return err
		}
		d, channel := pages.Document{"channel": v.R.PathValue("channel")}, v.R.PathValue("channel")
		d.Read(contactCodeQuestions, v.R.PostForm)
		q := pages.Request{Method: http.MethodPost, Path: v.orderPath("/contact-answers"), Key: v.R.PostForm.Get("once"), Body: d}
		sends := v.R.PostForm.Get("send") != ""
		if sends {
			q.Path, q.Body = v.orderPath("/contact-codes"), pages.Document{"channel": channel}
		}
		var after web.Order
		_, err := v.Call(q, &after)
		if v.Refused(err) {
			return v.showContactCode(d)
		}
		if err != nil {
			return err
		}
		if sends {
			v.Redirect(v.OrderHref("/contact/" + channel))
		} else {
			v.Redirect(v.nextChannel(after))
		}
		return nil
	})
}

// contactOf reads the order, and its contact as a document of PUT /orders/{id}/contact.
func (v *visit) contactOf() (web.Order, pages.Document, error) {
	o, err := v.order()
	if err != nil {
		return o, nil, err
	}
	d, err := pages.DocumentOf(o.Contact)
	d.Set("/language", o.Language)
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

func (v *visit) showContact(o web.Order, d pages.Document) error {
	fields, err := v.Ask(contactQuestions, d)
	if err != nil {
		return err
	}
	return v.Show("contact", contactPage{Channels: o.Channels, Fields: fields})
}

func (v *visit) showContactCode(d pages.Document) error {
	o, err := v.order()
	if err != nil {
		return err
	}
	i := slices.IndexFunc(o.Channels, func(c web.Channel) bool { return string(c.Channel) == v.R.PathValue("channel") })
	if i < 0 {
		return &web.Problem{Status: http.StatusNotFound}
	}
	page := contactCodePage{Channel: o.Channels[i], Address: o.Contact.Email.Reveal()}
	if page.Channel.Channel == filing.ChannelMobile {
		page.Address = o.Contact.Mobile.Reveal()
	}
	page.Valid = page.TriesLeft > 0 && v.today().Before(page.ExpiresAt)
	if page.Valid {
		if page.Fields, err = v.Ask(contactCodeQuestions, d); err != nil {
			return err
		}
	}
	return v.Show("contact-code", page)
}
