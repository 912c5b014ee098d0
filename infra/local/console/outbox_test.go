package console_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"
	sestypes "github.com/aws/aws-sdk-go-v2/service/sesv2/types"

	"beian/infra/local/scenario"
)

// TestOutboxPage: each phone and each mailbox shows its messages, SMS with their length, emails as text and as HTML in a frame that can run nothing.
func TestOutboxPage(t *testing.T) {
	b := newBrowser(t)
	phone, mail := scenario.Invented(10501).Login, "person10501@invented-example.com"
	for _, login := range []string{phone, mail} {
		if _, err := suite.Client.Login(t.Context(), login); err != nil {
			t.Fatal(err)
		}
	}
	response, text := b.open("/local/outbox", nil)
	if response.StatusCode != 200 || !strings.Contains(text, phone) || !strings.Contains(text, mail) {
		t.Fatalf("%d: recipients are missing", response.StatusCode)
	}
	if policy := response.Header.Get("Content-Security-Policy"); !strings.Contains(policy, "default-src 'none'") || !strings.Contains(policy, "frame-src 'self'") {
		t.Errorf("the policy is %s", policy)
	}
	_, text = b.open("/local/outbox?to="+url.QueryEscape(phone), nil)
	sent := sys.Outbox.Sent(phone)[0]
	if !strings.Contains(text, sent.Text) || !strings.Contains(text, "units of UCS-2, segments: 1") || strings.Contains(text, `aria-label="`+mail) {
		t.Error("the phone does not show its SMS, its length and nothing else")
	}
	content := func(text string) *sestypes.Content { return &sestypes.Content{Data: aws.String(text)} }
	if _, err := sesv2.NewFromConfig(sys.Parts.AWS).SendEmail(t.Context(), &sesv2.SendEmailInput{
		FromEmailAddress: aws.String("beian@provider.example"), Destination: &sestypes.Destination{ToAddresses: []string{mail}},
		Content: &sestypes.EmailContent{Simple: &sestypes.Message{Subject: content("Approved <b>"),
			Body: &sestypes.Body{Text: content("approved"), Html: content("<html><head></head><body><p>approved<script>alert(1)</script></p></body></html>")}}},
	}); err != nil {
		t.Fatal(err)
	}
	all := sys.Outbox.Sent(mail)
	withHTML := all[len(all)-1]
	_, text = b.open("/local/outbox?to="+mail, nil)
	if !strings.Contains(text, withHTML.Subject) || !strings.Contains(text, `src="/local/outbox/`+withHTML.ID+`/html"`) {
		t.Error("the mailbox does not show its email")
	}
	response, text = b.open("/local/outbox/"+withHTML.ID+"/html", nil)
	if policy := response.Header.Get("Content-Security-Policy"); !strings.Contains(policy, "sandbox allow-popups") || strings.Contains(policy, "allow-scripts") || strings.Contains(policy, "allow-same-origin") {
		t.Errorf("the frame's policy is %s", policy)
	}
	if !strings.Contains(text, `<base target="_blank">`) || !strings.Contains(text, "<p>approved") {
		t.Error("the frame does not have the HTML")
	}
	for _, path := range []string{"/local/outbox/unknown/html", "/local/outbox/" + sent.ID + "/html"} {
		if response, _ := b.open(path, nil); response.StatusCode != 404 {
			t.Errorf("%s: %d", path, response.StatusCode)
		}
	}
	if _, text = b.open("/local/outbox?to=nobody%40invented-example.com", nil); !strings.Contains(text, "Nothing was sent to this recipient") {
		t.Error("an unknown recipient has messages")
	}
	if _, text = b.open("/local/outbox?to=+"+phone[1:], nil); !strings.Contains(text, sent.Text) {
		t.Error("the + of the address bar is not understood")
	}
}
