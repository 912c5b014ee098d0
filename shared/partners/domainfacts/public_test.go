package domainfacts

import (
	"context"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"time"

	"beian/shared/rules/domainfacts"
	"beian/shared/rules/domainname"
)

// TestOnlyPublicAddresses: an applicant chooses the domain, so that it may point into our own network.
func TestOnlyPublicAddresses(t *testing.T) {
	for _, text := range []string{"8.8.8.8", "1.1.1.1", "223.5.5.5", "2400:3200::1", "2606:4700:4700::1111", "::ffff:8.8.8.8"} {
		if !isPublic(netip.MustParseAddr(text)) {
			t.Errorf("%s is refused", text)
		}
	}
	for _, text := range []string{
		"127.0.0.1", "127.8.8.8", "0.0.0.0", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "169.254.169.254", "100.100.100.200",
		"100.64.0.1", "192.0.0.192", "192.0.2.1", "198.18.0.1", "198.51.100.1", "203.0.113.1", "224.0.0.1", "240.0.0.1", "255.255.255.255",
		"::", "::1", "::ffff:127.0.0.1", "::ffff:169.254.169.254", "::127.0.0.1", "64:ff9b::a9fe:a9fe", "2002:7f00:1::", "2001::1", "2001:db8::1",
		"fe80::1", "fe80::1%eth0", "fc00::1", "fd00:ec2::254", "fec0::1", "ff02::1", "100::1",
	} {
		if isPublic(netip.MustParseAddr(text)) {
			t.Errorf("%s is accepted", text)
		}
	}
}

// TestDialerRefuses: the address is checked when the connection is made, not when the name is resolved, so that a name cannot change its
// address between the two.
func TestDialerRefuses(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	_, port, _ := net.SplitHostPort(listener.Addr().String())
	for _, host := range []string{"127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "0.0.0.0"} {
		connection, err := publicDialer().DialContext(t.Context(), "tcp", host+":"+port)
		if err == nil {
			connection.Close()
		}
		if !errors.Is(err, errNotPublic) {
			t.Errorf("%s: %v", host, err)
		}
	}
}

// pagesAt returns a Pages that connects to a server whatever the host is.
func pagesAt(t *testing.T, handle http.Handler) *Pages {
	server := httptest.NewServer(handle)
	t.Cleanup(server.Close)
	return newPages(func(ctx context.Context, network, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, network, server.Listener.Addr().String())
	})
}

// TestPages: a domain shows a page if its home page, or that of its www, answers without an error.
func TestPages(t *testing.T) {
	for name, c := range map[string]struct {
		handle http.HandlerFunc
		want   bool
	}{
		"a page":               {func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte("<html>")) }, true},
		"on www only":          {func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(statusIf(r.Host == "www.example.cn")) }, true},
		"the provider's block": {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusForbidden) }, false},
		"an error":             {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) }, false},
		"an endless header":    {func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("X", strings.Repeat("x", 1<<20)) }, false},
		"a redirect inside": {func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path != "/" {
				t.Error("the redirect was followed")
			}
			http.Redirect(w, r, "http://169.254.169.254/latest/meta-data/", http.StatusFound)
		}, true},
	} {
		t.Run(name, func(t *testing.T) {
			if has, err := pagesAt(t, c.handle).HasPage(t.Context(), "example.cn"); has != c.want || err != nil {
				t.Errorf("%t, %v", has, err)
			}
		})
	}
}

func statusIf(ok bool) int {
	if ok {
		return http.StatusOK
	}
	return http.StatusNotFound
}

// TestPagesWithoutAnswer: a domain that does not exist has no page; without an answer of the resolver, or in time, nothing is known.
func TestPagesWithoutAnswer(t *testing.T) {
	for name, c := range map[string]struct {
		err     error
		unknown bool
	}{
		"no such domain":       {&net.DNSError{IsNotFound: true}, false},
		"nothing listens":      {&net.OpError{Op: "dial", Err: errors.New("connection refused")}, false},
		"inside our network":   {errNotPublic, false},
		"the resolver failed":  {&net.DNSError{IsTemporary: true}, true},
		"the resolver is slow": {&net.DNSError{IsTimeout: true}, true},
		"the time is over":     {context.DeadlineExceeded, true},
	} {
		pages := newPages(func(context.Context, string, string) (net.Conn, error) { return nil, c.err })
		if has, err := pages.HasPage(t.Context(), "example.cn"); has || (err != nil) != c.unknown {
			t.Errorf("%s: %t, %v", name, has, err)
		}
	}
}

