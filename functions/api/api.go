// Package api is the JSON API of Beian: a Lambda handler for an API Gateway HTTP API, under [Prefix].
//
// Operations are declared with their types, and the OpenAPI 3.1 document is made from them; it is served at
// openapi.json, and a page to try it at docs. Each operation declares the roles that may use it. An applicant sees
// their own orders; to them, those of others do not exist.
//
// Every failure is a [Problem]. A request that changes an order may carry If-Match (the order's ETag) and an
// Idempotency-Key; it is carried out as one decision by package desk.
package api

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"path"
	"runtime"
	"runtime/debug"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"beian/shared/aws/apigateway"
	"beian/shared/aws/bucket"
	"beian/shared/filing"
	provider "beian/shared/partners/liveness"
	"beian/shared/process/decide"
	"beian/shared/process/exchange"
	"beian/shared/process/inventory"
	"beian/shared/rules/certificate"
	"beian/shared/rules/fault"
	"beian/shared/rules/finding"
)

// Prefix begins the path of every operation.
const Prefix = "/api/v1"

// Config is what the API works with. All fields are required.
type Config struct {
	Decisions *decide.Service // its clock is the API's, and its log
	Store     Store
	Bucket    *bucket.Bucket
	Liveness  provider.Provider
	// Bureau is for those who look after the exchange with the bureau.
	Bureau *exchange.Operator
	// Draw makes an SMS code of six digits.
	Draw func() string
	// NewID makes the id of an order: a ULID.
	NewID func() string
	// Wall is the wall clock, by which the time of a request is measured.
	Wall func() time.Time
}

// A Store is what the API reads, and the inventory that it writes. Package dynamo implements it.
type Store interface {
	inventory.Store
	PutServer(ctx context.Context, s inventory.Server) error
	PutServiceCode(ctx context.Context, c inventory.ServiceCode) error
	// ListByAccount lists an account's orders, the latest moved first; ListOpen the open ones at a step, the longest there first.
	ListByAccount(ctx context.Context, account filing.Account, cursor string, limit int) (decide.Page, error)
	ListOpen(ctx context.Context, step filing.Step, cursor string, limit int) (decide.Page, error)
	// Ledger returns the entries of an order, oldest first.
	Ledger(ctx context.Context, id filing.ID) ([]filing.Entry, error)
	// SubjectKey is the look-up key of a subject's certificate: a keyed hash.
	SubjectKey(ctx context.Context, kind certificate.Kind, number string) (string, error)
}

// An API answers requests. It is safe for concurrent use.
type API struct {
	Config
	mux  *http.ServeMux
	huma huma.API
}

// tags group the operations, in the order in which a filing needs them.
var tags = []*huma.Tag{
	{Name: "Orders", Description: "备案订单: opening and reading applications"},
	{Name: "Application", Description: "产品验证、主体与网站信息: what the applicant gives"},
	{Name: "Papers", Description: "上传资料与邮寄资料: evidence, and originals by mail"},
	{Name: "Presence", Description: "真实性核验: liveness of the sites' leaders"},
	{Name: "Confirmation", Description: "信息核验与短信验证: the summary, and the SMS check"},
	{Name: "Review", Description: "备案初审: the reviewers' desk"},
	{Name: "Closing", Description: "撤销、放弃与重新提交: taking back, giving up, another round"},
	{Name: "Inventory", Description: "服务器与备案服务号: what can host a site"},
	{Name: "Bureau", Description: "管局数据交换: the exchange, for operators"},
	{Name: "Reference", Description: "各省规则与代码: rules and code lists, for everybody"},
}

// New makes the API.
func New(config Config) *API {
	a := &API{Config: config, mux: http.NewServeMux()}
	c := huma.DefaultConfig("Beian", "1")
	c.Info.Description = "ICP filings of an access provider: applications, their review, and what the bureau said. " +
		"面向接入服务商的 ICP 备案系统接口。"
	c.OpenAPIPath, c.DocsPath, c.SchemasPath = "/openapi", "", ""
	c.CreateHooks = nil // no $schema in answers
	c.RejectUnknownQueryParameters = true
	c.Components.Schemas = huma.NewMapRegistry("#/components/schemas/", schemaName)
	c.Components.SecuritySchemes = map[string]*huma.SecurityScheme{
		scheme: {Type: "http", Scheme: "bearer", BearerFormat: "JWT", Description: "a token of the identity provider"},
	}
	c.Tags = tags
	a.huma = humago.NewWithPrefix(a.mux, Prefix, c)
	a.orders()
	a.applications()
	a.papers()
	a.challenges()
	a.confirmations()
	a.closings()
	a.reviews()
	a.administration()
	a.bureau()
	a.reference()
	a.docs()
	a.enumerate()
	return a
}

