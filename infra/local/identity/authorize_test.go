package identity_test

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"beian/infra/local/identity"
)

// TestLogInByPage: the pages lead from the request to tokens, in both languages, by SMS and email, with what was typed.
func TestLogInByPage(t *testing.T) {
	for _, tc := range []struct {
		locales, login, typed, label, sent, message, claim string
	}{
		{"zh-CN", applicant, "138-0000 0001", "手机号码或邮箱", "138 0000 0001", "登录验证码", "phone_number"},
		{"en", reviewer, " Reviewer@example.com ", "Mobile number or email", reviewer, "sign-in code", "email"},
	} {
		t.Run(tc.locales, func(t *testing.T) {
			f := open(t, t.TempDir())
			b := f.browse().visit(f.authorizeURL("ui_locales", tc.locales))
			b.shows(http.StatusOK, `<html lang="`+tc.locales+`">`, tc.label)
			b.submit(url.Values{"login": {tc.typed}})
			b.shows(http.StatusOK, tc.sent, `autocomplete="one-time-code"`, `inputmode="numeric"`)
			if !strings.HasSuffix(b.url, "/code") || strings.ContainsAny(b.url, "@?+") {
				t.Errorf("the address of the code's page is %s", b.url)
			}
			if text := f.sent.Sent(tc.login)[0].Text; !strings.Contains(text, tc.message) {
				t.Errorf("message: %s", text)
			}
			code := f.code(tc.login)
			b.submit(url.Values{"code": {code[:3] + " " + code[3:]}})
			if target, _, _ := strings.Cut(b.url, "?"); b.status != http.StatusSeeOther || target != callback || b.query("state") != "the state" {
				t.Fatalf("%d %s", b.status, b.url)
			}
			status, tokens := f.exchange(b.query("code"))
			if status != http.StatusOK || tokens["token_type"] != "Bearer" {
				t.Fatalf("token: %d %v", status, tokens)
			}
			access, id := f.claims(tokens["access_token"]), f.claims(tokens["id_token"])
			if id["nonce"] != "the nonce" || id[tc.claim] != tc.login || id["aud"] != "portal" || id["sub"] != access["sub"] || access["nonce"] != "" {
				t.Errorf("ID token %v\naccess token %v", id, access)
			}
		})
	}
}

// TestPageHeaders: the headers of every page forbid scripts, frames and storage; the page has no inline script or style.
func TestPageHeaders(t *testing.T) {
	f := open(t, t.TempDir())
	inline := regexp.MustCompile(`(?i)<script|<style|\sstyle=|\son[a-z]+=|javascript:`)
	check := func(b *browser) {
		t.Helper()
		policy := b.header.Get("Content-Security-Policy")
		for _, part := range []string{"default-src 'none'", "style-src 'self'", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'self'"} {
			if !strings.Contains(policy, part) {
				t.Errorf("%s: policy %q lacks %s", b.url, policy, part)
			}
		}
		if b.header.Get("Cache-Control") != "no-store" || b.header.Get("Referrer-Policy") != "same-origin" || inline.MatchString(b.body) {
			t.Errorf("%s: %v\n%s", b.url, b.header, b.body)
		}
	}
	b := f.browse().visit(f.authorizeURL())
	check(b)
	if !strings.Contains(b.header.Get("Content-Security-Policy"), "form-action 'self' https://portal.example;") {
		t.Errorf("the redirect after the form is not allowed: %s", b.header.Get("Content-Security-Policy"))
	}
	check(b.submit(url.Values{"login": {"x"}}))
	check(b.submit(url.Values{"login": {applicant}}))
	check(b.submit(url.Values{"code": {f.code(applicant)}}))
	check(f.browse().visit(f.authorizeURL("client_id", "x")))
	style := f.browse().visit(f.issuer + "/login.css")
	if style.status != http.StatusOK || !strings.HasPrefix(style.header.Get("Content-Type"), "text/css") {
		t.Errorf("stylesheet: %d %v", style.status, style.header)
	}
}

