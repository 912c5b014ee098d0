package mailbounce_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"beian/functions/mailbounce"
	"beian/infra/local/steptest"
	"beian/shared/filing"
	"beian/shared/filing/register"
	"beian/shared/partners/deliverystatus"
	"beian/shared/partners/messageid"
	"beian/shared/partners/webhook"
	"beian/shared/process/bounce"
	"beian/shared/process/decide"
	"beian/shared/process/figures"
	"beian/shared/rules/contact"
	"beian/shared/rules/finding"
	"beian/shared/rules/workday"
)

var secrets = []webhook.Secret{webhook.NewSecret(), webhook.NewSecret()}

// Types of a body.
const (
	inJSON  = "application/json"
	message = "message/rfc822"
)

// entry is the outbox entry of a message that was sent.
const entry = "notice#01DX2QTM8000000000000000NT"

func sentID(to string) string {
	key := strings.Replace(entry, "#", "_", 1)
	return messageid.New("provider.example", contact.Email(to), key)
}

// notification returns a delivery status notification about the email with a Message-ID.
func notification(action, status, id string) string {
	return "From: MAILER-DAEMON@mail.example\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\nContent-Type: message/delivery-status\n\n" +
		"Reporting-MTA: dns; mail.example\n\nFinal-Recipient: rfc822; applicant@example.cn\nAction: " + action + "\nStatus: " + status +
		"\n\n--b\nContent-Type: text/rfc822-headers\n\nTo: applicant@example.cn\nMessage-ID: " + id + "\n\n--b--\n"
}

type answer struct {
	Result   string
	Error    map[string]string
	Findings finding.List
}

