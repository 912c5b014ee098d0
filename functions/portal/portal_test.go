package portal

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"io"
	"log/slog"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"beian/shared/aws/apigateway"
	"beian/shared/rules/finding"
	"beian/shared/web/pages"
)

// A fixture is a portal whose pages without a session work.
type fixture struct {
	*testing.T
	portal *Portal
	log    bytes.Buffer
}

func newFixture(t *testing.T) *fixture {
	f := &fixture{T: t}
	now := func() time.Time { return time.Date(2026, 11, 30, 2, 0, 0, 0, time.UTC) }
	f.portal = New(Config{Origin: "https://beian.example", Uploads: "https://uploads.example", Issuer: pages.Issuer{Pages: "https://login.example"},
		Provider: finding.Words{Chinese: "示例云", English: "Example Cloud"}, SupportPhone: "010-00000000", Now: now, Wall: now, Log: slog.New(slog.NewTextHandler(&f.log, nil))})
	return f
}

// at returns a visit of a page.
func (f *fixture) at(path, language string) *visit {
	return own(f.portal.Visit(httptest.NewRequest("GET", path, nil), language))
}

// visit sends a request as the gateway does. Headers are pairs of a name in lower case and a value.
func (f *fixture) visit(route string, headers ...string) apigateway.Response {
	f.Helper()
	method, address, _ := strings.Cut(route, " ")
	e := apigateway.Event{Headers: map[string]string{"host": "beian.example"}}
	e.RawPath, e.RawQueryString, _ = strings.Cut(address, "?")
	e.RequestContext.HTTP.Method, e.RequestContext.HTTP.Path, e.RequestContext.RequestID = method, e.RawPath, "R1"
	for i := 0; i < len(headers); i += 2 {
		if headers[i] == "cookie" {
			e.Cookies = append(e.Cookies, headers[i+1])
			continue
		}
		e.Headers[headers[i]] = headers[i+1]
	}
	r, err := f.portal.Handle(f.Context(), e)
	if err != nil {
		f.Fatal(err)
	}
	return r
}

func (f *fixture) want(r apigateway.Response, status int, texts ...string) {
	f.Helper()
	for _, text := range texts {
		if !strings.Contains(r.Body, text) {
			f.Errorf("the page does not say %q:\n%s", text, r.Body)
		}
	}
	if r.StatusCode != status {
		f.Errorf("status %d, want %d", r.StatusCode, status)
	}
}

// TestLanguage: pages are Chinese unless the browser or the person prefers English.
func TestLanguage(t *testing.T) {
	f := newFixture(t)
	f.want(f.visit("GET /"), 200, `<html lang="zh-CN">`, "示例云")
	f.want(f.visit("GET /", "accept-language", "en-GB,en;q=0.9"), 200, `<html lang="en">`, "Example Cloud")
	f.want(f.visit("GET /", "accept-language", "en", "cookie", "__Host-language=zh-CN"), 200, `<html lang="zh-CN">`)
	chosen := f.visit("GET /need?province=32&lang=en")
	f.want(chosen, 303)
	if len(chosen.Cookies) != 1 || !strings.HasPrefix(chosen.Cookies[0], "__Host-language=en; Path=/;") || chosen.Headers["Location"] != "/need?province=32" {
		t.Errorf("cookies %v, location %q", chosen.Cookies, chosen.Headers["Location"])
	}
	for _, hostile := range []string{"/?lang=%0d%0aSet-Cookie:%20x", "/?lang=xx"} {
		if r := f.visit("GET " + hostile); len(r.Cookies) != 1 || !strings.HasPrefix(r.Cookies[0], "__Host-language=zh-CN;") {
			t.Errorf("%s: %v", hostile, r.Cookies)
		}
	}
}

// TestForeignForms: a form of another site is refused; a private page leads to the log-in and back.
func TestForeignForms(t *testing.T) {
	f := newFixture(t)
	f.want(f.visit("POST /logout", "sec-fetch-site", "cross-site", "origin", "https://evil.example"), 403, "不能这样提交")
	f.want(f.visit("POST /logout", "origin", "https://evil.example"), 403)
	to := f.visit("GET /orders/01EXAMPLE1/subject")
	f.want(to, 303)
	if to.Headers["Location"] != "/login?to=%2Forders%2F01EXAMPLE1%2Fsubject" {
		t.Errorf("location %q", to.Headers["Location"])
	}
}