// TestAuthorizationCodes: an authorization code can be used once, in time, with the verifier, redirect URI and client of its request.
func TestAuthorizationCodes(t *testing.T) {
	for _, tc := range []struct {
		name    string
		changes []string
		before  func(f *fixture, code string)
		status  int
		err     string
	}{
		{name: "right", status: 200},
		{name: "used", before: func(f *fixture, code string) { f.exchange(code) }, status: 400, err: "invalid_grant"},
		{name: "tried with a wrong verifier", before: func(f *fixture, code string) { f.exchange(code, "code_verifier", challenge) }, status: 400, err: "invalid_grant"},
		{name: "expired", before: func(f *fixture, _ string) { f.now = f.now.Add(identity.GrantLifetime) }, status: 400, err: "invalid_grant"},
		{name: "wrong verifier", changes: []string{"code_verifier", "x" + verifier[1:]}, status: 400, err: "invalid_grant"},
		{name: "no verifier", changes: []string{"code_verifier", ""}, status: 400, err: "invalid_grant"},
		{name: "the challenge", changes: []string{"code_verifier", challenge}, status: 400, err: "invalid_grant"},
		{name: "other redirect", changes: []string{"redirect_uri", "https://portal.example/other?x=1"}, status: 400, err: "invalid_grant"},
		{name: "no redirect", changes: []string{"redirect_uri", ""}, status: 400, err: "invalid_grant"},
		{name: "other client", changes: []string{"client_id", "x"}, status: 401, err: "invalid_client"},
		{name: "no client", changes: []string{"client_id", ""}, status: 401, err: "invalid_client"},
		{name: "other code", changes: []string{"code", "x"}, status: 400, err: "invalid_grant"},
		{name: "as one-time code", changes: []string{"grant_type", identity.GrantType, "login", applicant}, status: 400, err: "invalid_grant"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			f := open(t, t.TempDir())
			code := f.logInByPage(applicant)
			if tc.before != nil {
				tc.before(f, code)
			}
			status, answer := f.exchange(code, tc.changes...)
			if status != tc.status || fmt.Sprint(answer["error"]) != map[bool]string{true: "<nil>", false: tc.err}[tc.err == ""] {
				t.Errorf("%d %v", status, answer)
			}
		})
	}
}

// TestAuthorizeRequests: wrong requests are refused at the client, by a redirect with the state; without a known client and redirect URI there is
// no redirect.
func TestAuthorizeRequests(t *testing.T) {
	f := open(t, t.TempDir())
	long := strings.Repeat("x", 600)
	for name, tc := range map[string]struct {
		url string
		err string // "" is a page without redirect
	}{
		"unknown client":         {f.authorizeURL("client_id", "x"), ""},
		"no client":              {f.authorizeURL("client_id", ""), ""},
		"unknown redirect":       {f.authorizeURL("redirect_uri", "https://evil.example/callback"), ""},
		"longer redirect":        {f.authorizeURL("redirect_uri", callback+"/x"), ""},
		"redirect with a query":  {f.authorizeURL("redirect_uri", callback+"?x=1"), ""},
		"redirect in capitals":   {f.authorizeURL("redirect_uri", "https://PORTAL.example/callback"), ""},
		"no redirect":            {f.authorizeURL("redirect_uri", ""), ""},
		"two redirects":          {f.authorizeURL() + "&redirect_uri=https://evil.example/", ""},
		"broken query":           {f.authorizeURL() + "&%zz", ""},
		"no challenge":           {f.authorizeURL("code_challenge", ""), "invalid_request"},
		"plain challenge":        {f.authorizeURL("code_challenge_method", "plain"), "invalid_request"},
		"no method":              {f.authorizeURL("code_challenge_method", ""), "invalid_request"},
		"short challenge":        {f.authorizeURL("code_challenge", "x"), "invalid_request"},
		"tokens in the address":  {f.authorizeURL("response_type", "token"), "unsupported_response_type"},
		"no response type":       {f.authorizeURL("response_type", ""), "invalid_request"},
		"another response mode":  {f.authorizeURL("response_mode", "fragment"), "invalid_request"},
		"no scope":               {f.authorizeURL("scope", ""), "invalid_scope"},
		"another scope":          {f.authorizeURL("scope", "openidx"), "invalid_scope"},
		"long nonce":             {f.authorizeURL("nonce", long), "invalid_request"},
		"nonce with a character": {f.authorizeURL("nonce", "备"), "invalid_request"},
		"two nonces":             {f.authorizeURL() + "&nonce=x", "invalid_request"},
		"a request object":       {f.authorizeURL("request", "x"), "invalid_request"},
		"without a page":         {f.authorizeURL("prompt", "none"), "login_required"},
	} {
		b := f.browse().visit(tc.url)
		if tc.err == "" {
			b.shows(http.StatusBadRequest, "不能继续登录", `href="https://portal.example/"`)
			if b.header.Get("Location") != "" || strings.Contains(b.body, "evil") {
				t.Errorf("%s: %s\n%s", name, b.header.Get("Location"), b.body)
			}
			continue
		}
		if !strings.HasPrefix(b.url, callback+"?") || b.status != http.StatusSeeOther || b.query("error") != tc.err || b.query("error_description") == "" ||
			b.query("code") != "" || b.query("state") != "the state" {
			t.Errorf("%s: %d %s", name, b.status, b.url)
		}
	}
	if b := f.browse().visit(f.authorizeURL("state", "")); b.status != http.StatusOK {
		t.Errorf("without a state: %d", b.status)
	}
	if code := f.logInByPage(applicant, "redirect_uri", "https://portal.example/other?x=1"); code == "" {
		t.Error("no code at a redirect URI with a query")
	}
	b := f.browse().visit(f.authorizeURL("login_hint", "+8613800000001"))
	b.shows(http.StatusOK, `value="138 0000 0001"`)
}

