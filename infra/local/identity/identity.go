// Package identity is the OIDC issuer of the laptop; on AWS it is Cognito. Call [Open] and serve the [Issuer] under the path of its
// URL:
//
//	GET  /.well-known/openid-configuration   the discovery document
//	GET  /.well-known/jwks.json              the public key
//	GET  /authorize                          the authorization code flow with PKCE (RFC 6749, RFC 7636, OIDC Core 3.1): shows the login pages
//	GET  /login/{flow}, POST …               the login pages: one field for the mobile or email, then one for the code
//	POST /token                              form: grant_type=authorization_code, code, code_verifier, redirect_uri, client_id; tokens like Cognito's
//	GET  /logout                             ?client_id=…&logout_uri=… redirects to the URI, like Cognito's
//	POST /codes                              {"phone_number" or "email": …, "locale": "zh-CN"} sends a code; 202
//	POST /token                              form: grant_type=[GrantType], login, code, client_id: the same tokens for programs
//
// Users log in with a one-time code that they receive by SMS or email, through SNS or SES. The first correct code for a new login
// creates an applicant's account (S5), so responses do not reveal whether an account exists. A file lists the staff. Accounts store
// an HMAC of the login, never the login. The issuer writes its state to disk before it responds.
package identity

import (
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sesv2"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/go-jose/go-jose/v4"

	"beian/shared/rules/finding"
)

// GrantType is the OAuth grant that exchanges a one-time code for tokens.
const GrantType = "urn:beian:one-time-code"

// Limits. They count for each login and client, so that a stranger who knows a login cannot lock its owner out: the stranger's requests and
// wrong codes count as theirs, and a new code voids no earlier one. A client is a browser that has logged in to the login before, by its
// cookie; all others are told apart by their address. A client that logs in shows that it receives the codes, so its requests before count no
// more. Somebody who guesses can try MaxTries codes for each code that they requested: 25 in an hour from one address, a chance of 1 in
// 40,000, and 50 from any number of addresses, 1 in 20,000, while the owner receives 10 messages.
const (
	CodeLifetime      = 5 * time.Minute
	MaxTries          = 5  // wrong codes of a client; then the codes that it requested are void
	CodesPerHour      = 10 // for a login and a client that has logged in to it before
	NewCodesPerClient = 5  // an hour, for a login and a client that has not, so that one stranger leaves codes for the owner's new browser
	NewCodesPerHour   = 10 // for a login and all clients that have not
	tokenLifetime     = 12 * time.Hour
	maxRequest        = 4 << 10 // bytes
	groupsClaim       = "cognito:groups"
)

// Groups. Every login that is not listed as staff is an applicant.
const (
	Applicant = "applicant"
	Reviewer  = "reviewer"
	Admin     = "admin"
)

// Config configures an issuer.
type Config struct {
	Folder   string // holds keys, accounts and staff.json
	Issuer   string // base URL, such as http://127.0.0.1:8080/identity
	ClientID string // the audience of tokens
	// Redirects and Logouts are the URIs to which a browser may be sent after log-in and log-out, compared exactly. Error pages link to the
	// first of Logouts.
	Redirects []string
	Logouts   []string
	Staff     []Staff // written to staff.json if the file is missing; ignored otherwise
	// Accounts are the accounts that exist before their first login, by login: a setting can name them. Each is the sub of its tokens.
	Accounts map[string]string
	SMS      *sns.Client
	Emails   *sesv2.Client
	From     string           // sender of emails
	Now      func() time.Time // nil is time.Now
	Log      *slog.Logger     // logs failures, without logins
}

// Staff is one entry of the list in staff.json.
type Staff struct {
	Login  string   `json:"login"` // phone number in E.164, or email address
	Groups []string `json:"groups"`
}

