package carrier_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"beian/shared/partners/carrier"
	"beian/shared/partners/webhook"
	"beian/shared/rules/contact"
	"beian/shared/rules/fault"
)

var (
	now    = time.Date(2019, 12, 25, 9, 0, 0, 0, time.UTC)
	secret = webhook.NewSecret()
)

const mobile contact.Mobile = "13800000000"

const (
	text = "【示例云】123456 是您的验证码 <&>"
	key  = "01JORDER-7-0"
)

// bridge implements the package comment: it verifies the signature and sends one SMS for each key.
type bridge struct {
	mu   sync.Mutex
	sent map[string][2]string // number and text by key
	// lose is the number of responses to lose after the SMS was sent.
	lose int
}

func (b *bridge) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil || r.Method != http.MethodPost || r.Header.Get(webhook.KeyHeader) != "k1" ||
		!signed(r, body) {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	var sms struct{ Key, To, Text string }
	if err := json.Unmarshal(body, &sms); err != nil || sms.Key == "" || sms.Text == "" {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	if sms.To == "+8613800000001" {
		w.WriteHeader(http.StatusUnprocessableEntity)
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if _, ok := b.sent[sms.Key]; ok {
		w.WriteHeader(http.StatusConflict)
		return
	}
	b.sent[sms.Key] = [2]string{sms.To, sms.Text}
	if b.lose > 0 {
		b.lose--
		w.WriteHeader(http.StatusBadGateway)
		return
	}
	w.WriteHeader(http.StatusAccepted)
	json.NewEncoder(w).Encode(map[string]string{"key": sms.Key, "trace": "t"})
}

// signed reports whether a request has a valid signature.
func signed(r *http.Request, body []byte) bool {
	_, err := webhook.Verify([]webhook.Secret{secret}, webhook.HeadersOf(r.Header.Get), body, now)
	return err == nil
}

func newClient(t *testing.T, server *httptest.Server) *carrier.Client {
	t.Helper()
	c, err := carrier.New(webhook.Endpoint{
		Name: "courier", URL: server.URL, KeyID: "k1", Secret: secret, Now: func() time.Time { return now },
		Transport: server.Client().Transport,
	})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestSendSMS(t *testing.T) {
	b := &bridge{sent: map[string][2]string{}}
	server := httptest.NewTLSServer(b)
	defer server.Close()
	c := newClient(t, server)
	for range 2 { // the second time it was accepted before
		if err := c.SendSMS(t.Context(), mobile, text, key); err != nil {
			t.Fatal(err)
		}
	}
	if got := b.sent[key]; got != [2]string{"+8613800000000", text} {
		t.Errorf("sent %q", got)
	}
	if err := c.SendSMS(t.Context(), "13800000001", text, "k"); fault.KindOf(err) != fault.Invalid {
		t.Errorf("opted out: %v", err)
	}
}

// TestLostResponse checks that an SMS whose response was lost is not sent twice.
func TestLostResponse(t *testing.T) {
	b := &bridge{sent: map[string][2]string{}, lose: 1}
	server := httptest.NewServer(b)
	defer server.Close()
	c := newClient(t, server)
	if err := c.SendSMS(t.Context(), mobile, text, key); fault.KindOf(err) != fault.Unavailable {
		t.Errorf("lost: %v", err)
	}
	if err := c.SendSMS(t.Context(), mobile, text, key); err != nil || len(b.sent) != 1 {
		t.Errorf("again: %v, %d sent", err, len(b.sent))
	}
}

func TestResponsesAreClassifiedWithoutPersonalData(t *testing.T) {
	const accepted = `{"key":"` + key + `"}`
	long := accepted[:len(accepted)-1] + `,"x":"` + strings.Repeat("x", 5_000) + `"}`
	for name, c := range map[string]struct {
		status int
		body   string
		want   fault.Kind
	}{
		"accepted":                {200, accepted, ""},
		"an additional field":     {202, `{"id":1,"key":"` + key + `"}`, ""},
		"accepted before":         {409, "", ""},
		"accepted before, a page": {409, strings.Repeat("x", 5_000), ""},
		"another key":             {200, `{"key":"01JORDER-8-0"}`, fault.Unavailable},
		"no key":                  {200, `{}`, fault.Unavailable},
		"nothing":                 {204, "", fault.Unavailable},
		"a page":                  {200, "<html>", fault.Unavailable},
		"two objects":             {200, accepted + accepted, fault.Unavailable},
		"a key twice":             {200, `{"key":"01JORDER-8-0","key":"` + key + `"}`, fault.Unavailable},
		"a key of another type":   {200, `{"key":1}`, fault.Unavailable},
		"an endless answer":       {200, long, fault.Unavailable},
		"an endless refusal":      {503, long, fault.Unavailable},
		"a redirect":              {307, accepted, fault.Unavailable},
		"an unknown secret":       {401, "", fault.Unavailable},
		"no permission":           {403, "", fault.Unavailable},
		"the wrong address":       {404, "", fault.Unavailable},
		"too slow":                {408, "", fault.Unavailable},
		"busy":                    {429, "", fault.Unavailable},
		"broken":                  {500, "", fault.Unavailable},
		"down":                    {503, "", fault.Unavailable},
		"a bad number":            {400, "", fault.Invalid},
		"refused":                 {422, string(mobile) + text, fault.Invalid},
		"an endless rejection":    {422, long, fault.Invalid},
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
			err := newClient(t, server).SendSMS(t.Context(), mobile, text, key)
			if fault.KindOf(err) != c.want {
				t.Errorf("%v, want %q", err, c.want)
			}
			checkNoPersonalData(t, err)
		})
	}
}

func checkNoPersonalData(t *testing.T, err error) {
	t.Helper()
	if err == nil {
		return
	}
	for _, personal := range []string{"13800000000", "123456"} {
		if strings.Contains(err.Error(), personal) {
			t.Error("the error names the recipient or quotes the message")
		}
	}
}

func TestNewRefuses(t *testing.T) {
	good := webhook.Endpoint{Name: "courier", URL: "https://sms.example", KeyID: "k1", Secret: secret, Now: func() time.Time { return now }}
	for name, change := range map[string]func(*webhook.Endpoint){
		"in clear":  func(c *webhook.Endpoint) { c.URL = "http://sms.example" },
		"no name":   func(c *webhook.Endpoint) { c.Name = "" },
		"no secret": func(c *webhook.Endpoint) { c.Secret = webhook.Secret{} },
	} {
		c := good
		change(&c)
		if _, err := carrier.New(c); err == nil {
			t.Errorf("%s: New accepted the endpoint", name)
		}
	}
	if _, err := carrier.New(good); err != nil {
		t.Error(err)
	}
}

// fixedTransport is a transport that always returns the same response.
type fixedTransport struct {
	status int
	body   string
}

func (a fixedTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: a.status, Body: io.NopCloser(strings.NewReader(a.body)), Request: r}, nil
}

