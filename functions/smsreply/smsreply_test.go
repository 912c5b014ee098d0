package smsreply_test

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"beian/functions/smsreply"
	"beian/infra/local/steptest"
	"beian/shared/filing"
	"beian/shared/filing/filingtest"
	"beian/shared/filing/register"
	"beian/shared/partners/webhook"
	"beian/shared/process/decide"
	"beian/shared/rules/annualreview"
	"beian/shared/rules/contact"
)

var secrets = []webhook.Secret{webhook.NewSecret(), webhook.NewSecret()}

// post sends a reply, signed with a secret, and returns the status and the result.
func post(w *steptest.Fixture, secret webhook.Secret, id string, from contact.Mobile, text string) (int, string) {
	w.T.Helper()
	body, err := json.Marshal(map[string]any{"from": from.Reveal(), "text": text, "receivedAt": w.Clock.Now()})
	if err != nil {
		w.T.Fatal(err)
	}
	h := smsreply.Handler{Decisions: w.Service, Replies: w.Store, Secrets: secrets, WallClock: w.Clock.Now, Log: slog.New(slog.DiscardHandler)}
	out, err := h.Handle(w.T.Context(), events.APIGatewayV2HTTPRequest{Body: string(body), Headers: webhook.Sign(id, body, w.Clock.Now(), secret).Map()})
	if err != nil {
		w.T.Fatal(err)
	}
	var answer struct {
		Result   string
		Findings json.RawMessage
	}
	if err := json.Unmarshal([]byte(out.Body), &answer); err != nil || string(answer.Findings) == "null" {
		w.T.Fatalf("%s, %v", out.Body, err)
	}
	return out.StatusCode, answer.Result
}

// waiting returns an order that waits for the answers to its codes.
func waiting(t *testing.T) (*steptest.Fixture, filing.Order) {
	w := steptest.New(t)
	w.At(filing.VerifySMS)
	return w, w.Do(filing.Beian, filing.IssueCodes{NewCode: filingtest.SequentialCodes()})
}

// TestReplies: the correct code completes the step, and a repeated request has no effect.
func TestReplies(t *testing.T) {
	w, order := waiting(t)
	for i, sent := range order.Private.Codes {
		if status, result := post(w, secrets[i%2], "reply-"+sent.Code, sent.Mobile, sent.Code); status != http.StatusOK || result != smsreply.Accepted {
			t.Errorf("status %d, result %q", status, result)
		}
		if status, _ := post(w, secrets[i%2], "reply-"+sent.Code, sent.Mobile, sent.Code); status != http.StatusOK {
			t.Errorf("repeated: status %d", status)
		}
	}
	if got := w.Order(); got.Step != filing.Transmit || w.Decisions()["answer-sms"] != len(order.Private.Codes) {
		t.Errorf("the order is at %s; decisions %v", got.Step, w.Decisions())
	}
}

func TestWrongCode(t *testing.T) {
	w, order := waiting(t)
	status, result := post(w, secrets[0], "reply-1", order.Private.Codes[0].Mobile, "999999")
	if status != http.StatusOK || result != smsreply.Accepted || w.Order().Step != filing.VerifySMS || w.Decisions()["answer-sms"] != 1 {
		t.Errorf("status %d, result %q at %s; decisions %v", status, result, w.Order().Step, w.Decisions())
	}
}

// TestIgnoredReplies: the response to a reply without effect is success, so that the carrier does not repeat it.
func TestIgnoredReplies(t *testing.T) {
	w, order := waiting(t)
	code := order.Private.Codes[0]
	for name, reply := range map[string]struct {
		from contact.Mobile
		text string
	}{
		"no code in the text":   {code.Mobile, "你好"},
		"a mobile without code": {"13900000000", code.Code},
	} {
		if status, result := post(w, secrets[0], "reply", reply.from, reply.text); status != http.StatusOK || result != smsreply.Ignored {
			t.Errorf("%s: status %d, result %q", name, status, result)
		}
	}
	if n := w.Decisions()["answer-sms"]; n != 0 {
		t.Errorf("%d answers are stored", n)
	}
}

