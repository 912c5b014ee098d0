package portal

import (
	"errors"
	"fmt"
	"html/template"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"beian/shared/filing"
	"beian/shared/process/limits"
	"beian/shared/process/session"
	"beian/shared/rules/fault"
	"beian/shared/web"
)

// A handOffPage is the page of a PC about a step that a phone does (S2).
type handOffPage struct {
	Step    session.Step
	State   session.State // Unknown if nothing is handed over
	Address string        // that the QR code has
	QR      template.HTML
	Code    string // in two groups; "" if this browser did not make the code
	Until   time.Time
	Typing  string // address at which the code can be typed
	Done    bool   // whether the step has all it needs
	Papers  []paper
	Sites   []livenessSite
	Version string // changes with everything that the page shows
}

// A phonePage is the page of a phone before it uses a code.
type phonePage struct {
	Code, About string
	Step        session.Step
	State       session.State
}

// offerCookie has the code that the browser made: "<order>.<step>.<code>". The server has only a hash of it.
const offerCookie = "__Host-offer"

// phoneCookie is the session of a phone that does a step for a browser.
const phoneCookie = "__Host-phone"

// registerHandOff registers the pages on both sides of a hand-off.
func (p *Portal) registerHandOff() {
	for _, step := range session.Steps {
		base := "/orders/{id}/" + string(step) + "/phone"
		p.private("GET "+base, func(v *visit) error { return v.showHandOff(step) })
		p.private("POST "+base, func(v *visit) error {
			o, err := v.order()
			if err != nil {
				return err
			}
			about := string(o.ID)
			if len(o.Domains) > 0 {
				about = string(o.Domains[0])
			}
			g := session.Grant{Order: o.ID, Step: step}
			code, err := p.config.Sessions.Offer(v.R.Context(), v.Session, g, about)
			if err != nil {
				return err
			}
			v.SetCookie(offerCookie, fmt.Sprintf("%s.%s.%s", g.Order, g.Step, code), int(session.CodeLifetime.Seconds()))
			v.Redirect(v.OrderHref("/" + string(step) + "/phone"))
			return nil
		})
		p.private("POST "+base+"/end", func(v *visit) error {
			if _, err := v.order(); err != nil {
				return err
			}
			h, err := p.config.Sessions.Offered(v.R.Context(), v.Session.Account, v.grant(step))
			if err == nil {
				err = p.config.Sessions.EndHandOff(v.R.Context(), h)
			}
			if err != nil && !errors.Is(err, session.ErrEnded) {
				return err
			}
			v.RemoveCookie(offerCookie)
			v.Redirect(v.OrderHref("/" + string(step)))
			return nil
		})
		p.private("GET "+base+"/end", func(v *visit) error { // after a log-in
			v.Redirect(v.OrderHref("/" + string(step) + "/phone"))
			return nil
		})
		p.private("GET "+base+"/state", func(v *visit) error {
			page, err := v.handOff(step)
			if err != nil {
				return err
			}
			v.W.Header().Set("Content-Type", "application/json")
			_, err = fmt.Fprintf(v.W, `{"version":%q,"state":%q,"done":%v}`, page.Version, page.State, page.Done)
			return err
		})
	}
	p.public("GET /phone", func(v *visit) error {
		if code := v.R.URL.Query().Get("code"); code != "" {
			v.Redirect((&url.URL{Path: "/phone/" + session.NormalizeCode(code)}).String())
			return nil
		}
		return v.Show("phone-code", nil)
	})
	p.public("GET /phone/{code}", func(v *visit) error {
		if err := v.countCode(); err != nil {
			return err
		}
		return v.showPhone()
	})
	p.public("POST /phone/{code}", func(v *visit) error {
		if err := v.countCode(); err != nil {
			return err
		}
		cookie, h, err := p.config.Sessions.Accept(v.R.Context(), v.R.PathValue("code"))
		if errors.Is(err, session.ErrEnded) {
			return v.showPhone()
		}
		if err != nil {
			return err
		}
		v.SetCookie(phoneCookie, cookie, 0)
		v.Redirect(hrefOf(h.Grant))
		return nil
	})
	p.public("POST /phone/done", func(v *visit) error {
		current, err := v.sessionOf(phoneCookie)
		if err == nil && current.Grant != nil {
			var h session.HandOff
			if h, err = p.config.Sessions.Offered(v.R.Context(), current.Account, *current.Grant); err == nil {
				err = p.config.Sessions.EndHandOff(v.R.Context(), h)
			}
		}
		if err != nil && !errors.Is(err, session.ErrEnded) {
			return err
		}
		v.RemoveCookie(phoneCookie)
		return v.Show("phone-done", nil)
	})
	p.public("POST /device", func(v *visit) error {
		if err := v.R.ParseForm(); err != nil {
			return err
		}
		v.SetCookie(deviceCookie, map[bool]string{true: "phone", false: "pc"}[v.R.PostForm.Get("is") == "phone"], 365*24*3600)
		v.Redirect(v.LocalPath(v.R.PostForm.Get("to")))
		return nil
	})
}

