package api

import (
	"context"
	"crypto/rand"
	"errors"
	"net/http"

	"beian/shared/filing"
	"beian/shared/filing/plan"
	"beian/shared/process/decide"
	"beian/shared/process/limits"
	"beian/shared/rules/fault"
	"beian/shared/rules/finding"
	"beian/shared/web"
)

// CodePlanChanged is the finding about a plan that is accepted with the digest of another one.
const CodePlanChanged finding.Code = "plan-changed"

// A PlanAcceptance is the request that accepts a plan.
type PlanAcceptance struct {
	plan.Request
	Digest   string          `json:"digest" maxLength:"64" doc:"of the plan that the applicant has seen, for the same request"`
	Language string          `json:"language,omitempty" maxLength:"16" doc:"language of the SMS and emails: zh-CN or en. Default: that of Accept-Language"`
	Contact  *filing.Contact `json:"contact,omitempty" doc:"a missing mobile or email defaults to that of the account"`
}

// An AcceptedPlan is a plan whose orders open one after the other.
type AcceptedPlan struct {
	ID     filing.ID      `json:"id"`
	Ended  filing.PlanEnd `json:"ended,omitempty" enum:"cancelled,closed,blocked" doc:"why no further order opens: the applicant cancelled the rest, an order was closed without being filed, or the next could not be opened. Missing while the plan goes on"`
	Orders []PlannedOrder `json:"orders" nullable:"false" doc:"in their sequence"`
	Server string         `json:"server,omitempty" doc:"that each order chooses by itself, if it has a slot left then"`
}

// A PlannedOrder is an order of an accepted plan.
type PlannedOrder struct {
	ID      filing.ID       `json:"id" doc:"of the order; it exists unless the state is waiting or cancelled"`
	Type    filing.Type     `json:"type" doc:"as planned; the order itself determines it"`
	Domains []filing.Domain `json:"domains" nullable:"false"`
	State   string          `json:"state" enum:"waiting,open,filed,closed,cancelled" doc:"waiting: it has not opened; cancelled: the plan ended before it opened"`
}

type acceptInput struct {
	Key  string `header:"Idempotency-Key" maxLength:"255" pattern:"^[!-+\\--~]+$" doc:"identifies the request, in ASCII without spaces and commas: repeating it within 24 hours accepts only once"`
	Body PlanAcceptance
}

type acceptResult struct {
	Location string `header:"Location"`
	Body     AcceptedPlan
}

type acceptedPath struct {
	ID string `path:"id" doc:"the plan's id: that of its first order" example:"01JCZK3V7M8N9P0Q1R2S3T4V5W"`
}

type acceptedOutput struct{ Body AcceptedPlan }

// registerAcceptedPlans registers accepting a plan, reading it, and cancelling its rest.
func (a operations) registerAcceptedPlans() {
	const tag = "Plans"
	web.Register(a.API, web.Operation{Roles: web.Applicants, Route: "POST /accepted-plans", Status: http.StatusCreated, Tag: tag, MaxBody: maxPlan, Counts: limits.Open,
		Summary:     "Accept a plan: its first order opens, and each other when the one before is filed",
		Description: "Call it with the same request and the digest of POST /plans, after the applicant has seen the plan. The first order opens at once; read the others with GET /accepted-plans/{id}. If the plan differs by now, the digest is refused: plan again."}, a.acceptPlan)
	web.Register(a.API, web.Operation{Roles: web.Applicants, Route: "GET /accepted-plans/{id}", Tag: tag, Summary: "Read an accepted plan of yours",
		Description: "Shows which orders have opened, which are filed, and why the plan ended, if it did. The id is that of the plan's first order, which each order of the plan names, too."},
		func(ctx context.Context, c *web.Call, in *acceptedPath) (*acceptedOutput, error) {
			p, _, err := a.readAcceptedPlan(ctx, c, in.ID)
			return &acceptedOutput{p}, err
		})
	web.Register(a.API, web.Operation{Roles: web.Applicants, Route: "POST /accepted-plans/{id}/cancellation", Tag: tag,
		Summary:     "Cancel the orders of a plan that have not opened. Open orders go on",
		Description: "Call it if the applicant does not want the remaining orders. An order that opens at the same instant goes on. A plan that has ended otherwise is refused."}, a.cancelPlan)
}

func (a operations) acceptPlan(ctx context.Context, c *web.Call, in *acceptInput) (*acceptResult, error) {
	preconditions, err := c.Preconditions(web.Conditions{Key: in.Key}, filing.Applicant)
	if err != nil {
		return nil, err
	}
	err = a.Decisions.Store.CheckRepeated(ctx, preconditions.Request)
	if repeated, ok := errors.AsType[*decide.RepeatedError](err); ok {
		return a.acceptedResult(ctx, c, repeated.Order)
	}
	if err != nil {
		return nil, err
	}
	p, input, key, err := a.makePlan(ctx, c, in.Body.Request)
	if err != nil {
		return nil, err
	}
	if err := checkAcceptable(p, in.Body.Digest); err != nil {
		return nil, err
	}
	accepted := &filing.AcceptedPlan{Server: in.Body.Server}
	for _, o := range p.Orders {
		planned := filing.PlannedOrder{ID: filing.ID(a.config.NewID()), Type: o.Type}
		for _, s := range o.Sites {
			planned.Domains = append(planned.Domains, s.Domains...)
			if o.Type == filing.AddAccessForeign {
				planned.SiteNumber = s.Number // an order for an access is about one site
			}
		}
		accepted.Orders = append(accepted.Orders, planned)
	}
	accepted.ID = accepted.Orders[0].ID
	preconditions.Permit = func(ctx context.Context) error { return a.config.Limits.CheckDrafts(ctx, c.Caller.Account) } // makePlan has counted
	contact := contactOf(c, in.Body.Contact)
	verified, err := a.verifiedParts(ctx, c, contact)
	if err != nil {
		return nil, err
	}
	agentFor, err := a.agentFor(ctx, c, accepted.ID, key)
	if err != nil {
		return nil, err
	}
	n := filing.OpenInput{ID: accepted.ID, Account: c.Caller.Account, AgentFor: agentFor, Language: in.Body.Language, Contact: contact, Verified: verified, Opening: input.Opening(),
		SubjectKey: key, Characters: a.config.Characters, DigestKey: rand.Text(), Plan: accepted}
	n.Opening.SiteNumber = accepted.Orders[0].SiteNumber
	for _, d := range accepted.Orders[0].Domains {
		n.Opening.Domains = append(n.Opening.Domains, string(d))
	}
	if kind, _ := filing.KindOf(accepted.Orders[0].Type); kind.Begins == filing.AtFiling {
		n.At = &filing.AtFilingInput{Type: kind.Type, Filing: input.Filing}
	}
	if n.Language == "" {
		n.Language = c.Language
	}
	o, err := a.Decisions.Create(ctx, n, c.Actor(filing.Applicant), preconditions)
	if err != nil {
		return nil, err
	}
	return a.acceptedResult(ctx, c, o.ID)
}

