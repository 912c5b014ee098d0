package messenger

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"
	ses "github.com/aws/aws-sdk-go-v2/service/sesv2/types"

	"beian/shared/process/notify"
	"beian/shared/rules/contact"
)

func (m Messenger) email(ctx context.Context, to contact.Email, message notify.Message, key string) error {
	body := &ses.Body{Text: content(message.Text)}
	if message.HTML != "" {
		body.Html = content(message.HTML)
	}
	in := &sesv2.SendEmailInput{
		FromEmailAddress: aws.String(m.From),
		Destination:      &ses.Destination{ToAddresses: []string{to.Reveal()}},
		Content:          &ses.EmailContent{Simple: &ses.Message{Subject: content(message.Subject), Body: body}},
		EmailTags:        []ses.MessageTag{{Name: aws.String(KeyName), Value: aws.String(key)}},
	}
	if m.ConfigurationSet != "" {
		in.ConfigurationSetName = aws.String(m.ConfigurationSet)
	}
	_, err := m.SES.SendEmail(ctx, in)
	return classified(err)
}

func content(data string) *ses.Content {
	return &ses.Content{Data: aws.String(data), Charset: aws.String("UTF-8")}
}