func hrefOf(g session.Grant) string { return "/orders/" + string(g.Order) + "/" + string(g.Step) }

// grant returns the hand-off of a step of the page's order.
func (v *visit) grant(step session.Step) session.Grant {
	return session.Grant{Order: filing.ID(v.R.PathValue("id")), Step: step}
}

// countCode counts a try of a code for the address of the browser, against guessing.
func (v *visit) countCode() error {
	err := v.portal.config.API.Limits.Use(v.R.Context(), limits.PhoneCode, limits.OfAddress(v.R.RemoteAddr))
	if f, ok := errors.AsType[*fault.Fault](err); ok && f.Kind == fault.TooMany {
		return &web.Problem{Status: http.StatusTooManyRequests, Detail: v.In(f.Message)}
	}
	return err
}

// showPhone shows what a code is for, and asks whether this phone goes on with it; or says why the code is of no use.
func (v *visit) showPhone() error {
	h, state, err := v.portal.config.Sessions.Find(v.R.Context(), v.R.PathValue("code"))
	if err != nil {
		return err
	}
	if state != session.Open {
		v.W.WriteHeader(http.StatusGone)
	}
	return v.Show("phone", phonePage{Code: v.R.PathValue("code"), About: h.About, Step: h.Step, State: state})
}

// handOff reads the state of a hand-off and of its step.
func (v *visit) handOff(step session.Step) (handOffPage, error) {
	page := handOffPage{Step: step, State: session.Unknown, Typing: v.portal.config.Origin + "/phone"}
	o, err := v.order()
	if err != nil {
		return page, err
	}
	h, err := v.portal.config.Sessions.Offered(v.R.Context(), v.Session.Account, v.grant(step))
	switch {
	case err == nil:
		page.State, page.Until = v.portal.config.Sessions.State(h), h.Until
	case !errors.Is(err, session.ErrEnded):
		return page, err
	}
	if step == session.Papers {
		if _, page.Papers, err = v.papers(o); err != nil {
			return page, err
		}
		page.Done = !slices.ContainsFunc(page.Papers, paper.toDo)
	} else {
		page.Sites = livenessSites(o)
		page.Done = !slices.ContainsFunc(page.Sites, func(s livenessSite) bool { return !s.Passed })
	}
	page.Version = fmt.Sprintf("%d-%s-%d", o.Version, page.State, h.Until.Unix())
	return page, nil
}

// showHandOff shows the QR code and follows the phone.
func (v *visit) showHandOff(step session.Step) error {
	page, err := v.handOff(step)
	if err != nil {
		return err
	}
	if c, err := v.R.Cookie(offerCookie); err == nil && page.State == session.Open {
		if code, is := strings.CutPrefix(c.Value, v.R.PathValue("id")+"."+string(step)+"."); is {
			code = session.NormalizeCode(code)
			if len(code) != session.CodeLength {
				return &web.Problem{Status: http.StatusBadRequest} // the portal sets no such cookie
			}
			page.Address, page.Code = v.portal.config.Origin+"/phone/"+code, code[:4]+" "+code[4:]
			if page.QR, err = qrOf(page.Address); err != nil {
				return err
			}
		}
	}
	if page.State == session.Open && page.Code == "" {
		page.State = session.Expired // another browser has the code, so this one makes another
	}
	return v.Show("handoff", page)
}

// OnLaptop reports whether the portal runs on the visitor's own machine, which no phone can reach.
func (v *visit) OnLaptop() bool {
	u, err := url.Parse(v.portal.config.Origin)
	return err == nil && net.ParseIP(u.Hostname()).IsLoopback()
}
