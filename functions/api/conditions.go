package api

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

// Conditions are what a caller may hold a decision to.
type Conditions struct {
	IfMatch string `header:"If-Match" doc:"the ETag of the order that the decision is about; with another one there it is refused (412)" example:"\"7\""`
	Key     string `header:"Idempotency-Key" maxLength:"255" pattern:"^[!-~]+$" doc:"makes a repeated request a repetition; remembered for 24 hours"`
}

// etag is the entity tag of an order's version.
func etag(o filing.Order) string { return `"` + strconv.Itoa(o.Version) + `"` }

// version reads an If-Match header: 0 if it is absent or "*".
func version(header string) (int, error) {
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

// matches reports whether an If-None-Match header names a tag; weak tags do (RFC 9110, 13.1.2).
func matches(header, tag string) bool {
	for one := range strings.SplitSeq(header, ",") {
		if one = strings.TrimSpace(one); one == "*" || strings.TrimPrefix(one, "W/") == tag {
			return true
		}
	}
	return false
}

// demand is what the request holds a decision to. An applicant may only decide on their own order.
func (c *call) demand(given Conditions, as filing.Role) (decide.Preconditions, error) {
	v, err := version(given.IfMatch)
	if err != nil {
		return decide.Preconditions{}, err
	}
	d := decide.Preconditions{Version: v}
	if given.Key != "" {
		d.Request = decide.Request{Account: c.caller.Account, Key: given.Key, Hash: c.hash}
	}
	if as == filing.Applicant {
		d.Owner = c.caller.Account
	}
	return d, nil
}

var errNoOrder = fault.New(fault.NotFound, "找不到这份备案订单。", "There is no such order.")

// orderID reads an order's id. What cannot be one names no order.
func orderID(text string) (filing.ID, error) {
	if _, err := ulid.ParseStrict(text); err != nil {
		return "", errNoOrder
	}
	return filing.ID(text), nil
}

// decide carries out a decision that needs nothing but the request.
func (a *API) decide(ctx context.Context, c *call, path OrderPath, given Conditions, as filing.Role,
	d filing.Decision) (filing.Order, error) {
	id, err := orderID(path.ID)
	if err != nil {
		return filing.Order{}, err
	}
	demand, err := c.demand(given, as)
	if err != nil {
		return filing.Order{}, err
	}
	return a.Decisions.DecideWith(ctx, id, c.actor(as), d, demand)
}

// A turn is a decision in the making: the order as it is now, and what the request holds the decision to.
type turn struct {
	order  filing.Order
	demand decide.Preconditions
	// repeated is set when the request was carried out before; the order is as it is since.
	repeated bool
}

// turn begins a decision that needs to look at the order, or elsewhere, first.
func (a *API) turn(ctx context.Context, c *call, path OrderPath, given Conditions, as filing.Role) (turn, error) {
	demand, err := c.demand(given, as)
	if err != nil {
		return turn{}, err
	}
	t := turn{demand: demand}
	err = a.Decisions.Store.CheckRepeated(ctx, demand.Request)
	if _, t.repeated = errors.AsType[*decide.RepeatedError](err); err != nil && !t.repeated {
		return turn{}, err
	}
	if t.order, err = a.order(ctx, path, demand.Owner); err != nil {
		return turn{}, err
	}
	if !t.repeated && demand.Version != 0 && demand.Version != t.order.Version {
		return turn{}, &fault.Fault{Kind: fault.Stale}
	}
	return t, nil
}

// take carries the decision out.
func (a *API) take(ctx context.Context, c *call, t turn, as filing.Role, d filing.Decision) (filing.Order, error) {
	return a.Decisions.DecideWith(ctx, t.order.ID, c.actor(as), d, t.demand)
}

// order reads an order; owner "" is any.
func (a *API) order(ctx context.Context, path OrderPath, owner filing.Account) (filing.Order, error) {
	id, err := orderID(path.ID)
	if err != nil {
		return filing.Order{}, err
	}
	o, err := a.Decisions.Order(ctx, id)
	if err == nil && owner != "" && o.Account != owner {
		return filing.Order{}, errNoOrder
	}
	return o, err
}

// seen reads an order for whoever may look at it: its owner, and the staff.
func (a *API) seen(ctx context.Context, c *call, path OrderPath) (filing.Order, error) {
	if c.caller.Staff() {
		return a.order(ctx, path, "")
	}
	return a.order(ctx, path, c.caller.Account)
}