// directory serves IANA's list and a registry on one loopback server, and returns an RDAP that uses them.
func directory(t *testing.T, answer http.HandlerFunc) *RDAP {
	mux := http.NewServeMux()
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	mux.HandleFunc("/list/dns.json", func(w http.ResponseWriter, _ *http.Request) {
		w.Write([]byte(`{"version":"1.0","publication":"2026-01-01T00:00:00Z","services":[[["com","xn--fiqs8s"],["` + server.URL + `/rdap/"]]]}`))
	})
	mux.HandleFunc("/rdap/domain/", answer)
	list, err := url.Parse(server.URL + "/list/")
	if err != nil {
		t.Fatal(err)
	}
	return newRDAP(http.DefaultTransport, list)
}

const registryAnswer = `{"objectClassName":"domain","ldhName":"EXAMPLE.COM","status":["client transfer prohibited"],
	"events":[{"eventAction":"registration","eventDate":"2018-05-01T00:00:00Z"},{"eventAction":"expiration","eventDate":"2027-05-01T08:00:00+08:00"}],
	"entities":[{"objectClassName":"entity","roles":["registrar"],"publicIds":[{"type":"IANA Registrar ID","identifier":"420"}],
		"vcardArray":["vcard",[["version",{},"text","4.0"],["fn",{},"text","Alibaba Cloud Computing (Beijing) Co., Ltd."]]]},
		{"roles":["registrant"],"vcardArray":["vcard",[["version",{},"text","4.0"],["fn",{},"text",""],["org",{},"text","REDACTED FOR PRIVACY"]]]}]}`

// TestRDAP: the registry knows registrar and dates; the holder is hidden.
func TestRDAP(t *testing.T) {
	r := directory(t, func(w http.ResponseWriter, request *http.Request) {
		if request.URL.Path != "/rdap/domain/example.com" {
			t.Errorf("asked for %s", request.URL.Path)
		}
		w.Header().Set("Content-Type", "application/rdap+json")
		w.Write([]byte(registryAnswer))
	})
	facts, err := r.Registration(t.Context(), domainfacts.Query{Domain: "example.com"})
	want := domainfacts.Facts{
		Source: domainfacts.RDAP, Registered: domainfacts.Yes, Registrar: "Alibaba Cloud Computing (Beijing) Co., Ltd.", RegistrarID: 420,
		RegisteredAt: time.Date(2018, 5, 1, 0, 0, 0, 0, time.UTC), ExpiresAt: time.Date(2027, 5, 1, 0, 0, 0, 0, time.UTC), Holder: "REDACTED FOR PRIVACY",
	}
	if err != nil || facts != want {
		t.Errorf("%+v, %v", facts, err)
	}
}

// TestRDAPAnswers: what cannot be read is unknown; only an answer about the domain counts.
func TestRDAPAnswers(t *testing.T) {
	about := func(rest string) string { return `{"objectClassName":"domain","ldhName":"example.com"` + rest + `}` }
	for name, c := range map[string]struct {
		domain domainname.Domain
		status int
		body   string
		want   func(domainfacts.Facts) bool // nil: an error
	}{
		"not registered":   {"example.com", 404, "", func(f domainfacts.Facts) bool { return f.Registered == domainfacts.No }},
		"on hold":          {"example.com", 200, about(`,"status":["Server Hold", 7]`), func(f domainfacts.Facts) bool { return f.OnHold }},
		"strange dates":    {"example.com", 200, about(`,"events":[{"eventAction":"expiration","eventDate":"soon"}]`), func(f domainfacts.Facts) bool { return f.ExpiresAt.IsZero() }},
		"strange vcards":   {"example.com", 200, about(`,"entities":[{"roles":["registrant"],"vcardArray":["vcard",[["fn"],[],["fn",{},"text",["a"]]]]},{"roles":["registrar"],"vcardArray":{}}]`), func(f domainfacts.Facts) bool { return f.Holder == "" && f.Registrar == "" }},
		"another domain":   {"example.com", 200, `{"objectClassName":"domain","ldhName":"other.com"}`, nil},
		"another object":   {"example.com", 200, `{"objectClassName":"entity","ldhName":"example.com"}`, nil},
		"no JSON":          {"example.com", 200, "<html>", nil},
		"null":             {"example.com", 200, "null", nil},
		"an endless text":  {"example.com", 200, about(`,"x":"` + strings.Repeat("x", maxDirectory) + `"`), nil},
		"too many queries": {"example.com", 429, "", nil},
		"broken":           {"example.com", 500, "", nil},
		"no server":        {"example.cn", 200, about(""), nil},
	} {
		t.Run(name, func(t *testing.T) {
			r := directory(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(c.status); w.Write([]byte(c.body)) })
			facts, err := r.Registration(t.Context(), domainfacts.Query{Domain: c.domain})
			if (err == nil) != (c.want != nil) || c.want != nil && !c.want(facts) {
				t.Errorf("%+v, %v", facts, err)
			}
		})
	}
}