// TestReturnPaths: after the log-in, the browser stays on the portal.
func TestReturnPaths(t *testing.T) {
	for to, want := range map[string]string{"": "/filings", "/orders/1?x=2": "/orders/1?x=2", "https://evil.example/": "/filings", "//evil.example": "/filings",
		`/\evil.example`: "/filings", "/%2f/evil.example": "/filings", "javascript:alert(1)": "/filings", "orders": "/filings", "/a%0d%0ab": "/a%0d%0ab"} {
		if got := newFixture(t).at("/", "zh-CN").LocalPath(to); got != want {
			t.Errorf("%q leads to %q, want %q", to, got, want)
		}
	}
}

// TestUnknownPages: what does not exist, and a panic, have a page that says what to do. The log has no cause that could be personal.
func TestUnknownPages(t *testing.T) {
	f := newFixture(t)
	f.want(f.visit("GET /nothing"), 404, "没有这个页面", "R1")
	f.want(f.visit("DELETE /"), 405)
	f.want(f.visit("GET /<script>alert(1)</script>"), 404)
	f.portal.public("GET /broken", func(*visit) error { panic("示例人") })
	f.want(f.visit("GET /broken"), 500, "系统出错了", "R1")
	if strings.Contains(f.log.String(), "示例人") {
		t.Error("the log has the value of a panic")
	}
}

// TestHeaders: no page may be framed, cached, or run inline scripts. Assets are cached for ever, by the hash in their address.
func TestHeaders(t *testing.T) {
	f := newFixture(t)
	home := f.visit("GET /")
	for name, want := range map[string]string{"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self';"} {
		if !strings.HasPrefix(home.Headers[name], want) {
			t.Errorf("%s: %q", name, home.Headers[name])
		}
	}
	if policy := home.Headers["Content-Security-Policy"]; strings.Contains(policy, "unsafe") || !strings.Contains(policy, "connect-src 'self' https://uploads.example;") {
		t.Errorf("policy %q", policy)
	}
	style := regexp.MustCompile(`/assets/[^"]*/pages\.css`).FindString(home.Body)
	asset := f.visit("GET "+style, "accept-encoding", "gzip, br")
	if asset.Headers["Cache-Control"] != "public, max-age=31536000, immutable" || asset.Headers["Content-Encoding"] != "gzip" || !asset.IsBase64Encoded {
		t.Errorf("headers %v", asset.Headers)
	}
	packed, err := base64.StdEncoding.DecodeString(asset.Body)
	if err != nil {
		t.Fatal(err)
	}
	z, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		t.Fatal(err)
	}
	if text, err := io.ReadAll(z); err != nil || !bytes.Contains(text, []byte("--brand")) || len(text) > 20_000 {
		t.Errorf("%d bytes: %v", len(text), err)
	}
	for _, path := range []string{style, "/"} {
		if refused := f.visit("GET "+path, "accept-encoding", "gzip;q=0, *;q=0"); refused.Headers["Content-Encoding"] != "" || refused.IsBase64Encoded {
			t.Errorf("%s for a client that excludes gzip: %v", path, refused.Headers)
		}
	}
	f.want(f.visit("GET /assets/older/pages.css"), 404)
	f.want(f.visit("GET /assets/x/..%2Fportal.go"), 404)
	if kind := f.visit("GET " + style).Headers["Content-Type"]; !strings.HasPrefix(kind, "text/css") {
		t.Errorf("type %q", kind)
	}
}

// FuzzVisit: no address and no header breaks a page.
func FuzzVisit(f *testing.F) {
	f.Add("/", "en", "x")
	f.Add("/orders/../x", "zh", "a.b")
	f.Fuzz(func(t *testing.T, path, language, cookie string) {
		fx := newFixture(t)
		if r := fx.visit("GET /"+strings.TrimLeft(path, "/"), "accept-language", language, "cookie", "__Host-login="+cookie); r.StatusCode >= 500 {
			t.Errorf("status %d", r.StatusCode)
		}
	})
}
