// Package pages serves pages for people over the operations of the JSON API. A page calls the operations in this process, with the claims of the
// browser's session, so that a page and the API do the same, with the same authorisation and the same findings.
//
//	site := pages.New(pages.Config{Files: files, …})
//	site.Private("GET /filings", func(v *pages.Visit) error { … return v.Show("filings", data) })
//	lambda.Start(site.Handle)
//
// Pages work without JavaScript. A form's fields are named by JSON pointers into the request of the operation; a finding is shown at the field
// that its pointer names. Templates, words and assets are files of the function, besides those that all functions with pages share, which are here.
package pages

import (
	"context"
	"embed"
	"fmt"
	"html/template"
	"io/fs"
	"log/slog"
	"net/http"
	"path"
	"runtime"
	"runtime/debug"
	"strings"
	"time"

	"beian/shared/aws/apigateway"
	"beian/shared/process/limits"
	"beian/shared/process/session"
	"beian/shared/rules/finding"
)

//go:embed templates words assets
var shared embed.FS

// Config has the dependencies of a site. Handling requests requires all fields without a remark.
type Config struct {
	// Files has the folders templates, words and assets of the function.
	Files fs.FS
	// Operations handles the calls of pages: an API's Handle.
	Operations func(context.Context, apigateway.Event) (apigateway.Response, error)
	Limits     *limits.Limiter
	Sessions   session.Sessions
	Issuer     Issuer // the zero value is a site without log-in
	Origin     string // scheme and host of the site, such as https://beian.example
	// Prefix begins the paths of all pages, such as /staff; "" for none. Home is where the log-in ends if it began nowhere in particular.
	Prefix, Home string
	// Cookies begins the names of the site's cookies after __Host-, so that two sites of a host have different ones; "" for none.
	Cookies string
	// Policy has further sources of the content security policy, by directive.
	Policy map[string]string
	// Camera permits pages to use the camera.
	Camera       bool
	Provider     finding.Words // name of the provider
	SupportPhone string
	// Begin returns what the function knows of a visit, for its pages: [Visit.Own]. Nil leaves it out.
	Begin func(*Visit) any
	// Dot returns the data with which a template is executed; nil is [Page].
	Dot func(v *Visit, data any) any
	// ReadSession reads the sessions of the cookies; nil is [Visit.ReadSession]. NoSession shows a private page without one; nil leads to the log-in.
	ReadSession, NoSession func(*Visit) error
	// Permits limits which operations a session may call; nil permits all.
	Permits func(v *Visit, method, path string) bool
	// HrefOf returns the address of the page with the field of a pointer that is not on this page, "" if there is none; nil knows none.
	HrefOf func(v *Visit, pointer string) string
	Wall   func() time.Time
	Log    *slog.Logger
}

// A Site answers the requests of browsers. It is safe for concurrent use.
type Site struct {
	config Config
	mux    *http.ServeMux
	origin *http.CrossOriginProtection
	issuer discovered
	files  *files
}

// New returns a site with its assets, log-in and log-out.
func New(config Config) *Site {
	s := &Site{config: config, mux: http.NewServeMux(), origin: http.NewCrossOriginProtection(), files: newFiles(shared, config.Files)}
	s.registerAssets()
	if config.Issuer.URL != "" || config.Issuer.Pages != "" {
		s.registerLogin()
	}
	return s
}

// A Handler shows one page. It returns an error to show the page for errors instead.
type Handler func(*Visit) error

// Public registers a page that needs no session, such as "GET /need". The path follows the site's prefix.
func (s *Site) Public(route string, show Handler) {
	method, path, _ := strings.Cut(route, " ")
	s.mux.HandleFunc(method+" "+s.config.Prefix+path, func(w http.ResponseWriter, r *http.Request) {
		v := visitOf(r)
		v.W, v.route = w, route
		if err := show(v); err != nil {
			v.ShowError(err)
		}
	})
}

// Private registers a page that needs a session. Without one, the browser goes to the log-in, and what was typed is kept.
func (s *Site) Private(route string, show Handler) {
	s.Public(route, func(v *Visit) error {
		switch {
		case v.Session.Account != "":
			return show(v)
		case s.config.NoSession != nil:
			return s.config.NoSession(v)
		}
		return v.LogInFirst()
	})
}

