package identity

import (
	"errors"
	"net/http"
	"net/url"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
	"github.com/google/uuid"

	"beian/shared/rules/strictjson"
)

// serveToken handles POST /token for both grants. The response is the same for all reasons to reject a code.
func (i *Issuer) serveToken(w http.ResponseWriter, r *http.Request) {
	language := r.Header.Get("Accept-Language")
	if err := r.ParseForm(); err != nil {
		respondError(w, language, http.StatusBadRequest, "invalid_request", wordsNotForm)
		return
	}
	form := r.PostForm
	for name, values := range form {
		if len(values) > 1 { // RFC 6749, 3.2
			respondError(w, language, http.StatusBadRequest, "invalid_request", wordsTwice(strictjson.Shorten(name)))
			return
		}
	}
	grant := form.Get("grant_type")
	if grant != GrantType && grant != codeGrantType {
		respondError(w, language, http.StatusBadRequest, "unsupported_grant_type", wordsGrant)
		return
	}
	if client := form.Get("client_id"); client != i.config.ClientID && (client != "" || grant == codeGrantType) {
		respondError(w, language, http.StatusUnauthorized, "invalid_client", wordsClient)
		return
	}
	if grant == codeGrantType {
		i.serveCodeGrant(w, language, form)
		return
	}
	who, err := parseLogin(form.Get("login"))
	if err == nil {
		var known account
		if known, err = i.redeem(who, i.clientOf(r, who), normalizeCode(form.Get("code"))); err == nil {
			i.rememberDevice(w, who)
			i.issueTokens(w, language, who, known, "")
			return
		}
	}
	if !errors.Is(err, errCode) && !errors.Is(err, errLogin) {
		i.config.Log.Error("a login was not stored", "error", err)
		respondError(w, language, http.StatusServiceUnavailable, "temporarily_unavailable", wordsUnavailable)
		return
	}
	respondError(w, language, http.StatusBadRequest, "invalid_grant", wordsCode)
}

// serveCodeGrant answers a token request with an authorization code and the verifier of its challenge.
func (i *Issuer) serveCodeGrant(w http.ResponseWriter, language string, form url.Values) {
	g, known, err := i.exchange(form.Get("code"), form.Get("redirect_uri"), form.Get("code_verifier"))
	switch {
	case errors.Is(err, errCode):
		respondError(w, language, http.StatusBadRequest, "invalid_grant", wordsAuthorizationCode)
		return
	case err != nil:
		i.config.Log.Error("the use of an authorization code was not stored", "error", err)
		respondError(w, language, http.StatusServiceUnavailable, "temporarily_unavailable", wordsUnavailable)
		return
	}
	who, err := parseLogin(g.Login)
	if err != nil {
		i.config.Log.Error("an authorization code has no login")
		respondError(w, language, http.StatusInternalServerError, "server_error", wordsUnavailable)
		return
	}
	i.issueTokens(w, language, who, known, g.Nonce)
}

// issueTokens responds with an access token and an ID token with Cognito's claims. The ID token has the nonce, if there is one.
func (i *Issuer) issueTokens(w http.ResponseWriter, language string, who login, known account, nonce string) {
	now := i.config.Now()
	groups := i.staff[who.text]
	if len(groups) == 0 {
		groups = []string{Applicant}
	}
	claims := func(use string, more map[string]any) map[string]any {
		all := map[string]any{
			"iss": i.config.Issuer, "sub": known.Sub, "token_use": use, "jti": uuid.NewString(),
			"iat": now.Unix(), "auth_time": now.Unix(), "exp": now.Add(tokenLifetime).Unix(),
			groupsClaim: groups,
		}
		for name, value := range more {
			all[name] = value
		}
		return all
	}
	contact := map[string]any{"aud": i.config.ClientID, "cognito:username": known.Sub}
	if nonce != "" {
		contact["nonce"] = nonce
	}
	if who.phone {
		contact["phone_number"], contact["phone_number_verified"] = who.text, true
	} else {
		contact["email"], contact["email_verified"] = who.text, true
	}
	access, err := i.signToken(claims("access", map[string]any{
		"client_id": i.config.ClientID, "username": known.Sub, "scope": "openid"}))
	if err == nil {
		var id string
		if id, err = i.signToken(claims("id", contact)); err == nil {
			respond(w, http.StatusOK, map[string]any{
				"access_token": access, "id_token": id, "token_type": "Bearer", "expires_in": int(tokenLifetime.Seconds())})
			return
		}
	}
	i.config.Log.Error("tokens were not signed", "error", err)
	respondError(w, language, http.StatusInternalServerError, "server_error", wordsUnavailable)
}

func (i *Issuer) signToken(claims map[string]any) (string, error) {
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.RS256, Key: i.keys.Signing},
		(&jose.SignerOptions{}).WithType("JWT"))
	if err != nil {
		return "", err
	}
	return jwt.Signed(signer).Claims(claims).Serialize()
}
