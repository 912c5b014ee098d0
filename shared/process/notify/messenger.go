package notify

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"beian/shared/rules/contact"
	"beian/shared/rules/fault"
)

// An SMSSender sends SMS, through Amazon SNS or a carrier over HTTPS.
//
// The key is the idempotency key of the message: a retry uses the same key, so that the receiver can recognise it. Errors are faults:
// Unavailable if a retry may succeed (throttled, down, our account is not set up), Invalid if the service never accepts this
// recipient or message, Internal otherwise. They contain neither recipient nor text.
type SMSSender interface {
	// SendSMS sends a text to a valid number.
	SendSMS(ctx context.Context, to contact.Mobile, text, key string) error
}

// A MailSender sends email. Key and errors are as for [SMSSender].
type MailSender interface {
	// SendMail sends the subject, text and HTML of a message to a valid address.
	SendMail(ctx context.Context, to contact.Email, message Message, key string) error
}

// A Messenger sends messages by the medium of the recipient.
type Messenger struct {
	SMS  SMSSender
	Mail MailSender
}

// KeyName is the name of the attribute in which senders pass the key of a message, if the service has attributes.
const KeyName = "beian-key"

// Send sends a message to one recipient. It replaces all characters of the key but letters, digits and "-" by "_", because SES allows
// no others. The errors are those of [SMSSender].
func (m Messenger) Send(ctx context.Context, to Recipient, message Message, key string) error {
	key = strings.Map(keyCharacter, key)
	switch {
	case to.Medium == SMS && message.SMS != "":
		if to.Mobile.Check() != nil {
			return fault.Wrap(fault.Invalid, errors.New("send an SMS: the recipient is not a mobile number"))
		}
		return m.SMS.SendSMS(ctx, to.Mobile, message.SMS, key)
	case to.Medium == Email && message.Text != "":
		if to.Email.Check() != nil {
			return fault.Wrap(fault.Invalid, errors.New("send an email: the recipient is not an email address"))
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
