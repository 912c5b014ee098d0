// Package sender builds what messages say about the provider: call [New]. It is separate from package sending, so that a function that only shows messages does not
// link the clients of SNS and SES.
package sender

import (
	"strings"

	"beian/shared/process/notify"
	"beian/shared/rules/finding"
	"beian/shared/setup"
	"beian/shared/setup/environ"
)

// New returns what messages say about the provider. It reads setup.ForSender. Messages ask for replies if the function sends through a carrier, whose contract has
// them; SNS has none. Only the function that sends messages writes those with codes.
func New(p *setup.Parts) notify.Sender {
	return notify.Sender{
		ProviderName: finding.Words{Chinese: p.Env[environ.ProviderNameChinese], English: p.Env[environ.ProviderNameEnglish]},
		PortalURL:    strings.TrimSuffix(p.Env[environ.PortalURL], "/"),
		SupportPhone: p.Env[environ.SupportPhone], PaperAddress: p.Env[environ.PaperAddress],
		Replies: p.Env[environ.CarrierEndpoint] != "",
	}
}