// FuzzAnswer checks that an SMS counts as accepted only by a response that confirms it.
func FuzzAnswer(f *testing.F) {
	f.Add(200, `{"key":"`+key+`"}`)
	f.Add(204, "")
	f.Add(409, "<html>")
	f.Add(500, `{"key":"`+key+`"}`)
	f.Fuzz(func(t *testing.T, status int, body string) {
		c, err := carrier.New(webhook.Endpoint{Name: "courier", URL: "https://sms.example", KeyID: "k1", Secret: secret,
			Now: func() time.Time { return now }, Transport: fixedTransport{status, body}})
		if err != nil {
			t.Fatal(err)
		}
		err = c.SendSMS(t.Context(), mobile, text, key)
		if err == nil && status != 409 && !(status/100 == 2 && repeatsKey(body)) {
			t.Errorf("%d %q counts as accepted", status, body)
		}
		if kind := fault.KindOf(err); err != nil && kind != fault.Unavailable && kind != fault.Invalid {
			t.Errorf("%d: %v", status, err)
		}
	})
}

func repeatsKey(body string) bool {
	var fields map[string]any
	if json.Unmarshal([]byte(body), &fields) != nil {
		return false
	}
	for name, value := range fields {
		if strings.EqualFold(name, "key") && value == key {
			return true
		}
	}
	return false
}
