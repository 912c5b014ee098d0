package webhooks_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"beian/shared/partners/dialguard"
	"beian/shared/partners/receiver"
	"beian/shared/partners/webhook"
)

func receive(wh *standardwebhooks.Webhook, keep func(id string, event []byte)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 1<<20))
		if err != nil || wh.Verify(body, r.Header) != nil {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		keep(r.Header.Get("webhook-id"), body) // ignore an id that you have
		w.WriteHeader(http.StatusNoContent)
	}
}

// TestDocumentedReceiver: the receiver in events.md is the function above. It accepts what we send, and refuses another secret.
func TestDocumentedReceiver(t *testing.T) {
	source, err := os.ReadFile("documented_test.go")
	if err != nil {
		t.Fatal(err)
	}
	doc, err := os.ReadFile("../../.github/docs/events.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(source), "func receive(")
	code, _, _ := strings.Cut(rest, "\n}\n")
	if !strings.Contains(string(doc), "```go\nfunc receive("+code+"\n}\n```") {
		t.Error("events.md has another receiver")
	}
	secret := webhook.NewSecret()
	wh, err := standardwebhooks.NewWebhook(secret.Reveal())
	if err != nil {
		t.Fatal(err)
	}
	kept := map[string]string{}
	server := httptest.NewServer(receive(wh, func(id string, event []byte) { kept[id] = string(event) }))
	defer server.Close()
	client := receiver.New(dialguard.Guard{Allow: dialguard.Loopback}, time.Now)
	for key, want := range map[webhook.Secret]int{secret: http.StatusNoContent, webhook.NewSecret(): http.StatusUnauthorized} {
		got := client.Send(t.Context(), receiver.Request{URL: server.URL, ID: "e-1", Body: []byte(`{"id":"e-1"}`), Secrets: []webhook.Secret{key}})
		if got.Status != want {
			t.Errorf("%+v, want %d", got, want)
		}
	}
	if len(kept) != 1 || kept["e-1"] != `{"id":"e-1"}` {
		t.Errorf("%v", kept)
	}
}
