package notify_test

import (
	"context"
	"testing"

	"beian/shared/process/notify"
	"beian/shared/rules/contact"
	"beian/shared/rules/fault"
)

// recordingSenders records the keys of the sent messages, by medium.
type recordingSenders map[notify.Medium]string

func (s recordingSenders) SendSMS(_ context.Context, _ contact.Mobile, _, key string) error {
	s[notify.SMS] = key
	return nil
}

func (s recordingSenders) SendMail(_ context.Context, _ contact.Email, _ notify.Message, key string) error {
	s[notify.Email] = key
	return nil
}

func TestSend(t *testing.T) {
	words := notify.Message{SMS: "【示例云】您好", Text: "您好：\n"}
	toMail := notify.Recipient{Medium: notify.Email, Email: "applicant@example.cn"}
	toMobile := notify.Recipient{Medium: notify.SMS, Mobile: "13800000000"}
	for name, c := range map[string]struct {
		to      notify.Recipient
		message notify.Message
		want    fault.Kind
	}{
		"SMS":                  {toMobile, words, ""},
		"email":                {toMail, words, ""},
		"no number":            {notify.Recipient{Medium: notify.SMS}, words, fault.Invalid},
		"a landline":           {notify.Recipient{Medium: notify.SMS, Mobile: "010-12345678"}, words, fault.Invalid},
		"no address":           {notify.Recipient{Medium: notify.Email}, words, fault.Invalid},
		"no text for a medium": {toMail, notify.Message{SMS: "x"}, fault.Internal},
		"no medium":            {notify.Recipient{Mobile: "13800000000"}, words, fault.Internal},
	} {
		sent := recordingSenders{}
		err := notify.Messenger{SMS: sent, Mail: sent}.Send(t.Context(), c.to, c.message, "01JORDER#7/0-1")
		if fault.KindOf(err) != c.want || len(sent) != map[bool]int{true: 1}[c.want == ""] {
			t.Errorf("%s: %v, %d sent, want kind %q", name, err, len(sent), c.want)
		}
		for medium, key := range sent {
			if medium != c.to.Medium || key != "01JORDER_7_0-1" {
				t.Errorf("%s: key %q by %s", name, key, medium)
			}
		}
	}
}
