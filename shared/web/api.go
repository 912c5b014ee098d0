// Package web contains what the functions behind the HTTP API share: operations declared with Go types, error responses, roles,
// preconditions, pagination, and the JSON of an order.
//
// Start with [New], declare operations with [Register], and give [API.Handle] to Lambda:
//
//	a := web.New(config)
//	web.Register(a, web.Operation{Roles: web.Applicants, Route: "GET /orders/{id}", Tag: "Orders", Summary: "Read an order"}, readOrder)
//	lambda.Start(a.Handle)
//
// Each operation declares the roles that may use it. An applicant sees only their own orders; the response for any other order
// is 404. Every error response is a [Problem]. A request that changes an order may have an If-Match header (the order's ETag) and
// an Idempotency-Key; package decide carries it out as one decision.
package web

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"path"
	"runtime"
	"runtime/debug"
	"slices"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"beian/shared/aws/apigateway"
	"beian/shared/filing"
	"beian/shared/process/agency"
	"beian/shared/process/decide"
	"beian/shared/process/limits"
	"beian/shared/process/people"
	"beian/shared/rules/fault"
	"beian/shared/rules/finding"
)

// Prefix begins the path of every operation.
const Prefix = "/api/v1"

// Config configures an API. Handling requests requires all fields; [API.OpenAPI] and [API.Routes] require none.
type Config struct {
	Decisions *decide.Service // the API uses its Now and Log
	Wall      func() time.Time
	Limits    *limits.Limiter
	// Agencies checks the consents of agencies. It is nil for functions that applicants do not call.
	Agencies *agency.Checker
	// People admits staff, and knows their organisations. Without it, every account with a role of staff is admitted.
	People *people.Register
	// Signed returns a fault for a request without a valid signature. It is nil for functions without operations for [Machines].
	Signed func(header http.Header, body []byte) error
	// Retention is shown with each order, and applies to erasures.
	Retention filing.Retention
}

// An API answers the requests of one function. It is safe for concurrent use once its operations are registered.
type API struct {
	Config
	mux        *http.ServeMux
	operations []declaration
	additions  []func(*huma.OpenAPI)
	document   func() *huma.OpenAPI
}

// New returns an API without operations.
func New(config Config) *API {
	a := &API{Config: config, mux: http.NewServeMux()}
	a.document = sync.OnceValue(a.describe)
	return a
}

// Routes returns the gateway's route keys for the paths of this function that need a token, such as
// "ANY /api/v1/orders/{id}/claim". They include every method, so that the function itself responds with 405.
func (a *API) Routes() []string { return a.routes(false) }

// PublicRoutes returns the route keys that need no token, such as "ANY /api/v1/provinces/{code}".
func (a *API) PublicRoutes() []string { return a.routes(true) }

func (a *API) routes(public bool) []string {
	var keys []string
	for _, d := range a.operations {
		if d.needsNoToken() == public {
			keys = append(keys, "ANY "+Prefix+d.path)
		}
	}
	slices.Sort(keys)
	return slices.Compact(keys) // those of one path agree
}

// Paths returns the paths of this function below [Prefix], such as "/orders/{id}/claim".
func (a *API) Paths() []string {
	var paths []string
	for _, d := range a.operations {
		paths = append(paths, d.path)
	}
	slices.Sort(paths)
	return slices.Compact(paths)
}

// Handle responds to one event. It never returns an error: every failure is an HTTP response.
func (a *API) Handle(ctx context.Context, e apigateway.Event) (apigateway.Response, error) {
	began := a.Wall()
	c := &Call{RequestID: e.RequestContext.RequestID, address: e.RequestContext.HTTP.SourceIP, limiter: a.Limits, agencies: a.Agencies, retention: a.Retention, now: a.Decisions.Now}
	if auth := e.RequestContext.Authorizer; auth != nil && auth.JWT != nil {
		c.Caller, _ = apigateway.CallerOf(auth.JWT.Claims)
	}
	var w *apigateway.Recorder
	r, err := apigateway.Request(context.WithValue(ctx, callKey{}, c), e)
	if err != nil {
		w = &apigateway.Recorder{}
		c.problem(&fault.Fault{Kind: fault.Invalid, Findings: finding.List{finding.New(CodeNotUTF8, "")}}).write(w)
	} else {
		c.Language = parseLanguage(r.Header.Get("Accept-Language"))
		r.Header.Del("Accept") // huma would answer "Accept: json" with the type "json"
		w = a.serve(r, c)
	}
	setCommonHeaders(w, c)
	a.Decisions.Log.LogAttrs(ctx, slog.LevelInfo, "request",
		slog.String("request", c.RequestID), slog.String("method", e.RequestContext.HTTP.Method), slog.String("route", c.route),
		slog.Int("status", w.Status()), slog.Int64("ms", a.Wall().Sub(began).Milliseconds()),
		slog.String("account", string(c.Caller.Account)))
	return w.Response(), nil
}

