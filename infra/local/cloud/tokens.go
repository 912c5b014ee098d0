package cloud

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
	"github.com/google/uuid"
)

// Token is the id token that a person in some groups would get from the log-in page of a user pool, for a client of it by
// its id. It stands for that page, and for the pool's users: whoever is named here is let in, without a password.
func (a *Account) Token(client, person string, groups ...string) (string, error) {
	c, is := a.made.userPoolClients.get(client)
	if !is {
		return "", fmt.Errorf("cloud: there is no user pool's client %q", client)
	}
	for _, group := range groups {
		if _, is := a.made.userPoolGroups.get(c.UserPoolId + "/" + group); !is {
			return "", fmt.Errorf("cloud: the user pool %s has no group %q", c.UserPoolId, group)
		}
	}
	pool, is := a.made.userPools.get(c.UserPoolId)
	if !is {
		return "", fmt.Errorf("cloud: there is no user pool %s any more", c.UserPoolId)
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.RS256, Key: pool.key},
		(&jose.SignerOptions{}).WithHeader("kid", c.UserPoolId))
	if err != nil {
		return "", err
	}
	now := a.config.Clock.Now()
	subject := uuid.NewSHA1(uuid.NameSpaceURL, []byte(a.issuer(c.UserPoolId)+"/"+person)).String()
	return jwt.Signed(signer).Claims(map[string]any{
		"iss": a.issuer(c.UserPoolId), "aud": client, "sub": subject, "cognito:username": subject, "cognito:groups": groups, "token_use": "id",
		"auth_time": now.Unix(), "iat": now.Unix(), "exp": now.Add(c.tokenLasts()).Unix(),
	}).Serialize()
}

// tokenLasts is how long an id token is good: an hour, unless the client says otherwise.
func (c UserPoolClient) tokenLasts() time.Duration {
	unit := map[string]time.Duration{"seconds": time.Second, "minutes": time.Minute, "days": 24 * time.Hour}[c.TokenValidityUnits.IdToken]
	if unit == 0 {
		unit = time.Hour
	}
	return time.Duration(max(c.IdTokenValidity, 1)) * unit
}

// pools answers for the addresses where user pools publish their keys, which only AWS's own hosts have, and passes on
// what is for others.
type pools struct{ account *Account }

// RoundTrip answers one request.
func (p pools) RoundTrip(r *http.Request) (*http.Response, error) {
	for _, id := range p.account.made.userPools.keys() {
		pool, _ := p.account.made.userPools.get(id)
		issuer := p.account.issuer(id)
		switch r.URL.String() {
		case issuer + "/.well-known/openid-configuration":
			return found(r, map[string]string{"issuer": issuer, "jwks_uri": issuer + "/.well-known/jwks.json"})
		case issuer + "/.well-known/jwks.json":
			return found(r, jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: pool.key.Public(), KeyID: id, Algorithm: string(jose.RS256), Use: "sig"}}})
		}
	}
	return http.DefaultTransport.RoundTrip(r)
}

func found(r *http.Request, document any) (*http.Response, error) {
	body, err := json.Marshal(document)
	return &http.Response{
		StatusCode: http.StatusOK, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Request: r, ContentLength: int64(len(body)),
		Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(bytes.NewReader(body)),
	}, err
}
