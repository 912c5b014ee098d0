package portal

import (
	"errors"
	"net/http"
	"strings"

	"beian/shared/process/session"
	"beian/shared/web/pages"
)

// deviceCookie says whether the browser is on a phone, if the person said so.
const deviceCookie = "__Host-device"

// OnPhone reports whether the browser is on a phone or a tablet: as the person says, else as the browser says of itself. A browser that says
// something else is served all the same, after one press (ADR 39).
func (v *visit) OnPhone() bool {
	if v.phone {
		return true
	}
	if c, err := v.R.Cookie(deviceCookie); err == nil {
		return c.Value == "phone"
	}
	agent := v.R.Header.Get("User-Agent")
	for _, mark := range []string{"Android", "iPhone", "iPad", "HarmonyOS", "Mobile"} {
		if strings.Contains(agent, mark) {
			return true
		}
	}
	return v.R.Header.Get("Sec-CH-UA-Mobile") == "?1"
}

// MayUpload reports whether papers can be uploaded with this browser (S2).
func (v *visit) MayUpload() bool { return v.OnPhone() || v.portal.config.PCUploads }

// HandedOver reports whether the browser does one step for another browser.
func (v *visit) HandedOver() bool { return v.Session.Grant != nil }

// Path is the path of the page.
func (v *visit) Path() string { return v.R.URL.Path }

// readSession reads the sessions of the cookies. The account's own session comes first; that of a hand-off counts only for its step.
func (v *visit) readSession() error {
	current, err := v.sessionOf(v.portal.Cookie(pages.SessionCookie))
	if err != nil && !errors.Is(err, session.ErrEnded) {
		return err
	}
	v.Session = current
	if !strings.HasPrefix(v.R.URL.Path, "/orders/") {
		return nil
	}
	phone, err := v.sessionOf(phoneCookie)
	switch {
	case errors.Is(err, session.ErrEnded):
		_, cookie := v.R.Cookie(phoneCookie)
		v.phoneEnded = cookie == nil
	case err != nil:
		return err
	case phone.Grant == nil:
	case covers(*phone.Grant, v.R.URL.Path):
		if v.Session.Account != phone.Account {
			v.Session = phone
		}
		v.phone = true
	default:
		v.handedOver = phone.Grant
	}
	return nil
}

// sessionOf reads the session of a cookie. A phone's session is no account's.
func (v *visit) sessionOf(name string) (session.Session, error) {
	current, err := v.SessionOf(name)
	if err == nil && (current.Grant != nil) != (name == phoneCookie) {
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
	v.W.WriteHeader(http.StatusForbidden)
	if v.handedOver != nil {
		return v.Show("phone-only", hrefOf(*v.handedOver))
	}
	return v.Show("phone-ended", nil)
}
