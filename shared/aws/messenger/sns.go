package messenger

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sns/types"

	"beian/shared/rules/contact"
)

// SNS is a [Carrier]: Amazon SNS, in a Region that has SMS.
type SNS struct {
	Client *sns.Client
	// SenderID is shown instead of a number where carriers allow it; "" leaves it to SNS.
	SenderID string
}

// SendSMS implements [Carrier].
func (s SNS) SendSMS(ctx context.Context, to contact.Mobile, message, key string) error {
	attributes := map[string]types.MessageAttributeValue{
		"AWS.SNS.SMS.SMSType": text("Transactional"),
		KeyName:               text(key),
	}
	if s.SenderID != "" {
		attributes["AWS.SNS.SMS.SenderID"] = text(s.SenderID)
	}
	_, err := s.Client.Publish(ctx, &sns.PublishInput{
		PhoneNumber:       aws.String("+86" + to.Reveal()),
		Message:           aws.String(message),
		MessageAttributes: attributes,
	})
	return classified(err)
}

func text(value string) types.MessageAttributeValue {
	return types.MessageAttributeValue{DataType: aws.String("String"), StringValue: aws.String(value)}
}
