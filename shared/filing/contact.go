package filing

import (
	"time"

	"beian/shared/rules/contact"
	"beian/shared/rules/finding"
)

// Findings about the messages of an order.
const (
	CodeLanguageUnknown finding.Code = "language-unknown"
	CodeContactMissing  finding.Code = "contact-missing"
)

// ChangeContact changes the mobile and email address to which messages about the order are sent, and their language. Empty fields keep
// the present value. It is possible until the order ends without a filing; messages that are sent later go to the new contact.
type ChangeContact struct {
	Contact  Contact
	Language string // "zh-CN" or "en"
}

func (ChangeContact) Name() string { return "change-contact" }

func (d ChangeContact) apply(c *Change, _ Actor, _ time.Time) error {
	o := &c.Order
	if o.Status.Final() && o.Status != Approved {
		return errOutOfOrder()
	}
	given, language := d.Contact.normalize(), d.Language
	if given.Mobile == "" {
		given.Mobile = o.Private.Contact.Mobile
	}
	if given.Email == "" {
		given.Email = o.Private.Contact.Email
	}
	if language == "" {
		language = o.Language
	}
	if err := blockingFault(append(given.check(), checkLanguage(language)...)); err != nil {
		return err
	}
	if given == o.Private.Contact && language == o.Language {
		return ErrNothingToDo
	}
	o.Private.Contact, o.Language = given, language
	return nil
}

func (c Contact) normalize() Contact {
	return Contact{Mobile: contact.NormalizeMobile(c.Mobile.Reveal()), Email: contact.NormalizeEmail(c.Email.Reveal())}
}

// check returns the findings about a contact. Mobile and email address are both required.
func (c Contact) check() finding.List {
	var found finding.List
	if c.Mobile == "" || c.Email == "" {
		found = append(found, finding.New(CodeContactMissing, ""))
	}
	if c.Mobile != "" {
		found = append(found, c.Mobile.Check().Under("/mobile")...)
	}
	if c.Email != "" {
		found = append(found, c.Email.Check().Under("/email")...)
	}
	return found
}

func checkLanguage(language string) finding.List {
	if language != "zh-CN" && language != "en" {
		return finding.List{finding.New(CodeLanguageUnknown, "/language")}
	}
	return nil
}
