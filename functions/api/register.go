package api

import (
	"context"
	"errors"
	"net/http"
	"path"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"beian/shared/filing"
	"beian/shared/rules/fault"
)

// scheme is the name of the way to log in.
const scheme = "token"

// An operation is what is declared of a route: who may use it, method and path, and what it does.
type operation struct {
	who    access
	route  string // "POST /orders"
	does   string
	status int // 0 is 200
	tag    string
	body   int64 // the largest body, in bytes; 0 is maxBody
}

// register declares an operation. What its handler returns as an error becomes a [Problem].
func register[In, Out any](a *API, o operation, handle func(context.Context, *call, *In) (*Out, error)) {
	if len(o.who) == 0 {
		panic("api: " + o.route + " does not say who may use it")
	}
	method, route, _ := strings.Cut(o.route, " ")
	op := huma.Operation{
		OperationID: operationID(method, route), Method: method, Path: route, Summary: o.does, Tags: []string{o.tag},
		DefaultStatus: max(o.status, http.StatusOK), MaxBodyBytes: o.body, BodyReadTimeout: -1,
		Middlewares: huma.Middlewares{a.admit(o.who, route), readBody},
		Extensions:  map[string]any{"x-roles": o.who.names()},
	}
	if !slices.Contains(o.who, public) {
		op.Security = []map[string][]string{{scheme: {}}}
	}
	huma.Register(a.huma, op, func(ctx context.Context, in *In) (*Out, error) {
		c := callOf(ctx)
		if len(c.strange) > 0 {
			return nil, c.problem(&fault.Fault{Kind: fault.Invalid, Findings: c.strange})
		}
		out, err := handle(ctx, c, in)
		if err != nil {
			p := c.problem(err)
			c.told(ctx, a.Decisions.Log, p)
			return nil, p
		}
		if out == nil {
			return nil, c.problem(errors.New("api: an operation without an answer"))
		}
		return out, nil
	})
}

// admit lets only those callers in who have one of the roles, before anything of the request is looked at.
func (a *API) admit(who access, route string) func(huma.Context, func(huma.Context)) {
	return func(ctx huma.Context, next func(huma.Context)) {
		c := callOf(ctx.Context())
		c.route = route
		if err := who.admits(c.caller); err != nil {
			_, w := humago.Unwrap(ctx)
			c.problem(err).write(w)
			return
		}
		next(ctx)
	}
}

// enumerate lists the values of statuses and steps in the document.
func (a *API) enumerate() {
	values := map[string][]any{}
	for _, s := range filing.Statuses {
		values["status"] = append(values["status"], string(s))
	}
	for _, s := range filing.Steps {
		values["step"] = append(values["step"], string(s))
	}
	for _, schema := range a.OpenAPI().Components.Schemas.Map() {
		for name, all := range values {
			if p := schema.Properties[name]; p != nil && p.Type == huma.TypeString && len(p.Enum) == 0 {
				p.Enum = all
			}
		}
	}
}

// schemaName names the schema of a type. Types from elsewhere carry their package's name, as in FilingPapers.
func schemaName(t reflect.Type, hint string) string {
	name := huma.DefaultSchemaNamer(t, hint)
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if home := path.Base(t.PkgPath()); t.Name() != "" && home != "api" && home != "." {
		return strings.ToUpper(home[:1]) + home[1:] + name
	}
	return name
}

var words = regexp.MustCompile(`[a-z0-9]+`)

// operationID makes "put-orders-id-product" of "PUT /orders/{id}/product".
func operationID(method, route string) string {
	return strings.ToLower(method) + "-" + strings.Join(words.FindAllString(route, -1), "-")
}
