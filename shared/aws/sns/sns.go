// Package sns sends SMS through Amazon SNS. A [Sender] implements notify.SMSSender.
package sns

import (
	"context"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sns/types"

	"beian/shared/aws/awsfault"
	"beian/shared/process/notify"
	"beian/shared/rules/contact"
)

// A Sender publishes through a client whose Region supports SMS.
type Sender struct{ Client *sns.Client }

var _ notify.SMSSender = Sender{}

// SendSMS implements [notify.SMSSender].
func (s Sender) SendSMS(ctx context.Context, to contact.Mobile, message, key string) error {
	_, err := s.Client.Publish(ctx, &sns.PublishInput{
		PhoneNumber: aws.String("+86" + to.Reveal()),
		Message:     aws.String(message),
		MessageAttributes: map[string]types.MessageAttributeValue{
			"AWS.SNS.SMS.SMSType": stringAttribute("Transactional"), notify.KeyName: stringAttribute(key),
		},
	})
	return awsfault.Classify(err, isPermanent, isAccountError)
}

func stringAttribute(value string) types.MessageAttributeValue {
	return types.MessageAttributeValue{DataType: aws.String("String"), StringValue: aws.String(value)}
}

func isPermanent(code string) bool {
	return slices.Contains([]string{"InvalidParameter", "ParameterValueInvalid", "ValidationException", "OptedOut", "UserError"}, code)
}

func isAccountError(code string) bool { return strings.HasPrefix(code, "KMS") }
