package api

import (
	"context"
	"strconv"

	"beian/shared/filing"
	"beian/shared/filing/plan"
	"beian/shared/filing/register"
	"beian/shared/process/inventory"
	"beian/shared/process/limits"
	"beian/shared/rules/fault"
	"beian/shared/rules/finding"
	"beian/shared/rules/text"
	"beian/shared/web"
)

// Findings about a plan that depend on the account's orders and servers.
const (
	CodePlanOrderOpen   finding.Code = "plan-order-open"
	CodePlanServerQuota finding.Code = "plan-server-quota"
)

// maxPlan is the size of a request with 1,000 domains, in a list or a file.
const maxPlan = 512 << 10

type planInput struct{ Body plan.Request }

// A Plan is the sequence of orders that file several domains of a subject.
type Plan struct{ plan.Plan }

type planOutput struct{ Body Plan }

// registerPlans registers the planning of several orders.
func (a operations) registerPlans() {
	const tag = "Plans"
	web.Register(a.API, web.Operation{Roles: web.Applicants, Route: "POST /plans", Tag: tag, MaxBody: maxPlan, Counts: limits.Plan,
		Summary:     "Plan the orders that file websites on up to 1,000 domains of a subject; apps are filed with orders of their own. Nothing is stored",
		Description: "Call it before anything is opened, to see the orders, their documents and the likely days. What is declared about other providers is not looked up; findings name what the plan assumes. Send domains as JSON, or a CSV file in base64. Accept the plan with POST /accepted-plans."},
		func(ctx context.Context, c *web.Call, in *planInput) (*planOutput, error) {
			p, _, _, err := a.makePlan(ctx, c, in.Body)
			if err != nil {
				return nil, err
			}
			return &planOutput{Body: Plan{p}}, nil
		})
}

// makePlan makes the plan for a request of the caller. It returns the plan with its input, and the subject's look-up key, "" if there is none. A fault
// of kind Invalid has the findings that refuse the request as a whole.
func (a operations) makePlan(ctx context.Context, c *web.Call, r plan.Request) (p plan.Plan, in plan.Input, key string, err error) {
	if err := c.Count(ctx); err != nil {
		return p, in, "", err
	}
	r, found := r.Read()
	in = plan.Input{Request: r, Characters: a.config.Characters}
	key, unknown, err := a.chooseFiling(ctx, c, &in)
	if err != nil {
		return p, in, "", err
	}
	if found = append(found, unknown...); found.Blocking() {
		return p, in, "", fault.WithFindings(fault.Invalid, found.Limited(0))
	}
	if in.Codes, err = a.config.Store.CodeTables(ctx); err != nil {
		return p, in, "", err
	}
	p = plan.Make(in, a.Decisions.Now())
	if err := a.checkPlannedScopes(ctx, c, in.Filing, p); err != nil {
		return p, in, "", err
	}
	open, err := a.findOpenOrder(ctx, c, key)
	if err != nil {
		return p, in, "", err
	}
	ofServer, err := a.checkPlannedServer(ctx, c, r.Server, len(p.Orders))
	if err != nil {
		return p, in, "", err
	}
	p.Add(append(append(found, open...), ofServer...)...)
	return p, in, key, nil
}

