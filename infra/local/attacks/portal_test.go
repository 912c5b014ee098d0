package attacks_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"html"
	"io"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"beian/infra/local/scenario"
	"beian/shared/filing"
	"beian/shared/process/session"
)

// A tab is a browser of a user, without script.
type tab struct {
	*testing.T
	cookie string
}

// tabOf returns a browser in which a user is logged in.
func tabOf(t *testing.T, u *scenario.User) tab {
	t.Helper()
	account := u.Account()
	secret, err := session.Sessions{Store: sys.Parts.Store(), Now: sys.Parts.Wall}.Begin(t.Context(), filing.Account(account), map[string]string{"sub": account})
	if err != nil {
		t.Fatal(err)
	}
	return tab{t, "__Host-session=" + secret + "; __Host-device=phone"}
}

// A portalPage is an answer of the portal.
type portalPage struct {
	status   int
	location string
	body     string
	cookies  string // that it sets
}

var pageClient = &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}

// get opens a page; post sends a form. Both check what holds for each answer.
func (b tab) get(path string) portalPage { b.Helper(); return b.do(http.MethodGet, path, nil) }

func (b tab) post(path string, fields url.Values) portalPage {
	b.Helper()
	return b.do(http.MethodPost, path, fields)
}

func (b tab) do(method, path string, fields url.Values) portalPage {
	b.Helper()
	r, err := http.NewRequestWithContext(b.Context(), method, sys.PortalURL+path, strings.NewReader(fields.Encode()))
	if err != nil {
		b.Fatal(err)
	}
	r.Header.Set("Cookie", b.cookie)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	response, err := pageClient.Do(r)
	if err != nil {
		b.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		b.Fatal(err)
	}
	p := portalPage{response.StatusCode, response.Header.Get("Location"), string(body), strings.Join(response.Header["Set-Cookie"], "\n")}
	switch {
	case p.status >= 500:
		b.Errorf("%s %s with %.300q: status %d", method, path, fields.Encode(), p.status)
	case bytes.Contains(body, []byte(markup)):
		b.Errorf("%s %s: the page has the markup of a value", method, path)
	case response.Header.Get("Cache-Control") != "no-store", response.Header.Get("X-Injected") != "", !strings.HasPrefix(response.Header.Get("Content-Security-Policy"), "default-src 'none'; script-src 'self';"):
		b.Errorf("%s %s: headers %v", method, path, response.Header)
	case p.location != "" && !strings.HasPrefix(p.location, "/") && !strings.HasPrefix(p.location, sys.PortalURL):
		b.Errorf("%s %s leads to %s", method, path, p.location)
	}
	return p
}

const markup = "<script>alert(1)</script>"

var (
	formElement  = regexp.MustCompile(`(?s)<form\b[^>]*>.*?</form>`)
	fieldElement = regexp.MustCompile(`(?s)<(?:input|select|textarea|button)\b[^>]*>`)
	linkElement  = regexp.MustCompile(`(?:href|action)="(/[^"#]*)`)
	nameOf       = regexp.MustCompile(`\bname="([^"]*)"`)
	valueOf      = regexp.MustCompile(`\bvalue="([^"]*)"`)
	actionOf     = regexp.MustCompile(`^<form\b[^>]*\baction="([^"]*)"`)
)

// A pageForm is a form of a page with the values that the browser would send.
type pageForm struct {
	action string
	fields url.Values
}

// formsOn returns the forms of a page that go to the portal.
func formsOn(path string, p portalPage) []pageForm {
	var all []pageForm
	for _, text := range formElement.FindAllString(p.body, -1) {
		f := pageForm{action: path, fields: url.Values{}}
		if m := actionOf.FindStringSubmatch(text); m != nil {
			f.action = html.UnescapeString(m[1])
		}
		if !strings.HasPrefix(f.action, "/") {
			continue
		}
		for _, one := range fieldElement.FindAllString(text, -1) {
			if m := nameOf.FindStringSubmatch(one); m != nil {
				value := ""
				if v := valueOf.FindStringSubmatch(one); v != nil {
					value = html.UnescapeString(v[1])
				}
				f.fields.Set(html.UnescapeString(m[1]), value)
			}
		}
		all = append(all, f)
	}
	return all
}

// hostileValues are what a person's browser never sends.
var hostileValues = []string{markup, "\x00", "\xff\xfe", "a\r\nX-Injected: 1", "{{.}}{name}", "-1", "99999999999999999999", "9223372036854775807", "1e309", "null", "[]", `{"a":1}`, "../../x", strings.Repeat("长 ", 20_000), "\u202e\u200b", "true"}