// TestLanguageOfPages: the language is that of the request, else of the browser, else Chinese; a link switches it without JavaScript.
func TestLanguageOfPages(t *testing.T) {
	f := open(t, t.TempDir())
	for _, tc := range []struct{ locales, header, want string }{
		{"", "", "zh-CN"}, {"en", "", "en"}, {"en-GB zh", "", "en"}, {"fr", "en", "en"}, {"fr", "fr", "zh-CN"}, {"", "en-US,zh;q=0.5", "en"},
		{"zh", "en", "zh-CN"}, {"zh-Hant", "", "zh-CN"}, {"%%", "en", "en"}, {strings.Repeat("-", 2000), "", "zh-CN"},
	} {
		b := f.browse()
		r, err := http.NewRequest(http.MethodGet, f.authorizeURL("ui_locales", tc.locales), nil)
		if err == nil {
			r.Header.Set("Accept-Language", tc.header)
		}
		b.send(r, err).shows(http.StatusOK, `<html lang="`+tc.want+`">`)
	}
	b := f.browse().visit(f.authorizeURL())
	b.visit(b.url+"?language=en").shows(http.StatusOK, `<html lang="en">`, "Log in")
	b.submit(url.Values{"login": {applicant}}).shows(http.StatusOK, `<html lang="en">`, "Enter the code")
	b.visit(b.url+"?language=zh-CN").shows(http.StatusOK, `<html lang="zh-CN">`, "填写验证码")
	b.visit(b.url+"?language=x").shows(http.StatusOK, `<html lang="zh-CN">`)
}

// TestEnglishPages: a page in English has no Chinese but the link to the Chinese page.
func TestEnglishPages(t *testing.T) {
	f := open(t, t.TempDir())
	han := regexp.MustCompile(`\p{Han}+`)
	check := func(b *browser) {
		t.Helper()
		if found := han.FindString(strings.Replace(b.body, ">中文<", "><", 1)); found != "" || !strings.Contains(b.body, `<html lang="en">`) {
			t.Errorf("%s: %q\n%s", b.url, found, b.body)
		}
	}
	b := f.browse().visit(f.authorizeURL("ui_locales", "en"))
	check(b)
	check(b.submit(url.Values{"login": {"x"}}))
	check(b.submit(url.Values{}))
	for _, login := range []string{reviewer, applicant} {
		b.visit(f.authorizeURL("ui_locales", "en"))
		check(b.submit(url.Values{"login": {login}}))
		check(b.submit(url.Values{"code": {""}}))
		check(b.submit(url.Values{"code": {"x"}}))
		for range identity.NewCodesPerClient {
			check(b.submit(url.Values{"resend": {"1"}}))
		}
	}
	check(f.browse().visit(f.authorizeURL("ui_locales", "en", "client_id", "x")))
	check(f.browse().visit(f.authorizeURL("ui_locales", "en", "redirect_uri", "x")))
	check(f.browse().visit(f.issuer + "/logout?client_id=portal&ui_locales=en"))
}

