package identity_test

import (
	"html"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
)

// A browser is a browser without JavaScript, at one page.
type browser struct {
	*fixture
	status int
	header http.Header
	url    string // of the page; with a redirect to the client, its target
	body   string
}

// browse returns a browser with cookies that follows the redirects of the issuer only.
func (f *fixture) browse() *browser {
	jar, err := cookiejar.New(nil)
	if err != nil {
		f.t.Fatal(err)
	}
	b := &browser{fixture: f.withCookies()}
	b.client = &http.Client{Jar: jar, CheckRedirect: func(r *http.Request, _ []*http.Request) error {
		if !strings.HasPrefix(r.URL.String(), f.issuer) {
			return http.ErrUseLastResponse
		}
		return nil
	}}
	return b
}

func (b *browser) send(r *http.Request, err error) *browser {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
	response, err := b.client.Do(r)
	if err != nil {
		b.t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	b.status, b.header, b.body, b.url = response.StatusCode, response.Header, string(text), response.Request.URL.String()
	if to := response.Header.Get("Location"); to != "" {
		b.url = to
	}
	return b
}

func (b *browser) visit(address string) *browser {
	b.t.Helper()
	return b.send(http.NewRequest(http.MethodGet, address, nil))
}

var actions = regexp.MustCompile(`<form method="post" action="([^"]+)"`)

// submit sends the first form of the page.
func (b *browser) submit(fields url.Values) *browser {
	b.t.Helper()
	action := actions.FindStringSubmatch(b.body)
	if action == nil {
		b.t.Fatalf("the page has no form: %d %s", b.status, b.body)
	}
	return b.submitTo(html.UnescapeString(action[1]), fields, nil)
}

func (b *browser) submitTo(path string, fields url.Values, header map[string]string) *browser {
	b.t.Helper()
	r, err := http.NewRequest(http.MethodPost, strings.TrimSuffix(b.issuer, "/identity")+path, strings.NewReader(fields.Encode()))
	if err == nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		for name, value := range header {
			r.Header.Set(name, value)
		}
	}
	return b.send(r, err)
}

// query returns a parameter of the page's address.
func (b *browser) query(name string) string {
	b.t.Helper()
	u, err := url.Parse(b.url)
	if err != nil {
		b.t.Fatal(err)
	}
	return u.Query().Get(name)
}

// shows checks the status of the page and that it has the texts.
func (b *browser) shows(status int, texts ...string) {
	b.t.Helper()
	if b.status != status {
		b.t.Errorf("%s: %d, want %d\n%s", b.url, b.status, status, b.body)
	}
	for _, text := range texts {
		if !strings.Contains(b.body, text) {
			b.t.Errorf("the page lacks %q:\n%s", text, b.body)
		}
	}
}

// Of RFC 7636, appendix B.
const (
	verifier  = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
	challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
)

// authorizeURL returns the address of a log-in, with changed parameters: name, value, …; the value "" leaves the parameter out.
func (f *fixture) authorizeURL(changes ...string) string {
	query := url.Values{"response_type": {"code"}, "client_id": {"portal"}, "redirect_uri": {callback}, "scope": {"openid phone email"},
		"state": {"the state"}, "nonce": {"the nonce"}, "code_challenge": {challenge}, "code_challenge_method": {"S256"}, "ui_locales": {"zh-CN"}}
	for n := 0; n < len(changes); n += 2 {
		if query.Set(changes[n], changes[n+1]); changes[n+1] == "" {
			query.Del(changes[n])
		}
	}
	return f.issuer + "/authorize?" + query.Encode()
}

// logInByPage returns the authorization code of a log-in with a new browser.
func (f *fixture) logInByPage(login string, changes ...string) string {
	f.t.Helper()
	b := f.browse().visit(f.authorizeURL(changes...))
	b.submit(url.Values{"login": {login}}).submit(url.Values{"code": {f.code(login)}})
	if b.status != http.StatusSeeOther || b.query("code") == "" {
		f.t.Fatalf("%d %s", b.status, b.url)
	}
	return b.query("code")
}

// exchange sends a token request, with changed parameters as in authorizeURL.
func (f *fixture) exchange(code string, changes ...string) (int, map[string]any) {
	f.t.Helper()
	form := url.Values{"grant_type": {"authorization_code"}, "code": {code}, "code_verifier": {verifier}, "redirect_uri": {callback}, "client_id": {"portal"}}
	for n := 0; n < len(changes); n += 2 {
		form.Set(changes[n], changes[n+1])
	}
	return f.post("/token", "application/x-www-form-urlencoded", form.Encode())
}
