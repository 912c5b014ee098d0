package outbox_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"beian/infra/local/mailserver"
	"beian/infra/local/outbox"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"
	sestypes "github.com/aws/aws-sdk-go-v2/service/sesv2/types"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	snstypes "github.com/aws/aws-sdk-go-v2/service/sns/types"
	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"
)

const phone = "+8613800000001" // invented

var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

// A fixture is an outbox behind HTTP with clients of both services.
type fixture struct {
	*outbox.Outbox
	sms    *sns.Client
	emails *sesv2.Client
	page   string
}

func openOutbox(t *testing.T, c outbox.Config) fixture {
	t.Helper()
	if c.Folder == "" {
		c.Folder = t.TempDir()
	}
	c.Now = func() time.Time { return noon }
	sent, err := outbox.Open(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { sent.Close() })
	server, page := httptest.NewServer(sent), httptest.NewServer(sent.JSON())
	t.Cleanup(server.Close)
	t.Cleanup(page.Close)
	key := credentials.NewStaticCredentialsProvider("local", "local", "")
	once := func() aws.Retryer { return aws.NopRetryer{} }
	return fixture{
		Outbox: sent,
		sms: sns.New(sns.Options{
			Region: "cn-north-1", BaseEndpoint: aws.String(server.URL), Credentials: key, Retryer: once()}),
		emails: sesv2.New(sesv2.Options{
			Region: "cn-north-1", BaseEndpoint: aws.String(server.URL), Credentials: key, Retryer: once()}),
		page: page.URL + "/local/outbox",
	}
}

func sms(to, text string) *sns.PublishInput {
	return &sns.PublishInput{PhoneNumber: aws.String(to), Message: aws.String(text)}
}

func email(to, subject string) *sesv2.SendEmailInput {
	content := func(text string) *sestypes.Content { return &sestypes.Content{Data: aws.String(text)} }
	return &sesv2.SendEmailInput{
		FromEmailAddress: aws.String("备案 <filing@example.com>"),
		Destination:      &sestypes.Destination{ToAddresses: []string{to}},
		Content: &sestypes.EmailContent{Simple: &sestypes.Message{
			Subject: content(subject),
			Body:    &sestypes.Body{Text: content("审核通过。"), Html: content("<p>审核<b>通过</b>。</p>")},
		}},
		EmailTags: []sestypes.MessageTag{{Name: aws.String("kind"), Value: aws.String("approved")}},
	}
}