func TestWrongSignature(t *testing.T) {
	w, order := waiting(t)
	code := order.Private.Codes[0]
	if status, _ := post(w, webhook.NewSecret(), "reply", code.Mobile, code.Code); status != http.StatusUnauthorized {
		t.Errorf("status %d", status)
	}
	if w.Decisions()["answer-sms"] != 0 {
		t.Error("the answer is stored")
	}
}

// slowReplies never answers.
type slowReplies struct{}

func (slowReplies) OrdersAwaitingReply(ctx context.Context, _ contact.Mobile) ([]filing.ID, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}

func (slowReplies) AddReviewReply(ctx context.Context, _ register.ReviewReply) error {
	<-ctx.Done()
	return ctx.Err()
}

// TestReviewReplies: an answer to an annual review is stored once, also if it is wrong, so that its sender gets an answer.
func TestReviewReplies(t *testing.T) {
	w := steptest.New(t)
	h := smsreply.Handler{Decisions: w.Service, Replies: w.Store, Secrets: secrets, WallClock: w.Clock.Now, Log: slog.New(slog.DiscardHandler)}
	for _, test := range []struct {
		id, text string
		want     register.ReviewReply
	}{
		{"review-1", "＃002＃鄂icp備12345678號－1＃無變化＃", register.ReviewReply{Site: "鄂ICP备12345678号-1", Status: annualreview.Unchanged}},
		{"review-2", "#002#鄂ICP备12345678号-1#好#", register.ReviewReply{Problem: annualreview.BadStatus}},
	} {
		body := []byte(`{"from":"13900000000","text":"` + test.text + `","receivedAt":"2019-12-25T09:00:00Z"}`)
		for range 2 {
			out, err := h.Handle(t.Context(), events.APIGatewayV2HTTPRequest{Body: string(body), Headers: webhook.Sign(test.id, body, w.Clock.Now(), secrets[0]).Map()})
			if err != nil || out.StatusCode != http.StatusOK || !strings.Contains(out.Body, smsreply.Accepted) {
				t.Errorf("%s: %d %s, %v", test.text, out.StatusCode, out.Body, err)
			}
		}
		got, known, err := w.Store.ReviewReply(t.Context(), test.id)
		test.want.ID, test.want.From, test.want.ReceivedAt = test.id, "13900000000", time.Date(2019, 12, 25, 9, 0, 0, 0, time.UTC)
		if err != nil || !known || got != test.want {
			t.Errorf("%s is stored as %#v, known %t, %v", test.id, got, known, err)
		}
		if err := w.Store.ForgetReviewReply(t.Context(), test.id); err != nil {
			t.Error(err)
		}
		if _, known, err := w.Store.ReviewReply(t.Context(), test.id); err != nil || known {
			t.Errorf("it is not forgotten: %v", err)
		}
	}
	if entries, err := w.Store.Outbox(t.Context(), decide.SendRegisterNotice, 10); err != nil || len(entries) != 2 {
		t.Errorf("%d messages, %v", len(entries), err)
	}
}

func TestASlowStoreIsAnsweredInTime(t *testing.T) {
	body := []byte(`{"from":"13900000000","text":"123456","receivedAt":"2019-12-25T09:00:00Z"}`)
	h := smsreply.Handler{Replies: slowReplies{}, Secrets: secrets, Within: time.Millisecond, WallClock: time.Now, Log: slog.New(slog.DiscardHandler)}
	out, err := h.Handle(t.Context(), events.APIGatewayV2HTTPRequest{Body: string(body), Headers: webhook.Sign("m-1", body, time.Now(), secrets[0]).Map()})
	if err != nil || out.StatusCode != http.StatusServiceUnavailable || !strings.Contains(out.Body, "请稍后再次发送") || !strings.Contains(out.Body, "Send it again later") {
		t.Errorf("status %d: %s, %v", out.StatusCode, out.Body, err)
	}
}