// TestWrongEntries: the pages say at the field what is wrong, with the words and limits of the API, and keep what was typed, as text.
func TestWrongEntries(t *testing.T) {
	f := open(t, t.TempDir())
	b := f.browse().visit(f.authorizeURL())
	hostile := `"><script>alert(1)</script>{{.}}`
	b.submit(url.Values{"login": {hostile}}).shows(http.StatusBadRequest, "手机号码或邮箱不正确", `aria-invalid="true"`, "&lt;script&gt;")
	if strings.Contains(b.body, "<script") {
		t.Errorf("the page has a script:\n%s", b.body)
	}
	b.submit(url.Values{}).shows(http.StatusBadRequest, "请填写手机号码或邮箱")
	b.submit(url.Values{"login": {applicant}})
	code := f.code(applicant)
	b.submit(url.Values{"code": {" "}}).shows(http.StatusBadRequest, "请填写短信或邮件中的 6 位验证码")
	b.submit(url.Values{"code": {wrong(code)}}).shows(http.StatusBadRequest, "验证码不正确、已使用或已过期", `aria-invalid="true"`)
	b.submit(url.Values{"code": {hostile}}).shows(http.StatusBadRequest, "验证码不正确、已使用或已过期")
	for range identity.MaxTries - 2 {
		b.submit(url.Values{"code": {wrong(code)}}).shows(http.StatusBadRequest)
	}
	b.submit(url.Values{"code": {code}}).shows(http.StatusBadRequest, "验证码不正确、已使用或已过期")
	b.submit(url.Values{"resend": {"1"}}).shows(http.StatusOK, "新的验证码已发出")
	b.submit(url.Values{"code": {f.code(applicant)}})
	if b.status != http.StatusSeeOther || b.query("code") == "" {
		t.Errorf("the new code: %d %s", b.status, b.url)
	}
}

// TestTooManyCodesByPage: the limit of the API holds for the pages. The page for the code is shown, because an earlier code is still valid.
func TestTooManyCodesByPage(t *testing.T) {
	f := open(t, t.TempDir())
	b := f.browse().visit(f.authorizeURL())
	b.submit(url.Values{"login": {applicant}})
	for range identity.NewCodesPerClient - 1 {
		b.submit(url.Values{"resend": {"1"}}).shows(http.StatusOK)
	}
	b.submit(url.Values{"resend": {"1"}}).shows(http.StatusTooManyRequests, "获取验证码太频繁", "60 分钟后再试")
	if b.header.Get("Retry-After") == "" {
		t.Error("no Retry-After")
	}
	again := f.browse().visit(f.authorizeURL())
	again.submit(url.Values{"login": {applicant}}).shows(http.StatusTooManyRequests, "获取验证码太频繁")
	again.submit(url.Values{"code": {f.code(applicant)}})
	if again.status != http.StatusSeeOther || again.query("code") == "" {
		t.Errorf("an earlier code: %d %s", again.status, again.url)
	}
	f.sent.FailNext("", 1, http.StatusInternalServerError)
	b.visit(f.authorizeURL()).submit(url.Values{"login": {reviewer}}).shows(http.StatusServiceUnavailable, "验证码没有发出", `value="reviewer@example.com"`)
}

