package notify

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"beian/shared/rules/contact"
	"beian/shared/rules/fault"
)

// An SMSSender sends SMS: through Amazon SNS, or a carrier over HTTPS.
//
// The key identifies the message; a retry uses the same key, by which the receiver can recognize a repetition. Errors are
// faults: Unavailable if a retry may help (throttled, down, our account is not set up), Invalid if this recipient or
// message is never accepted, Internal otherwise. They contain neither recipient nor text.
type SMSSender interface {
	// SendSMS sends a text to a valid number.
	SendSMS(ctx context.Context, to contact.Mobile, text, key string) error
}

// A MailSender sends email. Key and errors are as for [SMSSender].
type MailSender interface {
	// SendMail sends the subject, text and HTML of a message to a valid address.
	SendMail(ctx context.Context, to contact.Email, message Message, key string) error
}

// A Messenger sends each message by the medium of its recipient.
type Messenger struct {
	SMS  SMSSender
	Mail MailSender
}

// KeyName is the name under which senders attach a message's key, where they can attach one.
const KeyName = "beian-key"

// Send sends a message to one recipient. In the key that senders get, only letters, digits and "-" are kept; every other
// character becomes "_", as SES allows no more. The errors are those of [SMSSender].
func (m Messenger) Send(ctx context.Context, to Recipient, message Message, key string) error {
	key = strings.Map(keyCharacter, key)
	switch {
	case to.Medium == SMS && message.SMS != "":
		if to.Mobile.Check() != nil {
			return fault.Wrap(fault.Invalid, errors.New("not a mobile number"))
		}
		return m.SMS.SendSMS(ctx, to.Mobile, message.SMS, key)
	case to.Medium == Email && message.Text != "":
		if to.Email.Check() != nil {
			return fault.Wrap(fault.Invalid, errors.New("not an email address"))
		}
		return m.Mail.SendMail(ctx, to.Email, message, key)
	}
	return fault.Wrap(fault.Internal, fmt.Errorf("message %s has no text for medium %q", key, to.Medium))
}

func keyCharacter(r rune) rune {
	switch {
	case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '-':
		return r
	}
	return '_'
}
