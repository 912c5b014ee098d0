package identity

import (
	"crypto/hmac"
	"crypto/rand"
	"net"
	"net/http"
	"strings"
	"time"
)

// A client is who requests or enters a code for a login, as far as the issuer can tell.
type client struct {
	ID    string `json:"client"`          // HMAC of a device or an address
	Known bool   `json:"known,omitempty"` // a browser that has logged in to the login before
}

// clientOf returns the client of a request: the device that its cookie names, else its address.
func (i *Issuer) clientOf(r *http.Request, who login) client {
	if cookie, err := r.Cookie(i.deviceCookie(who)); err == nil {
		id, mac, _ := strings.Cut(cookie.Value, ".")
		if hmac.Equal([]byte(mac), []byte(i.hmacOf("device", who.text, id))) {
			return client{ID: i.hmacOf("client", "device", id), Known: true}
		}
	}
	address, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		address = r.RemoteAddr
	}
	return client{ID: i.hmacOf("client", "address", address)}
}

// rememberDevice sets the cookie by which [Issuer.clientOf] recognises the browser for a year. It identifies the browser for the counts of one
// login, and logs nobody in.
func (i *Issuer) rememberDevice(w http.ResponseWriter, who login) {
	id := rand.Text()
	http.SetCookie(w, &http.Cookie{
		Name: i.deviceCookie(who), Value: id + "." + i.hmacOf("device", who.text, id), Path: i.path + "/",
		MaxAge: int((365 * 24 * time.Hour).Seconds()), HttpOnly: true, SameSite: http.SameSiteStrictMode,
	})
}

// deviceCookie returns the name of the cookie for a login. A browser has one for each login.
func (i *Issuer) deviceCookie(who login) string { return "device-" + i.hmacOf("cookie", who.text)[:16] }