func TestSMS(t *testing.T) {
	b := openOutbox(t, outbox.Config{})
	in := sms(phone, "您的备案已通过。")
	in.MessageAttributes = map[string]snstypes.MessageAttributeValue{
		"AWS.SNS.SMS.SMSType": {DataType: aws.String("String"), StringValue: aws.String("Transactional")}}
	out, err := b.sms.Publish(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	want := []outbox.Message{{
		ID: aws.ToString(out.MessageId), Time: noon, Kind: outbox.SMS, To: []string{phone}, Text: "您的备案已通过。",
		Attributes: map[string]string{"AWS.SNS.SMS.SMSType": "Transactional"},
	}}
	if diff := cmp.Diff(want, b.Sent(phone)); diff != "" || want[0].ID == "" {
		t.Errorf("sent (-want +got):\n%s", diff)
	}
}

// TestDeleteBefore: old messages are deleted from the file, which stays the one that later messages are written to.
func TestDeleteBefore(t *testing.T) {
	c := outbox.Config{Folder: t.TempDir()}
	b := openOutbox(t, c)
	publish := func(text string) {
		t.Helper()
		if _, err := b.sms.Publish(t.Context(), sms(phone, text)); err != nil {
			t.Fatal(err)
		}
	}
	publish("first")
	for _, before := range []time.Time{noon, noon.Add(time.Second), noon.Add(time.Second)} {
		if err := b.DeleteBefore(before); err != nil {
			t.Fatal(err)
		}
		if left := len(b.Sent("")); (left == 1) != before.Equal(noon) {
			t.Errorf("%d messages are left before %v", left, before)
		}
	}
	publish("second")
	file, err := os.ReadFile(filepath.Join(c.Folder, "messages.jsonl"))
	if err != nil || bytes.Contains(file, []byte("first")) || !bytes.Contains(file, []byte("second")) {
		t.Errorf("the file has %q, %v", file, err)
	}
	if again := openOutbox(t, c).Sent(""); len(again) != 1 || again[0].Text != "second" {
		t.Errorf("after a restart: %v", again)
	}
}

func TestEmail(t *testing.T) {
	b := openOutbox(t, outbox.Config{})
	out, err := b.emails.SendEmail(t.Context(), email("li@example.com", "备案结果"))
	if err != nil {
		t.Fatal(err)
	}
	want := []outbox.Message{{
		ID: aws.ToString(out.MessageId), Time: noon, Kind: outbox.Email, To: []string{"li@example.com"},
		From: "备案 <filing@example.com>", Subject: "备案结果", Text: "审核通过。", HTML: "<p>审核<b>通过</b>。</p>",
		Attributes: map[string]string{"kind": "approved"},
	}}
	if diff := cmp.Diff(want, b.Sent("LI@example.com")); diff != "" || want[0].ID == "" {
		t.Errorf("sent (-want +got):\n%s", diff)
	}
}

func errorCode(err error) string {
	if e := smithy.APIError(nil); errors.As(err, &e) {
		return e.ErrorCode()
	}
	return fmt.Sprint(err)
}

func TestRefusals(t *testing.T) {
	b := openOutbox(t, outbox.Config{})
	for _, tc := range []struct {
		name string
		in   *sns.PublishInput
	}{
		{"no country code", sms("13800000001", "x")},
		{"letters", sms("+86138abc", "x")},
		{"too many digits", sms("+8613800000001000", "x")},
		{"empty", sms(phone, "")},
		{"too long", sms(phone, strings.Repeat("好", 1601))},
		{"to nobody", &sns.PublishInput{Message: aws.String("x")}},
		{"to a topic", &sns.PublishInput{Message: aws.String("x"), TopicArn: aws.String("arn:x")}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, err := b.sms.Publish(t.Context(), tc.in)
			var refused *snstypes.InvalidParameterException
			if !errors.As(err, &refused) {
				t.Errorf("Publish: %v, want InvalidParameter", errorCode(err))
			}
		})
	}
	if _, err := b.sms.ListTopics(t.Context(), &sns.ListTopicsInput{}); errorCode(err) != "InvalidAction" {
		t.Errorf("another action: %s", errorCode(err))
	}
	for name, in := range map[string]*sesv2.SendEmailInput{
		"no address":     email("nobody", "x"),
		"no subject":     email("li@example.com", ""),
		"header in it":   email("li@example.com\r\nBcc: x@example.com", "x"),
		"template":       {FromEmailAddress: aws.String("a@example.com"), Content: &sestypes.EmailContent{}},
		"nobody to send": {Content: email("li@example.com", "x").Content, FromEmailAddress: aws.String("a@example.com")},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := b.emails.SendEmail(t.Context(), in)
			var refused *sestypes.BadRequestException
			if !errors.As(err, &refused) {
				t.Errorf("SendEmail: %v, want BadRequestException", errorCode(err))
			}
		})
	}
	if got := b.Sent(""); len(got) != 0 {
		t.Errorf("%d refused messages are stored", len(got))
	}
}

func TestFaults(t *testing.T) {
	b := openOutbox(t, outbox.Config{})
	b.FailNext("", 1, http.StatusTooManyRequests)
	if _, err := b.sms.Publish(t.Context(), sms(phone, "x")); errorCode(err) != "Throttling" {
		t.Errorf("SMS: %s, want Throttling", errorCode(err))
	}
	b.FailNext("", 1, http.StatusTooManyRequests)
	_, err := b.emails.SendEmail(t.Context(), email("li@example.com", "x"))
	if throttled := (*sestypes.TooManyRequestsException)(nil); !errors.As(err, &throttled) {
		t.Errorf("email: %s, want TooManyRequestsException", errorCode(err))
	}
	if len(b.Sent("")) != 0 {
		t.Error("a failed message is stored")
	}
	b.LoseNext(1)
	if _, err := b.sms.Publish(t.Context(), sms(phone, "x")); err == nil {
		t.Error("the answer was not lost")
	}
	if len(b.Sent(phone)) != 1 {
		t.Error("the message was not stored")
	}
}

func TestRetryingClientSucceeds(t *testing.T) {
	b := openOutbox(t, outbox.Config{})
	b.FailNext("", 2, http.StatusServiceUnavailable)
	_, err := b.sms.Publish(t.Context(), sms(phone, "x"), func(o *sns.Options) {
		o.Retryer = retry.NewStandard(func(r *retry.StandardOptions) { r.MaxBackoff = time.Millisecond })
	})
	if err != nil || len(b.Sent(phone)) != 1 {
		t.Errorf("Publish: %v; %d kept", err, len(b.Sent(phone)))
	}
}