// chooseFiling sets the filings that the plan is about: the one that the request names or whose subject has its certificate, which the account has or
// acts for by a consent, and the others of the account. It returns the subject's look-up key, "" if the request has no certificate, and the finding about
// a filing that the account neither has nor acts for. The error is a fault of kind Forbidden if a consent has ended or does not permit to file.
func (a operations) chooseFiling(ctx context.Context, c *web.Call, in *plan.Input) (key string, found finding.List, err error) {
	if s := in.Subject; s != nil && s.Certificate.Number != "" {
		normal := filing.Opening{Certificate: s.Certificate}.Normalize()
		if key, err = a.subjectKey(ctx, normal); err != nil {
			return "", nil, err
		}
	}
	standing, err := a.config.Store.StandingFilings(ctx, c.Caller.Account)
	if err != nil {
		return "", nil, err
	}
	for _, f := range standing {
		if f.ID == in.Request.Filing || in.Request.Filing == "" && key != "" && f.SubjectKey == key {
			in.Filing, key = f, f.SubjectKey
		} else {
			in.Others = append(in.Others, f)
		}
	}
	if in.Filing.ID == "" && c.IsAgency() {
		if in.Filing, err = a.filingByConsent(ctx, c, in.Request.Filing, key); err != nil {
			return "", nil, err
		}
		if in.Filing.ID != "" {
			key = in.Filing.SubjectKey
		}
	}
	switch {
	case in.Filing.ID != "":
	case in.Request.Filing != "":
		found = finding.List{finding.New(plan.CodeFilingUnknown, "/filing")}
	case key != "" && len(in.Others) > 0 && !c.IsAgency():
		in.Bound = true
	}
	return key, found, nil
}

// filingByConsent returns the standing filing with an id, or else of a subject, for which the agency has a consent to file; the zero Filing if it never
// had a consent, so that it does not learn whether the subject is filed.
func (a operations) filingByConsent(ctx context.Context, c *web.Call, id register.ID, subjectKey string) (f register.Filing, err error) {
	switch {
	case id != "":
		if f, err = a.config.Store.Filing(ctx, id); fault.KindOf(err) == fault.NotFound {
			return register.Filing{}, nil
		}
	case subjectKey != "":
		f, err = a.config.Store.FilingOf(ctx, subjectKey)
	}
	if err != nil || f.ID == "" || f.Status == register.Cancelled {
		return register.Filing{}, err
	}
	if acts, err := c.ActsFor(ctx, f, register.ScopeFile); err != nil || !acts {
		return register.Filing{}, err
	}
	return f, nil
}

// checkPlannedScopes returns a fault of kind Forbidden if the caller acts for a filing by a consent that does not permit each order of the plan: one that
// begins with a change of the subject needs more than to file.
func (a operations) checkPlannedScopes(ctx context.Context, c *web.Call, f register.Filing, p plan.Plan) error {
	if f.ID == "" || f.Account == c.Caller.Account {
		return nil
	}
	for _, o := range p.Orders {
		kind, _ := filing.KindOf(o.Type)
		if _, err := c.ActsFor(ctx, f, kind.Scope()); err != nil {
			return err
		}
	}
	return nil
}

// findOpenOrder returns the warning about an open order of the account for the subject: the plan begins when it has ended.
func (a operations) findOpenOrder(ctx context.Context, c *web.Call, key string) (finding.List, error) {
	if key == "" {
		return nil, nil
	}
	open, err := a.config.Store.OpenOrderOf(ctx, c.Caller.Account, key)
	if err != nil || open == "" {
		return nil, err
	}
	f := finding.New(CodePlanOrderOpen, "/subject")
	f.Order = string(open)
	return finding.List{f}, nil
}

// checkPlannedServer returns the findings about the server that a plan names: it must be the account's, fit for filings, and have a slot for each
// order.
func (a operations) checkPlannedServer(ctx context.Context, c *web.Call, id string, orders int) (finding.List, error) {
	const pointer = "/server"
	if id = text.NormalizeASCII(id); id == "" {
		return nil, nil
	}
	server, err := a.config.Store.Server(ctx, id)
	switch {
	case fault.KindOf(err) == fault.NotFound, err == nil && server.Account != c.Caller.Account:
		return finding.List{finding.New(inventory.CodeUnknown, pointer)}, nil
	case err != nil:
		return nil, err
	}
	found := inventory.CheckServer(server, a.Decisions.Now())
	if free := server.Quota - server.Used; free > 0 && free < orders {
		found = append(found, finding.New(CodePlanServerQuota, pointer, "orders", strconv.Itoa(orders), "free", strconv.Itoa(free)))
	}
	return found, nil
}
