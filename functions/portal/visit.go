package portal

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/aws/aws-lambda-go/events"
	"golang.org/x/text/language"

	"beian/shared/aws/apigateway"
	"beian/shared/filing"
	"beian/shared/process/session"
	"beian/shared/rules/finding"
	"beian/shared/web"
)

// Cookies. The prefix __Host- ties them to this host and to HTTPS, or the loopback.
const (
	sessionCookie  = "__Host-session"
	typedCookie    = "__Host-typed"
	loginCookie    = "__Host-login"
	languageCookie = "__Host-language"
	knownCookie    = "__Host-known" // the browser logged in before
)

// A visit is one request of a browser.
type visit struct {
	portal   *Portal
	event    apigateway.Event
	r        *http.Request
	w        http.ResponseWriter
	route    string
	Language string // of the page: "zh-CN" or "en"
	session  session.Session
	former   filing.Account // of a session that ended, by its cookie
	// handedOver is the step that this phone does for another browser, if the page belongs to something else. phoneEnded says that it did one.
	handedOver *session.Grant
	phoneEnded bool
	phone      bool         // whether the browser came here by a hand-off
	problem    *web.Problem // that a form's operation returned
	fields     []field      // of the form on the page
	kept       bool         // the page shows what was typed before the session ended
	etag       string       // of what the page shows
}

type visitKey struct{}

func visitOf(r *http.Request) *visit { return r.Context().Value(visitKey{}).(*visit) }

var languages = language.NewMatcher([]language.Tag{language.SimplifiedChinese, language.English})

