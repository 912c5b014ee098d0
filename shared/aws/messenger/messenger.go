// Package messenger sends what package notify has put into words: email through Amazon SES, SMS through a [Carrier].
//
// Two carriers exist: [SNS], and the client in messenger/carrier for any other that answers over HTTPS.
//
// No address, number or text of a message is in an error or a log. What the services answer may quote the recipient,
// so of their refusals only the code and the request's id are kept.
package messenger

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/sesv2"

	"beian/shared/process/notify"
	"beian/shared/rules/contact"
	"beian/shared/rules/fault"
)

// A Messenger sends messages.
type Messenger struct {
	SMS  Carrier
	SES  *sesv2.Client
	From string // the email's sender, an address or "Name <address>" verified with SES
	// ConfigurationSet is the SES configuration set that hears of bounces; "" leaves it to the sender's own.
	ConfigurationSet string
}

// A Carrier takes SMS to people.
type Carrier interface {
	// SendSMS hands over one SMS. The number is valid; key and errors are those of [Messenger.Send].
	SendSMS(ctx context.Context, to contact.Mobile, text, key string) error
}

// KeyName is the name of the message attribute (SNS) and tag (SES) that carries a message's key.
const KeyName = "beian-key"

// Send sends a message to one recipient. The key is the message's own: sending it again uses the same key, by which
// whoever receives it can tell a repetition. It is handed on in letters, digits, "_" and "-", as SES asks for; what
// else is in it becomes "_".
//
// It returns a fault of kind Unavailable when sending again later may help: throttled, down, unreachable, or refused
// for a reason that lies with us and that somebody has to mend, such as a sender that is not verified or a right that is
// missing. Invalid is for what never helps: the number or address is wrong, or has opted out. All else is Internal. An
// address on the suppression list of SES is no error: SES takes the email and counts a bounce.
func (m Messenger) Send(ctx context.Context, to notify.Recipient, message notify.Message, key string) error {
	key = strings.Map(tagged, key)
	switch {
	case to.Medium == notify.SMS && message.SMS != "":
		if to.Mobile.Check() != nil {
			return Undeliverable(errors.New("not a mobile number"))
		}
		return m.SMS.SendSMS(ctx, to.Mobile, message.SMS, key)
	case to.Medium == notify.Email && message.Text != "":
		if to.Email.Check() != nil {
			return Undeliverable(errors.New("not an email address"))
		}
		return m.email(ctx, to.Email, message, key)
	}
	return fault.Wrap(fault.Internal, fmt.Errorf("message %s has nothing to send by %q", key, to.Medium))
}

func tagged(r rune) rune {
	switch {
	case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '-':
		return r
	}
	return '_'
}

// Unavailable is the fault of a message that may be taken later.
func Unavailable(cause error) error {
	f := fault.New(fault.Unavailable, "短信或邮件暂时发不出去。", "SMS or email cannot be sent for the moment.")
	f.Cause = cause
	return f
}

// Undeliverable is the fault of a message that will never be taken.
func Undeliverable(cause error) error {
	f := fault.New(fault.Invalid, "手机号码或邮箱无法送达。", "The number or address cannot be reached.")
	f.Cause = cause
	return f
}