// post sends a signed body to a function as API Gateway does, and returns the status and the answer.
func post(t *testing.T, h mailbounce.Handler, secret webhook.Secret, contentType, body string) (int, answer) {
	t.Helper()
	header := webhook.Sign("bounce-1", []byte(body), h.WallClock(), secret).Map()
	header["content-type"] = contentType
	in := events.APIGatewayV2HTTPRequest{Body: body, Headers: header}
	if contentType == message {
		in.Body, in.IsBase64Encoded = base64.StdEncoding.EncodeToString([]byte(body)), true
	}
	out, err := h.Handle(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	var a answer
	if err := json.Unmarshal([]byte(out.Body), &a); err != nil {
		t.Fatalf("%s, %v", out.Body, err)
	}
	if out.StatusCode != http.StatusOK && (a.Error["zh-CN"] == "" || a.Error["en"] == "") {
		t.Errorf("the answer says nothing: %s", out.Body)
	}
	if strings.Contains(out.Body, "applicant") {
		t.Errorf("the answer has personal data: %s", out.Body)
	}
	return out.StatusCode, a
}

func handler(store bounce.Store, now func() time.Time, log *slog.Logger) mailbounce.Handler {
	return mailbounce.Handler{Counter: bounce.Counter{Store: store, Now: now, Log: log}, Secrets: secrets, WallClock: now}
}

// TestBounces: a bounce counts once, however it is reported, and only if the email is lost for good. A message has no more bounces than emails: its recipient could report others under its key.
func TestBounces(t *testing.T) {
	w := steptest.New(t)
	if err := w.Store.RecordDelivery(t.Context(), entry, 0, figures.Delivery{Kind: "submitted", Mail: 2}, w.Clock.Now()); err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	h := handler(w.Store, w.Clock.Now, slog.New(slog.NewTextHandler(&log, nil)))
	id, other := sentID("applicant@example.cn"), sentID("other@example.cn")
	for _, c := range []struct {
		contentType, body string
		want              finding.Code // "" if it counts
	}{
		{inJSON, `{"messageId": "` + id + `"}`, ""},
		{inJSON + "; charset=utf-8", `{"messageId": "` + strings.Trim(id, "<>") + `"}`, ""},
		{message, notification("failed", "5.1.1", id), ""},
		{message, notification("failed", "5.1.1", strings.Replace(id, "provider", "PROVIDER", 1)), ""},
		{message, notification("failed", "5.1.1", other), ""},
		{message, notification("failed", "5.1.1", sentID("forged@example.cn")), mailbounce.CodeUnknown}, // two emails were sent
		{message, notification("failed", "5.1.1", id), ""},
		{message, notification("delayed", "4.4.1", sentID("third@example.cn")), deliverystatus.CodeNotPermanent},
		{message, "From: applicant@example.cn\nAuto-Submitted: auto-replied\n\nI am away.\n", deliverystatus.CodeOther},
		{message, notification("failed", "5.1.1", ""), deliverystatus.CodeNoOriginal},
		{message, "", deliverystatus.CodeUnreadable},
		{message, notification("failed", "5.1.1", "<newsletter@other.example>"), mailbounce.CodeUnknown},
		{message, notification("failed", "5.1.1", strings.Replace(id, "NT.", "ZZ.", 1)), mailbounce.CodeUnknown},
		{inJSON, `{"messageId": "@"}`, mailbounce.CodeUnknown},
	} {
		status, a := post(t, h, secrets[1], c.contentType, c.body)
		ignored := c.want != "" && a.Result == mailbounce.Ignored && len(a.Findings) == 1 && a.Findings[0].Code == c.want && a.Findings[0].Severity == finding.Inform
		if status != http.StatusOK || !ignored && (c.want != "" || a.Result != mailbounce.Counted) {
			t.Errorf("%s %s: %d %+v, want %q", c.contentType, c.body, status, a, c.want)
		}
	}
	bounced := 0
	if err := w.Store.EachDelivery(t.Context(), workday.DateOf(w.Clock.Now()), func(d figures.Delivery) error { bounced += d.Bounced; return nil }); err != nil || bounced != 2 {
		t.Errorf("%d bounces, %v", bounced, err)
	}
	if strings.Contains(log.String(), "applicant") || strings.Contains(log.String(), "01DX2") {
		t.Errorf("the log has what the message has: %s", log.String())
	}
}

// TestEarlyBounce: a bounce that arrives while its message is still in the outbox, so that the email is not counted yet, has to be reported again. That is an error of the function only
// if the message stays there.
func TestEarlyBounce(t *testing.T) {
	w := steptest.New(t)
	w.At(filing.InitialReview)
	entries, err := w.Store.Outbox(t.Context(), decide.SendNotice, 1)
	if err != nil || len(entries) != 1 {
		t.Fatalf("%+v, %v", entries, err)
	}
	sent := entries[0].ID
	var log bytes.Buffer
	h := handler(w.Store, w.Clock.Now, slog.New(slog.NewTextHandler(&log, nil)))
	body := notification("failed", "5.1.1", messageid.New("provider.example", "applicant@example.cn", strings.Replace(sent, "#", "_", 1)))
	want := func(wantStatus int, wantResult, wantLine string) {
		t.Helper()
		log.Reset()
		if status, a := post(t, h, secrets[0], message, body); status != wantStatus || a.Result != wantResult {
			t.Errorf("%d %+v, want %d %q", status, a, wantStatus, wantResult)
		}
		if line := log.String(); !strings.Contains(line, wantLine) || wantLine == "" && line != "" {
			t.Errorf("it logs %q, want %q", line, wantLine)
		}
	}
	want(http.StatusServiceUnavailable, "", `level=WARN msg="a bounce has to be reported again"`)
	if _, a := post(t, h, secrets[0], message, body); a.Error["zh-CN"] != bounce.ErrNotCounted.Message.Chinese || a.Error["en"] != bounce.ErrNotCounted.Message.English {
		t.Errorf("the answer is %q", a.Error)
	}
	sentAt := w.Clock.Now()
	w.Clock.Advance(bounce.CountedWithin + time.Second)
	want(http.StatusServiceUnavailable, "", `level=ERROR msg="a bounce could not be counted"`)
	w.Clock.Set(sentAt)
	if err := w.Store.RecordDelivery(t.Context(), sent, 0, figures.Delivery{Kind: "submitted", Mail: 1}, w.Clock.Now()); err != nil {
		t.Fatal(err)
	}
	want(http.StatusOK, mailbounce.Counted, "")
	if err := w.Store.DeleteEntry(t.Context(), sent); err != nil {
		t.Fatal(err)
	}
	want(http.StatusOK, mailbounce.Counted, "") // again
}

// A store that must not be used, or that fails.
type failing struct{ calls int }

func (f *failing) RecordBounce(context.Context, string, string, time.Time) (register.ID, bool, error) {
	f.calls++
	return "", false, errors.New("the table is not reachable")
}

// TestRefused: what cannot be read has an answer in both languages, and nothing is read without a right signature.
func TestRefused(t *testing.T) {
	store := &failing{}
	h := handler(store, time.Now, slog.New(slog.DiscardHandler))
	right := `{"messageId": "` + sentID("applicant@example.cn") + `"}`
	for _, c := range []struct {
		contentType, body string
		status            int
		want              []string // findings as "code pointer"
	}{
		{"text/plain", right, 422, []string{"bounce-content-type "}},
		{"", right, 422, []string{"bounce-content-type "}},
		{inJSON, "", 422, []string{"bounce-body "}},
		{inJSON, "null", 422, []string{"bounce-body /messageId"}},
		{inJSON, `{}`, 422, []string{"bounce-body /messageId"}},
		{inJSON, `{"messageId": 1}`, 422, []string{"bounce-body "}},
		{inJSON, `{"messageId": "a", "email": "b", "c": 1}`, 422, []string{"bounce-body /c", "bounce-body /email"}},
		{inJSON, `{"messageId": "a", "messageid": "b"}`, 422, []string{"bounce-body /messageid"}},
		{inJSON, `{"messageId": "` + strings.Repeat("a", mailbounce.MaxBody) + `"}`, 413, []string{"bounce-size "}},
		{message, strings.Repeat("a", mailbounce.MaxBody+1), 413, []string{"bounce-size "}},
	} {
		status, a := post(t, h, secrets[0], c.contentType, c.body)
		var got []string
		for _, f := range a.Findings {
			got = append(got, string(f.Code)+" "+f.Pointer)
			if f.Message.Chinese == "" || f.Message.English == "" || f.Remedy.Chinese == "" || f.Remedy.English == "" {
				t.Errorf("%s is not in both languages", f.Code)
			}
		}
		if status != c.status || !slices.Equal(got, c.want) {
			t.Errorf("%s %.60s: %d %q, want %d %q", c.contentType, c.body, status, got, c.status, c.want)
		}
		if status, _ := post(t, h, webhook.NewSecret(), c.contentType, c.body); status != http.StatusUnauthorized && c.status != http.StatusRequestEntityTooLarge {
			t.Errorf("%s %.60s with another secret: %d", c.contentType, c.body, status)
		}
	}
	out, err := h.Handle(t.Context(), events.APIGatewayV2HTTPRequest{Body: "*", IsBase64Encoded: true})
	if err != nil || out.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("base64: %d, %v", out.StatusCode, err)
	}
	if store.calls != 0 {
		t.Errorf("%d bounces were counted", store.calls)
	}
	if status, _ := post(t, h, secrets[0], inJSON, right); status != http.StatusServiceUnavailable || store.calls != 1 {
		t.Errorf("without the table: %d", status)
	}
}