// TestOtherLogin: a user can go back to correct a typing mistake; the code of the first login is worth nothing for the second.
func TestOtherLogin(t *testing.T) {
	f := open(t, t.TempDir())
	b := f.browse().visit(f.authorizeURL())
	first := b.url
	b.submit(url.Values{"login": {"+8613800000002"}})
	b.visit(first).shows(http.StatusOK, `value="138 0000 0002"`)
	b.submit(url.Values{"login": {applicant}}).shows(http.StatusOK, "138 0000 0001")
	if code := f.code("+8613800000002"); code != f.code(applicant) {
		b.submit(url.Values{"code": {code}}).shows(http.StatusBadRequest)
	}
	b.submit(url.Values{"code": {f.code(applicant)}})
	status, tokens := f.exchange(b.query("code"))
	if status != http.StatusOK || f.claims(tokens["id_token"])["phone_number"] != applicant {
		t.Errorf("%d %v", status, tokens)
	}
}

// TestFormSentTwice: a button pressed twice sends the form twice, and the browser shows the second answer only: it gets the same code.
func TestFormSentTwice(t *testing.T) {
	f := open(t, t.TempDir())
	b := f.browse().visit(f.authorizeURL())
	b.submit(url.Values{"login": {applicant}})
	jar, page := b.client.Jar, b.body
	issuer, _ := url.Parse(b.issuer + "/")
	cookies := jar.Cookies(issuer)
	code := url.Values{"code": {f.code(applicant)}}
	first := b.submit(code).query("code")
	second := f.browse()
	second.body = page
	second.client.Jar.SetCookies(issuer, cookies)
	if got := second.submit(code).query("code"); got != first || got == "" {
		t.Fatalf("the second answer is %d %s, want code %s", second.status, second.url, first)
	}
	f.exchange(first)
	third := f.browse()
	third.body = page
	third.client.Jar.SetCookies(issuer, cookies)
	third.submit(code).shows(http.StatusBadRequest, "验证码不正确、已使用或已过期")
}