// readCookies sets the language: that of the cookie, else that of the browser.
func (v *visit) readCookies() {
	chosen := v.r.Header.Get("Accept-Language")
	if c, err := v.r.Cookie(languageCookie); err == nil {
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
func (v *visit) switchLanguage(to string) {
	if to != "en" {
		to = "zh-CN"
	}
	v.setCookie(languageCookie, to, 365*24*3600)
	query := v.r.URL.Query()
	query.Del("lang")
	v.redirect(addressOf(v.r.URL.Path, query))
}

// addressOf returns the address of a page of the portal. A path with two slashes at its beginning would name another host.
func addressOf(path string, query url.Values) string {
	return (&url.URL{Path: "/" + strings.TrimLeft(path, "/"), RawQuery: query.Encode()}).String()
}

// setCookie sets a cookie that scripts cannot read, for a number of seconds; 0 is until the browser closes.
func (v *visit) setCookie(name, value string, seconds int) {
	http.SetCookie(v.w, &http.Cookie{Name: name, Value: value, Path: "/", MaxAge: seconds, Secure: true, HttpOnly: true, SameSite: http.SameSiteLaxMode})
}

func (v *visit) removeCookie(name string) { v.setCookie(name, "", -1) }

// redirect sends the browser to an address. What no address may have, such as a line break of a page's own path, is escaped.
func (v *visit) redirect(address string) {
	var escaped strings.Builder
	for i := range len(address) {
		if c := address[i]; c <= ' ' || c > '~' || strings.IndexByte(`"<>\^`+"`{|}", c) >= 0 {
			fmt.Fprintf(&escaped, "%%%02X", c)
		} else {
			escaped.WriteByte(c)
		}
	}
	v.w.Header().Set("Location", escaped.String())
	v.w.WriteHeader(http.StatusSeeOther)
}

// LoggedIn reports whether the browser has a session.
func (v *visit) LoggedIn() bool { return v.session.Account != "" }

// Provider is the name of the provider.
func (v *visit) Provider() string { return v.In(v.portal.config.Provider) }

// SupportPhone is the number of the provider's support.
func (v *visit) SupportPhone() string { return v.portal.config.SupportPhone }

// In returns words in the language of the page.
func (v *visit) In(w finding.Words) string { return w.In(v.Language) }

// Title returns words in the language of the page, with a capital letter at the beginning.
func (v *visit) Title(w finding.Words) string {
	text := v.In(w)
	first, size := utf8.DecodeRuneInString(text)
	return string(unicode.ToUpper(first)) + text[size:]
}

// T returns the text of the catalogue with a key, such as "home.title". Args are pairs of a placeholder's name and its value.
func (v *visit) T(key string, args ...any) (string, error) {
	words, ok := catalogue[key]
	if !ok {
		return "", fmt.Errorf("portal: no words %q", key)
	}
	pairs := make([]string, len(args))
	for i, arg := range args {
		pairs[i] = fmt.Sprint(arg)
		if i%2 == 0 {
			pairs[i] = "{" + pairs[i] + "}"
		}
	}
	return strings.NewReplacer(pairs...).Replace(v.In(words)), nil
}

// OtherLanguage is the address of this page in the other language.
func (v *visit) OtherLanguage() string {
	query := v.r.URL.Query()
	query.Set("lang", map[string]string{"en": "zh-CN", "zh-CN": "en"}[v.Language])
	path := v.r.URL.Path
	if v.r.Method != http.MethodGet {
		path = "/"
	}
	return addressOf(path, query)
}

// A request is a call of the API.
type request struct {
	method, path string // the path follows /api/v1
	key, etag    string // Idempotency-Key and If-Match; "" sends none
	body         any    // nil sends none
}

// call calls an operation of the API as the browser's account and decodes the response into out, which may be nil. It returns the response's
// ETag. An error response is a *web.Problem.
func (v *visit) call(q request, out any) (etag string, err error) {
	response, err := v.send(q)
	if err != nil {
		return "", err
	}
	if out != nil {
		err = json.Unmarshal([]byte(response.Body), out)
	}
	return response.Headers["Etag"], err
}

// send calls an operation of the API as the browser's account. An error response is a *web.Problem.
func (v *visit) send(q request) (apigateway.Response, error) {
	if g := v.session.Grant; g != nil && !permits(*g, q.method, q.path) {
		return apigateway.Response{}, &web.Problem{Status: http.StatusForbidden}
	}
	e := events.APIGatewayV2HTTPRequest{RawPath: web.Prefix + q.path, Headers: map[string]string{"accept-language": v.Language, "host": v.event.Headers["host"]}}
	if path, query, has := strings.Cut(e.RawPath, "?"); has {
		e.RawPath, e.RawQueryString = path, query
	}
	e.RequestContext = v.event.RequestContext
	e.RequestContext.HTTP.Method, e.RequestContext.HTTP.Path = q.method, e.RawPath
	e.RequestContext.Authorizer = nil
	if v.session.Account != "" {
		e.RequestContext.Authorizer = &events.APIGatewayV2HTTPRequestContextAuthorizerDescription{JWT: &events.APIGatewayV2HTTPRequestContextAuthorizerJWTDescription{Claims: v.session.Claims}}
	}
	if q.key != "" {
		e.Headers["idempotency-key"] = q.key
	}
	if q.etag != "" {
		e.Headers["if-match"] = q.etag
	}
	if q.body != nil {
		body, err := json.Marshal(q.body)
		if err != nil {
			return apigateway.Response{}, err
		}
		e.Body, e.Headers["content-type"] = string(body), "application/json"
	}
	response, err := v.portal.config.API.Handle(v.r.Context(), e)
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
func (v *visit) get(path string, out any) error {
	_, err := v.call(request{method: http.MethodGet, path: path}, out)
	return err
}

// refused reports whether the operation of a form found something that the person has to correct, and keeps it for the page to show.
func (v *visit) refused(err error) bool {
	p, ok := errors.AsType[*web.Problem](err)
	if !ok || p.Status == http.StatusNotFound || p.Status == http.StatusUnauthorized || p.Status >= http.StatusInternalServerError {
		return false
	}
	v.problem = p
	return true
}

// statusOf returns the status of the page for an error, and logs the causes that a person cannot correct.
func (v *visit) statusOf(err error) int {
	if p, ok := errors.AsType[*web.Problem](err); ok {
		return p.Status
	}
	v.portal.config.Log.ErrorContext(v.r.Context(), "page failed", "request", v.event.RequestContext.RequestID, "route", v.route, "cause", err.Error())
	if errors.Is(err, context.DeadlineExceeded) {
		return http.StatusServiceUnavailable
	}
	return http.StatusInternalServerError
}

// showError shows the page for an error. An ended session leads to the log-in.
func (v *visit) showError(err error) {
	if p, ok := errors.AsType[*web.Problem](err); ok {
		v.problem = p
		if p.Status == http.StatusUnauthorized {
			if err = v.logInFirst(); err == nil {
				return
			}
		}
	}
	v.showStatus(v.statusOf(err))
}

// showStatus shows the page for a status of 400 and more.
func (v *visit) showStatus(status int) {
	v.w.WriteHeader(status)
	key := map[int]string{http.StatusNotFound: "not-found", http.StatusMethodNotAllowed: "not-found", http.StatusForbidden: "forbidden", http.StatusConflict: "conflict",
		http.StatusBadRequest: "invalid", http.StatusUnprocessableEntity: "invalid", http.StatusRequestEntityTooLarge: "invalid", http.StatusPreconditionFailed: "conflict",
		http.StatusTooManyRequests: "too-many", http.StatusServiceUnavailable: "unavailable"}[status]
	v.write("error", struct{ Key, RequestID string }{cmp.Or(key, "internal"), v.event.RequestContext.RequestID})
}
