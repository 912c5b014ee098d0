// Package sending builds who writes to people, beside the parts of package setup: only the sweeper sends, and no other
// function is to carry templates and the clients of SNS and SES.
package sending

import (
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/sesv2"
	"github.com/aws/aws-sdk-go-v2/service/sns"

	"beian/shared/environ"
	"beian/shared/finding"
	"beian/shared/messenger"
	"beian/shared/notify"
	"beian/shared/setup"
)

// Messenger sends SMS and email.
func Messenger(p *setup.Parts) *messenger.Messenger {
	return &messenger.Messenger{SNS: sns.NewFromConfig(p.AWS), SES: sesv2.NewFromConfig(p.AWS), From: p.Env[environ.MailFrom]}
}

// Sender is who writes to people.
func Sender(p *setup.Parts) notify.Sender {
	return notify.Sender{
		ProviderName: finding.Words{Chinese: p.Env[environ.ProviderNameChinese], English: p.Env[environ.ProviderNameEnglish]},
		PortalURL:    strings.TrimSuffix(p.Env[environ.PortalURL], "/"),
		SupportPhone: p.Env[environ.SupportPhone], PaperAddress: p.Env[environ.PaperAddress],
	}
}