// serve returns the response to a request. A panic becomes a 500, and what the handler wrote before it is discarded.
func (a *API) serve(r *http.Request, c *Call) (w *apigateway.Recorder) {
	defer func() {
		if value := recover(); value != nil {
			a.Decisions.Log.ErrorContext(r.Context(), "panic", "request", c.RequestID, "route", c.route,
				"cause", panicCause(value), "stack", string(debug.Stack()))
			w = &apigateway.Recorder{}
			c.problem(&fault.Fault{Kind: fault.Internal}).write(w)
		}
	}()
	w = &apigateway.Recorder{}
	handler, pattern := a.mux.Handler(r)
	if path.Clean(r.URL.Path) != r.URL.Path {
		c.problem(&fault.Fault{Kind: fault.NotFound}).write(w) // the mux would redirect
		return w
	}
	if pattern == "" {
		notFound(w, r, c, handler)
		return w
	}
	a.mux.ServeHTTP(w, r)
	return w
}

// panicCause returns the cause of a panic for the log: the text of a runtime error, else only the type of the value.
func panicCause(value any) string {
	if err, ok := value.(runtime.Error); ok {
		return err.Error()
	}
	return fmt.Sprintf("%T", value)
}

// notFound writes 405 if the path exists with another method, else 404. The mux determines which.
func notFound(w *apigateway.Recorder, r *http.Request, c *Call, mux http.Handler) {
	var answer apigateway.Recorder
	mux.ServeHTTP(&answer, r)
	if answer.Status() != http.StatusMethodNotAllowed {
		c.problem(&fault.Fault{Kind: fault.NotFound}).write(w)
		return
	}
	w.Header().Set("Allow", answer.Header().Get("Allow"))
	c.newProblem(wrongMethod, finding.Words{}, nil, nil).write(w)
}

// retryAfter are the values of Retry-After, in seconds, if the fault has none.
var retryAfter = map[int]string{http.StatusTooManyRequests: "60", http.StatusServiceUnavailable: "5"}

// setCommonHeaders sets the headers that all responses have.
func setCommonHeaders(w *apigateway.Recorder, c *Call) {
	h := w.Header()
	if h.Get("Cache-Control") == "" {
		h.Set("Cache-Control", "no-store")
	}
	h.Set("X-Request-Id", c.RequestID)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Add("Vary", "Accept-Language")
	if w.Status() == http.StatusUnauthorized && !c.operation.Roles.signed() {
		h.Set("WWW-Authenticate", "Bearer")
	}
	if wait, retry := retryAfter[w.Status()]; retry && h.Get("Retry-After") == "" {
		h.Set("Retry-After", wait)
	}
	if h.Get("Content-Type") == problemType {
		h.Set("Content-Language", c.Language)
	}
}

// A File is embedded in the program.
type File struct {
	Header  map[string]string
	Content func() ([]byte, error)
	Gzip    bool // the content is compressed with gzip
}

// ServeFile serves a file at a path below [Prefix]. A compressed file is decompressed for a client that does not accept gzip.
func (a *API) ServeFile(path string, f File) {
	a.mux.HandleFunc("GET "+Prefix+path, func(w http.ResponseWriter, r *http.Request) {
		c := callOf(r.Context())
		c.route = path
		text, err := f.Content()
		accepted := AcceptsGzip(r.Header)
		if err == nil && f.Gzip && !accepted {
			text, err = decompress(text)
		}
		if err != nil {
			c.problem(err).write(w)
			return
		}
		for name, value := range f.Header {
			w.Header().Set(name, value)
		}
		if f.Gzip {
			w.Header().Add("Vary", "Accept-Encoding")
			if accepted {
				w.Header().Set("Content-Encoding", "gzip")
			}
		}
		_, _ = w.Write(text) // cannot fail: to memory
	})
}

func decompress(compressed []byte) ([]byte, error) {
	unzipped, err := gzip.NewReader(bytes.NewReader(compressed))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(unzipped)
}
