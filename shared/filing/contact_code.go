package filing

import (
	"crypto/subtle"
	"fmt"
	"log/slog"
	"slices"
	"strconv"
	"time"

	"beian/shared/rules/fault"
	"beian/shared/rules/finding"
	"beian/shared/rules/person"
)

// Rules of the codes that verify a contact. They are our own.
const (
	// ContactCodeLifetime is the validity of a code: emails may take minutes to arrive.
	ContactCodeLifetime = 30 * time.Minute
	contactWindow       = 24 * time.Hour
	// MaxContactAddresses is to how many addresses an order sends codes in 24 hours: enough to correct both channels several times.
	MaxContactAddresses = 6
)

// Findings about the codes that verify a contact.
const (
	CodeContactAddresses    finding.Code = "contact-addresses-limit"
	CodeContactCodeWrong    finding.Code = "contact-code-wrong"
	CodeContactCodeExpired  finding.Code = "contact-code-expired"
	CodeContactCodeTooSoon  finding.Code = "contact-code-too-soon"
	CodeContactCodeTooOften finding.Code = "contact-code-limit"
)

// SendContactCode sends a code of six digits to a channel of the contact, or another one. A new code replaces the last one. An address that
// the account has verified since the order was opened is verified without a code: an agency opens many orders with one contact.
type SendContactCode struct {
	Channel  Channel
	Verified Contact // addresses that the account has verified before
	NewCode  func() string
}

func (SendContactCode) Name() string { return "send-contact-code" }

func (d SendContactCode) apply(c *Change, _ Actor, at time.Time) error {
	o := &c.Order
	if err := o.checkContactOpen(); err != nil {
		return err
	}
	if o.Verified(d.Channel) {
		return ErrNothingToDo
	}
	c.setFact("channel", string(d.Channel))
	if to := o.Private.Contact.Only(d.Channel); to == d.Verified.Normalize().Only(d.Channel) {
		o.Private.Verified = o.Private.Verified.With(to)
		c.setFact("known", "1")
		return nil
	}
	o.Private.ContactCodes = slices.DeleteFunc(o.Private.ContactCodes, func(sent ContactCode) bool { return at.Sub(sent.SentAt) >= contactWindow })
	codes, to := o.Private.ContactCodes, o.Private.Contact.Only(d.Channel)
	i := slices.IndexFunc(codes, func(sent ContactCode) bool { return sent.To == to })
	switch {
	case i < 0 && len(codes) >= MaxContactAddresses:
		return tooMany(CodeContactAddresses, contactWindow-at.Sub(codes[0].SentAt))
	case i < 0:
		codes, i = append(codes, ContactCode{To: to}), len(codes)
	default:
		ago := at.Sub(codes[i].SentAt)
		if err := checkResend(codes[i].Sent, ago, contactWindow-ago, CodeContactCodeTooSoon, CodeContactCodeTooOften); err != nil {
			return err
		}
	}
	codes[i] = ContactCode{To: to, Code: d.NewCode(), Seq: o.LastSeq + 1, SentAt: at, Sent: codes[i].Sent + 1}
	o.Private.ContactCodes = codes
	c.Notices = append(c.Notices, Notice{Kind: NoticeContactCode, Channel: d.Channel, Code: codes[i].Seq})
	return nil
}

// AnswerContactCode verifies a channel of the contact by the code that was sent to it. A wrong code is a [Failure].
type AnswerContactCode struct {
	Channel Channel
	Code    string
}

// Format writes [redacted].
func (AnswerContactCode) Format(f fmt.State, _ rune) { person.Redact(f) }

// LogValue returns [redacted].
func (AnswerContactCode) LogValue() slog.Value { return person.RedactedValue() }

func (AnswerContactCode) Name() string { return "answer-contact-code" }

func (d AnswerContactCode) apply(c *Change, _ Actor, at time.Time) error {
	o := &c.Order
	if err := o.checkContactOpen(); err != nil {
		return err
	}
	if o.Verified(d.Channel) {
		return ErrNothingToDo
	}
	code, valid := o.ContactCode(d.Channel, at)
	if !valid {
		return fault.WithFindings(fault.Conflict, finding.List{finding.New(CodeContactCodeExpired, pointerSMSAnswer)})
	}
	if len(typedCode(d.Code)) != codeLength { // not a try
		return blockingFault(finding.List{finding.New(CodeSMSFormat, pointerSMSAnswer)})
	}
	i := slices.IndexFunc(o.Private.ContactCodes, func(sent ContactCode) bool { return sent.To == code.To })
	c.setFact("channel", string(d.Channel))
	if subtle.ConstantTimeCompare([]byte(typedCode(d.Code)), []byte(code.Code)) != 1 {
		c.setFact("wrong", "1")
		code.Wrong++
		f := finding.New(CodeContactCodeWrong, pointerSMSAnswer, "left", strconv.Itoa(code.TriesLeft()))
		if code.TriesLeft() == 0 {
			code.Code, f = "", finding.New(CodeContactCodeExpired, pointerSMSAnswer)
		}
		o.Private.ContactCodes[i] = code
		c.Failure = &Failure{Kind: fault.Invalid, Findings: finding.List{f}}
		return nil
	}
	o.Private.ContactCodes = slices.Delete(o.Private.ContactCodes, i, i+1)
	o.Private.Verified = o.Private.Verified.With(code.To)
	c.RememberContact = code.To
	return nil
}

// ContactCode returns the code that was sent to a channel of the contact, and whether it is still valid. It returns the zero value if none
// was sent to the present address.
func (o Order) ContactCode(channel Channel, at time.Time) (code ContactCode, valid bool) {
	for _, sent := range o.Private.ContactCodes {
		if sent.To == o.Private.Contact.Only(channel) {
			return sent, sent.Code != "" && at.Sub(sent.SentAt) < ContactCodeLifetime
		}
	}
	return ContactCode{}, false
}

// TriesLeft returns how many wrong tries are left.
func (c ContactCode) TriesLeft() int { return max(0, MaxWrongCodes+1-c.Wrong) }
