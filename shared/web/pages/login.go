package pages

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"path"
	"strings"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"beian/shared/filing"
	"beian/shared/process/limits"
	"beian/shared/process/session"
	"beian/shared/rules/fault"
)

// An Issuer is the identity provider: its URL, the site's client there, and the origin of its log-in pages.
type Issuer struct {
	URL, ClientID, Pages string
	Registers            bool // people register themselves
}

// asksPassword reports whether the issuer's pages ask for a password at the registration: those of Cognito always do (ADR 38).
func (i Issuer) asksPassword() bool { return strings.HasPrefix(i.URL, "https://cognito-idp.") }

// loginLifetime is how long a person may take at the issuer.
const loginLifetime = 15 * time.Minute

// A login is a log-in in progress. The browser keeps it in a cookie.
type login struct {
	State    string `json:"state"`
	Nonce    string `json:"nonce"`
	Verifier string `json:"verifier"` // PKCE
	To       string `json:"to"`       // the page to show afterwards
}

// claimNames are the claims that a session keeps: those that the API reads.
var claimNames = []string{"sub", "cognito:groups", "groups", "phone_number", "phone_number_verified", "email", "email_verified", "auth_time", "iat"}

// discovered is what the issuer says of itself. It is read at the first log-in.
type discovered struct {
	mu       sync.Mutex
	provider *oidc.Provider
}

func (d *discovered) get(ctx context.Context, issuer string) (*oidc.Provider, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.provider != nil {
		return d.provider, nil
	}
	provider, err := oidc.NewProvider(context.WithoutCancel(ctx), issuer) // it keeps the context, to read keys later
	if err != nil {
		return nil, fmt.Errorf("the issuer's discovery document: %w", err)
	}
	d.provider = provider
	return provider, nil
}

// registerLogin registers log-in and log-out.
func (s *Site) registerLogin() {
	client := func(v *Visit) (*oidc.Provider, oauth2.Config, error) {
		provider, err := s.issuer.get(v.R.Context(), s.config.Issuer.URL)
		if err != nil {
			return nil, oauth2.Config{}, err
		}
		return provider, oauth2.Config{ClientID: s.config.Issuer.ClientID, Endpoint: provider.Endpoint(), RedirectURL: s.config.Origin + s.config.Prefix + "/callback",
			Scopes: []string{oidc.ScopeOpenID, "phone", "email"}}, nil
	}
	s.Public("GET /login", func(v *Visit) error {
		if _, err := v.R.Cookie(v.site.Cookie(knownCookie)); err != nil && s.config.Issuer.Registers && s.config.Issuer.asksPassword() && v.R.URL.Query().Get("registered") == "" {
			return v.Show("login-first", v.site.config.Prefix+"/login?"+url.Values{"to": {v.LocalPath(v.R.URL.Query().Get("to"))}, "registered": {"no"}}.Encode())
		}
		_, config, err := client(v)
		if err != nil {
			return err
		}
		begun := login{State: rand.Text(), Nonce: rand.Text(), Verifier: oauth2.GenerateVerifier(), To: v.LocalPath(v.R.URL.Query().Get("to"))}
		text, err := json.Marshal(begun)
		if err != nil {
			return err
		}
		v.SetCookie(v.site.Cookie(loginCookie), base64.RawURLEncoding.EncodeToString(text), int(loginLifetime.Seconds()))
		v.Redirect(config.AuthCodeURL(begun.State, oidc.Nonce(begun.Nonce), oauth2.S256ChallengeOption(begun.Verifier),
			oauth2.SetAuthURLParam("ui_locales", v.Language), oauth2.SetAuthURLParam("lang", v.Language)))
		return nil
	})
	s.Public("GET /callback", func(v *Visit) error {
		begun, ok := v.begunLogin()
		v.RemoveCookie(v.site.Cookie(loginCookie))
		query := v.R.URL.Query()
		if !ok || query.Get("state") != begun.State || query.Get("code") == "" {
			return v.Show("login-failed", nil) // too late, in another browser, or cancelled at the issuer
		}
		provider, config, err := client(v)
		if err != nil {
			return err
		}
		tokens, err := config.Exchange(v.R.Context(), query.Get("code"), oauth2.VerifierOption(begun.Verifier))
		if refused := (*oauth2.RetrieveError)(nil); errors.As(err, &refused) && refused.Response.StatusCode < http.StatusInternalServerError {
			return v.Show("login-failed", nil)
		}
		if err != nil {
			return errors.New("the issuer gave no tokens") // the error may quote the response
		}
		account, claims, err := s.claimsOf(v.R.Context(), provider, tokens, begun.Nonce)
		if errors.Is(err, errOtherLogin) {
			return v.Show("login-failed", nil)
		}
		if err != nil {
			return err
		}
		cookie, err := s.config.Sessions.Begin(v.R.Context(), account, claims)
		if err != nil {
			return err
		}
		v.SetCookie(v.site.Cookie(SessionCookie), cookie, 0)
		if s.config.Issuer.asksPassword() {
			v.SetCookie(v.site.Cookie(knownCookie), "yes", 365*24*3600)
		}
		v.Redirect(v.LocalPath(begun.To))
		return nil
	})
	s.Public("POST /logout", func(v *Visit) error {
		if v.LoggedIn() {
			end := func() error { return s.config.Sessions.End(v.R.Context(), v.Session) }
			if v.R.FormValue("everywhere") != "" {
				end = func() error { return s.config.Sessions.EndAll(v.R.Context(), v.Session.Account) }
			}
			if err := end(); err != nil {
				return err
			}
		}
		v.RemoveCookie(v.site.Cookie(SessionCookie))
		var about struct {
			Logout string `json:"end_session_endpoint"`
		}
		if provider, _, err := client(v); err == nil && provider.Claims(&about) == nil && about.Logout != "" {
			v.Redirect(about.Logout + "?" + url.Values{"client_id": {s.config.Issuer.ClientID}, "logout_uri": {s.config.Origin + s.config.Prefix + "/"}}.Encode())
			return nil
		}
		v.Redirect(s.config.Prefix + "/")
		return nil
	})
}