// OpenAPI is the description of the API.
func (a *API) OpenAPI() *huma.OpenAPI { return a.huma.OpenAPI() }

// Handle answers one event. It never returns an error: whatever happens is an HTTP answer.
func (a *API) Handle(ctx context.Context, e events.APIGatewayV2HTTPRequest) (events.APIGatewayV2HTTPResponse, error) {
	began := a.Wall()
	c := &call{requestID: e.RequestContext.RequestID}
	if auth := e.RequestContext.Authorizer; auth != nil && auth.JWT != nil {
		c.caller, _ = apigateway.CallerOf(auth.JWT.Claims)
	}
	var w *apigateway.Recorder
	r, err := apigateway.Request(context.WithValue(ctx, callKey{}, c), e)
	if err != nil {
		w = &apigateway.Recorder{}
		c.problem(&fault.Fault{Kind: fault.Invalid, Findings: finding.List{finding.New(CodeNotUTF8, "")}}).write(w)
	} else {
		c.language = languageOf(r.Header.Get("Accept-Language"))
		w = a.answer(r, c)
	}
	a.finish(w, c)
	a.Decisions.Log.LogAttrs(ctx, slog.LevelInfo, "request",
		slog.String("request", c.requestID), slog.String("method", e.RequestContext.HTTP.Method), slog.String("route", c.route),
		slog.Int("status", w.Status()), slog.Int64("ms", a.Wall().Sub(began).Milliseconds()),
		slog.String("account", string(c.caller.Account)))
	return w.Response(), nil
}

// answer serves the request. What panics is our own mistake, and half an answer is none.
func (a *API) answer(r *http.Request, c *call) (w *apigateway.Recorder) {
	defer func() {
		if mistake := recover(); mistake != nil {
			a.Decisions.Log.ErrorContext(r.Context(), "panic", "request", c.requestID, "route", c.route,
				"cause", cause(mistake), "stack", string(debug.Stack()))
			w = &apigateway.Recorder{}
			c.problem(&fault.Fault{Kind: fault.Internal}).write(w)
		}
	}()
	w = &apigateway.Recorder{}
	handler, pattern := a.mux.Handler(r)
	if path.Clean(r.URL.Path) != r.URL.Path {
		c.problem(&fault.Fault{Kind: fault.NotFound}).write(w) // where the mux would redirect
		return w
	}
	if pattern == "" {
		a.nowhere(w, r, c, handler)
		return w
	}
	a.mux.ServeHTTP(w, r)
	return w
}

// cause is what may be logged of a panic: the runtime's own words, and of all else only its type.
func cause(mistake any) string {
	if err, ok := mistake.(runtime.Error); ok {
		return err.Error()
	}
	return fmt.Sprintf("%T", mistake)
}

// nowhere answers a request for which there is no operation: 405 if there is one with another method, else 404.
func (a *API) nowhere(w *apigateway.Recorder, r *http.Request, c *call, standard http.Handler) {
	var told apigateway.Recorder
	standard.ServeHTTP(&told, r)
	if told.Status() != http.StatusMethodNotAllowed {
		c.problem(&fault.Fault{Kind: fault.NotFound}).write(w)
		return
	}
	w.Header().Set("Allow", told.Header().Get("Allow"))
	c.classed(wrongMethod, finding.Words{}, nil, nil).write(w)
}

// finish sets the headers that all answers have.
func (a *API) finish(w *apigateway.Recorder, c *call) {
	h := w.Header()
	if h.Get("Cache-Control") == "" {
		h.Set("Cache-Control", "no-store")
	}
	h.Set("X-Request-Id", c.requestID)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Add("Vary", "Accept-Language")
	switch w.Status() {
	case http.StatusUnauthorized:
		h.Set("WWW-Authenticate", "Bearer")
	case http.StatusTooManyRequests:
		h.Set("Retry-After", "60")
	case http.StatusServiceUnavailable:
		h.Set("Retry-After", "5")
	}
	if h.Get("Content-Type") == problemType {
		h.Set("Content-Language", c.language)
	}
}
