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

// An OrderPath is the path parameter that names an order. It is exported because huma ignores unexported embedded structs.
type OrderPath struct {
	ID string `path:"id" doc:"the order's id" example:"01JCZK3V7M8N9P0Q1R2S3T4V5W"`
}

// Conditions are the headers with the preconditions of a request.
type Conditions struct {
	IfMatch string `header:"If-Match" doc:"the ETag of the order that the caller read; a newer version is refused (412)" example:"\"7\""`
	Key     string `header:"Idempotency-Key" maxLength:"255" pattern:"^[!-+\\--~]+$" doc:"identifies the request, in ASCII without spaces and commas: repeating it within 24 hours decides only once"`
}

// An OrderRequest is the input of an operation on an order, besides its body.
type OrderRequest struct {
	OrderPath
	Conditions
}

// ETag is the entity tag of an order's version.
func ETag(o filing.Order) string { return `"` + strconv.Itoa(o.Version) + `"` }

// ParseVersion returns the version in an If-Match header, or 0 if the header is absent or "*".
func ParseVersion(header string) (int, error) {
	header = strings.TrimSpace(header)
	if header == "" || header == "*" {
		return 0, nil
	}
	text, opened := strings.CutPrefix(header, `"`)
	text, closed := strings.CutSuffix(text, `"`)
	n, err := strconv.Atoi(text)
	if !opened || !closed || err != nil || n < 1 || strconv.Itoa(n) != text {
		return 0, fault.WithFindings(fault.Invalid, finding.List{finding.New(CodeParameter, "", "name", "If-Match")})
	}
	return n, nil
}

// MatchesETag reports whether an If-None-Match header contains the entity tag, strong or weak (RFC 9110, 13.1.2).
func MatchesETag(header, tag string) bool {
	for one := range strings.SplitSeq(header, ",") {
		if one = strings.TrimSpace(one); one == "*" || strings.TrimPrefix(one, "W/") == tag {
			return true
		}
	}
	return false
}

// Preconditions returns the preconditions of the request's decision: order version, idempotency key, limits of the operation, for an applicant
// the owner, and for staff the claim if the operation requires it.
func (c *Call) Preconditions(given Conditions, role filing.Role) (decide.Preconditions, error) {
	if role != filing.Applicant {
		if err := c.checkContact(); err != nil {
			return decide.Preconditions{}, err
		}
	}
	version, err := ParseVersion(given.IfMatch)
	if err != nil {
		return decide.Preconditions{}, err
	}
	p := decide.Preconditions{Version: version, Claim: c.operation.Claim, Permit: c.Count}
	if given.Key != "" {
		p.Request = decide.Request{Account: c.Caller.Account, Key: given.Key, Hash: c.hash}
	}
	if role == filing.Applicant {
		p.Owner = c.Caller.Account
		p.Admit = func(ctx context.Context, o filing.Order, by filing.Actor) (filing.Actor, error) {
			err := c.admit(ctx, o, o.Scope())
			by.Consent, by.For = c.consent.ID, c.consent.Filing
			return by, err
		}
	}
	return p, nil
}

var errNoOrder = fault.New(fault.NotFound, "找不到这份备案订单，请在订单列表中重新打开。", "There is no such order.")

// parseOrderID parses an order's id. It returns errNoOrder if the text is not a ULID.
func parseOrderID(text string) (filing.ID, error) {
	if _, err := ulid.ParseStrict(text); err != nil {
		return "", errNoOrder
	}
	return filing.ID(text), nil
}

// Decide carries out a decision that depends only on the request, and returns the response with the order. For a decision that
// depends on the order, call [API.BeginDecision].
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

// An Attempt is a decision in preparation: the current order and the request's preconditions.
type Attempt struct {
	Order filing.Order
	// Repeated reports whether the request was carried out before. Order may then be newer than that decision.
	Repeated bool

	decisions     *decide.Service
	actor         filing.Actor
	preconditions decide.Preconditions
}

// BeginDecision reads the order for a decision that depends on it, checks the preconditions, and counts the operation unless it is repeated.
// Call [Attempt.Decide] next.
func (a *API) BeginDecision(ctx context.Context, c *Call, in OrderRequest, role filing.Role) (Attempt, error) {
	preconditions, err := c.Preconditions(in.Conditions, role)
	if err != nil {
		return Attempt{}, err
	}
	t := Attempt{decisions: a.Decisions, actor: c.Actor(role), preconditions: preconditions}
	repeated := a.Decisions.CheckRepeated(ctx, preconditions.Request, func() { t.Order, err = a.readOrder(ctx, in.OrderPath, preconditions.Owner) })
	if _, t.Repeated = errors.AsType[*decide.RepeatedError](repeated); repeated != nil && !t.Repeated {
		return Attempt{}, repeated
	}
	if t.Repeated { // the order may have been read before that decision
		t.Order, err = a.readOrder(ctx, in.OrderPath, preconditions.Owner)
	}
	if err != nil {
		return Attempt{}, err
	}
	if preconditions.Admit != nil {
		if t.actor, err = preconditions.Admit(ctx, t.Order, t.actor); err != nil {
			return Attempt{}, err
		}
	}
	if t.actor.Staff() {
		if err := a.admitStaff(c, t.Order); err != nil {
			return Attempt{}, err
		}
	}
	if !t.Repeated && preconditions.Version != 0 && preconditions.Version != t.Order.Version {
		return Attempt{}, &fault.Fault{Kind: fault.Stale}
	}
	if !t.Repeated {
		t.preconditions.Permit = nil
		if err := c.Count(ctx); err != nil {
			return Attempt{}, err
		}
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

// readOrder reads an order. It returns errNoOrder if owner is not "" and the order belongs to another account.
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

// FaultFor returns a fault of kind Invalid with the findings, or nil if there are none.
func FaultFor(found finding.List) error {
	if len(found) == 0 {
		return nil
	}
	return fault.WithFindings(fault.Invalid, found)
}
