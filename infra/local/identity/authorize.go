package identity

import (
	"cmp"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/text/language"
)

// Limits of a request for a login, so that its flow fits into a cookie of 4096 bytes.
const (
	maxState = 512
	maxNonce = 256
)

var (
	challengeForm = regexp.MustCompile(`^[A-Za-z0-9_-]{43}$`) // SHA-256 in base64url
	printable     = regexp.MustCompile(`^[ -~]*$`)            // RFC 6749, appendix A.5
)

// serveAuthorize handles GET /authorize. A wrong client or redirect URI gets an error page (RFC 6749, 4.1.2.1); all other errors go to the client.
func (i *Issuer) serveAuthorize(w http.ResponseWriter, r *http.Request) {
	query, err := url.ParseQuery(r.URL.RawQuery)
	tongue := languageOf(query.Get("ui_locales"), r.Header.Get("Accept-Language"))
	redirect := query.Get("redirect_uri")
	switch {
	case err != nil || len(query["client_id"]) != 1 || query.Get("client_id") != i.config.ClientID:
		i.showError(w, tongue, http.StatusBadRequest, "client_id")
		return
	case len(query["redirect_uri"]) != 1 || !slices.Contains(i.config.Redirects, redirect):
		i.showError(w, tongue, http.StatusBadRequest, "redirect_uri")
		return
	}
	state := query.Get("state")
	if code, description := checkAuthorize(query); code != "" {
		answer := url.Values{"error": {code}, "error_description": {description}}
		if len(query["state"]) == 1 && len(state) <= maxState {
			answer.Set("state", state)
		}
		seeOther(w, withQuery(redirect, answer))
		return
	}
	f := i.newFlow(flow{Redirect: redirect, State: state, Nonce: query.Get("nonce"), Challenge: query.Get("code_challenge"), Language: tongue})
	if hint, err := parseLogin(query.Get("login_hint")); err == nil {
		f.Login = hint.text
	}
	if err := i.saveFlow(w, r, f); err != nil {
		i.showFailure(w, tongue, err)
		return
	}
	seeOther(w, i.path+"/login/"+f.id)
}

// checkAuthorize returns the OAuth error of a request whose client and redirect URI are right, and its description; "" if there is none.
func checkAuthorize(query url.Values) (code, description string) {
	for name, values := range query {
		if len(values) > 1 && name != "resource" { // RFC 6749, 3.1
			return "invalid_request", "a parameter is given twice"
		}
	}
	prompts := strings.Fields(query.Get("prompt"))
	switch {
	case query.Get("response_type") == "":
		return "invalid_request", "response_type is missing: code"
	case query.Get("response_type") != "code":
		return "unsupported_response_type", "response_type must be code"
	case cmp.Or(query.Get("response_mode"), "query") != "query":
		return "invalid_request", "response_mode must be query"
	case query.Has("request") || query.Has("request_uri"):
		return "invalid_request", "request objects are not supported"
	case !slices.Contains(strings.Fields(query.Get("scope")), "openid"):
		return "invalid_scope", "scope must contain openid"
	case query.Get("code_challenge_method") != "S256":
		return "invalid_request", "code_challenge_method must be S256"
	case !challengeForm.MatchString(query.Get("code_challenge")):
		return "invalid_request", "code_challenge must be the SHA-256 of the verifier in base64url, 43 characters"
	case len(query.Get("state")) > maxState || len(query.Get("nonce")) > maxNonce:
		return "invalid_request", "state has at most 512 characters, nonce at most 256"
	case !printable.MatchString(query.Get("state")) || !printable.MatchString(query.Get("nonce")):
		return "invalid_request", "state and nonce must be printable ASCII"
	case slices.Contains(prompts, "none"):
		return "login_required", "every log-in needs a code"
	}
	return "", ""
}

// serveLogout handles GET /logout, like Cognito's: it redirects to a configured URI. The issuer has no sessions that it could end. It takes the
// parameters of OIDC RP-Initiated Logout too.
func (i *Issuer) serveLogout(w http.ResponseWriter, r *http.Request) {
	query, err := url.ParseQuery(r.URL.RawQuery)
	tongue := languageOf(query.Get("ui_locales"), r.Header.Get("Accept-Language"))
	to := cmp.Or(query.Get("logout_uri"), query.Get("post_logout_redirect_uri"))
	switch {
	case err != nil || query.Get("client_id") != i.config.ClientID:
		i.showError(w, tongue, http.StatusBadRequest, "client_id")
	case !slices.Contains(i.config.Logouts, to):
		i.showError(w, tongue, http.StatusBadRequest, "logout_uri")
	default:
		if state := query.Get("state"); state != "" {
			to = withQuery(to, url.Values{"state": {state}})
		}
		seeOther(w, to)
	}
}

// Languages of the pages.
const (
	chinese = "zh-CN"
	english = "en"
)

var matcher = language.NewMatcher([]language.Tag{language.MustParse(chinese), language.English})

// languageOf returns the language of the pages for the locales of a request, which are separated by spaces, else for the header Accept-Language.
// It is Chinese if neither prefers one of the two.
func languageOf(locales, header string) string {
	for _, list := range []string{strings.ReplaceAll(locales, " ", ","), header} {
		tags, _, err := language.ParseAcceptLanguage(list)
		if err != nil || len(tags) == 0 {
			continue
		}
		if _, n, confidence := matcher.Match(tags...); confidence > language.No {
			return []string{chinese, english}[n]
		}
	}
	return chinese
}

// withQuery adds parameters to a URI.
func withQuery(uri string, more url.Values) string {
	separator := "?"
	if strings.Contains(uri, "?") {
		separator = "&"
	}
	return uri + separator + more.Encode()
}

// seeOther redirects with GET. The URI is one of the issuer's own or of its configuration.
func seeOther(w http.ResponseWriter, uri string) {
	setPageHeaders(w, "'self'")
	w.Header().Set("Location", uri)
	w.WriteHeader(http.StatusSeeOther)
}