// acceptedResult returns the response with a plan that is stored.
func (a operations) acceptedResult(ctx context.Context, c *web.Call, id filing.ID) (*acceptResult, error) {
	p, _, err := a.readAcceptedPlan(ctx, c, string(id))
	return &acceptResult{Location: web.Prefix + "/accepted-plans/" + string(id), Body: p}, err
}

// checkAcceptable returns a fault with all findings if the plan cannot be accepted, or is not the one that the applicant has seen. A plan that it accepts
// has an order: [plan.Make] plans one, or adds a finding that blocks.
func checkAcceptable(p plan.Plan, digest string) error {
	var found finding.List
	for _, f := range p.Findings {
		if f.Severity == finding.Block || f.Code == CodePlanOrderOpen || f.Code == plan.CodeAssumesSubject {
			f.Severity = finding.Block
			found = append(found, f)
		}
	}
	for _, v := range p.Domains {
		for _, f := range v.Findings {
			if f.Severity == finding.Block {
				found = append(found, f)
			}
		}
	}
	switch {
	case len(found) > 0:
		return fault.WithFindings(fault.Invalid, found.Limited(0))
	case p.Digest != digest:
		return fault.WithFindings(fault.Conflict, finding.List{finding.New(CodePlanChanged, "/digest")})
	}
	return nil
}

var errNoPlan = fault.New(fault.NotFound, "找不到这份备案计划。", "There is no such plan.")

// readAcceptedPlan returns a plan of the caller, and the last of its orders that has opened.
func (a operations) readAcceptedPlan(ctx context.Context, c *web.Call, id string) (AcceptedPlan, filing.Order, error) {
	first, err := a.ReadOrder(ctx, c, web.OrderPath{ID: id})
	switch {
	case fault.KindOf(err) == fault.NotFound, err == nil && (first.Plan == nil || first.Plan.ID != first.ID):
		return AcceptedPlan{}, filing.Order{}, errNoPlan
	case err != nil:
		return AcceptedPlan{}, filing.Order{}, err
	}
	p, last := AcceptedPlan{ID: first.ID, Orders: []PlannedOrder{}, Server: first.Plan.Server}, first
	waiting := false
	for _, planned := range first.Plan.Orders {
		out := PlannedOrder{ID: planned.ID, Type: planned.Type, Domains: append([]filing.Domain{}, planned.Domains...), State: "waiting"}
		if !waiting {
			o, err := a.Decisions.Store.OrderState(ctx, planned.ID)
			switch waiting = fault.KindOf(err) == fault.NotFound; {
			case err != nil && !waiting:
				return AcceptedPlan{}, filing.Order{}, err
			case err == nil:
				out.State, last = stateOf(o), o
			}
		}
		p.Orders = append(p.Orders, out)
	}
	p.Ended = last.Plan.Ended
	for i, o := range p.Orders {
		if p.Ended != "" && o.State == "waiting" {
			p.Orders[i].State = "cancelled"
		}
	}
	return p, last, nil
}

func stateOf(o filing.Order) string {
	switch {
	case o.Status == filing.Approved:
		return "filed"
	case o.Status.Final():
		return "closed"
	}
	return "open"
}

// cancelPlan cancels the rest of a plan. If the next order opens meanwhile, the rest after it is cancelled.
func (a operations) cancelPlan(ctx context.Context, c *web.Call, in *acceptedPath) (*acceptedOutput, error) {
	if err := c.Count(ctx); err != nil {
		return nil, err
	}
	var refused error
	for before := filing.ID(""); ; {
		p, last, err := a.readAcceptedPlan(ctx, c, in.ID)
		if err != nil {
			return nil, err
		}
		if p.Ended == filing.PlanCancelled {
			return &acceptedOutput{p}, nil
		}
		if last.ID == before {
			return nil, refused
		}
		preconditions, err := c.Preconditions(web.Conditions{}, filing.Applicant)
		if err != nil {
			return nil, err
		}
		preconditions.Permit = nil // it is counted
		_, refused = a.Decisions.DecideWith(ctx, last.ID, c.Actor(filing.Applicant), filing.CancelPlan{}, preconditions)
		if refused != nil && !fault.Of(refused).Findings.Has(filing.CodePlanEnded) {
			return nil, refused
		}
		if refused != nil {
			before = last.ID // unless the next order has opened, it was the last
		}
	}
}
