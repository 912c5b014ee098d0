package receiver_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"beian/shared/partners/dialguard"
	"beian/shared/partners/receiver"
	"beian/shared/partners/webhook"
)

var now = time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)

func TestRequestsAreSignedWithEachSecret(t *testing.T) {
	old, next := webhook.NewSecret(), webhook.NewSecret()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		for _, secret := range []webhook.Secret{old, next} {
			if id, wrong := webhook.Verify([]webhook.Secret{secret}, webhook.HeadersOf(r.Header.Get), body, now); wrong != nil || id != "e-1" || err != nil {
				t.Errorf("%s, %v, %v", id, wrong, err)
			}
		}
		if string(body) != "{}" || r.Header.Get("Content-Type") != "application/cloudevents+json" || r.Method != http.MethodPost {
			t.Errorf("%s %v %s", r.Method, r.Header, body)
		}
		w.WriteHeader(http.StatusAccepted)
	}))
	defer server.Close()
	c := receiver.New(dialguard.Guard{Allow: dialguard.Loopback}, func() time.Time { return now })
	got := c.Send(t.Context(), receiver.Request{URL: server.URL, ContentType: "application/cloudevents+json", ID: "e-1", Body: []byte("{}"), Secrets: []webhook.Secret{next, old}})
	if got != (receiver.Response{Status: http.StatusAccepted}) {
		t.Errorf("%+v", got)
	}
}

func TestFailures(t *testing.T) {
	private := 0
	target := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { private++ }))
	defer target.Close()
	wait := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/redirect":
			http.Redirect(w, r, target.URL, http.StatusFound)
		case "/silent":
			<-wait
		case "/broken":
			panic(http.ErrAbortHandler)
		}
	}))
	defer server.Close()
	defer close(wait)
	allowed := receiver.New(dialguard.Guard{Allow: dialguard.Loopback}, time.Now)
	for name, c := range map[string]struct {
		client *receiver.Client
		url    string
		want   receiver.Response
	}{
		"a redirect is not followed": {allowed, server.URL + "/redirect", receiver.Response{Status: http.StatusFound}},
		"nothing is answered":        {allowed, server.URL + "/silent", receiver.Response{Failure: receiver.TimedOut}},
		"the connection breaks":      {allowed, server.URL + "/broken", receiver.Response{Failure: receiver.NoConnection}},
		"the address is not public":  {receiver.New(dialguard.Guard{}, time.Now), server.URL, receiver.Response{Failure: receiver.NotPublic}},
		"it is no TLS":               {allowed, "https" + server.URL[len("http"):], receiver.Response{Failure: receiver.NoConnection}},
		"it is no URL":               {allowed, "http://\x7f", receiver.Response{Failure: receiver.NoConnection}},
	} {
		ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
		if got := c.client.Send(ctx, receiver.Request{URL: c.url, ID: "e-1", Secrets: []webhook.Secret{webhook.NewSecret()}}); got != c.want {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
		cancel()
	}
	if private > 0 {
		t.Error("a redirect was followed")
	}
}
