package domainfacts_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	provider "beian/shared/partners/domainfacts"
	"beian/shared/partners/webhook"
	"beian/shared/rules/domainfacts"
	"beian/shared/rules/fault"
)

var (
	now    = time.Date(2026, 11, 20, 4, 0, 0, 0, time.UTC)
	secret = webhook.NewSecret()
	query  = domainfacts.Query{Domain: "example.cn", Subject: "示例人", Certificate: "110101199001010015"}
)

// signed reports whether a request has a valid signature.
func signed(r *http.Request, body []byte) bool {
	_, err := webhook.Verify([]webhook.Secret{secret}, webhook.HeadersOf(r.Header.Get), body, now)
	return err == nil
}

func newClient(t *testing.T, handle http.HandlerFunc) *provider.Client {
	t.Helper()
	server := httptest.NewServer(handle)
	t.Cleanup(server.Close)
	c, err := provider.New(webhook.Endpoint{Name: "registrar", URL: server.URL, KeyID: "k1", Secret: secret, Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

const managed = `{"domain":"example.cn","managed":true,"registered":true,"registrar":"示例云","registrarId":420,"registeredAt":"2018-05-01T00:00:00Z",
	"expiresAt":"2027-05-01T00:00:00Z","holder":{"name":" 示例人","certificateNumber":"11010119900101001-5"},"verified":true,"verifiedAt":"2018-05-02T08:00:00Z"}`

// TestRegistrarSystem: the request is signed and does not name the applicant; the answer becomes facts.
func TestRegistrarSystem(t *testing.T) {
	c := newClient(t, func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil || r.Method != http.MethodPost || r.Header.Get(webhook.KeyHeader) != "k1" ||
			!signed(r, body) {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		if string(body) != `{"domain":"example.cn"}` {
			t.Error("the request has more than the domain")
		}
		io.WriteString(w, managed)
	})
	facts, err := c.Registration(t.Context(), query)
	want := domainfacts.Facts{
		Source: domainfacts.Registrar, Registered: domainfacts.Yes, Registrar: "示例云", RegistrarID: 420,
		RegisteredAt: time.Date(2018, 5, 1, 0, 0, 0, 0, time.UTC), ExpiresAt: time.Date(2027, 5, 1, 0, 0, 0, 0, time.UTC),
		Holder: "示例人", SameCertificate: domainfacts.Yes, Verified: domainfacts.Yes, VerifiedAt: time.Date(2018, 5, 2, 8, 0, 0, 0, time.UTC),
	}
	if err != nil || facts != want {
		t.Errorf("%+v, %v", facts, err)
	}
}

func TestAnswersAreClassified(t *testing.T) {
	about := func(rest string) string {
		return `{"domain":"example.cn","managed":true,"registered":true` + rest + `}`
	}
	for name, c := range map[string]struct {
		status int
		body   string
		want   fault.Kind
	}{
		"all of it":               {200, managed, ""},
		"the least":               {200, about(""), ""},
		"an additional field":     {200, about(`,"x":1`), ""},
		"not verified":            {200, about(`,"verified":false`), ""},
		"verified without a time": {200, about(`,"verified":true`), ""},
		"not registered":          {200, `{"domain":"example.cn","managed":true,"registered":false}`, ""},
		"another domain":          {200, strings.Replace(managed, "example.cn", "example.com", 1), fault.Unavailable},
		"managed is missing":      {200, `{"domain":"example.cn","registered":true}`, fault.Unavailable},
		"registered twice":        {200, `{"domain":"example.cn","managed":true,"registered":false,"registered":true}`, fault.Unavailable},
		"a holder twice":          {200, `{"domain":"example.cn","managed":true,"registered":true,"holder":{"name":"甲","Name":"乙"}}`, fault.Unavailable},
		"registered is missing":   {200, `{"domain":"example.cn","managed":true}`, fault.Unavailable},
		"a time without verified": {200, about(`,"verified":false,"verifiedAt":"2018-05-02T08:00:00Z"`), fault.Unavailable},
		"verified in the future":  {200, about(`,"verified":true,"verifiedAt":"2026-11-20T05:00:00Z"`), fault.Unavailable},
		"expired before it began": {200, about(`,"registeredAt":"2018-05-01T00:00:00Z","expiresAt":"2017-05-01T00:00:00Z"`), fault.Unavailable},
		"a date that is none":     {200, about(`,"expiresAt":"2027-05-01"`), fault.Unavailable},
		"no JSON":                 {200, "<html>", fault.Unavailable},
		"an endless answer":       {200, about(`,"x":"` + strings.Repeat("x", 70_000) + `"`), fault.Unavailable},
		"busy":                    {429, "", fault.Unavailable},
		"broken":                  {503, "", fault.Unavailable},
		"unauthorised":            {401, "", fault.Internal},
		"a wrong address":         {404, "", fault.Internal},
		"redirect":                {307, "", fault.Internal},
	} {
		t.Run(name, func(t *testing.T) {
			client := newClient(t, func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path != "/" {
					t.Error("the redirect was followed")
				}
				w.Header().Set("Location", "/elsewhere")
				w.WriteHeader(c.status)
				io.WriteString(w, c.body)
			})
			facts, err := client.Registration(t.Context(), query)
			if fault.KindOf(err) != c.want || err != nil && facts != (domainfacts.Facts{}) {
				t.Errorf("%v, want %q", err, c.want)
			}
			if err != nil && strings.Contains(err.Error(), "示例人") {
				t.Error("the error names the holder")
			}
		})
	}
}

// TestOtherRegistrar: the caller learns that another source has to be asked.
func TestOtherRegistrar(t *testing.T) {
	c := newClient(t, func(w http.ResponseWriter, _ *http.Request) {
		io.WriteString(w, `{"domain":"example.cn","managed":false}`)
	})
	if _, err := c.Registration(t.Context(), query); !errors.Is(err, domainfacts.ErrNotManaged) {
		t.Error(err)
	}
}

// TestHolderCertificate: a masked number proves nothing.
func TestHolderCertificate(t *testing.T) {
	for number, want := range map[string]domainfacts.Answer{
		"110101199001010015": domainfacts.Yes, "110101199001010023": domainfacts.No, "1101********0015": domainfacts.Unknown, "": domainfacts.Unknown,
	} {
		c := newClient(t, func(w http.ResponseWriter, _ *http.Request) {
			io.WriteString(w, strings.Replace(managed, "11010119900101001-5", number, 1))
		})
		if facts, err := c.Registration(t.Context(), query); err != nil || facts.SameCertificate != want {
			t.Errorf("a number of %d characters: %q, %v; want %q", len(number), facts.SameCertificate, err, want)
		}
	}
}

func TestNewRefuses(t *testing.T) {
	if _, err := provider.New(webhook.Endpoint{Name: "registrar", URL: "http://registrar.example", KeyID: "k1", Secret: secret, Now: time.Now}); err == nil {
		t.Error("New accepted an endpoint without TLS")
	}
}
