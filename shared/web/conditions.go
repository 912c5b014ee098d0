package web

import (
	"context"
	"errors"
	"strconv"
	"strings"

	"github.com/oklog/ulid/v2"

	"beian/shared/filing"
	"beian/shared/process/decide"
	"beian/shared/rules/fault"
	"beian/shared/rules/finding"
)

// An OrderPath names an order. Huma reads embedded structs only if they are exported.
type OrderPath struct {
	ID string `path:"id" doc:"the order's id" example:"01JCZK3V7M8N9P0Q1R2S3T4V5W"`
}

// Conditions are the preconditions that a request may set.
type Conditions struct {
	IfMatch string `header:"If-Match" doc:"the ETag of the order that the caller read; a newer version is refused (412)" example:"\"7\""`
	Key     string `header:"Idempotency-Key" maxLength:"255" pattern:"^[!-~]+$" doc:"identifies the request: repeating it within 24 hours decides only once"`
}

// An OrderRequest is the input of an operation on an order, besides its body.
type OrderRequest struct {
	OrderPath
	Conditions
}

// ETag is the entity tag of an order's version.
func ETag(o filing.Order) string { return `"` + strconv.Itoa(o.Version) + `"` }

// parseVersion reads an If-Match header: 0 if it is absent or "*".
func parseVersion(header string) (int, error) {
	header = strings.TrimSpace(header)
	if header == "" || header == "*" {
		return 0, nil
	}
	text, opened := strings.CutPrefix(header, `"`)
	text, closed := strings.CutSuffix(text, `"`)
	n, err := strconv.Atoi(text)
	if !opened || !closed || err != nil || n < 1 || strconv.Itoa(n) != text {
		return 0, fault.Found(fault.Invalid, finding.List{finding.New(CodeParameter, "", "name", "If-Match")})
	}
	return n, nil
}

// MatchesETag reports whether an If-None-Match header names a tag, strong or weak (RFC 9110, 13.1.2).
func MatchesETag(header, tag string) bool {
	for one := range strings.SplitSeq(header, ",") {
		if one = strings.TrimSpace(one); one == "*" || strings.TrimPrefix(one, "W/") == tag {
			return true
		}
	}
	return false
}

// Preconditions returns what must hold for the request's decision. An applicant may decide on their own orders only.
func (c *Call) Preconditions(given Conditions, role filing.Role) (decide.Preconditions, error) {
	version, err := parseVersion(given.IfMatch)
	if err != nil {
		return decide.Preconditions{}, err
	}
	p := decide.Preconditions{Version: version}
	if given.Key != "" {
		p.Request = decide.Request{Account: c.Caller.Account, Key: given.Key, Hash: c.hash}
	}
	if role == filing.Applicant {
		p.Owner = c.Caller.Account
	}
	return p, nil
}

var errNoOrder = fault.New(fault.NotFound, "找不到这份备案订单。", "There is no such order.")

// parseOrderID reads an order's id. A text that is no ULID names no order.
func parseOrderID(text string) (filing.ID, error) {
	if _, err := ulid.ParseStrict(text); err != nil {
		return "", errNoOrder
	}
	return filing.ID(text), nil
}

// Decide carries out a decision that depends only on the request, and answers with the order.
func (a *API) Decide(ctx context.Context, c *Call, in OrderRequest, role filing.Role, d filing.Decision) (*OrderResult, error) {
	id, err := parseOrderID(in.ID)
	if err != nil {
		return nil, err
	}
	preconditions, err := c.Preconditions(in.Conditions, role)
	if err != nil {
		return nil, err
	}
	return c.Result(a.Decisions.DecideWith(ctx, id, c.Actor(role), d, preconditions))
}

// An Attempt is a decision being prepared: the current order and the request's preconditions.
type Attempt struct {
	Order filing.Order
	// Repeated is set if the request was carried out before. Order may then be newer than that decision.
	Repeated bool

	decisions     *decide.Service
	actor         filing.Actor
	preconditions decide.Preconditions
}

// BeginDecision prepares a decision that depends on the order.
func (a *API) BeginDecision(ctx context.Context, c *Call, in OrderRequest, role filing.Role) (Attempt, error) {
	preconditions, err := c.Preconditions(in.Conditions, role)
	if err != nil {
		return Attempt{}, err
	}
	t := Attempt{decisions: a.Decisions, actor: c.Actor(role), preconditions: preconditions}
	err = a.Decisions.Store.CheckRepeated(ctx, preconditions.Request)
	if _, t.Repeated = errors.AsType[*decide.RepeatedError](err); err != nil && !t.Repeated {
		return Attempt{}, err
	}
	if t.Order, err = a.readOrder(ctx, in.OrderPath, preconditions.Owner); err != nil {
		return Attempt{}, err
	}
	if !t.Repeated && preconditions.Version != 0 && preconditions.Version != t.Order.Version {
		return Attempt{}, &fault.Fault{Kind: fault.Stale}
	}
	return t, nil
}

// Decide carries out the decision.
func (t Attempt) Decide(ctx context.Context, d filing.Decision) (filing.Order, error) {
	if t.Repeated {
		return t.decisions.DecideWith(ctx, t.Order.ID, t.actor, d, t.preconditions)
	}
	return t.decisions.DecideOn(ctx, t.Order, t.actor, d, t.preconditions)
}

// readOrder reads an order of an account; "" is any account.
func (a *API) readOrder(ctx context.Context, path OrderPath, owner filing.Account) (filing.Order, error) {
	id, err := parseOrderID(path.ID)
	if err != nil {
		return filing.Order{}, err
	}
	o, err := a.Decisions.Order(ctx, id)
	if err == nil && owner != "" && o.Account != owner {
		return filing.Order{}, errNoOrder
	}
	return o, err
}

// ReadOrder reads an order for its owner or for staff.
func (a *API) ReadOrder(ctx context.Context, c *Call, path OrderPath) (filing.Order, error) {
	if c.Caller.Staff() {
		return a.readOrder(ctx, path, "")
	}
	return a.readOrder(ctx, path, c.Caller.Account)
}

// FaultFor returns the fault for findings; nil if there are none.
func FaultFor(found finding.List) error {
	if len(found) == 0 {
		return nil
	}
	return fault.Found(fault.Invalid, found)
}
