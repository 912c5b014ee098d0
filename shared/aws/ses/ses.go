// Package ses sends email through Amazon SES v2. A [Sender] implements notify.MailSender.
package ses

import (
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"
	"github.com/aws/aws-sdk-go-v2/service/sesv2/types"

	"beian/shared/aws/awsfault"
	"beian/shared/process/notify"
	"beian/shared/rules/contact"
)

// A Sender sends email from one address that SES has verified: an address or "Name <address>". The configuration set of the
// address's identity counts the bounces.
type Sender struct {
	Client *sesv2.Client
	From   string
}

var _ notify.MailSender = Sender{}

// SendMail implements [notify.MailSender]. An address on the suppression list of SES is no error: SES accepts the email and
// counts a bounce.
func (s Sender) SendMail(ctx context.Context, to contact.Email, message notify.Message, key string) error {
	body := &types.Body{Text: utf8Content(message.Text)}
	if message.HTML != "" {
		body.Html = utf8Content(message.HTML)
	}
	var headers []types.MessageHeader
	if message.Unsubscribe != "" {
		headers = []types.MessageHeader{{Name: aws.String("List-Unsubscribe"), Value: aws.String("<" + message.Unsubscribe + ">")},
			{Name: aws.String("List-Unsubscribe-Post"), Value: aws.String("List-Unsubscribe=One-Click")}}
	}
	_, err := s.Client.SendEmail(ctx, &sesv2.SendEmailInput{
		FromEmailAddress: aws.String(s.From),
		Destination:      &types.Destination{ToAddresses: []string{to.Wire()}},
		Content:          &types.EmailContent{Simple: &types.Message{Subject: utf8Content(message.Subject), Body: body, Headers: headers}},
		EmailTags:        []types.MessageTag{{Name: aws.String(notify.KeyName), Value: aws.String(key)}},
	})
	return awsfault.Classify(err, isPermanent, isAccountError)
}

func utf8Content(data string) *types.Content {
	return &types.Content{Data: aws.String(data), Charset: aws.String("UTF-8")}
}

func isPermanent(code string) bool { return code == "BadRequestException" }

// isAccountError reports whether a code is for an error in the settings of the AWS account. SES answers MessageRejected for an unverified sender, and in
// the sandbox for an unverified recipient.
func isAccountError(code string) bool {
	return slices.Contains([]string{
		"AccountSuspendedException", "SendingPausedException", "MailFromDomainNotVerifiedException", "MessageRejected",
	}, code)
}