// An Issuer is an [http.Handler] for the path of its URL.
type Issuer struct {
	config Config
	keys   keys
	staff  map[string][]string // by login
	path   string              // of the URL
	mux    *http.ServeMux

	mu       sync.Mutex
	state    state
	accounts map[string]account // by HMAC of the login
	unsaved  []storedAccount    // that the file does not have yet
}

// Open reads the keys, the accounts and the staff list, or creates them.
func Open(c Config) (*Issuer, error) {
	if c.Now == nil {
		c.Now = time.Now
	}
	base, err := url.Parse(c.Issuer)
	if err != nil || base.Host == "" {
		return nil, errors.New("identity: the issuer must be an absolute URL")
	}
	c.Issuer = strings.TrimSuffix(c.Issuer, "/")
	if err := os.MkdirAll(c.Folder, 0o700); err != nil {
		return nil, err
	}
	i := &Issuer{config: c, mux: http.NewServeMux(), accounts: map[string]account{}}
	if err := i.loadFiles(); err != nil {
		return nil, err
	}
	path := strings.TrimSuffix(base.Path, "/")
	i.path = path
	i.mux.HandleFunc("GET "+path+"/.well-known/openid-configuration", i.serveDiscovery)
	i.mux.HandleFunc("GET "+path+"/.well-known/jwks.json", i.servePublicKeys)
	i.mux.HandleFunc("POST "+path+"/codes", i.serveCodes)
	i.mux.HandleFunc("POST "+path+"/token", i.serveToken)
	i.registerPages()
	i.mux.HandleFunc("/", serveNothing)
	return i, nil
}

// ServeHTTP answers requests under the issuer's path.
func (i *Issuer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxRequest)
	i.mux.ServeHTTP(w, r)
}

func (i *Issuer) serveDiscovery(w http.ResponseWriter, _ *http.Request) {
	issuer := i.config.Issuer
	respond(w, http.StatusOK, map[string]any{
		"issuer":                                issuer,
		"jwks_uri":                              issuer + "/.well-known/jwks.json",
		"token_endpoint":                        issuer + "/token",
		"authorization_endpoint":                issuer + "/authorize",
		"end_session_endpoint":                  issuer + "/logout",
		"grant_types_supported":                 []string{codeGrantType, GrantType},
		"response_types_supported":              []string{"code"},
		"response_modes_supported":              []string{"query"},
		"code_challenge_methods_supported":      []string{"S256"},
		"scopes_supported":                      []string{"openid", "phone", "email"},
		"ui_locales_supported":                  []string{chinese, english},
		"subject_types_supported":               []string{"public"},
		"id_token_signing_alg_values_supported": []string{string(jose.RS256)},
		"token_endpoint_auth_methods_supported": []string{"none"},
		"claims_supported": []string{"sub", "iss", "aud", "exp", "iat", "auth_time", "nonce", "phone_number", "email",
			groupsClaim},
	})
}

func (i *Issuer) servePublicKeys(w http.ResponseWriter, _ *http.Request) {
	respond(w, http.StatusOK, jose.JSONWebKeySet{Keys: []jose.JSONWebKey{i.keys.Signing.Public()}})
}

// respond writes JSON that may not be cached.
func respond(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(body)
}

// respondError writes an OAuth error (RFC 6749, 5.2) with its words in both languages. The description is Chinese if the request prefers
// that, by its locale or Accept-Language; it is English, as RFC 6749 has only ASCII, for requests without a preference.
func respondError(w http.ResponseWriter, language string, status int, code string, words finding.Words) {
	description := words.English
	if strings.HasPrefix(strings.ToLower(language), "zh") {
		description = words.Chinese
	}
	respond(w, status, map[string]any{"error": code, "error_description": description, "message": words})
}

// serveNothing answers requests for which there is no operation.
func serveNothing(w http.ResponseWriter, r *http.Request) {
	respondError(w, r.Header.Get("Accept-Language"), http.StatusNotFound, "not_found", finding.Words{
		Chinese: "没有这个地址或这种请求方法，请核对网址。", English: "There is no such address, or it does not support the method."})
}