func TestMessagesOutliveTheProcess(t *testing.T) {
	folder := t.TempDir()
	b := openOutbox(t, outbox.Config{Folder: folder})
	for n := range 3 {
		if _, err := b.sms.Publish(t.Context(), sms(phone, fmt.Sprint(n))); err != nil {
			t.Fatal(err)
		}
	}
	want := b.Sent("")
	b.Close()
	file, err := os.OpenFile(filepath.Join(folder, "messages.jsonl"), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	file.WriteString(`{"id":"torn","te`)
	file.Close()
	b = openOutbox(t, outbox.Config{Folder: folder})
	if diff := cmp.Diff(want, b.Sent("")); diff != "" {
		t.Errorf("after a crash (-want +got):\n%s", diff)
	}
	if _, err := b.sms.Publish(t.Context(), sms(phone, "3")); err != nil {
		t.Fatal(err)
	}
	b.Close()
	if got := openOutbox(t, outbox.Config{Folder: folder}).Sent(""); len(got) != 4 {
		t.Errorf("%d outbox, want 4", len(got))
	}
}

func TestOutbox(t *testing.T) {
	b := openOutbox(t, outbox.Config{})
	for _, text := range []string{"first", "second"} {
		if _, err := b.sms.Publish(t.Context(), sms(phone, text)); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := b.emails.SendEmail(t.Context(), email("li@example.com", "备案结果")); err != nil {
		t.Fatal(err)
	}
	get := func(url string) (string, string) {
		r, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
		response, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		text, _ := io.ReadAll(response.Body)
		return response.Header.Get("Content-Type"), string(text)
	}
	for _, url := range []string{b.page + ".json?to=" + url.QueryEscape(phone), b.page + ".json?to=" + phone} {
		kind, text := get(url)
		var got []outbox.Message
		if err := json.Unmarshal([]byte(text), &got); err != nil || kind != "application/json" {
			t.Fatalf("%s: %s %v", url, kind, err)
		}
		if len(got) != 2 || got[0].Text != "second" {
			t.Errorf("%s: %+v", url, got)
		}
	}
	if _, text := get(b.page + ".json?to=nobody"); strings.TrimSpace(text) != "[]" {
		t.Errorf("to nobody: %s", text)
	}
}

func TestEmailForwardedToSMTP(t *testing.T) {
	server, err := mailserver.Start(mailserver.Config{User: "user", Password: "p@ss"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	b := openOutbox(t, outbox.Config{SMTP: server.URL(), Logf: t.Logf})
	if _, err := b.emails.SendEmail(t.Context(), email("li@example.com", "备案结果")); err != nil {
		t.Fatal(err)
	}
	b.Close()
	got := server.Received()
	if len(got) != 1 || got[0].From != "filing@example.com" || !slices.Equal(got[0].To, []string{"li@example.com"}) || got[0].User != "user" {
		t.Fatalf("received %+v", got)
	}
	for _, want := range []string{"Subject: =?utf-8?b?", "text/plain; charset=utf-8", "text/html; charset=utf-8", "5a6h5qC46YCa6L+H44CC"} {
		if !strings.Contains(got[0].Data, want) {
			t.Errorf("the email lacks %q:\n%s", want, got[0].Data)
		}
	}
}

func TestUnreachableSMTPLosesNothing(t *testing.T) {
	var log bytes.Buffer
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
	b := openOutbox(t, outbox.Config{SMTP: "smtp://" + l.Addr().String(), Logf: func(format string, args ...any) {
		fmt.Fprintf(&log, format, args...)
	}})
	if _, err := b.emails.SendEmail(context.Background(), email("li@example.com", "x")); err != nil {
		t.Fatal(err)
	}
	if len(b.Sent("li@example.com")) != 1 {
		t.Error("the email is not in the outbox")
	}
	b.Close()
	if log.Len() == 0 || strings.Contains(log.String(), "li@example.com") {
		t.Errorf("the log is %q", log.String())
	}
}

func TestInvalidSMTPURL(t *testing.T) {
	for _, address := range []string{"example.com:25", "http://example.com", "smtp://"} {
		if _, err := outbox.Open(outbox.Config{Folder: t.TempDir(), SMTP: address}); err == nil {
			t.Errorf("%q is accepted", address)
		}
	}
}
