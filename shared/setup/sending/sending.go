// Package sending builds the senders of SMS and email: call [NewMessenger]. It is separate from package setup because
// only the sweeper sends messages: no other function links the clients of SNS and SES.
package sending

import (
	"cmp"

	"github.com/aws/aws-sdk-go-v2/service/sesv2"
	snssdk "github.com/aws/aws-sdk-go-v2/service/sns"

	"beian/shared/aws/ses"
	"beian/shared/aws/sns"
	"beian/shared/partners/carrier"
	"beian/shared/process/notify"
	"beian/shared/setup"
	"beian/shared/setup/environ"
)

// NewMessenger returns the messenger that sends SMS and email.
func NewMessenger(p *setup.Parts) (notify.Messenger, error) {
	sms, err := smsSender(p)
	if err != nil {
		return notify.Messenger{}, err
	}
	mail := sesv2.NewFromConfig(p.AWS, func(o *sesv2.Options) { o.Region = cmp.Or(p.Env[environ.MailRegion], o.Region) })
	return notify.Messenger{SMS: sms, Mail: ses.Sender{Client: mail, From: p.Env[environ.MailFrom]}}, nil
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
