// Package sending builds the senders of SMS and email: call [NewMessenger]. It is separate from package setup because
// only the sweeper sends messages: no other function links the clients of SNS, SES and mail relays.
package sending

import (
	"cmp"
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/sesv2"
	snssdk "github.com/aws/aws-sdk-go-v2/service/sns"

	"beian/shared/aws/ses"
	"beian/shared/aws/sns"
	"beian/shared/partners/carrier"
	"beian/shared/partners/mailrelay"
	"beian/shared/process/notify"
	"beian/shared/rules/contact"
	"beian/shared/setup"
	"beian/shared/setup/environ"
)

// NewMessenger returns the messenger that sends SMS and email.
func NewMessenger(p *setup.Parts) (notify.Messenger, error) {
	sms, err := smsSender(p)
	if err != nil {
		return notify.Messenger{}, err
	}
	mail, err := mailSender(p)
	if err != nil {
		return notify.Messenger{}, err
	}
	return notify.Messenger{SMS: sms, Mail: mail}, nil
}

// mailSender returns a client of the mail relay in the environment, or of SES if there is none.
func mailSender(p *setup.Parts) (notify.MailSender, error) {
	if p.Env[environ.SMTPURL] == "" {
		client := sesv2.NewFromConfig(p.AWS, func(o *sesv2.Options) { o.Region = cmp.Or(p.Env[environ.MailRegion], o.Region) })
		return ses.Sender{Client: client, From: p.Env[environ.MailFrom]}, nil
	}
	relay, err := mailrelay.ParseURL(p.Env[environ.SMTPURL])
	if err != nil {
		return nil, fmt.Errorf("environment: %s: %w", environ.SMTPURL, err)
	}
	relay.Password = p.Env[environ.SMTPPassword]
	client, err := mailrelay.New(relay)
	if err != nil {
		return nil, fmt.Errorf("environment: %s, %s: %w", environ.SMTPURL, environ.SMTPPassword, err)
	}
	return relaySender{client, p.Env[environ.MailFrom]}, nil
}

// relaySender sends from one address through a mail relay.
type relaySender struct {
	client *mailrelay.Client
	from   string
}

// SendMail implements [notify.MailSender].
func (s relaySender) SendMail(ctx context.Context, to contact.Email, m notify.Message, key string) error {
	return s.client.Send(ctx, to, mailrelay.Email{From: s.from, Subject: m.Subject, Text: m.Text, HTML: m.HTML, Unsubscribe: m.Unsubscribe}, key)
}

// smsSender returns a client of the carrier in the environment, or of SNS if there is none.
func smsSender(p *setup.Parts) (notify.SMSSender, error) {
	if p.Env[environ.CarrierEndpoint] == "" {
		client := snssdk.NewFromConfig(p.AWS, func(o *snssdk.Options) { o.Region = cmp.Or(p.Env[environ.SMSRegion], o.Region) })
		return sns.Sender{Client: client}, nil
	}
	endpoint, err := p.Partner(environ.CarrierName, environ.CarrierEndpoint, environ.CarrierKey, environ.CarrierSecret)
	if err != nil {
		return nil, err
	}
	return carrier.New(endpoint)
}
