package liveness_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	provider "beian/shared/partners/liveness"
	"beian/shared/partners/webhook"
	"beian/shared/rules/fault"
	"beian/shared/rules/liveness"
)

var (
	now    = time.Date(2019, 12, 25, 9, 0, 0, 0, time.UTC)
	secret = webhook.NewSecret()
)

// signed reports whether a request has a valid signature.
func signed(r *http.Request, body []byte) bool {
	_, err := webhook.Verify([]webhook.Secret{secret}, webhook.HeadersOf(r.Header.Get), body, now)
	return err == nil
}

func newClient(t *testing.T, server *httptest.Server) *provider.Client {
	t.Helper()
	c, err := provider.New(webhook.Endpoint{
		Name: "faces", URL: server.URL, KeyID: "k1", Secret: secret, Now: func() time.Time { return now },
		Transport: server.Client().Transport,
	})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

var capture = liveness.Capture{Data: []byte("recording"), Portrait: []byte("portrait")}

// serveProvider verifies the request as a real provider would and lets the simulator decide.
func serveProvider(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil || r.Method != http.MethodPost || r.Header.Get(webhook.KeyHeader) != "k1" ||
		!signed(r, body) {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	var q struct {
		Challenge         string
		Actions           []liveness.Action
		Capture, Portrait []byte
		PortraitSHA256    string
	}
	if err := json.Unmarshal(body, &q); err != nil || string(q.Portrait) != "portrait" || q.PortraitSHA256 != fmt.Sprintf("%x", sha256.Sum256(q.Portrait)) {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	result, _ := provider.Simulator{}.Verify(r.Context(), liveness.Challenge{Actions: q.Actions, Leader: "leader-7"}, liveness.Capture{Data: q.Capture, Portrait: q.Portrait})
	json.NewEncoder(w).Encode(map[string]any{"challenge": q.Challenge, "passed": result.Passed, "score": result.Score, "reason": result.Reason})
}

func TestVerify(t *testing.T) {
	server := httptest.NewTLSServer(http.HandlerFunc(serveProvider))
	defer server.Close()
	challenge := liveness.Issue("BA1", 0, "leader-7", now)
	r, err := newClient(t, server).Verify(t.Context(), challenge,
		liveness.Capture{Data: provider.PassingCapture(challenge), Portrait: []byte("portrait")})
	if err != nil || !r.Passed || r.Score < 80 || r.Simulated || r.Provider != "faces" || r.Reason != "" {
		t.Errorf("%+v, %v", r, err)
	}
	r, err = newClient(t, server).Verify(t.Context(), challenge,
		liveness.Capture{Data: []byte(`{"face":"invented:leader-8"}`), Portrait: []byte("portrait")})
	if err != nil || r.Passed || r.Reason != liveness.FaceMismatch {
		t.Errorf("%+v, %v", r, err)
	}
}

func TestAnswersAreClassified(t *testing.T) {
	challenge := liveness.Issue("BA1", 0, "leader-7", now)
	about := func(rest string) string { return `{"challenge":"` + challenge.ID + `",` + rest + `}` }
	for name, c := range map[string]struct {
		status int
		body   string
		want   fault.Kind
	}{
		"passed":                    {200, about(`"passed":true,"score":100`), ""},
		"an additional field":       {200, about(`"passed":true,"score":100,"trace":"t"`), ""},
		"not passed":                {200, about(`"passed":false,"score":3,"reason":"poor-light"`), ""},
		"not passed without reason": {200, about(`"passed":false,"score":3`), fault.Unavailable},
		"passed twice":              {200, about(`"passed":false,"score":3,"passed":true`), fault.Unavailable},
		"passed in two cases":       {200, about(`"passed":false,"score":3,"Passed":true`), fault.Unavailable},
		"an unknown reason":         {200, about(`"passed":false,"score":3,"reason":"mood"`), fault.Unavailable},
		"passed with a reason":      {200, about(`"passed":true,"score":3,"reason":"poor-light"`), fault.Unavailable},
		"no decision":               {200, about(`"score":100`), fault.Unavailable},
		"a score out of range":      {200, about(`"passed":true,"score":101`), fault.Unavailable},
		"another challenge":         {200, `{"challenge":"X","passed":true,"score":100}`, fault.Unavailable},
		"no JSON":                   {200, "<html>", fault.Unavailable},
		"an endless answer":         {200, about(`"passed":true,"score":100,"x":"` + strings.Repeat("x", 70_000) + `"`), fault.Unavailable},
		"busy":                      {429, "", fault.Unavailable},
		"broken":                    {503, "", fault.Unavailable},
		"unauthorised":              {401, "", fault.Internal},
		"bad request":               {400, "", fault.Internal},
		"redirect":                  {307, "", fault.Internal},
	} {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path != "/" {
					t.Error("the redirect was followed")
				}
				w.Header().Set("Location", "/elsewhere")
				w.WriteHeader(c.status)
				io.WriteString(w, c.body)
			}))
			defer server.Close()
			if _, err := newClient(t, server).Verify(t.Context(), challenge, capture); fault.KindOf(err) != c.want {
				t.Errorf("%v, want %q", err, c.want)
			}
		})
	}
}