// TestFlows: a login page belongs to the browser that opened it, ends after the log-in and after half an hour, and survives a restart; pages of
// other sites cannot send its forms.
func TestFlows(t *testing.T) {
	folder := t.TempDir()
	f := open(t, folder)
	b := f.browse().visit(f.authorizeURL())
	page := b.url
	f.browse().visit(page).shows(http.StatusBadRequest, "已经用过或过期")
	f.browse().visit(f.issuer+"/login/x").shows(http.StatusBadRequest, "已经用过或过期")
	b.visit(page+"/code").shows(http.StatusOK, "手机号码或邮箱") // no code was sent yet
	path := strings.TrimPrefix(page, strings.TrimSuffix(f.issuer, "/identity"))
	for name, header := range map[string]map[string]string{
		"another site": {"Sec-Fetch-Site": "cross-site"}, "another port": {"Sec-Fetch-Site": "same-site"}, "an origin": {"Origin": "https://evil.example"},
	} {
		b.submitTo(path, url.Values{"login": {applicant}}, header)
		if b.shows(http.StatusForbidden, "来自另一个网站"); len(f.sent.Sent(applicant)) > 0 {
			t.Errorf("%s: a code was sent", name)
		}
	}
	b.visit(page).submit(url.Values{"login": {applicant}})
	b.submit(url.Values{"code": {f.code(applicant)}})
	b.visit(page).shows(http.StatusBadRequest, "已经用过或过期")

	b.visit(f.authorizeURL())
	f.now = f.now.Add(identity.FlowLifetime)
	b.visit(b.url).shows(http.StatusBadRequest, "已经用过或过期")

	for range 30 { // tabs
		b.visit(f.authorizeURL()).shows(http.StatusOK)
	}
	issuer, _ := url.Parse(f.issuer + "/")
	size := 0
	for _, cookie := range b.client.Jar.Cookies(issuer) {
		size += len(cookie.String())
	}
	if size > 8<<10 {
		t.Errorf("the cookies of 30 tabs have %d bytes", size)
	}
	b.visit(f.authorizeURL("state", strings.Repeat(`"`, 512), "nonce", strings.Repeat(`\`, 256))).shows(http.StatusOK, "手机号码或邮箱")
	b.submit(url.Values{"login": {strings.Repeat("a", 64) + "@" + strings.Repeat(strings.Repeat("b", 60)+".", 3) + "example"}})
	for _, cookie := range b.client.Jar.Cookies(issuer) {
		if len(cookie.String()) > 4000 {
			t.Errorf("%s has %d bytes", cookie.Name, len(cookie.String()))
		}
	}
}

// TestGrantsSurviveARestart: an authorization code can be exchanged after a restart, and no file shows the code or the login.
func TestGrantsSurviveARestart(t *testing.T) {
	folder := t.TempDir()
	f := open(t, folder)
	code := f.logInByPage(applicant)
	files, _ := filepath.Glob(filepath.Join(folder, "*"))
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil || bytes.Contains(text, []byte(code)) || bytes.Contains(text, []byte(applicant)) || bytes.Contains(text, []byte("the nonce")) {
			t.Errorf("%s: %v\n%s", filepath.Base(file), err, text)
		}
	}
	after := open(t, folder)
	if status, answer := after.exchange(code); status != http.StatusOK {
		t.Errorf("%d %v", status, answer)
	}
	if status, _ := after.exchange(code); status != http.StatusBadRequest {
		t.Errorf("a second time: %d", status)
	}
}

// TestLogout: log-out redirects to configured addresses only.
func TestLogout(t *testing.T) {
	f := open(t, t.TempDir())
	home := url.QueryEscape("https://portal.example/")
	for query, want := range map[string]string{
		"client_id=portal&logout_uri=" + home:                          "https://portal.example/",
		"client_id=portal&post_logout_redirect_uri=" + home:            "https://portal.example/",
		"client_id=portal&logout_uri=" + home + "&state=a+b":           "https://portal.example/?state=a+b",
		"client_id=portal&logout_uri=https%3A%2F%2Fevil.example%2F":    "",
		"client_id=portal&logout_uri=" + url.QueryEscape(callback):     "",
		"client_id=x&logout_uri=" + home:                               "",
		"client_id=portal":                                             "",
		"client_id=portal&logout_uri=https%3A%2F%2Fportal.example%2Fx": "",
	} {
		b := f.browse().visit(f.issuer + "/logout?" + query)
		if want == "" {
			if b.shows(http.StatusBadRequest, "不能继续登录"); b.header.Get("Location") != "" {
				t.Errorf("%s: %s", query, b.url)
			}
		} else if b.status != http.StatusSeeOther || b.header.Get("Location") != want {
			t.Errorf("%s: %d %s", query, b.status, b.url)
		}
	}
}

// FuzzAuthorize: no query makes the issuer fail, or redirects a browser elsewhere than to its own pages and the configured URIs.
func FuzzAuthorize(fz *testing.F) {
	fz.Add("")
	fz.Add("client_id=portal&redirect_uri=" + url.QueryEscape(callback))
	fz.Add("client_id=portal&response_type=code&scope=openid&code_challenge_method=S256&code_challenge=" + challenge + "&state=x&redirect_uri=" + url.QueryEscape(callback))
	fz.Add("client_id=portal&redirect_uri=" + url.QueryEscape(callback) + "&redirect_uri=//evil.example&ui_locales=zh-u-x")
	issuer, err := identity.Open(identity.Config{Folder: fz.TempDir(), Issuer: "https://id.example", ClientID: "portal", Redirects: []string{callback}})
	if err != nil {
		fz.Fatal(err)
	}
	fz.Fuzz(func(t *testing.T, query string) {
		r := &http.Request{Method: http.MethodGet, URL: &url.URL{Path: "/authorize", RawQuery: query}, Header: http.Header{}, Body: http.NoBody}
		w := httptest.NewRecorder()
		issuer.ServeHTTP(w, r)
		switch to := w.Header().Get("Location"); {
		case w.Code == http.StatusBadRequest && to == "":
		case w.Code == http.StatusSeeOther && (strings.HasPrefix(to, "/login/") || strings.HasPrefix(to, callback+"?")) && !strings.ContainsAny(to, "\r\n"):
		default:
			t.Errorf("%q: %d %q", query, w.Code, to)
		}
	})
}
