package console_test

import (
	"html"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"
	"time"

	"beian/infra/local/clock"
	"beian/infra/local/console"
	"beian/infra/local/demo"
	"beian/infra/local/identity"
	"beian/infra/local/scenario"
	"beian/infra/local/system"
	"beian/infra/local/systemtest"
	"beian/shared/rules/finding"
)

var (
	sys       *system.System
	suite     *systemtest.Suite
	applicant = scenario.Invented(10500)
)

func TestMain(m *testing.M) {
	people := []console.Person{
		{Login: demo.ReviewerLogin, Staff: true, About: finding.Words{Chinese: "审核员", English: "Reviewer"}},
		{Login: demo.SecondReviewerLogin, Staff: true, About: finding.Words{Chinese: "第二位审核员", English: "Second reviewer"}},
		{Login: applicant.Login, About: finding.Words{Chinese: "申请人", English: "Applicant"}},
	}
	day := time.Date(2026, 11, 30, 2, 0, 0, 0, time.UTC)
	systemtest.Main(m, system.Config{Clock: clock.StandingAt(day), People: people}, "../../stack/testdata/golden", func(s *systemtest.Suite) { suite, sys = s, s.System })
}

// A browser keeps cookies and follows redirects. The sites' cookies are for HTTPS or the loopback; the jar of package http knows only HTTPS, so it is given
// each address with https.
type browser struct {
	*testing.T
	client http.Client
}

type loopbackJar struct{ jar http.CookieJar }

func (j loopbackJar) SetCookies(u *url.URL, cookies []*http.Cookie) {
	j.jar.SetCookies(secured(u), cookies)
}
func (j loopbackJar) Cookies(u *url.URL) []*http.Cookie { return j.jar.Cookies(secured(u)) }

func secured(u *url.URL) *url.URL {
	s := *u
	s.Scheme = "https"
	return &s
}

func newBrowser(t *testing.T) *browser {
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &browser{t, http.Client{Jar: loopbackJar{jar}}}
}

// open opens a page of the system, or sends its form, and returns the response with its text.
func (b *browser) open(path string, form url.Values) (*http.Response, string) {
	b.Helper()
	method := http.MethodGet
	if form != nil {
		method = http.MethodPost
	}
	r, err := http.NewRequestWithContext(b.Context(), method, sys.PortalURL+path, strings.NewReader(form.Encode()))
	if err != nil {
		b.Fatal(err)
	}
	r.Header.Set("Accept-Language", "en")
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Origin", sys.PortalURL)
	}
	response, err := b.client.Do(r)
	if err != nil {
		b.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		b.Fatal(err)
	}
	return response, html.UnescapeString(string(text))
}

// TestLogInWithOneClick: one form logs a sample person in, at the portal or at the pages for staff, with a session of the real issuer.
func TestLogInWithOneClick(t *testing.T) {
	for login, want := range map[string]string{demo.ReviewerLogin: "/staff", applicant.Login: "/filings"} {
		b := newBrowser(t)
		if response, text := b.open("/local", nil); response.StatusCode != 200 || !strings.Contains(text, login) {
			t.Fatalf("%d: the overview does not offer %s", response.StatusCode, login)
		}
		response, text := b.open("/local/log-in", url.Values{"login": {login}})
		if at := response.Request.URL.Path; response.StatusCode != 200 || !strings.HasPrefix(at, want) || !strings.Contains(text, "/logout") {
			t.Errorf("%s ends at %s with %d", login, at, response.StatusCode)
		}
		if again, _ := b.open(want, nil); !strings.HasPrefix(again.Request.URL.Path, want) {
			t.Errorf("%s has no session: %s", login, again.Request.URL.Path)
		}
	}
}

// TestLogInOfOthers: the console logs nobody in who is not a sample person, and no page of another site can use it.
func TestLogInOfOthers(t *testing.T) {
	b := newBrowser(t)
	if response, text := b.open("/local/log-in", url.Values{"login": {"+8618800021002"}}); response.StatusCode != 422 || !strings.Contains(text, "no such sample person") {
		t.Errorf("a stranger: %d", response.StatusCode)
	}
	for _, header := range []http.Header{{"Origin": {"http://evil.example"}}, {"Sec-Fetch-Site": {"cross-site"}}} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, sys.PortalURL+"/local/log-in", strings.NewReader(url.Values{"login": {demo.ReviewerLogin}}.Encode()))
		if err != nil {
			t.Fatal(err)
		}
		r.Header = header
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		response, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		if response.StatusCode != http.StatusForbidden || len(response.Cookies()) > 0 {
			t.Errorf("%v: %d", header, response.StatusCode)
		}
	}
}

// TestLogInAgain: the limit of codes does not stop somebody who logs in often.
func TestLogInAgain(t *testing.T) {
	for n := range 2 * identity.CodesPerHour {
		if response, _ := newBrowser(t).open("/local/log-in", url.Values{"login": {demo.SecondReviewerLogin}}); response.StatusCode != 200 {
			t.Fatalf("log-in %d: %d", n+1, response.StatusCode)
		}
	}
}