func TestNoResponse(t *testing.T) {
	challenge := liveness.Issue("BA1", 0, "leader-7", now)
	release := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-release }))
	defer server.Close()
	defer close(release)
	late, stop := context.WithTimeout(t.Context(), 1)
	defer stop()
	if _, err := newClient(t, server).Verify(late, challenge, capture); fault.KindOf(err) != fault.Unavailable {
		t.Errorf("timeout: %v", err)
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := newClient(t, server).Verify(gone, challenge, capture); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	closed := httptest.NewServer(http.NotFoundHandler())
	c := newClient(t, closed)
	closed.Close()
	if _, err := c.Verify(t.Context(), challenge, capture); fault.KindOf(err) != fault.Unavailable {
		t.Errorf("no connection: %v", err)
	}
}

// TestIncomplete: without a recording or a portrait within the limits, the provider is not called.
func TestIncomplete(t *testing.T) {
	server := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("the provider is called") }))
	defer server.Close()
	large := bytes.Repeat([]byte("x"), liveness.MaxCapture+1)
	for _, bad := range []liveness.Capture{{Portrait: capture.Portrait}, {Data: large, Portrait: capture.Portrait}, {Data: capture.Data}, {Data: capture.Data, Portrait: large}} {
		if _, err := newClient(t, server).Verify(t.Context(), liveness.Challenge{}, bad); fault.KindOf(err) != fault.KindOf(bad.Check()) || err == nil {
			t.Error(err)
		}
	}
}

func TestNewRefuses(t *testing.T) {
	good := webhook.Endpoint{Name: "faces", URL: "https://faces.example", KeyID: "k1", Secret: secret, Now: func() time.Time { return now }}
	for name, change := range map[string]func(*webhook.Endpoint){
		"in clear":  func(c *webhook.Endpoint) { c.URL = "http://faces.example" },
		"no host":   func(c *webhook.Endpoint) { c.URL = "https://" },
		"no URL":    func(c *webhook.Endpoint) { c.URL = "faces\x7f" },
		"ftp":       func(c *webhook.Endpoint) { c.URL = "ftp://127.0.0.1" },
		"no secret": func(c *webhook.Endpoint) { c.Secret = webhook.Secret{} },
		"no name":   func(c *webhook.Endpoint) { c.Name = "" },
		"no key":    func(c *webhook.Endpoint) { c.KeyID = "" },
		"no clock":  func(c *webhook.Endpoint) { c.Now = nil },
	} {
		c := good
		change(&c)
		if _, err := provider.New(c); err == nil {
			t.Errorf("%s: New accepted the endpoint", name)
		}
	}
	if _, err := provider.New(good); err != nil {
		t.Error(err)
	}
}
