package pages

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"reflect"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/language"

	"beian/shared/aws/apigateway"
	"beian/shared/filing"
	"beian/shared/process/session"
	"beian/shared/rules/finding"
	"beian/shared/web"
)

// Names of cookies. The prefix __Host- ties them to this host and to HTTPS, or the loopback.
const (
	SessionCookie  = "session"
	typedCookie    = "typed"
	loginCookie    = "login"
	knownCookie    = "known"           // the browser logged in before
	languageCookie = "__Host-language" // of all sites of the host
)

// Cookie returns the full name of a cookie of the site.
func (s *Site) Cookie(name string) string { return "__Host-" + s.config.Cookies + name }

// A Visit is one request of a browser.
type Visit struct {
	R        *http.Request
	W        http.ResponseWriter
	Language string // of the page: "zh-CN" or "en"
	Session  session.Session
	Problem  *web.Problem // that a form's operation returned
	Fields   []Field      // of the form on the page
	Own      any          // of the function; see [Config.Begin]

	site   *Site
	event  apigateway.Event
	route  string
	former filing.Account // of a session that ended, by its cookie
	kept   bool           // the page shows what was typed before the session ended
}

type visitKey struct{}

func visitOf(r *http.Request) *Visit { return r.Context().Value(visitKey{}).(*Visit) }

var languages = language.NewMatcher([]language.Tag{language.SimplifiedChinese, language.English})

// readLanguage sets the language: that of the cookie, else that of the browser.
func (v *Visit) readLanguage() {
	chosen := v.R.Header.Get("Accept-Language")
	if c, err := v.R.Cookie(languageCookie); err == nil {
		chosen = c.Value
	}
	v.Language = "zh-CN"
	if tags, _, err := language.ParseAcceptLanguage(chosen); err == nil && len(tags) > 0 {
		if _, index, confidence := languages.Match(tags...); index == 1 && confidence >= language.High {
			v.Language = "en"
		}
	}
}

// switchLanguage sets the language of all pages and shows the page again in it.
func (v *Visit) switchLanguage(to string) {
	if to != "en" {
		to = "zh-CN"
	}
	v.SetCookie(languageCookie, to, 365*24*3600)
	query := v.R.URL.Query()
	query.Del("lang")
	v.Redirect(AddressOf(v.R.URL.Path, query))
}

// AddressOf returns the address of a page of the site. A path with two slashes at its beginning would name another host.
func AddressOf(path string, query url.Values) string {
	return (&url.URL{Path: "/" + strings.TrimLeft(path, "/"), RawQuery: query.Encode()}).String()
}

// setCookie sets a cookie that scripts cannot read, for a number of seconds; 0 is until the browser closes.
func (v *Visit) SetCookie(name, value string, seconds int) {
	http.SetCookie(v.W, &http.Cookie{Name: name, Value: value, Path: "/", MaxAge: seconds, Secure: true, HttpOnly: true, SameSite: http.SameSiteLaxMode})
}

func (v *Visit) RemoveCookie(name string) { v.SetCookie(name, "", -1) }

// redirect sends the browser to an address. What no address may have, such as a line break of a page's own path, is escaped.
func (v *Visit) Redirect(address string) {
	var escaped strings.Builder
	for i := range len(address) {
		if c := address[i]; c <= ' ' || c > '~' || strings.IndexByte(`"<>\^`+"`{|}", c) >= 0 {
			fmt.Fprintf(&escaped, "%%%02X", c)
		} else {
			escaped.WriteByte(c)
		}
	}
	v.W.Header().Set("Location", escaped.String())
	v.W.WriteHeader(http.StatusSeeOther)
}

// LoggedIn reports whether the browser has a session.
func (v *Visit) LoggedIn() bool { return v.Session.Account != "" }

// Provider is the name of the provider.
func (v *Visit) Provider() string { return v.In(v.site.config.Provider) }

// SupportPhone is the number of the provider's support.
func (v *Visit) SupportPhone() string { return v.site.config.SupportPhone }

// Prefix begins the paths of the site.
func (v *Visit) Prefix() string { return v.site.config.Prefix }

// In returns words in the language of the page.
func (v *Visit) In(w finding.Words) string { return w.In(v.Language) }

// Title returns words in the language of the page, with a capital letter at the beginning.
func (v *Visit) Title(w finding.Words) string {
	text := v.In(w)
	first, size := utf8.DecodeRuneInString(text)
	return string(unicode.ToUpper(first)) + text[size:]
}

// T returns the text of the catalogue with a key, such as "home.title". Args are pairs of a placeholder's name and its value.
func (v *Visit) T(key string, args ...any) (string, error) {
	words, ok := v.site.files.wordsOf(key)
	if !ok {
		return "", fmt.Errorf("pages: no words %q", key)
	}
	pairs := make([]string, len(args))
	for i, arg := range args {
		if p := reflect.ValueOf(arg); p.Kind() == reflect.Pointer && !p.IsNil() {
			arg = p.Elem().Interface() // a value that an operation may leave out
		}
		pairs[i] = fmt.Sprint(arg)
		if i%2 == 0 {
			pairs[i] = "{" + pairs[i] + "}"
		}
	}
	return strings.NewReplacer(pairs...).Replace(v.In(words)), nil
}

