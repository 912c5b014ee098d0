package webhook_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"beian/shared/partners/webhook"
)

func TestPost(t *testing.T) {
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got, err := io.ReadAll(r.Body)
		if err != nil || r.Method != http.MethodPost || r.Header.Get(webhook.KeyHeader) != "k1" || r.Header.Get("Content-Type") != "application/json" {
			t.Errorf("%s %v, %v", r.Method, r.Header, err)
		}
		if id, err := webhook.Verify([]webhook.Secret{old}, webhook.HeadersOf(r.Header.Get), got, now); id != "m-1" || err != nil {
			t.Errorf("%s, %v", id, err)
		}
		switch r.URL.Path {
		case "/moved":
			http.Redirect(w, r, "/", http.StatusTemporaryRedirect)
		case "/long":
			w.WriteHeader(http.StatusTeapot)
			io.WriteString(w, strings.Repeat("x", 9))
		default:
			io.WriteString(w, "12345678")
		}
	}))
	defer server.Close()
	for path, want := range map[string]struct {
		status int
		answer string
		err    error
	}{
		"/":      {200, "12345678", nil},
		"/moved": {307, "", nil},
		"/long":  {418, "", webhook.ErrTooLong},
	} {
		e := webhook.Endpoint{Name: "courier", URL: server.URL + path, KeyID: "k1", Secret: old, Now: func() time.Time { return now },
			Timeout: time.Minute, MaxResponse: 8, Transport: server.Client().Transport}
		status, answer, err := e.Post(t.Context(), "m-1", []byte(body))
		if status != want.status || string(answer) != want.answer || !errors.Is(err, want.err) {
			t.Errorf("%s: %d %q %v", path, status, answer, err)
		}
	}
}

func TestEndpointCheck(t *testing.T) {
	good := webhook.Endpoint{Name: "courier", URL: "https://provider.example/check", KeyID: "k1", Secret: old, Now: time.Now, Timeout: time.Second, MaxResponse: 1}
	for name, change := range map[string]func(*webhook.Endpoint){
		"in clear":   func(e *webhook.Endpoint) { e.URL = "http://provider.example" },
		"no host":    func(e *webhook.Endpoint) { e.URL = "https://" },
		"no URL":     func(e *webhook.Endpoint) { e.URL = "provider\x7f" },
		"ftp":        func(e *webhook.Endpoint) { e.URL = "ftp://127.0.0.1" },
		"no secret":  func(e *webhook.Endpoint) { e.Secret = webhook.Secret{} },
		"no key":     func(e *webhook.Endpoint) { e.KeyID = "" },
		"no clock":   func(e *webhook.Endpoint) { e.Now = nil },
		"no timeout": func(e *webhook.Endpoint) { e.Timeout = 0 },
		"no limit":   func(e *webhook.Endpoint) { e.MaxResponse = 0 },
	} {
		e := good
		change(&e)
		if e.Check() == nil {
			t.Errorf("%s: passed", name)
		}
	}
	for _, url := range []string{good.URL, "http://127.0.0.1:8080/", "http://localhost/"} {
		e := good
		e.URL = url
		if err := e.Check(); err != nil {
			t.Errorf("%s: %v", url, err)
		}
	}
}
