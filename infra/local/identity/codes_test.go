package identity_test

import (
	"fmt"
	"net/http"
	"net/url"
	"testing"
	"time"

	"beian/infra/local/identity"

	"github.com/google/go-cmp/cmp"
)

func TestInvalidCodes(t *testing.T) {
	want := map[string]any{"error": "invalid_grant", "error_description": "The code is wrong, used or expired after 5 minutes. Check the newest SMS or email, or request another code.", "message": map[string]any{
		"zh-CN": "验证码不正确、已使用或已过期（5 分钟内有效）。请核对最近一条短信或邮件，或重新获取验证码。", "en": "The code is wrong, used or expired after 5 minutes. Check the newest SMS or email, or request another code."}}
	for _, tc := range []struct {
		name string
		code func(*fixture) string
	}{
		{"none asked for", func(*fixture) string { return "123456" }},
		{"expired", func(f *fixture) string {
			f.requestCode(applicant, "")
			f.now = f.now.Add(identity.CodeLifetime)
			return f.code(applicant)
		}},
		{"used", func(f *fixture) string {
			f.logIn(applicant)
			return f.code(applicant)
		}},
		{"another client's", func(f *fixture) string {
			f.from("127.0.0.2").requestCode(applicant, "")
			return f.code(applicant)
		}},
		{"someone else's", func(f *fixture) string {
			f.requestCode(reviewer, "")
			return f.code(reviewer)
		}},
		{"after five wrong tries", func(f *fixture) string {
			f.requestCode(applicant, "")
			code := f.code(applicant)
			for range identity.MaxTries {
				f.redeem(applicant, wrong(code))
			}
			return code
		}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			f := open(t, t.TempDir())
			code := tc.code(f)
			status, answer := f.redeem(applicant, code)
			if diff := cmp.Diff(want, answer); status != http.StatusBadRequest || diff != "" {
				t.Errorf("%d (-want +got):\n%s", status, diff)
			}
		})
	}
}

func wrong(code string) string {
	if code == "000000" {
		return "000001"
	}
	return "000000"
}

func TestFourMaxTriesAreForgiven(t *testing.T) {
	f := open(t, t.TempDir())
	f.requestCode(applicant, "")
	code := f.code(applicant)
	for range identity.MaxTries - 1 {
		f.redeem(applicant, wrong(code))
	}
	if status, answer := f.redeem(applicant, code); status != http.StatusOK {
		t.Errorf("%d %v", status, answer)
	}
}

func TestCodesAreLimited(t *testing.T) {
	f := open(t, t.TempDir())
	for range identity.NewCodesPerClient {
		if status := f.requestCode(applicant, ""); status != http.StatusAccepted {
			t.Fatalf("status %d", status)
		}
	}
	if status := f.requestCode(applicant, ""); status != http.StatusTooManyRequests {
		t.Errorf("one more: %d, want 429", status)
	}
	if status := f.requestCode(reviewer, ""); status != http.StatusAccepted {
		t.Errorf("someone else: %d", status)
	}
	f.now = f.now.Add(time.Hour)
	if status := f.requestCode(applicant, ""); status != http.StatusAccepted {
		t.Errorf("an hour later: %d", status)
	}
}

// TestLogInsAreNotLimited: a program without cookies that logs in again and again is not refused.
func TestLogInsAreNotLimited(t *testing.T) {
	f := open(t, t.TempDir())
	for range 2 * identity.NewCodesPerHour {
		f.logIn(applicant)
	}
}

// TestEarlierCode: a new code does not invalidate the one before, which may arrive later.
func TestEarlierCode(t *testing.T) {
	f := open(t, t.TempDir())
	f.requestCode(applicant, "")
	first := f.code(applicant)
	f.requestCode(applicant, "")
	if status, answer := f.redeem(applicant, first); status != http.StatusOK {
		t.Errorf("the earlier code: %d %v", status, answer)
	}
	if status, _ := f.redeem(applicant, f.code(applicant)); status != http.StatusBadRequest {
		t.Errorf("the newer code, after the login: %d", status)
	}
}

// TestStrangersAreCountedApart: requests and wrong codes of strangers, from any number of addresses, do not lock out a browser that has
// logged in before; those of one stranger lock out nobody. All strangers together have a limit.
func TestStrangersAreCountedApart(t *testing.T) {
	f := open(t, t.TempDir())
	owner := f.withCookies()
	owner.logIn(applicant)
	f.now = f.now.Add(time.Hour)
	stranger := f.from("127.0.0.2")
	f.requestCode(applicant, "")
	code := f.code(applicant)
	accepted := 0
	for range identity.NewCodesPerClient + 5 {
		if stranger.requestCode(applicant, "") == http.StatusAccepted {
			accepted++
		}
		stranger.redeem(applicant, wrong(code))
	}
	if accepted != identity.NewCodesPerClient {
		t.Errorf("one stranger received %d codes", accepted)
	}
	if status, answer := f.redeem(applicant, code); status != http.StatusOK {
		t.Errorf("the owner, from another address than the stranger: %d %v", status, answer)
	}
	if status := f.requestCode(applicant, ""); status != http.StatusAccepted {
		t.Errorf("another code for the owner: %d", status)
	}
	accepted++ // the request before the log-in does not count
	for n := range 10 {
		for range identity.NewCodesPerClient {
			if f.from(fmt.Sprintf("127.0.1.%d", n+1)).requestCode(applicant, "") == http.StatusAccepted {
				accepted++
			}
		}
	}
	if accepted != identity.NewCodesPerHour {
		t.Errorf("strangers with many addresses received %d codes", accepted)
	}
	if status := f.requestCode(applicant, ""); status != http.StatusTooManyRequests {
		t.Errorf("a browser that never logged in: %d", status)
	}
	if status := owner.requestCode(applicant, ""); status != http.StatusAccepted {
		t.Errorf("the owner's browser: %d", status)
	}
	if status, answer := owner.redeem(applicant, f.code(applicant)); status != http.StatusOK {
		t.Errorf("the owner's browser: %d %v", status, answer)
	}
}

// TestForeignDevice: the cookie of a login is worth nothing for another login, nor is an invented one.
func TestForeignDevice(t *testing.T) {
	f := open(t, t.TempDir())
	issuer, err := url.Parse(f.issuer + "/")
	if err != nil {
		t.Fatal(err)
	}
	cookieOf := func(login string) *http.Cookie {
		browser := f.withCookies()
		browser.logIn(login)
		cookies := browser.client.Jar.Cookies(issuer)
		if len(cookies) != 1 {
			t.Fatalf("cookies %v", cookies)
		}
		return cookies[0]
	}
	name, foreign := cookieOf(applicant).Name, cookieOf(reviewer).Value
	for range identity.NewCodesPerClient {
		f.requestCode(applicant, "")
	}
	for _, value := range []string{foreign, "x", "x.", ".", ""} {
		stranger := f.withCookies()
		stranger.client.Jar.SetCookies(issuer, []*http.Cookie{{Name: name, Value: value, Path: "/"}})
		if status := stranger.requestCode(applicant, ""); status != http.StatusTooManyRequests {
			t.Errorf("with %q: %d", value, status)
		}
	}
}
