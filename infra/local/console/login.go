package console

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"beian/infra/local/outbox"
	"beian/shared/web/pages"
)

func (c *Console) registerLogIn() {
	c.Public("POST /log-in", func(v *pages.Visit) error {
		login := v.R.PostForm.Get("login")
		i := slices.IndexFunc(c.config.People, func(p Person) bool { return p.Login == login })
		if i < 0 {
			return c.showHome(v, http.StatusUnprocessableEntity, "log-in-unknown")
		}
		landing, cookies, err := c.logIn(v.R.Context(), c.config.People[i], v.Language)
		if refused, is := errors.AsType[*refusedError](err); is {
			problem := map[int]string{http.StatusTooManyRequests: "log-in-too-many", http.StatusServiceUnavailable: "log-in-not-sent"}[refused.status]
			if problem != "" {
				return c.showHome(v, refused.status, problem)
			}
		}
		if err != nil {
			return err
		}
		for _, cookie := range cookies {
			v.W.Header().Add("Set-Cookie", cookie)
		}
		v.Redirect(landing)
		return nil
	})
}

// logIn logs in as a person, as a browser does: it opens the log-in of the portal or of the pages for staff, gives the login to the issuer, reads the code
// in the outbox, enters it, and returns to the site. It returns the page to show, and the cookies that the browser must get, with their attributes.
func (c *Console) logIn(ctx context.Context, p Person, language string) (landing string, cookies []string, err error) {
	begin, to := "/login", "/filings"
	if p.Staff {
		begin, to = "/staff/login", "/staff"
	}
	b := &browser{origin: c.config.Origin, language: language, cookies: c.deviceOf(p.Login)}
	form, err := b.follow(ctx, begin+"?"+url.Values{"to": {to}}.Encode(), "/identity/login/")
	if err != nil {
		return "", nil, err
	}
	before := map[string]bool{} // a code of before may be used
	for _, m := range c.config.Outbox.Sent(p.Login) {
		before[m.ID] = true
	}
	codeForm, err := b.request(ctx, http.MethodPost, form, url.Values{"login": {p.Login}})
	if err != nil {
		return "", nil, err
	}
	code := codeIn(slices.DeleteFunc(c.config.Outbox.Sent(p.Login), func(m outbox.Message) bool { return before[m.ID] }))
	if code == "" { // the outbox has each message before the issuer answers
		return "", nil, errors.New("console: the code is not in the outbox")
	}
	callback, err := b.request(ctx, http.MethodPost, codeForm, url.Values{"code": {code}})
	if err != nil {
		return "", nil, err
	}
	landing, err = b.request(ctx, http.MethodGet, callback, nil)
	c.keepDevice(p.Login, b.cookies)
	return landing, b.set, err
}

// codeIn returns the code of the newest message, "" if there is none.
func codeIn(sent []outbox.Message) string {
	if len(sent) == 0 {
		return ""
	}
	return sent[len(sent)-1].Code()
}

// deviceCookies is how the names of the issuer's cookies for known browsers begin. A known browser may request more codes.
const deviceCookies = "device-"

func (c *Console) deviceOf(login string) map[string]string {
	c.mu.Lock()
	defer c.mu.Unlock()
	kept := maps.Clone(c.devices[login])
	if kept == nil {
		kept = map[string]string{}
	}
	return kept
}

func (c *Console) keepDevice(login string, cookies map[string]string) {
	kept := maps.Clone(cookies)
	maps.DeleteFunc(kept, func(name, _ string) bool { return !strings.HasPrefix(name, deviceCookies) })
	c.mu.Lock()
	defer c.mu.Unlock()
	c.devices[login] = kept
}

// A browser sends requests with cookies, and follows no redirect by itself.
type browser struct {
	origin, language string
	cookies          map[string]string
	set              []string // each Set-Cookie that it got
}

// A refusedError is an answer other than a redirect.
type refusedError struct{ status int }

func (e *refusedError) Error() string {
	return fmt.Sprintf("console: the log-in got status %d", e.status)
}

// logInLimit bounds one request of a log-in.
const logInLimit = 20 * time.Second

// request returns the address to which a request is redirected: a path with its query. Every other answer is a *refusedError.
func (b *browser) request(ctx context.Context, method, path string, form url.Values) (to string, err error) {
	ctx, cancel := context.WithTimeout(ctx, logInLimit)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, method, b.origin+path, strings.NewReader(form.Encode()))
	if err != nil {
		return "", err
	}
	r.Header.Set("Accept-Language", b.language)
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for name, value := range b.cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	response, err := client.Do(r)
	if err != nil {
		return "", errors.New("console: no answer during the log-in") // the cause may quote an address with a code
	}
	defer response.Body.Close()
	if _, err := io.Copy(io.Discard, response.Body); err != nil {
		return "", err
	}
	b.set = append(b.set, response.Header.Values("Set-Cookie")...)
	for _, cookie := range response.Cookies() {
		b.cookies[cookie.Name] = cookie.Value
	}
	if response.StatusCode != http.StatusSeeOther {
		return "", &refusedError{response.StatusCode}
	}
	location, err := response.Location()
	if err != nil || "http://"+location.Host != b.origin {
		return "", errors.New("console: the log-in leads to another origin")
	}
	return location.RequestURI(), nil
}

// follow follows redirects from a path until one to a path that begins with until.
func (b *browser) follow(ctx context.Context, path, until string) (string, error) {
	for range 5 {
		to, err := b.request(ctx, http.MethodGet, path, nil)
		if err != nil || strings.HasPrefix(to, until) {
			return to, err
		}
		path = to
	}
	return "", errors.New("console: the log-in has too many redirects")
}