// Handle responds to one event. It never returns an error: every failure is a page.
func (s *Site) Handle(ctx context.Context, e apigateway.Event) (apigateway.Response, error) {
	began := s.config.Wall()
	w := &apigateway.Recorder{}
	v := &Visit{site: s, event: e, W: w}
	r, err := apigateway.Request(ctx, e)
	if err != nil { // the gateway sends no such event
		w.WriteHeader(http.StatusBadRequest)
		return w.Response(), nil
	}
	v.R = r.WithContext(context.WithValue(ctx, visitKey{}, v))
	if s.config.Begin != nil {
		v.Own = s.config.Begin(v)
	}
	v.readLanguage()
	w = s.serve(v)
	s.setHeaders(w.Header())
	compress(w, r)
	s.config.Log.LogAttrs(ctx, slog.LevelInfo, "page",
		slog.String("request", e.RequestContext.RequestID), slog.String("route", v.route), slog.Int("status", w.Status()),
		slog.Int64("ms", s.config.Wall().Sub(began).Milliseconds()), slog.String("account", string(v.Session.Account)))
	return w.Response(), nil
}

// serve returns the response to a request. A panic becomes a page with status 500, and what the handler wrote before it is discarded.
func (s *Site) serve(v *Visit) (w *apigateway.Recorder) {
	w = v.W.(*apigateway.Recorder)
	defer func() {
		if value := recover(); value != nil {
			cause := fmt.Sprintf("%T", value) // the value may be personal
			if err, ok := value.(runtime.Error); ok {
				cause = err.Error()
			}
			s.config.Log.ErrorContext(v.R.Context(), "panic", "request", v.event.RequestContext.RequestID, "route", v.route,
				"cause", cause, "stack", string(debug.Stack()))
			w = &apigateway.Recorder{}
			v.W = w
			v.ShowStatus(http.StatusInternalServerError)
		}
	}()
	if err := s.origin.Check(v.R); err != nil {
		v.ShowStatus(http.StatusForbidden)
		return w
	}
	if language := v.R.URL.Query().Get("lang"); language != "" && v.R.Method == http.MethodGet {
		v.switchLanguage(language)
		return w
	}
	if handler, pattern := s.mux.Handler(v.R); pattern == "" {
		var answer apigateway.Recorder // 405 if the page has another method, else 404
		handler.ServeHTTP(&answer, v.R)
		if allow := answer.Header().Get("Allow"); allow != "" {
			w.Header().Set("Allow", allow)
		}
		v.ShowStatus(max(answer.Status(), http.StatusNotFound))
		return w
	}
	if err := v.parseForm(); err != nil {
		v.ShowError(err)
		return w
	}
	read := s.config.ReadSession
	if read == nil {
		read = (*Visit).ReadSession
	}
	if err := read(v); err != nil {
		v.ShowError(err)
		return w
	}
	s.mux.ServeHTTP(w, v.R)
	return w
}

// setHeaders sets the headers that all responses have.
func (s *Site) setHeaders(h http.Header) {
	if h.Get("Cache-Control") == "" {
		h.Set("Cache-Control", "no-store")
	}
	if h.Get("Content-Security-Policy") == "" {
		more := func(directive string) string {
			if sources := s.config.Policy[directive]; sources != "" {
				return " " + sources
			}
			return ""
		}
		frames := ""
		if sources := s.config.Policy["frame-src"]; sources != "" {
			frames = "; frame-src " + sources
		}
		h.Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; media-src blob:; font-src 'self'; "+
			"connect-src 'self'"+more("connect-src")+"; form-action 'self'"+more("form-action")+" "+s.config.Issuer.Pages+frames+"; manifest-src 'self'; base-uri 'none'; frame-ancestors 'none'")
	}
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "same-origin")
	camera := "()"
	if s.config.Camera {
		camera = "(self)"
	}
	h.Set("Permissions-Policy", "camera="+camera+", microphone=(), geolocation=()")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	if strings.HasPrefix(s.config.Origin, "https:") {
		h.Set("Strict-Transport-Security", "max-age=31536000")
	}
	if strings.HasPrefix(h.Get("Cache-Control"), "public") {
		h.Del("Set-Cookie") // a shared cache would send it to others
		h.Add("Vary", "Accept-Encoding")
	} else {
		h.Add("Vary", "Accept-Language, Accept-Encoding, Cookie")
	}
}

// Pattern returns the route of the page of a request, "" if there is none.
func (s *Site) Pattern(r *http.Request) string {
	_, pattern := s.mux.Handler(r)
	return pattern
}

// Words returns the words of all pages by key, and Templates the templates of all pages by name. They are for tests: they read every file.
func (s *Site) Words() map[string]finding.Words { return s.files.allWords() }

func (s *Site) Templates() map[string]*template.Template {
	all := map[string]*template.Template{}
	for _, name := range s.files.list("templates/*.html") {
		name = strings.TrimSuffix(path.Base(name), ".html")
		all[name] = s.files.templates.get(name)
	}
	return all
}

// Visit returns a visit without a response, for tests of what pages show.
func (s *Site) Visit(r *http.Request, language string) *Visit {
	v := &Visit{site: s, R: r, W: &apigateway.Recorder{}, Language: language}
	if s.config.Begin != nil {
		v.Own = s.config.Begin(v)
	}
	return v
}