// unseen are fields that no page has, to set what the applicant must not.
var unseen = url.Values{"/status": {"APPROVED"}, "/step": {"DONE"}, "/account": {"another"}, "/id": {"01JCZK3V7M8N9P0Q1R2S3T4V5W"}, "/__proto__/status": {"APPROVED"}, "/constructor/prototype/x": {"1"}, "/sites/999999999/name": {"x"},
	"/sites/-1/name": {"x"}, "/sites/0/app/platforms/999999999/system": {"x"}, "/sites/0/app/platforms/-1/system": {"x"}, "/sites/0/preApprovals/15/number": {"x"}, strings.Repeat("/a", 5000): {"x"}, "": {"x"}, "/": {"x"}, "//": {"x"}, "/~2": {"x"},
	"explain": {"x"}, "explain  ": {"x"}, "explain a /b": {"x", "y"}, "reading": {"{}", "null", "[", `{"pointer":"/subject/name","text":5}`, `{"pointer":"/subject/name"}`, `{"pointer":"/status","text":"x"}`}, "seen": {"/x", "//evil.example"}, "open": {"x"}, "same": {""},
	"/subject": {"x"}, "/sites": {"x"}, "/findings": {"x"}, "/evidence": {"x"}, "/explanations": {"x"}, "/readings": {"x"}, "ticks": {"99999999999"}}

// pagesOf returns the pages that can be reached from a page by links, without leaving the order.
func (b tab) pagesOf(start string) map[string]portalPage {
	b.Helper()
	pages, open := map[string]portalPage{}, []string{start}
	for len(open) > 0 && len(pages) < 60 {
		path := open[0]
		open = open[1:]
		if _, seen := pages[path]; seen {
			continue
		}
		p := b.get(path)
		pages[path] = p
		for _, m := range linkElement.FindAllStringSubmatch(p.body, -1) {
			to := html.UnescapeString(m[1])
			if strings.HasPrefix(to, start) && !strings.Contains(to, "lang=") {
				open = append(open, to)
			}
		}
	}
	return pages
}

// attack sends hostile values in each field of each form of the pages, and fields that no page has, and returns the number of forms.
func (b tab) attack(pages map[string]portalPage) (forms int) {
	b.Helper()
	for _, path := range slices.Sorted(maps.Keys(pages)) {
		for _, f := range formsOn(path, pages[path]) {
			if slices.ContainsFunc([]string{"/logout", "/abandon", "/withdraw", "/erase"}, func(end string) bool { return strings.HasSuffix(f.action, end) }) {
				continue // they end what is attacked
			}
			forms++
			for name := range f.fields {
				for _, hostile := range hostileValues {
					fields := maps.Clone(f.fields)
					fields[name] = []string{hostile}
					b.post(f.action, fields)
				}
			}
			fields := maps.Clone(f.fields)
			maps.Copy(fields, unseen)
			b.post(f.action, fields)
		}
	}
	return forms
}

// TestHostilePages: whatever is sent to the pages of an application gets an answer below 500 with all headers, shows no markup, and changes nothing that
// the applicant may not change. No page of it opens for another account.
func TestHostilePages(t *testing.T) {
	other, err := client.Login(t.Context(), scenario.Invented(8710).Login)
	if err != nil {
		t.Fatal(err)
	}
	stranger := tabOf(t, other)
	for n, step := range []filing.Step{filing.CollectDetails, filing.CollectEvidence, filing.AwaitConfirmation, filing.VerifySMS} {
		applicant, _, id := applicantAt(t, 8700+n, step)
		owner, start := tabOf(t, applicant), "/orders/"+string(id)
		pages := owner.pagesOf(start)
		for path := range pages {
			if p := stranger.get(path); p.status != http.StatusNotFound {
				t.Errorf("%s opens for another account: %d", path, p.status)
			}
			for _, f := range formsOn(path, pages[path]) {
				if !strings.HasPrefix(f.action, start) {
					continue
				}
				if p := stranger.post(f.action, f.fields); p.status != http.StatusNotFound {
					t.Errorf("another account sends %s: %d to %s", f.action, p.status, p.location)
				}
			}
		}
		if step == filing.VerifySMS {
			pages["/sms/"+string(id)] = owner.get("/sms/" + string(id))
		}
		if forms := owner.attack(pages); len(pages) < 5 || forms < 2 {
			t.Errorf("%s: %d pages with %d forms", step, len(pages), forms)
		}
		o, err := applicant.Order(t.Context(), id)
		if err != nil || o.Status == filing.Approved || step.Before(filing.AwaitConfirmation) && o.Step != step {
			t.Errorf("%s: the order is at %s, %s: %v", step, o.Step, o.Status, err)
		}
	}
}

