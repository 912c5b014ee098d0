package identity

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"time"
)

// codeGrantType is the OAuth grant that exchanges an authorization code for tokens.
const codeGrantType = "authorization_code"

// GrantLifetime is how long an authorization code can be exchanged. RFC 6749, 4.1.2, recommends ten minutes at most.
const GrantLifetime = time.Minute

// A grant is an authorization code that was not exchanged yet. Only the code itself opens what is sealed.
type grant struct {
	Expires time.Time `json:"expires"`
	Sealed  []byte    `json:"sealed"` // grantContent
}

// grantContent is what an authorization code stands for.
type grantContent struct {
	Login     string `json:"login"`
	Redirect  string `json:"redirect"`
	Challenge string `json:"challenge"`
	Nonce     string `json:"nonce,omitempty"`
}

// authorize exchanges a correct one-time code for an authorization code. A form that a browser sends twice gets the same authorization code, as
// long as that was not used: the browser shows the second answer only.
func (i *Issuer) authorize(f flow, who login, by client, typed string) (string, error) {
	now := i.config.Now()
	code := base64.RawURLEncoding.EncodeToString(i.rawHMAC("authorization code", f.id, who.text, typed))
	key := i.hmacOf("grant", code)

	i.mu.Lock()
	defer i.mu.Unlock()
	if g, has := i.state.Grants[key]; has && now.Before(g.Expires) {
		return code, nil
	}
	if _, err := i.useCode(who, by, typed); err != nil {
		return "", err
	}
	sealed, err := i.seal(grantContent{Login: who.text, Redirect: f.Redirect, Challenge: f.Challenge, Nonce: f.Nonce}, "grant", code)
	if err != nil {
		return "", err
	}
	i.state.Grants[key] = grant{Expires: now.Add(GrantLifetime), Sealed: sealed}
	return code, i.saveState(now)
}

// exchange returns the content and the account of an authorization code. A code can be tried once, with the redirect URI of its request and the
// verifier of its challenge (RFC 7636, 4.6); else the error is errCode.
func (i *Issuer) exchange(code, redirect, verifier string) (grantContent, account, error) {
	now := i.config.Now()
	key := i.hmacOf("grant", code)

	i.mu.Lock()
	defer i.mu.Unlock()
	g, has := i.state.Grants[key]
	if !has || !now.Before(g.Expires) {
		return grantContent{}, account{}, errCode
	}
	delete(i.state.Grants, key)
	if err := i.saveState(now); err != nil {
		return grantContent{}, account{}, err
	}
	var content grantContent
	if err := i.unseal(g.Sealed, &content, "grant", code); err != nil {
		return grantContent{}, account{}, err
	}
	known, has := i.accounts[i.hmacOf("login", content.Login)]
	if !has || redirect != content.Redirect || !hmac.Equal([]byte(challengeOf(verifier)), []byte(content.Challenge)) {
		return grantContent{}, account{}, errCode
	}
	return content, known, nil
}

// challengeOf returns the challenge S256 of a verifier.
func challengeOf(verifier string) string {
	digest := sha256.Sum256([]byte(verifier))
	return base64.RawURLEncoding.EncodeToString(digest[:])
}
