// Package identity is the OIDC issuer of the laptop. On AWS its place is Cognito's.
//
// People log in with a one-time code that goes to their phone or mailbox, through the same SNS and SES calls as every
// other message. A login that nobody used before becomes an applicant's account with its first right code (S5), so
// the issuer answers alike whether an account exists or not. Staff are listed in a file.
//
// Under the issuer's path:
//
//	GET  /.well-known/openid-configuration   the discovery document
//	GET  /.well-known/jwks.json              the public key
//	POST /codes                              {"phone_number" or "email": …, "locale": "zh-CN"} sends a code; 202
//	POST /token                              form: grant_type=[GrantType], login, code, client_id; tokens like Cognito's
//
// Accounts keep an HMAC of the login, never the login itself. All state is on disk before an answer leaves.
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
)

// GrantType is the OAuth grant that changes a one-time code into tokens.
const GrantType = "urn:beian:one-time-code"

// Limits of logging in.
const (
	CodeLasts    = 5 * time.Minute
	WrongTries   = 5 // then the code is void
	TokenLasts   = 12 * time.Hour
	largestInput = 4 << 10 // bytes of a request
)

// Groups. A login that is not among the staff is an applicant.
const (
	Applicant = "applicant"
	Reviewer  = "reviewer"
	Admin     = "admin"
)

// Config says who issues, to whom, and how codes are sent.
type Config struct {
	Folder      string  // keys, accounts and staff.json
	Issuer      string  // base URL, such as http://127.0.0.1:8080/identity
	ClientID    string  // the audience of tokens
	GroupsClaim string  // "" is "cognito:groups"
	Staff       []Staff // written to staff.json when there is none yet; later the file counts
	SMS         *sns.Client
	Emails      *sesv2.Client
	From        string           // sender of emails
	CodesHourly int              // codes that one login may ask for in an hour; 0 is 10
	Now         func() time.Time // nil is time.Now
	Log         *slog.Logger     // failures, without logins; nil is silent
}

// Staff is one entry of staff.json: a list of these.
type Staff struct {
	Login  string   `json:"login"` // phone number in E.164, or email address
	Groups []string `json:"groups"`
}

// An Issuer answers under its URL's path. It is an [http.Handler].
type Issuer struct {
	config Config
	keys   keys
	staff  map[string][]string // by login
	mux    *http.ServeMux

	mu    sync.Mutex
	state state
}

// Open reads or makes the keys, the accounts and the staff list.
func Open(c Config) (*Issuer, error) {
	if c.GroupsClaim == "" {
		c.GroupsClaim = "cognito:groups"
	}
	if c.CodesHourly == 0 {
		c.CodesHourly = 10
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	base, err := url.Parse(c.Issuer)
	if err != nil || base.Host == "" {
		return nil, errors.New("identity: the issuer must be an absolute URL")
	}
	c.Issuer = strings.TrimSuffix(c.Issuer, "/")
	if err := os.MkdirAll(c.Folder, 0o700); err != nil {
		return nil, err
	}
	i := &Issuer{config: c, mux: http.NewServeMux()}
	if err := i.load(); err != nil {
		return nil, err
	}
	path := strings.TrimSuffix(base.Path, "/")
	i.mux.HandleFunc("GET "+path+"/.well-known/openid-configuration", i.discovery)
	i.mux.HandleFunc("GET "+path+"/.well-known/jwks.json", i.publicKeys)
	i.mux.HandleFunc("POST "+path+"/codes", i.sendCode)
	i.mux.HandleFunc("POST "+path+"/token", i.token)
	return i, nil
}

// ServeHTTP answers requests under the issuer's path.
func (i *Issuer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, largestInput)
	i.mux.ServeHTTP(w, r)
}

func (i *Issuer) discovery(w http.ResponseWriter, _ *http.Request) {
	issuer := i.config.Issuer
	write(w, http.StatusOK, map[string]any{
		"issuer":                                issuer,
		"jwks_uri":                              issuer + "/.well-known/jwks.json",
		"token_endpoint":                        issuer + "/token",
		"grant_types_supported":                 []string{GrantType},
		"response_types_supported":              []string{},
		"subject_types_supported":               []string{"public"},
		"id_token_signing_alg_values_supported": []string{string(jose.RS256)},
		"token_endpoint_auth_methods_supported": []string{"none"},
		"claims_supported": []string{"sub", "iss", "aud", "exp", "iat", "phone_number", "email",
			i.config.GroupsClaim},
	})
}

func (i *Issuer) publicKeys(w http.ResponseWriter, _ *http.Request) {
	write(w, http.StatusOK, jose.JSONWebKeySet{Keys: []jose.JSONWebKey{i.keys.Signing.Public()}})
}

// write answers with JSON that nobody keeps.
func write(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(body)
}

// refuse answers with an OAuth error (RFC 6749, 5.2).
func refuse(w http.ResponseWriter, status int, code, description string) {
	write(w, status, map[string]string{"error": code, "error_description": description})
}
