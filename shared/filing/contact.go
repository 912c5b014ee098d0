package filing

import (
	"time"

	"beian/shared/rules/contact"
	"beian/shared/rules/finding"
)

// Findings about the messages of an order.
const (
	CodeLanguageUnknown     finding.Code = "language-unknown"
	CodeContactMissing      finding.Code = "contact-missing"
	CodeContactUnverified   finding.Code = "contact-unverified"
	CodeContactChangedOften finding.Code = "contact-changed-often"
)

// A Channel is one of the two parts of a [Contact]. Its text is the name of the part in JSON.
type Channel string

const (
	ChannelMobile Channel = "mobile"
	ChannelEmail  Channel = "email"
)

// Channels lists both channels.
var Channels = []Channel{ChannelMobile, ChannelEmail}

// MaxContactChanges is how often the verified contact of an order can be changed in 24 hours: each change sends a message to it. Our own
// rule. Corrections of addresses that are not verified are not counted.
const MaxContactChanges = 5

// ChangeContact changes the mobile and email address to which messages about the order are sent, and their language. Empty fields keep
// the present value. It is possible until the order ends without a filing. Messages go to the former verified address, which is informed of
// the change, until the applicant verifies the new one.
type ChangeContact struct {
	Contact  Contact
	Verified Contact // addresses that the account has verified before
	Language string  // "zh-CN" or "en"
}

func (ChangeContact) Name() string { return "change-contact" }

func (d ChangeContact) apply(c *Change, _ Actor, at time.Time) error {
	o := &c.Order
	if err := o.checkContactOpen(); err != nil {
		return err
	}
	given, language := o.Private.Contact.With(d.Contact.Normalize()), d.Language
	if language == "" {
		language = o.Language
	}
	if err := blockingFault(append(given.check(), checkLanguage(language)...)); err != nil {
		return err
	}
	if given == o.Private.Contact && language == o.Language {
		return ErrNothingToDo
	}
	if given != o.Private.Contact {
		if err := c.informFormer(given, at); err != nil {
			return err
		}
	}
	o.Private.Contact, o.Language = given, language
	o.Private.Verified = o.Private.Verified.With(given.Matching(d.Verified.Normalize()))
	return nil
}

// informFormer adds the notice to the verified contact that given replaces, so that its owner learns of a change by somebody else.
func (c *Change) informFormer(given Contact, at time.Time) error {
	o := &c.Order
	former := o.Private.Verified
	if given.With(former) == given { // it keeps what is verified
		return nil
	}
	if i := len(o.Private.Former) - MaxContactChanges; i >= 0 {
		if wait := noticeInterval - at.Sub(o.Private.Former[i].At); wait > 0 {
			return tooMany(CodeContactChangedOften, wait)
		}
	}
	c.Notices = append(c.Notices, Notice{Kind: NoticeContactChanged, Former: len(o.Private.Former)})
	o.Private.Former = append(o.Private.Former, FormerContact{former, at})
	return nil
}

// checkContactOpen returns a fault of kind Conflict for an order about which no further messages are sent.
func (o Order) checkContactOpen() error {
	if o.Status.Final() && o.Status != Approved {
		return errOutOfOrder()
	}
	return nil
}

// Verified reports whether messages go to a channel of the contact. It is false until the applicant has verified the address.
func (o Order) Verified(channel Channel) bool {
	return o.Private.Contact.Only(channel) == o.Private.Verified.Only(channel)
}

// ContactFindings returns a finding for each channel that is not verified. It blocks the confirmation.
func (o Order) ContactFindings() finding.List {
	var found finding.List
	for _, channel := range Channels {
		if !o.Verified(channel) && o.checkContactOpen() == nil {
			f := finding.New(CodeContactUnverified, "/contact/"+string(channel))
			if o.Confirmation != nil { // messages go to the former address
				f.Severity = finding.Warn
			}
			found = append(found, f)
		}
	}
	return found
}

// Only returns the contact without its other channel: the email address for every channel but ChannelMobile.
func (c Contact) Only(channel Channel) Contact {
	if channel == ChannelMobile {
		return Contact{Mobile: c.Mobile}
	}
	return Contact{Email: c.Email}
}

// With returns the contact with the parts of another that are not empty.
func (c Contact) With(other Contact) Contact {
	if other.Mobile != "" {
		c.Mobile = other.Mobile
	}
	if other.Email != "" {
		c.Email = other.Email
	}
	return c
}

// Matching returns the parts that are the same in both contacts.
func (c Contact) Matching(other Contact) Contact {
	if c.Mobile != other.Mobile {
		c.Mobile = ""
	}
	if c.Email != other.Email {
		c.Email = ""
	}
	return c
}

// Normalize returns the contact in the form in which it is stored and compared.
func (c Contact) Normalize() Contact {
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
