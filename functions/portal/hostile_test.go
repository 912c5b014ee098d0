package portal

import (
	"net/url"
	"strings"
	"testing"

	"beian/shared/aws/apigateway"
	"beian/shared/web/pages"
)

// post sends the body of a form as the gateway does.
func (f *fixture) post(path, body string) apigateway.Response {
	f.Helper()
	e := apigateway.Event{RawPath: path, Body: body, Headers: map[string]string{"host": "beian.example", "content-type": "application/x-www-form-urlencoded"}}
	e.RequestContext.HTTP.Method = "POST"
	r, err := f.portal.Handle(f.Context(), e)
	if err != nil {
		f.Fatal(err)
	}
	return r
}

// TestPathsWithHosts: an address of the portal whose path names another host leads to no other host, neither at once nor by a link.
func TestPathsWithHosts(t *testing.T) {
	f := newFixture(t)
	for _, path := range []string{"//evil.example", "///evil.example/need", "/\\evil.example", "//evil.example/need"} {
		r := f.visit("GET " + path + "?lang=en")
		f.want(r, 303)
		if to, err := url.Parse(r.Headers["Location"]); err != nil || to.Host != "" || strings.HasPrefix(to.Path, "//") || strings.ContainsRune(r.Headers["Location"], '\\') {
			t.Errorf("%q leads to %q", path, r.Headers["Location"])
		}
		if page := f.visit("GET " + path); strings.Contains(page.Body, `href="//`) || strings.Contains(page.Body, `href="/\`) {
			t.Errorf("%q has a link to another host", path)
		}
	}
}

// TestLineBreaksInPaths: a line break in an address becomes no header of the answer.
func TestLineBreaksInPaths(t *testing.T) {
	f := newFixture(t)
	for _, path := range []string{"/x\r\nSet-Cookie: a=b?lang=en", "/orders/x\r\nSet-Cookie: a=b"} {
		if to := f.visit("GET " + path).Headers["Location"]; to == "" || strings.ContainsAny(to, "\r\n ") {
			t.Errorf("%q leads to %q", path, to)
		}
	}
	v := f.at("/", "zh-CN")
	v.Redirect("/orders/x\r\nSet-Cookie: a=b/\u4e2d\\?q=%0A&r=1#f")
	if to := v.W.Header().Get("Location"); to != "/orders/x%0D%0ASet-Cookie:%20a=b/%E4%B8%AD%5C?q=%0A&r=1#f" {
		t.Errorf("location %q", to)
	}
}

// TestHostileForms: a form that is malformed or too large is refused on each page, and is no error of ours.
func TestHostileForms(t *testing.T) {
	f := newFixture(t)
	paths := []string{"/state", "/state/code", "/sms/01EXAMPLE1", "/revoke", "/revoke/x", "/mute/x", "/device", "/logout", "/phone/done", "/filings", "/orders/01EXAMPLE1/subject"}
	for _, c := range []struct {
		name, body string
		status     int
	}{
		{"a bad escape", "a=%zz", 400}, {"a semicolon", "a=1;b=2", 400}, {"many fields", strings.Repeat("a=1&", pages.MaxFields+1), 400},
		{"many names", strings.Repeat("explain+a+b&", 80_000), 400}, {"large", "a=" + strings.Repeat("x", pages.MaxForm), 413},
		{"large once it is shown", "/order=" + strings.Repeat("<", pages.MaxTyped), 413},
	} {
		for _, path := range paths {
			if r := f.post(path, c.body); r.StatusCode != c.status && r.StatusCode != 405 {
				t.Errorf("%s, %s: status %d, want %d", path, c.name, r.StatusCode, c.status)
			}
		}
	}
	if strings.Contains(f.log.String(), "ERROR") {
		t.Errorf("the log has an error:\n%s", f.log.String())
	}
}

// TestSharedCaches: what a shared cache may keep has no cookie, not even one that ends a session. Browsers are to use HTTPS for a year.
func TestSharedCaches(t *testing.T) {
	f := newFixture(t)
	address, err := f.portal.AssetAddress("portal.css")
	if err != nil {
		t.Fatal(err)
	}
	asset := f.visit("GET "+address, "cookie", "__Host-session=none")
	f.want(asset, 200)
	if len(asset.Cookies) != 0 || asset.Headers["Set-Cookie"] != "" {
		t.Errorf("cookies %v", asset.Cookies)
	}
	if page := f.visit("GET /", "cookie", "__Host-session=none"); len(page.Cookies) != 1 || page.Headers["Strict-Transport-Security"] != "max-age=31536000" {
		t.Errorf("cookies %v, headers %v", page.Cookies, page.Headers)
	}
}
