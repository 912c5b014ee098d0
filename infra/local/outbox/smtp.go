package outbox

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"

	"beian/shared/partners/mailrelay"
	"beian/shared/process/notify"
	"beian/shared/rules/contact"
)

// newRelay returns a client of the relay at an SMTP_URL; nil for "".
func newRelay(text string) (*mailrelay.Client, error) {
	if text == "" {
		return nil, nil
	}
	relay, err := mailrelay.ParseURL(text)
	if err != nil {
		return nil, fmt.Errorf("SMTP_URL: %w", err)
	}
	client, err := mailrelay.New(relay)
	if err != nil {
		return nil, fmt.Errorf("SMTP_URL: %w", err)
	}
	return client, nil
}

// forward sends an email to its recipients through the relay.
func (o *Outbox) forward(m Message) error {
	email := mailrelay.Email{From: m.From, Subject: m.Subject, Text: m.Text, HTML: m.HTML, Time: m.Time,
		Unsubscribe: strings.Trim(m.Headers["List-Unsubscribe"], "<>")}
	var failed error
	for _, to := range m.To {
		failed = errors.Join(failed, o.relay.Send(context.Background(), contact.Email(to), email, cmp.Or(m.Attributes[notify.KeyName], m.ID)))
	}
	return failed
}
