package outbox_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"beian/infra/local/outbox"
	"beian/shared/partners/carrier"
	"beian/shared/partners/webhook"
	"beian/shared/process/notify"
	"beian/shared/rules/fault"
)

var secret = webhook.NewSecret()

// withCarrier returns an outbox and a client that sends SMS to it as a carrier.
func withCarrier(t *testing.T, signedWith webhook.Secret) (*outbox.Outbox, *carrier.Client, string) {
	t.Helper()
	sent := openOutbox(t, outbox.Config{Secret: secret}).Outbox
	server := httptest.NewServer(sent)
	t.Cleanup(server.Close)
	c, err := carrier.New(webhook.Endpoint{
		Name: "outbox", URL: server.URL + outbox.CarrierPath, KeyID: "local", Secret: signedWith, Now: time.Now,
	})
	if err != nil {
		t.Fatal(err)
	}
	return sent, c, server.URL + outbox.CarrierPath
}

func TestCarrier(t *testing.T) {
	sent, c, _ := withCarrier(t, secret)
	for range 2 { // a repeated key is not stored again
		if err := c.SendSMS(t.Context(), "13800000001", "【示例云】您的备案已通过。", "01JORDER-7-0"); err != nil {
			t.Fatal(err)
		}
	}
	kept := sent.Sent(phone)
	if len(kept) != 1 {
		t.Fatalf("%d messages are stored", len(kept))
	}
	want := outbox.Message{ID: kept[0].ID, Time: noon, Kind: outbox.SMS, To: []string{phone}, Text: "【示例云】您的备案已通过。",
		Attributes: map[string]string{notify.KeyName: "01JORDER-7-0"}}
	if diff := cmp.Diff(want, kept[0]); diff != "" {
		t.Errorf("sent (-want +got):\n%s", diff)
	}
}

func TestCarrierFaults(t *testing.T) {
	sent, c, _ := withCarrier(t, secret)
	send := func() fault.Kind { return fault.KindOf(c.SendSMS(t.Context(), "13800000001", "x", "k")) }
	sent.FailNext(outbox.SMS, 1, http.StatusTooManyRequests)
	if got := send(); got != fault.Unavailable || len(sent.Sent("")) != 0 {
		t.Errorf("busy: %s, %d messages are stored", got, len(sent.Sent("")))
	}
	sent.LoseNext(1)
	if got := send(); got != fault.Unavailable || len(sent.Sent("")) != 1 {
		t.Errorf("lost response: %s, %d messages are stored", got, len(sent.Sent("")))
	}
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			if got := send(); got != "" {
				t.Errorf("again: %s", got)
			}
		})
	}
	all.Wait()
	if got := len(sent.Sent("")); got != 1 {
		t.Errorf("%d messages are stored for one key", got)
	}
}

func TestCarrierRefuses(t *testing.T) {
	sent, stranger, address := withCarrier(t, webhook.NewSecret())
	if err := stranger.SendSMS(t.Context(), "13800000001", "x", "k"); fault.KindOf(err) != fault.Unavailable {
		t.Errorf("another secret: %v", err)
	}
	for body, want := range map[string]int{
		`{"key":"k","to":"13800000001","text":"x"}`:                                    http.StatusUnprocessableEntity,
		`{"to":"+8613800000001","text":"x"}`:                                           http.StatusBadRequest,
		`{"key":"k","to":"+8613800000001"}`:                                            http.StatusBadRequest,
		`{"key":"k","to":"+8613800000001","text":"` + strings.Repeat("好", 1601) + `"}`: http.StatusBadRequest,
		`no JSON`: http.StatusBadRequest,
	} {
		e := webhook.Endpoint{URL: address, KeyID: "local", Secret: secret, Now: time.Now, Timeout: time.Minute, MaxResponse: 1 << 10}
		if got, _, err := e.Post(t.Context(), "k", []byte(body)); got != want || err != nil {
			t.Errorf("%.60s: %d, want %d; %v", body, got, want, err)
		}
	}
	if got := sent.Sent(""); len(got) != 0 {
		t.Errorf("%d refused messages are stored", len(got))
	}
}