// errOtherLogin says that an ID token is of another log-in than the one in the browser's cookie.
var errOtherLogin = errors.New("the ID token is of another log-in")

// claimsOf returns the account and the claims of an ID token, which it verifies. Each claim is text, as the gateway gives it to functions.
func (s *Site) claimsOf(ctx context.Context, provider *oidc.Provider, tokens *oauth2.Token, nonce string) (filing.Account, map[string]string, error) {
	raw, _ := tokens.Extra("id_token").(string)
	token, err := provider.Verifier(&oidc.Config{ClientID: s.config.Issuer.ClientID, Now: s.config.Wall}).Verify(ctx, raw)
	if err != nil {
		return "", nil, errors.New("the issuer's ID token is not valid")
	}
	if token.Nonce != nonce {
		return "", nil, errOtherLogin
	}
	var all map[string]any
	if err := token.Claims(&all); err != nil {
		return "", nil, errors.New("the issuer's ID token has no claims")
	}
	claims := map[string]string{}
	for _, name := range claimNames {
		if value, has := all[name]; has {
			claims[name] = fmt.Sprint(value)
		}
	}
	return filing.Account(token.Subject), claims, nil
}

func (v *Visit) begunLogin() (login, bool) {
	c, err := v.R.Cookie(v.site.Cookie(loginCookie))
	if err != nil {
		return login{}, false
	}
	text, err := base64.RawURLEncoding.DecodeString(c.Value)
	var begun login
	return begun, err == nil && json.Unmarshal(text, &begun) == nil && begun.State != ""
}

// LocalPath returns a path of the site, its home for anything else.
func (v *Visit) LocalPath(to string) string {
	u, err := url.Parse(to)
	if err != nil || u.Scheme != "" || u.Host != "" || u.User != nil || !strings.HasPrefix(u.Path, v.site.config.Prefix+"/") || strings.HasPrefix(u.Path, "//") || strings.Contains(to, "\\") {
		return v.site.config.Home
	}
	return u.RequestURI()
}

// LogInFirst sends the browser to the log-in, and then back to this page, or to the page that has the form. What a form contains is kept for the account whose
// session ended, and shown again.
func (v *Visit) LogInFirst() error {
	page := v.formPage()
	to := page.RequestURI()
	if v.R.Method == http.MethodPost && v.former != "" {
		if err := v.keepTyped(page.Path); err != nil {
			return err
		}
	}
	v.Redirect(v.site.config.Prefix + "/login?" + url.Values{"to": {to}}.Encode())
	return nil
}

// formPage returns the address of the page that has the form of this request: the same, or the next above it that has a page, such as that of the order for a
// verdict on it.
func (v *Visit) formPage() *url.URL {
	page := v.R.URL
	for escaped := page.EscapedPath(); v.R.Method == http.MethodPost && len(escaped) > 1; escaped = path.Dir(escaped) {
		if page.EscapedPath() != escaped {
			parsed, err := url.Parse(escaped)
			if err != nil {
				break
			}
			page = parsed
		}
		if v.site.Pattern(&http.Request{Method: http.MethodGet, Host: v.R.Host, URL: page}) != "" {
			return page
		}
	}
	return v.R.URL
}

// maxKept keeps what was typed below the size of one item of the table (400 KB).
const maxKept = 384 << 10

// keepTyped keeps the form of the request for the former account, to be shown on a page, unless it is too large for that, or the address has sent too many: anybody can name an
// account in a cookie.
func (v *Visit) keepTyped(page string) error {
	if err := v.R.ParseForm(); err != nil {
		return err
	}
	typed := session.Typed{Account: v.former, Path: page, Fields: v.R.PostForm}
	text, err := json.Marshal(typed)
	if err != nil || len(text) > maxKept {
		return err
	}
	err = v.site.config.Limits.Use(v.R.Context(), limits.KeepForm, limits.OfAddress(v.R.RemoteAddr))
	if fault.KindOf(err) == fault.TooMany {
		return nil
	}
	if err != nil {
		return err
	}
	secret, err := v.site.config.Sessions.Keep(v.R.Context(), typed)
	if err != nil {
		return err
	}
	v.SetCookie(v.site.Cookie(typedCookie), secret, int(session.KeepTyped.Seconds()))
	return nil
}

// Typed returns what was typed into this page's form before the session ended, once.
func (v *Visit) Typed() (url.Values, error) {
	c, err := v.R.Cookie(v.site.Cookie(typedCookie))
	if err != nil {
		return nil, nil
	}
	v.RemoveCookie(v.site.Cookie(typedCookie))
	typed, err := v.site.config.Sessions.Take(v.R.Context(), c.Value)
	if errors.Is(err, session.ErrEnded) || err == nil && (typed.Account != v.Session.Account || typed.Path != v.R.URL.Path) {
		return nil, nil
	}
	v.kept = err == nil
	return typed.Fields, err
}

// Kept reports whether the page shows what was typed before the session ended, and was not saved.
func (v *Visit) Kept() bool { return v.kept }
