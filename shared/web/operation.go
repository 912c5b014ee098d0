package web

import (
	"context"
	"errors"
	"net/http"
	"path"
	"reflect"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"beian/shared/filing"
	"beian/shared/process/limits"
	"beian/shared/process/people"
	"beian/shared/rules/fault"
	"beian/shared/rules/pattern"
)

// securityScheme and signatureScheme are the names of the bearer token and of the signature of a request in the OpenAPI document.
const securityScheme, signatureScheme = "token", "signature"

// An Operation declares a route of the API.
type Operation struct {
	Roles   Roles
	Route   string // method and path below [Prefix]: "POST /orders"
	Summary string
	// Description says when to call the operation, and what may go wrong, in one to three sentences. It does not repeat the summary.
	Description string
	Tag         string
	Status      int   // of success; 0 is 200
	MaxBody     int64 // in bytes; 0 is 128 KB
	Errors      []int // further statuses of errors, beside those that follow from the route

	// Claim says that a reviewer needs a valid claim of the order. Administrators need none.
	Claim bool
	// Reads is what staff read of the order with this operation; it is stored in the order's audit. "" for decisions, whose response shows staff
	// only what lists show.
	Reads filing.ReadPart

	// Counts is the action as which the operation is counted. Without it, an operation that is not a GET is a [limits.Change], or [limits.Staff]
	// if applicants may not use it.
	Counts limits.Action
}

// onOrder reports whether the operation is about one order, so that applicants must own it and staff must not.
func (o Operation) onOrder() bool { return strings.Contains(o.Route, " "+orderRoute) }

// The routes of one order, one filing and one accepted plan. Applicants must own it.
const (
	orderRoute  = "/orders/{id}"
	filingRoute = "/filings/{id}"
	planRoute   = "/accepted-plans/{id}"
)

// Who may use an operation on an order, in the extension x-owner.
const (
	ownerOnly    = "owner"     // applicants, on their own orders
	ownerOrStaff = "or-staff"  // applicants, on their own orders, and staff
	notOwner     = "not-owner" // staff, except on orders of their own
)

// extensions are the declarations of who may use the operation, for the OpenAPI document: x-roles and, on an order or a filing, x-owner, x-claim and x-reads.
func (o Operation) extensions() map[string]any {
	all := map[string]any{"x-roles": o.Roles.names()}
	if !o.onOrder() && !strings.Contains(o.Route, " "+filingRoute) && !strings.Contains(o.Route, " "+planRoute) {
		return all
	}
	all["x-owner"] = ownerOrStaff
	switch {
	case !slices.Contains(o.Roles, filing.Applicant):
		all["x-owner"] = notOwner
	case len(o.Roles) == 1:
		all["x-owner"] = ownerOnly
	}
	if o.Claim {
		all["x-claim"] = true
	}
	if o.Reads != "" {
		all["x-reads"] = string(o.Reads)
	}
	return all
}

// action returns the action as which the operation is counted; "" if it is not.
func (o Operation) action(method string) limits.Action {
	switch {
	case o.Counts != "" || method == http.MethodGet || o.Roles.public() || o.Roles.signed():
		return o.Counts
	case slices.Contains(o.Roles, filing.Applicant):
		return limits.Change
	}
	return limits.Staff
}

// Register declares an operation. An error of the handler becomes a [Problem].
func Register[In, Out any](a *API, o Operation, handle func(context.Context, *Call, *In) (*Out, error)) {
	a.declare(o, reflect.TypeFor[In](), reflect.TypeFor[Out](), func(to huma.API, op huma.Operation) {
		huma.Register(to, op, func(ctx context.Context, in *In) (out *Out, err error) {
			c, err := begin(ctx)
			if err != nil {
				return nil, err
			}
			out, err = handle(ctx, c, in)
			if err = a.finish(ctx, c, out == nil, err); err != nil {
				return nil, err
			}
			return out, nil
		})
	})
}

// begin returns the call, or a problem with the content of its body.
func begin(ctx context.Context) (*Call, error) {
	c := callOf(ctx)
	if len(c.content.found) > 0 {
		return nil, c.problem(&fault.Fault{Kind: fault.Invalid, Findings: c.content.list()})
	}
	return c, nil
}