// OtherLanguage is the address of this page in the other language.
func (v *Visit) OtherLanguage() string {
	query := v.R.URL.Query()
	query.Set("lang", map[string]string{"en": "zh-CN", "zh-CN": "en"}[v.Language])
	path := v.R.URL.Path
	if v.R.Method != http.MethodGet {
		path = v.site.config.Prefix + "/"
	}
	return AddressOf(path, query)
}

// A Request is a call of the API.
type Request struct {
	Method, Path string // the path follows /api/v1
	Key, ETag    string // Idempotency-Key and If-Match; "" sends none
	Body         any    // nil sends none
}

// call calls an operation of the API as the browser's account and decodes the response into out, which may be nil. It returns the response's
// ETag. An error response is a *web.Problem.
func (v *Visit) Call(q Request, out any) (etag string, err error) {
	response, err := v.Send(q)
	if err != nil {
		return "", err
	}
	if out != nil {
		err = json.Unmarshal([]byte(response.Body), out)
	}
	return response.Headers["Etag"], err
}

// send calls an operation of the API as the browser's account. An error response is a *web.Problem.
func (v *Visit) Send(q Request) (apigateway.Response, error) {
	if permits := v.site.config.Permits; permits != nil && !permits(v, q.Method, q.Path) {
		return apigateway.Response{}, &web.Problem{Status: http.StatusForbidden}
	}
	e := apigateway.Call(v.event, q.Method, web.Prefix+q.Path, v.Session.Claims)
	e.Headers["accept-language"] = v.Language
	if q.Key != "" {
		e.Headers["idempotency-key"] = q.Key
	}
	if q.ETag != "" {
		e.Headers["if-match"] = q.ETag
	}
	if q.Body != nil {
		body, err := json.Marshal(q.Body)
		if err != nil {
			return apigateway.Response{}, err
		}
		e.Body, e.Headers["content-type"] = string(body), "application/json"
	}
	response, err := v.site.config.Operations(v.R.Context(), e)
	if err == nil && response.StatusCode >= http.StatusBadRequest {
		var p web.Problem
		if err := json.Unmarshal([]byte(response.Body), &p); err != nil {
			return apigateway.Response{}, err
		}
		return apigateway.Response{}, &p
	}
	return response, err
}

// get reads with an operation of the API.
func (v *Visit) Get(path string, out any) error {
	_, err := v.Call(Request{Method: http.MethodGet, Path: path}, out)
	return err
}

// refused reports whether the operation of a form found something that the person has to correct, and keeps it for the page to show.
func (v *Visit) Refused(err error) bool {
	p, ok := errors.AsType[*web.Problem](err)
	if !ok || p.Status == http.StatusNotFound || p.Status == http.StatusUnauthorized || p.Status >= http.StatusInternalServerError {
		return false
	}
	v.Problem = p
	return true
}

// statusOf returns the status of the page for an error, and logs the causes that a person cannot correct.
func (v *Visit) StatusOf(err error) int {
	if p, ok := errors.AsType[*web.Problem](err); ok {
		return p.Status
	}
	v.site.config.Log.ErrorContext(v.R.Context(), "page failed", "request", v.event.RequestContext.RequestID, "route", v.route, "cause", err.Error())
	if errors.Is(err, context.DeadlineExceeded) {
		return http.StatusServiceUnavailable
	}
	return http.StatusInternalServerError
}

// showError shows the page for an error. An ended session leads to the log-in.
func (v *Visit) ShowError(err error) {
	if p, ok := errors.AsType[*web.Problem](err); ok {
		v.Problem = p
		if p.Status == http.StatusUnauthorized {
			if err = v.LogInFirst(); err == nil {
				return
			}
		}
	}
	v.ShowStatus(v.StatusOf(err))
}

// showStatus shows the page for a status of 400 and more.
func (v *Visit) ShowStatus(status int) {
	v.W.WriteHeader(status)
	key := map[int]string{http.StatusNotFound: "not-found", http.StatusMethodNotAllowed: "not-found", http.StatusForbidden: "forbidden", http.StatusConflict: "conflict",
		http.StatusBadRequest: "invalid", http.StatusUnprocessableEntity: "invalid", http.StatusRequestEntityTooLarge: "invalid", http.StatusPreconditionFailed: "conflict",
		http.StatusTooManyRequests: "too-many", http.StatusServiceUnavailable: "unavailable"}[status]
	v.write("error", struct{ Key, RequestID string }{cmp.Or(key, "internal"), v.event.RequestContext.RequestID})
}

// ReadSession reads the session of the site's cookie.
func (v *Visit) ReadSession() error {
	current, err := v.SessionOf(v.site.Cookie(SessionCookie))
	if errors.Is(err, session.ErrEnded) {
		return nil
	}
	v.Session = current
	return err
}

// SessionOf reads the session of a cookie, or returns [session.ErrEnded]. A cookie without a session is removed.
func (v *Visit) SessionOf(name string) (session.Session, error) {
	c, err := v.R.Cookie(name)
	if err != nil {
		return session.Session{}, session.ErrEnded
	}
	current, err := v.site.config.Sessions.Read(v.R.Context(), c.Value)
	if errors.Is(err, session.ErrEnded) {
		if name == v.site.Cookie(SessionCookie) {
			v.former = session.AccountOf(c.Value)
		}
		v.RemoveCookie(name)
	}
	return current, err
}
