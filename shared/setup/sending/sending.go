// Package sending builds who writes to people, beside the parts of package setup: only the sweeper sends, and no other
// function is to carry templates and the clients of SNS and SES.
package sending

import (
	"cmp"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/sesv2"
	"github.com/aws/aws-sdk-go-v2/service/sns"

	"beian/shared/aws/messenger"
	"beian/shared/partners/carrier"
	"beian/shared/process/notify"
	"beian/shared/rules/finding"
	"beian/shared/setup"
	"beian/shared/setup/environ"
)

// Messenger sends SMS and email.
func Messenger(p *setup.Parts) (*messenger.Messenger, error) {
	sms, err := smsCarrier(p)
	if err != nil {
		return nil, err
	}
	mail := sesv2.NewFromConfig(p.AWS, func(o *sesv2.Options) { o.Region = cmp.Or(p.Env[environ.MailRegion], o.Region) })
	return &messenger.Messenger{SMS: sms, SES: mail, From: p.Env[environ.MailFrom]}, nil
}

// smsCarrier is who takes SMS: SNS, unless another is named.
func smsCarrier(p *setup.Parts) (messenger.Carrier, error) {
	if p.Env[environ.CarrierEndpoint] == "" {
		client := sns.NewFromConfig(p.AWS, func(o *sns.Options) { o.Region = cmp.Or(p.Env[environ.SMSRegion], o.Region) })
		return messenger.SNS{Client: client}, nil
	}
	return carrier.New(carrier.Config{
		Name: p.Env[environ.CarrierName], Endpoint: p.Env[environ.CarrierEndpoint], KeyID: p.Env[environ.CarrierKey],
		Secret: []byte(p.Env[environ.CarrierSecret]), Now: p.Wall,
	})
}

// Sender is who writes to people.
func Sender(p *setup.Parts) notify.Sender {
	return notify.Sender{
		ProviderName: finding.Words{Chinese: p.Env[environ.ProviderNameChinese], English: p.Env[environ.ProviderNameEnglish]},
		PortalURL:    strings.TrimSuffix(p.Env[environ.PortalURL], "/"),
		SupportPhone: p.Env[environ.SupportPhone], PaperAddress: p.Env[environ.PaperAddress],
	}
}