// finish stores what staff read, and returns the problem of an operation that failed.
func (a *API) finish(ctx context.Context, c *Call, empty bool, err error) error {
	if err == nil && empty {
		err = errors.New("web: the operation returned neither a result nor an error")
	}
	if err == nil && len(c.reads) > 0 {
		err = a.Decisions.Store.AddReads(ctx, c.reads...)
	}
	if err == nil {
		return nil
	}
	p := c.problem(err)
	p.logCause(ctx, c, a.Decisions.Log)
	a.countFindings(ctx, c, p)
	return p
}

// requireRole rejects callers that have none of the roles. It runs before the request is parsed.
func (a *API) requireRole(o Operation, route string, action limits.Action) func(huma.Context, func(huma.Context)) {
	return func(ctx huma.Context, next func(huma.Context)) {
		c := callOf(ctx.Context())
		c.operation, c.route, c.action = o, route, action
		if err := a.checkRoles(ctx.Context(), c); err != nil {
			_, w := humago.Unwrap(ctx)
			c.problem(err).write(w)
			return
		}
		next(ctx)
	}
}

// requireSignature rejects requests that are not signed, before their body is parsed.
func (a *API) requireSignature(ctx huma.Context, next func(huma.Context)) {
	c := callOf(ctx.Context())
	r, w := humago.Unwrap(ctx)
	if err := a.Signed(r.Header, c.body); err != nil {
		c.problem(err).write(w)
		return
	}
	next(ctx)
}

// checkRoles returns a fault for a caller who may not use the operation. A member of staff who is not admitted may do only what applicants do.
func (a *API) checkRoles(ctx context.Context, c *Call) error {
	if !c.operation.Roles.staff() || !c.Caller.Staff() {
		return c.operation.Roles.check(c.Caller)
	}
	person, err := a.People.Admit(ctx, people.Request{Account: c.Caller.Account, Name: c.Caller.Name(), Roles: c.Caller.StaffRoles(), TokenAt: c.Caller.TokenAt})
	if err == nil {
		c.affiliation = person.Affiliation()
		return c.operation.Roles.check(c.Caller)
	}
	if fault.KindOf(err) == fault.Unavailable || fault.KindOf(err) == fault.Internal {
		return err
	}
	c.Caller.Roles = slices.DeleteFunc(slices.Clone(c.Caller.Roles), func(r filing.Role) bool { return r != filing.Applicant })
	if c.operation.Roles.check(c.Caller) != nil {
		return err
	}
	return nil
}

// ownPackages are the packages whose types keep their names in the OpenAPI document.
var ownPackages = []string{"web", "api", "reviewer", "operator", "accesscheck", "."}

// schemaNames are the names in the OpenAPI document of types of package filing.
var schemaNames = map[reflect.Type]string{
	reflect.TypeFor[filing.Opening]():            "Opening",
	reflect.TypeFor[filing.OpeningCertificate](): "OpeningCertificate",
	reflect.TypeFor[filing.IdentityDocument]():   "Certificate",
	reflect.TypeFor[filing.Contact]():            "Contact",
	reflect.TypeFor[filing.Subject]():            "Subject",
	reflect.TypeFor[filing.Leader]():             "Leader",
	reflect.TypeFor[filing.Site]():               "Site",
	reflect.TypeFor[filing.Explanation]():        "Explanation",
	reflect.TypeFor[filing.OverrideRequest]():    "OverrideRequest",
	reflect.TypeFor[filing.RecordedOverride]():   "RecordedOverride",
}

// schemaName names the schema of a type. Types of other packages carry the package's name, as in FilingClaim.
func schemaName(t reflect.Type, hint string) string {
	name := huma.DefaultSchemaNamer(t, hint)
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if name, ok := schemaNames[t]; ok {
		return name
	}
	if home := path.Base(t.PkgPath()); t.Name() != "" && !slices.Contains(ownPackages, home) {
		return strings.ToUpper(home[:1]) + home[1:] + name
	}
	return name
}

var routeWords = pattern.New(`[a-z0-9]+`)

// operationID returns the operation's id: "put-orders-id-product" for "PUT /orders/{id}/product".
func operationID(method, route string) string {
	return strings.ToLower(method) + "-" + strings.Join(routeWords().FindAllString(route, -1), "-")
}