// TestRDAPRedirects: a registry cannot send us in circles or into our own network.
func TestRDAPRedirects(t *testing.T) {
	asked := 0
	r := directory(t, func(w http.ResponseWriter, request *http.Request) {
		asked++
		http.Redirect(w, request, request.URL.Path, http.StatusFound)
	})
	if _, err := r.Registration(t.Context(), domainfacts.Query{Domain: "example.com"}); err == nil || asked > maxRedirects+1 {
		t.Errorf("asked %d times, %v", asked, err)
	}
	closed := newRDAP(&http.Transport{DialContext: publicDialer().DialContext}, &url.URL{Scheme: "http", Host: "127.0.0.1:1", Path: "/"})
	if _, err := closed.Registration(t.Context(), domainfacts.Query{Domain: "example.com"}); !errors.Is(err, errNotPublic) {
		t.Errorf("IANA's list on the loopback: %v", err)
	}
}

// TestSimulator: every case of laptop.md can be tried by hand.
func TestSimulator(t *testing.T) {
	now := time.Date(2026, 11, 20, 4, 0, 0, 0, time.UTC)
	s := Simulator{Now: func() time.Time { return now }}
	for domain, holds := range map[domainname.Domain]func(domainfacts.Facts) bool{
		"example.cn":         func(f domainfacts.Facts) bool { return f.Holder == "示例人" && f.Source == domainfacts.Simulator },
		"held-by-another.cn": func(f domainfacts.Facts) bool { return f.Holder != "示例人" },
		"verified-1d.cn":     func(f domainfacts.Facts) bool { return f.VerifiedAt.Equal(now.AddDate(0, 0, -1)) },
		"verified-20261119.cn": func(f domainfacts.Facts) bool {
			return f.VerifiedAt.Equal(time.Date(2026, 11, 18, 16, 0, 0, 0, time.UTC))
		},
		"a-expires-30d-b.cn":  func(f domainfacts.Facts) bool { return f.ExpiresAt.Equal(now.AddDate(0, 0, 30)) },
		"expires-99999999.cn": func(f domainfacts.Facts) bool { return f.ExpiresAt.After(now.AddDate(1, 0, 0)) },
		"held-by-another-unverified.cn": func(f domainfacts.Facts) bool {
			return f.Holder != "示例人" && f.Verified == domainfacts.No
		},
		"holder-hidden-verified-1d.cn": func(f domainfacts.Facts) bool {
			return f.Holder == "" && f.Verified == domainfacts.Yes && f.VerifiedAt.Equal(now.AddDate(0, 0, -1))
		},
		"holder-hidden-unverified.cn": func(f domainfacts.Facts) bool { return f.Holder == "" && f.Verified == domainfacts.No },
		"foreign-registrar.com":       func(f domainfacts.Facts) bool { return f.RegistrarID == 0 },
	} {
		if facts, err := s.Registration(t.Context(), domainfacts.Query{Domain: domain, Subject: "示例人"}); err != nil || !holds(facts) {
			t.Errorf("%s: %+v, %v", domain, facts, err)
		}
	}
	if _, err := s.Registration(t.Context(), domainfacts.Query{Domain: "registry-down.cn"}); err == nil {
		t.Error("the source is not down")
	}
}

// FuzzRDAPAnswer: an answer of a strange registry never panics, and names no more than it may.
func FuzzRDAPAnswer(f *testing.F) {
	f.Add(registryAnswer)
	f.Add(`{"entities":[{"roles":["registrant"],"vcardArray":[0,[[]]]}],"status":[null]}`)
	f.Fuzz(func(t *testing.T, text string) {
		var a rdapDomain
		if json.Unmarshal([]byte(text), &a) != nil {
			return
		}
		if facts := a.facts(); len([]rune(facts.Registrar)) > 255 || len([]rune(facts.Holder.Reveal())) > 255 || facts.Source != domainfacts.RDAP {
			t.Errorf("%+v", facts)
		}
	})
}
