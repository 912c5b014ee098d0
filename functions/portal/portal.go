// Package portal is the function behind the pages for applicants. Each page calls the operations of the JSON API in this process, with the
// claims of the browser's session, so that a page and the API do the same, with the same authorisation and the same findings.
//
//	lambda.Start(portal.New(config).Handle)
//
// Pages work without JavaScript, except those that need the camera. A form's fields are named by JSON pointers into the request of the
// operation; a finding is shown at the field that its pointer names. The words are in words/, in both languages side by side.
package portal

import (
	"context"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"runtime"
	"runtime/debug"
	"strings"
	"time"

	"beian/shared/aws/apigateway"
	"beian/shared/process/session"
	"beian/shared/rules/finding"
	"beian/shared/web"
)

// Config has the dependencies of the portal. Handling requests requires all fields.
type Config struct {
	API      *web.API // of package api
	Sessions session.Sessions
	Issuer   Issuer
	Origin   string // scheme and host of the portal, such as https://beian.example
	// Uploads is the origin to which browsers upload papers.
	Uploads      string
	Provider     finding.Words // name of the provider
	SupportPhone string
	PaperAddress string // to which originals are mailed
	// PCUploads permits uploading papers on a PC; without it, papers are uploaded on a phone (S2).
	PCUploads bool
	// Simulated says that the liveness checks are simulated.
	Simulated bool
	// Recognition has the files with which browsers read papers; see package models of the laptop. Without them, pages do not offer it.
	Recognition fs.FS
	Now         func() time.Time // of the system
	Wall        func() time.Time
	Log         *slog.Logger
}

// A Portal answers the requests of browsers. It is safe for concurrent use.
type Portal struct {
	config Config
	mux    *http.ServeMux
	origin *http.CrossOriginProtection
}

// New returns the portal with all its pages.
func New(config Config) *Portal {
	p := &Portal{config: config, mux: http.NewServeMux(), origin: http.NewCrossOriginProtection()}
	p.registerAssets()
	p.registerLogin()
	p.registerHome()
	p.registerBegin()
	p.registerFilings()
	p.registerOrder()
	p.registerHandOff()
	p.registerAtFiling()
	p.registerRecognition()
	p.registerSMS()
	p.registerFiling()
	p.registerRecords()
	p.registerRevoke()
	p.registerNeed()
	p.registerLookups()
	p.registerState()
	return p
}

// Routes returns the gateway's route keys: all paths that no other function has. None needs a token, because a browser has a session.
func Routes() []string { return []string{"ANY /", "ANY /{proxy+}"} }

// A handler shows one page. It returns an error to show the page for errors instead.
type handler func(*visit) error

// public registers a page that needs no session, such as "GET /need".
func (p *Portal) public(route string, show handler) {
	p.mux.HandleFunc(route, func(w http.ResponseWriter, r *http.Request) {
		v := visitOf(r)
		v.w, v.route = w, route
		if err := show(v); err != nil {
			v.showError(err)
		}
	})
}

// private registers a page that needs a session. Without one, the browser goes to the log-in, and what was typed is kept.
func (p *Portal) private(route string, show handler) {
	p.public(route, func(v *visit) error {
		if v.session.Account == "" {
			if v.handedOver != nil || v.phoneEnded {
				return v.showOnlyStep()
			}
			return v.logInFirst()
		}
		return show(v)
	})
}

// Handle responds to one event. It never returns an error: every failure is a page.
func (p *Portal) Handle(ctx context.Context, e apigateway.Event) (apigateway.Response, error) {
	began := p.config.Wall()
	w := &apigateway.Recorder{}
	v := &visit{portal: p, event: e, w: w}
	r, err := apigateway.Request(ctx, e)
	if err != nil { // the gateway sends no such event
		w.WriteHeader(http.StatusBadRequest)
		return w.Response(), nil
	}
	v.r = r.WithContext(context.WithValue(ctx, visitKey{}, v))
	v.readCookies()
	w = p.serve(v)
	setHeaders(w.Header(), p.config)
	compress(w, r)
	p.config.Log.LogAttrs(ctx, slog.LevelInfo, "page",
		slog.String("request", e.RequestContext.RequestID), slog.String("route", v.route), slog.Int("status", w.Status()),
		slog.Int64("ms", p.config.Wall().Sub(began).Milliseconds()), slog.String("account", string(v.session.Account)))
	return w.Response(), nil
}

// serve returns the response to a request. A panic becomes a page with status 500, and what the handler wrote before it is discarded.
func (p *Portal) serve(v *visit) (w *apigateway.Recorder) {
	w = v.w.(*apigateway.Recorder)
	defer func() {
		if value := recover(); value != nil {
			cause := fmt.Sprintf("%T", value) // the value may be personal
			if err, ok := value.(runtime.Error); ok {
				cause = err.Error()
			}
			p.config.Log.ErrorContext(v.r.Context(), "panic", "request", v.event.RequestContext.RequestID, "route", v.route,
				"cause", cause, "stack", string(debug.Stack()))
			w = &apigateway.Recorder{}
			v.w = w
			v.showStatus(http.StatusInternalServerError)
		}
	}()
	if err := p.origin.Check(v.r); err != nil {
		v.showStatus(http.StatusForbidden)
		return w
	}
	if language := v.r.URL.Query().Get("lang"); language != "" && v.r.Method == http.MethodGet {
		v.switchLanguage(language)
		return w
	}
	if handler, pattern := p.mux.Handler(v.r); pattern == "" {
		var answer apigateway.Recorder // 405 if the page has another method, else 404
		handler.ServeHTTP(&answer, v.r)
		if allow := answer.Header().Get("Allow"); allow != "" {
			w.Header().Set("Allow", allow)
		}
		v.showStatus(max(answer.Status(), http.StatusNotFound))
		return w
	}
	if err := v.parseForm(); err != nil {
		v.showError(err)
		return w
	}
	if err := v.readSession(); err != nil {
		v.showError(err)
		return w
	}
	p.mux.ServeHTTP(w, v.r)
	return w
}

// setHeaders sets the headers that all responses have.
func setHeaders(h http.Header, c Config) {
	if h.Get("Cache-Control") == "" {
		h.Set("Cache-Control", "no-store")
	}
	if h.Get("Content-Security-Policy") == "" {
		h.Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; media-src blob:; font-src 'self'; "+
			"connect-src 'self' "+c.Uploads+"; form-action 'self' "+c.Uploads+" "+c.Issuer.origin()+"; manifest-src 'self'; base-uri 'none'; frame-ancestors 'none'")
	}
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "same-origin")
	h.Set("Permissions-Policy", "camera=(self), microphone=(), geolocation=()")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	if strings.HasPrefix(c.Origin, "https:") {
		h.Set("Strict-Transport-Security", "max-age=31536000")
	}
	if strings.HasPrefix(h.Get("Cache-Control"), "public") {
		h.Del("Set-Cookie") // a shared cache would send it to others
		h.Add("Vary", "Accept-Encoding")
	} else {
		h.Add("Vary", "Accept-Language, Accept-Encoding, Cookie")
	}
}
