package portal

import (
	"errors"
	"net/http"
	"strings"

	"beian/shared/process/session"
)

// deviceCookie says whether the browser is on a phone, if the person said so.
const deviceCookie = "__Host-device"

// OnPhone reports whether the browser is on a phone or a tablet: as the person says, else as the browser says of itself. A browser that says
// something else is served all the same, after one press (ADR 39).
func (v *visit) OnPhone() bool {
	if v.phone {
		return true
	}
	if c, err := v.r.Cookie(deviceCookie); err == nil {
		return c.Value == "phone"
	}
	agent := v.r.Header.Get("User-Agent")
	for _, mark := range []string{"Android", "iPhone", "iPad", "HarmonyOS", "Mobile"} {
		if strings.Contains(agent, mark) {
			return true
		}
	}
	return v.r.Header.Get("Sec-CH-UA-Mobile") == "?1"
}

// MayUpload reports whether papers can be uploaded with this browser (S2).
func (v *visit) MayUpload() bool { return v.OnPhone() || v.portal.config.PCUploads }

// HandedOver reports whether the browser does one step for another browser.
func (v *visit) HandedOver() bool { return v.session.Grant != nil }

// Path is the path of the page.
func (v *visit) Path() string { return v.r.URL.Path }

// readSession reads the sessions of the cookies. The account's own session comes first; that of a hand-off counts only for its step.
func (v *visit) readSession() error {
	current, err := v.sessionOf(sessionCookie)
	if err != nil && !errors.Is(err, session.ErrEnded) {
		return err
	}
	v.session = current
	if !strings.HasPrefix(v.r.URL.Path, "/orders/") {
		return nil
	}
	phone, err := v.sessionOf(phoneCookie)
	switch {
	case errors.Is(err, session.ErrEnded):
		_, cookie := v.r.Cookie(phoneCookie)
		v.phoneEnded = cookie == nil
	case err != nil:
		return err
	case phone.Grant == nil:
	case covers(*phone.Grant, v.r.URL.Path):
		if v.session.Account != phone.Account {
			v.session = phone
		}
		v.phone = true
	default:
		v.handedOver = phone.Grant
	}
	return nil
}

// sessionOf reads the session of a cookie. A cookie without a session is removed.
func (v *visit) sessionOf(name string) (session.Session, error) {
	c, err := v.r.Cookie(name)
	if err != nil {
		return session.Session{}, session.ErrEnded
	}
	current, err := v.portal.config.Sessions.Read(v.r.Context(), c.Value)
	if errors.Is(err, session.ErrEnded) {
		if name == sessionCookie {
			v.former = session.AccountOf(c.Value)
		}
		v.removeCookie(name)
	}
	if err == nil && (current.Grant != nil) != (name == phoneCookie) { // a phone's session is no account's
		return session.Session{}, session.ErrEnded
	}
	return current, err
}

// covers reports whether a page belongs to the step of a grant. The pages that hand a step over do not.
func covers(g session.Grant, path string) bool {
	rest, below := strings.CutPrefix(path, "/orders/"+string(g.Order)+"/")
	if g.Step == session.Papers && strings.HasPrefix(rest, "copies/") {
		return below
	}
	step, page, _ := strings.Cut(rest, "/")
	first, _, _ := strings.Cut(page, "/")
	return below && step == string(g.Step) && first != "phone"
}

// permits reports whether a phone's session may call an operation of the API. It is a second lock behind [covers].
func permits(g session.Grant, method, path string) bool {
	path, _, _ = strings.Cut(path, "?")
	rest, below := strings.CutPrefix(path, "/orders/"+string(g.Order))
	if !below {
		return false
	}
	route := method + " " + rest
	switch g.Step {
	case session.Papers:
		switch route {
		case "GET ", "GET /evidence", "POST /evidence", "PUT /evidence", "POST /evidence/explanations", "GET /evidence/copy":
			return true
		}
	case session.Liveness:
		return route == "GET " || route == "POST /challenges" || strings.HasPrefix(route, "PUT /challenges/")
	}
	return false
}

// showOnlyStep explains to a phone that it can do one step only, or that the browser took the step back.
func (v *visit) showOnlyStep() error {
	v.w.WriteHeader(http.StatusForbidden)
	if v.handedOver != nil {
		return v.show("phone-only", hrefOf(*v.handedOver))
	}
	return v.show("phone-ended", nil)
}
