package apigateway

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
)

// keyLifetime is how long the gateway uses the issuer's keys before it fetches them again.
const keyLifetime = 2 * time.Hour

// An Authorizer checks the bearer token of a request like the gateway's JWT authorizer: the RSA signature by a key of the
// issuer, the issuer, the audience (aud, or client_id if there is none), and the times.
type Authorizer struct {
	Issuer    string
	Audiences []string

	mu      sync.Mutex
	keys    jose.JSONWebKeySet
	fetched time.Time
}

// Errors of authorize. Their text is the error_description of the challenge.
var (
	errNoToken        = errors.New("there is no token")
	errMalformedToken = errors.New("the token is malformed")
	errKey            = errors.New("the token's key is unknown")
	errSignature      = errors.New("the signature is invalid")
	errAudience       = errors.New("the token does not have a valid audience")
	errExpired        = errors.New("the token has expired")
)

// challenge is the www-authenticate header for an error.
func challenge(err error) string {
	if errors.Is(err, errNoToken) {
		return "Bearer"
	}
	return fmt.Sprintf(`Bearer scope="" error="invalid_token" error_description=%q`, err.Error())
}

// authorize returns the claims of the request's token as the gateway passes them to functions.
func (a *Authorizer) authorize(r *http.Request, now time.Time) (map[string]string, error) {
	text := strings.TrimSpace(r.Header.Get("Authorization"))
	if scheme, rest, has := strings.Cut(text, " "); has && strings.EqualFold(scheme, "Bearer") {
		text = strings.TrimSpace(rest)
	}
	if a == nil || text == "" {
		return nil, errNoToken
	}
	token, err := jwt.ParseSigned(text, []jose.SignatureAlgorithm{jose.RS256, jose.RS384, jose.RS512})
	if err != nil {
		return nil, errMalformedToken
	}
	key, err := a.key(r.Context(), token.Headers[0].KeyID, now)
	if err != nil {
		return nil, errKey
	}
	var standard jwt.Claims
	var all json.RawMessage
	if err := token.Claims(key, &standard, &all); err != nil {
		return nil, errSignature
	}
	claims, err := claimTexts(all)
	if err != nil {
		return nil, errMalformedToken
	}
	switch {
	case !a.hasAudience(standard.Audience, claims["client_id"]):
		return nil, errAudience
	case standard.Expiry == nil || !now.Before(standard.Expiry.Time()):
		return nil, errExpired
	}
	return claims, standard.ValidateWithLeeway(jwt.Expected{Issuer: a.Issuer, Time: now}, 0)
}

func (a *Authorizer) hasAudience(audiences []string, client string) bool {
	if len(audiences) == 0 {
		audiences = []string{client}
	}
	return slices.ContainsFunc(audiences, func(one string) bool { return slices.Contains(a.Audiences, one) })
}

// key returns a key of the issuer. It fetches the issuer's keys if the key is unknown or the keys are older than keyLifetime.
func (a *Authorizer) key(ctx context.Context, id string, now time.Time) (any, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	found := a.keys.Key(id)
	if age := now.Sub(a.fetched); len(found) == 0 || age < 0 || age > keyLifetime {
		keys, err := a.fetch(ctx)
		if err != nil {
			return nil, err
		}
		a.keys, a.fetched = keys, now
		found = keys.Key(id)
	}
	if len(found) == 0 {
		return nil, errKey
	}
	return found[0].Key, nil
}

// fetch reads the issuer's discovery document and the keys it names.
func (a *Authorizer) fetch(ctx context.Context) (jose.JSONWebKeySet, error) {
	var about struct {
		Keys string `json:"jwks_uri"`
	}
	var keys jose.JSONWebKeySet
	if err := a.get(ctx, strings.TrimSuffix(a.Issuer, "/")+"/.well-known/openid-configuration", &about); err != nil {
		return keys, err
	}
	return keys, a.get(ctx, about.Keys, &keys)
}

func (a *Authorizer) get(ctx context.Context, url string, into any) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("the issuer answered %s", response.Status)
	}
	return json.NewDecoder(io.LimitReader(response.Body, 1<<20)).Decode(into)
}

// claimTexts converts claims to strings like the gateway: numbers and booleans as written, lists as "[a b]".
func claimTexts(claims json.RawMessage) (map[string]string, error) {
	d := json.NewDecoder(strings.NewReader(string(claims)))
	d.UseNumber()
	var all map[string]any
	if err := d.Decode(&all); err != nil {
		return nil, err
	}
	out := map[string]string{}
	for name, value := range all {
		out[name] = fmt.Sprint(value)
	}
	return out, nil
}
