// Package smsreply is the webhook for the replies of leaders to a verification SMS, which the SMS carrier forwards (S18, D7).
//
// Requests are signed; see package webhook. A repeated request has no effect, because its id is stored in the same transaction as the
// decision. The response to a reply without effect (no code in the text, or no order waits for that mobile) is success, so that the
// carrier does not resend it.
package smsreply

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"beian/shared/aws/apigateway"
	"beian/shared/filing"
	"beian/shared/filing/register"
	"beian/shared/partners/webhook"
	"beian/shared/process/decide"
	"beian/shared/rules/annualreview"
	"beian/shared/rules/contact"
	"beian/shared/rules/fault"
	"beian/shared/rules/finding"
)

// A Handler is the function. Start with Handle.
type Handler struct {
	Decisions *decide.Service
	Replies   Replies
	// Secrets are the active secrets of the webhook, at most two.
	Secrets []webhook.Secret
	// Within limits the time of a request: after it the response is 503, and the carrier sends the reply again. Zero is no limit.
	Within time.Duration
	// WallClock returns the real time, to which the carrier's timestamp is compared.
	WallClock func() time.Time
	Log       *slog.Logger
}

// Replies looks up orders by the mobiles from which they expect a reply. Package dynamo implements it.
type Replies interface {
	// OrdersAwaitingReply returns the orders that recently sent a code to a mobile, newest first.
	OrdersAwaitingReply(ctx context.Context, m contact.Mobile) ([]filing.ID, error)
	// AddReviewReply stores an SMS about an annual review with the message that answers it, once.
	AddReviewReply(ctx context.Context, r register.ReviewReply) error
}

// carrier is the actor of a reply. The leader is identified by the mobile.
var carrier = filing.Actor{Account: "sms", Role: filing.System}

// Values of result in the response.
const (
	Accepted = "taken"   // the code was checked; it may be wrong
	Ignored  = "ignored" // the reply has no effect
)

// Handle processes one request of the carrier.
func (h Handler) Handle(ctx context.Context, in events.APIGatewayV2HTTPRequest) (events.APIGatewayV2HTTPResponse, error) {
	body, err := apigateway.Body(in)
	if err != nil {
		return h.errorResponse(ctx, fault.WithFindings(fault.Invalid, finding.List{finding.New(webhook.CodeBody, "")})), nil
	}
	id, err := webhook.Verify(h.Secrets, webhook.HeadersOf(func(name string) string { return in.Headers[name] }), body, h.WallClock())
	if err != nil {
		return h.errorResponse(ctx, err), nil
	}
	reply, err := webhook.ParseReply(id, body)
	if err != nil {
		return h.errorResponse(ctx, err), nil
	}
	limited, cancel := h.limit(ctx)
	defer cancel()
	result, isReview, err := h.takeReview(limited, reply)
	if !isReview {
		result, err = h.checkCode(limited, reply, body)
	}
	if err != nil {
		return h.errorResponse(ctx, err), nil
	}
	return apigateway.JSON(http.StatusOK, map[string]any{"result": result}), nil
}

// takeReview stores an SMS that is meant as the answer to an annual review (icp-filing 8.4). The sweeper records the answer, and says by SMS what became of
// it. isReview is false for other texts.
func (h Handler) takeReview(ctx context.Context, reply webhook.Reply) (result string, isReview bool, err error) {
	answer, problem, isReview := annualreview.Parse(reply.Text)
	if !isReview {
		return "", false, nil
	}
	ago := max(h.WallClock().Sub(reply.ReceivedAt), 0) // the carrier has the real time, also on a laptop whose clock was moved
	r := register.ReviewReply{ID: reply.ID, From: reply.From, ReceivedAt: h.Decisions.Now().Add(-ago).UTC().Round(time.Second), Problem: problem}
	if problem == "" {
		r.Site, r.Status = answer.Site.String(), answer.Status
	}
	return Accepted, true, h.Replies.AddReviewReply(ctx, r)
}

// limit returns the context of one request.
func (h Handler) limit(ctx context.Context) (context.Context, context.CancelFunc) {
	if h.Within == 0 {
		return context.WithCancel(ctx)
	}
	return context.WithTimeout(ctx, h.Within)
}

// checkCode applies the code in a reply to the order that waits for it. It returns Accepted or Ignored.
func (h Handler) checkCode(ctx context.Context, reply webhook.Reply, body []byte) (string, error) {
	code, ok := reply.Code()
	if !ok {
		return Ignored, nil
	}
	order, ok, err := h.findOrder(ctx, reply, code)
	if err != nil || !ok {
		return Ignored, err
	}
	sum := sha256.Sum256(body)
	_, err = h.Decisions.DecideWith(ctx, order, carrier, filing.AnswerSMS{Mobile: reply.From, Code: code, Reply: true}, decide.Preconditions{
		Request: decide.Request{Account: carrier.Account, Key: reply.ID, Hash: hex.EncodeToString(sum[:])},
	})
	if _, recorded := errors.AsType[*filing.Failure](err); recorded {
		return Accepted, nil
	}
	if kind := fault.KindOf(err); kind == fault.Conflict || kind == fault.Invalid {
		// The order has left the step, or the id was used for another text.
		h.Log.WarnContext(ctx, "an SMS reply had no effect", "order", order, "cause", err.Error())
		return Ignored, nil
	}
	return Accepted, err
}

// findOrder returns the order that a reply belongs to. Of the orders that wait for the mobile it is the one with the code, else the
// newest.
func (h Handler) findOrder(ctx context.Context, reply webhook.Reply, code string) (filing.ID, bool, error) {
	ids, err := h.Replies.OrdersAwaitingReply(ctx, reply.From)
	if err != nil {
		return "", false, err
	}
	var newest filing.ID
	for _, id := range ids {
		o, err := h.Decisions.Order(ctx, id)
		if fault.KindOf(err) == fault.NotFound {
			continue
		}
		if err != nil {
			return "", false, err
		}
		if o.Step != filing.VerifySMS {
			continue
		}
		for _, sent := range o.Private.Codes {
			if sent.Mobile == reply.From && sent.Code == code {
				return id, true, nil
			}
		}
		if newest == "" {
			newest = id
		}
	}
	return newest, newest != "", nil
}

var errUnavailable = fault.New(fault.Unavailable, "暂时无法处理回复，请稍后再次发送。", "The reply could not be processed now. Send it again later.")

// errorResponse returns the response to an error: the status of the fault for an invalid request, else 503, so that the carrier retries.
func (h Handler) errorResponse(ctx context.Context, err error) events.APIGatewayV2HTTPResponse {
	f := fault.Of(err)
	switch f.Kind {
	case fault.Unauthenticated, fault.Invalid, fault.TooLarge:
	default:
		f = errUnavailable
		level := slog.LevelError
		if errors.Is(err, fault.ErrContention) { // nothing failed
			level = slog.LevelWarn
		}
		h.Log.Log(ctx, level, "an SMS reply could not be processed", "cause", err.Error())
	}
	return apigateway.JSON(f.Kind.Status(), map[string]any{"error": f.Message, "findings": append(finding.List{}, f.Findings...)})
}