// TestHostilePublicPages: the same for the pages without an application, with hostile values in their addresses, too.
func TestHostilePublicPages(t *testing.T) {
	user, err := client.Login(t.Context(), scenario.Invented(8711).Login)
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range []tab{tabOf(t, user), {t, ""}} {
		pages := map[string]portalPage{}
		for _, path := range []string{"/", "/begin", "/filings", "/claim", "/claim/code", "/transfer", "/export", "/export.json", "/state", "/state/code", "/revoke", "/revoke/x", "/need", "/domain", "/number", "/phone", "/phone/23456789", "/login", "/callback",
			"/orders/x", "/orders/x/sites/0", "/orders/x/papers/x/y", "/orders/x/papers/phone", "/filings/x", "/filings/x/reads", "/transfers/x", "/sms/x", "/recognition", "/recognition/x/y", "/assets/x/y"} {
			pages[path] = b.get(path)
			for _, hostile := range []string{markup, "\xff\x00", "a\r\nX-Injected: 1", "-1", "99999999999999999999", "//evil.example"} {
				b.get(strings.TrimSuffix(path, "/") + "/" + url.PathEscape(hostile))
				query := url.Values{}
				for _, name := range []string{"at", "n", "to", "id", "key", "code", "state", "cursor", "seen", "open", "province", "entityKind", "type", "trade", "domain", "number", "registered"} {
					query.Set(name, hostile)
				}
				b.get(path + "?" + query.Encode())
			}
		}
		b.attack(pages)
	}
}

// TestLargeDrafts: what is typed and does not fit into one item of the table is refused, or not kept, without an error. A character such as "<" takes six
// bytes there.
func TestLargeDrafts(t *testing.T) {
	applicant, _, id := applicantAt(t, 8712, filing.CollectDetails)
	for _, site := range []any{map[string]any{"app": map[string]any{"hosts": []string{strings.Repeat("<", 200_000)}}}, map[string]any{"domains": []string{strings.Repeat("\u2028", 80_000)}}} {
		var body bytes.Buffer
		encoder := json.NewEncoder(&body)
		encoder.SetEscapeHTML(false)
		if err := encoder.Encode(map[string]any{"subject": map[string]any{}, "sites": []any{site}}); err != nil {
			t.Fatal(err)
		}
		send(t, applicant, scenario.Request{Method: http.MethodPut, Path: "/orders/" + string(id) + "/details-draft", Body: bytes.ReplaceAll(body.Bytes(), []byte(`\u2028`), []byte("\u2028"))}, http.StatusRequestEntityTooLarge, "body-too-large ")
	}
	ended := tab{t, "__Host-session=" + base64.RawURLEncoding.EncodeToString([]byte("another-account")) + ".x"}
	for text, kept := range map[string]bool{"x": true, strings.Repeat("<", 100_000): false} {
		p := ended.post("/orders/x/subject", url.Values{"/subject/address": {text}})
		if p.status != http.StatusSeeOther || p.location != "/login?to=%2Forders%2Fx%2Fsubject" || strings.Contains(p.cookies, "__Host-typed=") != kept {
			t.Errorf("%d characters: %d to %s with %.20q", len(text), p.status, p.location, p.cookies)
		}
	}
}

// TestHostileKeptForms: what was typed without a session is checked as much when the page shows it again after the log-in.
func TestHostileKeptForms(t *testing.T) {
	user, err := client.Login(t.Context(), scenario.Invented(8713).Login)
	if err != nil {
		t.Fatal(err)
	}
	for _, step := range []string{"-1", "-99999999999999999999", "99999999999999999999", "4", "x"} {
		p := tab{t, "__Host-session=" + base64.RawURLEncoding.EncodeToString([]byte(user.Account())) + ".x"}.post("/begin", url.Values{"step": {step}, "/entityKind": {"x"}, "/domains": {markup}})
		b := tabOf(t, user)
		for _, cookie := range strings.Split(p.cookies, "\n") {
			cookie, _, _ = strings.Cut(cookie, ";")
			b.cookie += "; " + cookie
		}
		if got := b.get("/begin"); got.status != http.StatusOK {
			t.Errorf("step %s: status %d", step, got.status)
		}
	}
}
