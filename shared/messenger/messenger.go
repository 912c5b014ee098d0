// Package messenger sends what package notify has put into words: SMS through Amazon SNS, email through Amazon SES.
//
// No address, number or text of a message is in an error or a log. What the services answer may quote the recipient,
// so of their refusals only the code and the request's id are kept.
package messenger

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"
	ses "github.com/aws/aws-sdk-go-v2/service/sesv2/types"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	snstypes "github.com/aws/aws-sdk-go-v2/service/sns/types"
	"github.com/aws/smithy-go"

	"beian/shared/fault"
	"beian/shared/notify"
)

// A Messenger sends messages.
type Messenger struct {
	SNS  *sns.Client
	SES  *sesv2.Client
	From string // the email's sender, an address or "Name <address>" verified with SES
	// SenderID is shown instead of a number where carriers allow it; "" leaves it to SNS.
	SenderID string
	// ConfigurationSet is the SES configuration set that hears of bounces; "" for none.
	ConfigurationSet string
}

// KeyName is the name of the message attribute (SNS) and tag (SES) that carries a message's key.
const KeyName = "beian-key"

// Send sends a message to one recipient. The key is the message's own: sending it again uses the same key, by which
// whoever receives it can tell a repetition. SES takes letters, digits, "_" and "-" in it; others become "_".
//
// It returns a fault of kind Unavailable when sending again later may help (throttled, down, unreachable), Invalid
// when it never will (the number or address is wrong, or has opted out), and Internal for all else.
func (m Messenger) Send(ctx context.Context, to notify.Recipient, message notify.Message, key string) error {
	key = strings.Map(tagged, key)
	switch {
	case to.Medium == notify.SMS && message.SMS != "":
		return m.sms(ctx, to, message, key)
	case to.Medium == notify.Email && message.Text != "":
		return m.email(ctx, to, message, key)
	}
	return fault.Wrap(fault.Internal, fmt.Errorf("message %s has nothing to send by %q", key, to.Medium))
}

func tagged(r rune) rune {
	switch {
	case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '-':
		return r
	}
	return '_'
}

func (m Messenger) sms(ctx context.Context, to notify.Recipient, message notify.Message, key string) error {
	if to.Mobile.Check() != nil {
		return undeliverable(errors.New("not a mobile number"))
	}
	attributes := map[string]snstypes.MessageAttributeValue{
		"AWS.SNS.SMS.SMSType": text("Transactional"),
		KeyName:               text(key),
	}
	if m.SenderID != "" {
		attributes["AWS.SNS.SMS.SenderID"] = text(m.SenderID)
	}
	_, err := m.SNS.Publish(ctx, &sns.PublishInput{
		PhoneNumber:       aws.String("+86" + to.Mobile.Reveal()),
		Message:           aws.String(message.SMS),
		MessageAttributes: attributes,
	})
	return classified(err)
}

func text(value string) snstypes.MessageAttributeValue {
	return snstypes.MessageAttributeValue{DataType: aws.String("String"), StringValue: aws.String(value)}
}

func (m Messenger) email(ctx context.Context, to notify.Recipient, message notify.Message, key string) error {
	if to.Email.Check() != nil {
		return undeliverable(errors.New("not an email address"))
	}
	body := &ses.Body{Text: content(message.Text)}
	if message.HTML != "" {
		body.Html = content(message.HTML)
	}
	in := &sesv2.SendEmailInput{
		FromEmailAddress: aws.String(m.From),
		Destination:      &ses.Destination{ToAddresses: []string{to.Email.Reveal()}},
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

// refusals are the codes by which SNS and SES say that this recipient or message will never be taken.
var refusals = []string{"InvalidParameter", "ParameterValueInvalid", "OptedOut", "ValidationException", // SNS
	"BadRequestException", "MessageRejected"} // SES

// pauses are the codes of SES for an account that may not send until somebody has mended it.
var pauses = []string{"AccountSuspendedException", "SendingPausedException", "MailFromDomainNotVerifiedException"}

// classified turns what the SDK returned into a fault that says nothing of the recipient.
func classified(err error) error {
	if err == nil {
		return nil
	}
	api, answered := errors.AsType[smithy.APIError](err)
	if !answered {
		return unreachable(err)
	}
	status, request := 0, ""
	if response, ok := errors.AsType[*awshttp.ResponseError](err); ok {
		status, request = response.HTTPStatusCode(), response.ServiceRequestID()
	}
	cause := fmt.Errorf("%s, status %d, request %q", api.ErrorCode(), status, request)
	_, throttled := retry.DefaultThrottleErrorCodes[api.ErrorCode()]
	switch {
	case throttled, status >= 500, status == http.StatusTooManyRequests, slices.Contains(pauses, api.ErrorCode()):
		return unavailable(cause)
	case slices.Contains(refusals, api.ErrorCode()):
		return undeliverable(cause)
	}
	return fault.Wrap(fault.Internal, cause)
}

// unreachable classifies a failure without an answer: the request was never made, or nobody heard it.
func unreachable(err error) error {
	if wrong, ok := errors.AsType[*smithy.SerializationError](err); ok {
		return fault.Wrap(fault.Internal, fmt.Errorf("the request cannot be written: %T", wrong.Err))
	}
	if _, ok := errors.AsType[smithy.InvalidParamsError](err); ok {
		return fault.Wrap(fault.Internal, errors.New("the request lacks something"))
	}
	return unavailable(err)
}

func unavailable(cause error) error {
	f := fault.New(fault.Unavailable, "短信或邮件暂时发不出去。", "SMS or email cannot be sent for the moment.")
	f.Cause = cause
	return f
}

func undeliverable(cause error) error {
	f := fault.New(fault.Invalid, "手机号码或邮箱无法送达。", "The number or address cannot be reached.")
	f.Cause = cause
	return f
}
