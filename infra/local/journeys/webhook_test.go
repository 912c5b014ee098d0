package journeys_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"testing"
	"time"

	"beian/infra/local/scenario"
	"beian/infra/local/system"
	"beian/shared/filing"
	"beian/shared/partners/webhook"
)

// carrierBody returns the body of a carrier's request.
func carrierBody(from, text string) []byte {
	return fmt.Appendf(nil, `{"from":%q,"text":%q,"receivedAt":%q}`, from, text, time.Now().UTC().Format(time.RFC3339))
}

// TestAnnualReviewBySMS: an SMS in the form of the annual review is answered by SMS, also if its sender leads no such site, and changes nothing then.
func TestAnnualReviewBySMS(t *testing.T) {
	const stranger = "18988880901"
	body := carrierBody(stranger, "＃001＃鄂ICP备2021000901号-1＃无变化＃")
	a, err := client.SendWebhook(t.Context(), body, carrierHeaders(system.SMSSecret, "in-901", body, time.Now()))
	if err != nil || a.Status != http.StatusOK {
		t.Fatalf("%d %s, %v", a.Status, a.Body, err)
	}
	if err := scenario.Poll(t.Context(), func() (bool, error) { return len(client.Sent("+86"+stranger)) == 1, nil }); err != nil {
		t.Errorf("no answer: %v", err)
	}
}

// carrierHeaders returns the headers of a carrier's request.
func carrierHeaders(secret webhook.Secret, id string, body []byte, at time.Time) map[string]string {
	return webhook.Sign(id, body, at, secret).Map()
}

// TestWebhook checks that the webhook accepts a request with a recent signature, once.
func TestWebhook(t *testing.T) {
	j := journeyAt(t, 760, filing.VerifySMS)
	ctx, now := t.Context(), time.Now()
	mobile := fmt.Sprint(j.app.Contact["mobile"])
	code := j.awaitCode(mobile)
	right := carrierBody(mobile, code)
	// post checks the status and the result of a request.
	post := func(body []byte, header map[string]string, status int, result string) {
		t.Helper()
		a, err := client.SendWebhook(ctx, body, header)
		j.must(err)
		var said struct{ Result string }
		if status == http.StatusOK {
			j.must(json.Unmarshal(a.Body, &said))
		}
		if a.Status != status || said.Result != result {
			t.Errorf("status %d %s, want %d %s", a.Status, a.Body, status, result)
		}
	}
	post(right, nil, 401, "")
	post(right, carrierHeaders(webhook.NewSecret(), "in-760", right, now), 401, "")
	post(right, carrierHeaders(system.SMSSecret, "in-760", right, now.Add(-6*time.Minute)), 401, "")
	post(right, carrierHeaders(system.SMSSecret, "in-760", right, now.Add(6*time.Minute)), 401, "")
	tampered := carrierBody(mobile, wrongCode(code))
	post(tampered, carrierHeaders(system.SMSSecret, "in-760", right, now), 401, "")
	unknown := []byte(`{"from":"13800000000","text":"123456","receivedAt":"2021-03-01T00:00:00Z","more":1}`)
	post(unknown, carrierHeaders(system.SMSSecret, "in-1", unknown, now), 422, "")
	empty := []byte(`{"from":"1","text":"","receivedAt":"0001-01-01T00:00:00Z"}`)
	post(empty, carrierHeaders(system.SMSSecret, "in-2", empty, now), 422, "")
	stranger := carrierBody("18999999999", code)
	post(stranger, carrierHeaders(system.SMSSecret, "in-761", stranger, now), 200, "ignored")
	if o := j.order(); o.SMS.Codes[0].TriesLeft != filing.MaxWrongCodes+1 {
		t.Fatalf("a rejected request had an effect: %+v", o.SMS)
	}
	mistaken := carrierBody(mobile, wrongCode(code))
	for range 3 {
		post(mistaken, carrierHeaders(system.SMSSecret, "in-762", mistaken, now), 200, "taken")
	}
	if left := j.order().SMS.Codes[0].TriesLeft; left != filing.MaxWrongCodes {
		t.Errorf("the same wrong reply counted more than once: %d tries left", left)
	}
	post(right, carrierHeaders(system.SMSSecret, "in-760", right, now), 200, "taken")
	post(right, carrierHeaders(system.SMSSecret, "in-760", right, now), 200, "ignored") // no order waits for it any more
	j.awaitApproved()
	late := carrierBody(mobile, code)
	post(late, carrierHeaders(system.SMSSecret, "in-763", late, now), 200, "ignored")
	j.wantPath(1, toReview, bySMS, toEnd)
	j.wantLedger(opened, collected, reviewed, []string{"issue-codes", "answer-sms", "answer-sms"}, transmitted, filed)
}

// TestWebhookOfBounces: in an environment with SES, the webhook for bounces touches no table. With a mail relay, see journeys/relayed.
func TestWebhookOfBounces(t *testing.T) {
	body := []byte(`{"messageId": "<newsletter@other.example>"}`)
	for secret, want := range map[webhook.Secret]int{system.BounceSecret: http.StatusOK, system.SMSSecret: http.StatusUnauthorized} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, client.Portal+"/webhooks/bounces", bytes.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/json")
		for name, value := range webhook.Sign("bounce", body, time.Now(), secret).Map() {
			r.Header.Set(name, value)
		}
		response, err := client.HTTP.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		if err := response.Body.Close(); err != nil || response.StatusCode != want {
			t.Errorf("status %d, want %d, %v", response.StatusCode, want, err)
		}
	}
}

// TestOneMobileInTwoOrders checks that a reply counts for the application whose code it contains.
func TestOneMobileInTwoOrders(t *testing.T) {
	first := journeyAt(t, 765, filing.VerifySMS)
	app := scenario.Invented(766)
	mobile := fmt.Sprint(first.app.Contact["mobile"])
	for _, leader := range []any{app.Details.Subject["leader"], app.Details.Sites[0]["leader"]} {
		l, _ := leader.(map[string]any)
		l["mobile"], l["emergencyPhone"] = mobile, "18899999999"
	}
	second := startJourney(t, app)
	second.advanceTo(filing.VerifySMS)
	code := second.awaitCode(mobile)
	if code == first.awaitCode(mobile) {
		t.Fatal("both have the same code, which has a probability of one in a million; run the test again")
	}
	first.must(client.ReplySMS(t.Context(), "in-765", mobile, first.awaitCode(mobile)))
	first.awaitApproved()
	if o := second.order(); o.Step != filing.VerifySMS || o.SMS.Codes[0].TriesLeft != filing.MaxWrongCodes+1 {
		t.Errorf("the other application changed: %s", o.Step)
	}
	second.must(client.ReplySMS(t.Context(), "in-766", mobile, code))
	second.awaitApproved()
}
