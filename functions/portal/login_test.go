package portal

import "testing"

// TestFirstLogin: where the issuer asks for a password at the registration, a page says so before, but not to a browser that logged in before (ADR 38).
func TestFirstLogin(t *testing.T) {
	f := newFixture(t)
	f.portal = newPortalAt(f, "https://cognito-idp.cn-north-1.amazonaws.com.cn/cn-north-1_Example")
	f.want(f.visit("GET /login?to=/filings"), 200, "注册时会让您设一个密码", `href="/login?registered=no&amp;to=%2Ffilings"`)
	f.want(f.visit("GET /login?to=//evil.example", "accept-language", "en"), 200, "You need not remember it", `href="/login?registered=no&amp;to=%2F`)
	f.portal = newPortalAt(f, "http://127.0.0.1:1") // where no issuer is
	f.want(f.visit("GET /login?to=/filings"), 500)
}

// newPortalAt returns the fixture's portal with another issuer.
func newPortalAt(f *fixture, issuer string) *Portal {
	c := f.portal.config
	c.Issuer.URL = issuer
	return New(c)
}
