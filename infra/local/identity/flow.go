package identity

import (
	"crypto/rand"
	"encoding/base64"
	"net/http"
	"regexp"
	"strings"
	"time"
)

// FlowLifetime is how long a login page can be used.
const FlowLifetime = 30 * time.Minute

// maxFlows is the number of login pages that a browser can have open, so that their cookies fit into a request.
const maxFlows = 4

// flowCookies is how the names of the cookies begin.
const flowCookies = "login-"

var flowForm = regexp.MustCompile(`^[A-Z2-7]{26}$`) // rand.Text

// A flow is a login from the request to the redirect. It lies encrypted in a cookie with its id, so that several tabs can log in, a restart of
// the issuer ends no login, and no URL has personal data.
type flow struct {
	id        string
	Redirect  string    `json:"r"`
	State     string    `json:"s,omitempty"`
	Nonce     string    `json:"n,omitempty"`
	Challenge string    `json:"c"`
	Language  string    `json:"l"`
	Login     string    `json:"t,omitempty"` // what the user entered, normalised
	Sent      int       `json:"k,omitempty"` // codes to Login
	Expires   time.Time `json:"e"`
}

func (i *Issuer) newFlow(f flow) flow {
	f.id, f.Expires = rand.Text(), i.config.Now().Add(FlowLifetime)
	return f
}

// readFlow returns the flow of a request's path.
func (i *Issuer) readFlow(r *http.Request) (flow, bool) {
	id := r.PathValue("flow")
	if !flowForm.MatchString(id) {
		return flow{}, false
	}
	cookie, err := r.Cookie(flowCookies + id)
	if err != nil {
		return flow{}, false
	}
	sealed, err := base64.RawURLEncoding.DecodeString(cookie.Value)
	if err != nil {
		return flow{}, false
	}
	f := flow{id: id}
	if i.unseal(sealed, &f, "flow", id) != nil || !i.config.Now().Before(f.Expires) {
		return flow{}, false
	}
	return f, true
}

// saveFlow sets the cookie of a flow. If the browser has too many of them, it deletes the others.
func (i *Issuer) saveFlow(w http.ResponseWriter, r *http.Request, f flow) error {
	sealed, err := i.seal(f, "flow", f.id)
	if err != nil {
		return err
	}
	var others []string
	for _, cookie := range r.Cookies() {
		if id, is := strings.CutPrefix(cookie.Name, flowCookies); is && id != f.id {
			others = append(others, id)
		}
	}
	if len(others) >= maxFlows {
		for _, id := range others {
			i.setFlowCookie(w, id, "", -1)
		}
	}
	i.setFlowCookie(w, f.id, base64.RawURLEncoding.EncodeToString(sealed), int(f.Expires.Sub(i.config.Now()).Seconds()))
	return nil
}

// endFlow deletes the cookie of a flow.
func (i *Issuer) endFlow(w http.ResponseWriter, f flow) { i.setFlowCookie(w, f.id, "", -1) }

func (i *Issuer) setFlowCookie(w http.ResponseWriter, id, value string, maxAge int) {
	http.SetCookie(w, &http.Cookie{Name: flowCookies + id, Value: value, Path: i.path + "/", MaxAge: maxAge, HttpOnly: true,
		Secure: strings.HasPrefix(i.config.Issuer, "https:"), SameSite: http.SameSiteLaxMode})
}

// ToPhone reports whether the code was sent by SMS.
func (f flow) ToPhone() bool { return !strings.Contains(f.Login, "@") }

// ShownLogin returns the login in the form that its owner knows: a mainland mobile as 138 0000 0000. It is shown in full, so that its owner finds a
// typing mistake.
func (f flow) ShownLogin() string {
	if mobile, is := strings.CutPrefix(f.Login, "+86"); is && len(mobile) == 11 {
		return mobile[:3] + " " + mobile[3:7] + " " + mobile[7:]
	}
	return f.Login
}
