// Package mailbounce is the webhook for bounces of emails that went through a mail relay (ADR 64). It is deployed if mail.smtp is set; SES reports bounces itself.
//
// A request is signed (see package webhook) and has one of two bodies, by its Content-Type:
//
//	application/json   {"messageId": "<…>"}: an email that is lost for good, from a program behind the webhook of a mail service
//	message/rfc822     a message from the sender's mailbox: one that is no notification of such an email is ignored
//
// The response to a bounce that has no effect is success, so that the sender does not repeat it. A repeated bounce counts once.
package mailbounce

import (
	"context"
	"errors"
	"mime"
	"net/http"
	"strconv"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"beian/shared/aws/apigateway"
	"beian/shared/partners/deliverystatus"
	"beian/shared/partners/messageid"
	"beian/shared/partners/webhook"
	"beian/shared/process/bounce"
	"beian/shared/rules/fault"
	"beian/shared/rules/finding"
	"beian/shared/rules/strictjson"
)

// Route receives bounces. They are signed, so no token is required.
const Route = "POST /webhooks/bounces"

// MaxBody is the largest body of a request, in bytes. A message may be cut off there: what counts of a notification is at its beginning.
const MaxBody = 256 << 10

// A Handler is the function. Start with Handle.
type Handler struct {
	Counter bounce.Counter
	// Secrets are the active secrets of the webhook, at most two.
	Secrets []webhook.Secret
	// WallClock returns the real time, to which the sender's timestamp is compared.
	WallClock func() time.Time
}

// Values of result in the response.
const (
	Counted = "counted"
	Ignored = "ignored" // the findings say why
)

// Codes of findings; those of package deliverystatus are others.
const (
	CodeBody        finding.Code = "bounce-body"
	CodeSize        finding.Code = "bounce-size"
	CodeContentType finding.Code = "bounce-content-type"
	CodeUnknown     finding.Code = "bounce-unknown" // Beian sent no email with the Message-ID in the last 60 days
)

// Handle processes one request.
func (h Handler) Handle(ctx context.Context, in events.APIGatewayV2HTTPRequest) (events.APIGatewayV2HTTPResponse, error) {
	body, err := apigateway.Body(in)
	if err != nil {
		return errorResponse(invalid(CodeBody, "")), nil
	}
	if len(body) > MaxBody {
		return errorResponse(&fault.Fault{Kind: fault.TooLarge, Message: webhook.ErrTooLarge.Message, Findings: finding.List{finding.New(CodeSize, "", "most", strconv.Itoa(MaxBody>>10))}}), nil
	}
	if _, err := webhook.Verify(h.Secrets, webhook.HeadersOf(func(name string) string { return in.Headers[name] }), body, h.WallClock()); err != nil {
		return errorResponse(err), nil
	}
	reason, err := h.count(ctx, in.Headers["content-type"], body)
	switch {
	case err != nil:
		return errorResponse(err), nil
	case reason != "":
		return apigateway.JSON(http.StatusOK, map[string]any{"result": Ignored, "findings": finding.List{finding.New(reason, "")}}), nil
	}
	return apigateway.JSON(http.StatusOK, map[string]any{"result": Counted}), nil
}

// count counts the bounce in a body. The reason says why it is ignored, "" if it is counted.
func (h Handler) count(ctx context.Context, contentType string, body []byte) (reason finding.Code, err error) {
	var id string
	switch kind, _, _ := mime.ParseMediaType(contentType); kind {
	case "application/json":
		if id, err = parse(body); err != nil {
			return "", err
		}
	case "message/rfc822":
		if id, reason = deliverystatus.FailedMessageID(body); reason != "" {
			return reason, nil
		}
	default:
		return "", invalid(CodeContentType, "")
	}
	key, recipient := messageid.Parse(id)
	if key == "" {
		return CodeUnknown, nil
	}
	known, err := h.Counter.Count(ctx, key, recipient)
	if err == nil && !known {
		reason = CodeUnknown
	}
	return reason, err
}

// parse returns the Message-ID in a body in JSON.
func parse(body []byte) (string, error) {
	var b struct {
		MessageID string `json:"messageId"`
	}
	err := strictjson.UnmarshalExact(body, &b, "messageId")
	if names, wrong := errors.AsType[*strictjson.NameError](err); wrong {
		return "", invalid(CodeBody, names.Pointers...)
	}
	if err != nil {
		return "", invalid(CodeBody, "")
	}
	if b.MessageID == "" {
		return "", invalid(CodeBody, "/messageId")
	}
	return b.MessageID, nil
}

func invalid(code finding.Code, pointers ...string) error {
	var found finding.List
	for _, p := range pointers {
		found = append(found, finding.New(code, p))
	}
	return fault.WithFindings(fault.Invalid, found)
}

var errUnavailable = fault.New(fault.Unavailable, "暂时无法处理退信，请稍后再次发送。", "The bounce could not be processed now. Send it again later.")

// errorResponse returns the response to an error: the status of the fault for an invalid request, else 503, so that the sender retries. The counter has logged the latter.
func errorResponse(err error) events.APIGatewayV2HTTPResponse {
	f := fault.Of(err)
	switch f.Kind {
	case fault.Unauthenticated, fault.Invalid, fault.TooLarge:
	default:
		if !errors.Is(err, bounce.ErrNotCounted) { // it says why
			f = errUnavailable
		}
	}
	return apigateway.JSON(f.Kind.Status(), map[string]any{"error": f.Message, "findings": append(finding.List{}, f.Findings...)})
}
