package api

import (
	"context"

	"beian/shared/filing"
	"beian/shared/filing/register"
	"beian/shared/rules/fault"
	"beian/shared/rules/finding"
	"beian/shared/web"
)

// agentFor returns for whose subject the caller opens an order with an id: "" for an account that acts for itself. An agency acts for the filing
// of the subject by a consent or, if it never had one, for a subject that is not filed with us: whether it is filed is not shown.
func (a operations) agentFor(ctx context.Context, c *web.Call, id filing.ID, subjectKey string) (register.ID, error) {
	if !c.IsAgency() {
		return "", nil
	}
	f, err := a.config.Store.FilingOf(ctx, subjectKey)
	switch {
	case err != nil:
		return "", err
	case f.ID == "":
		return register.ID(id), nil
	case f.Account == c.Caller.Account:
		return "", nil
	}
	if acts, err := c.ActsFor(ctx, f, register.ScopeFile); err != nil || acts {
		return f.ID, err
	}
	return register.ID(id), nil
}

// listFilings lists the filings of an account. Those that an agency may read by a consent follow on pages of its consents, so that a page can have
// fewer filings than its limit.
func (a operations) listFilings(ctx context.Context, c *web.Call, in *web.PageQuery) (*web.PageResult[web.FilingBrief], error) {
	if !c.IsAgency() {
		found, next, err := a.config.Store.ListFilings(ctx, c.Caller.Account, in.Cursor, in.Limit)
		if err != nil {
			return nil, err
		}
		return web.NewPage(web.FilingBriefsOf(found), next, "/filings", in.Limit, nil), nil
	}
	var found []register.Filing
	if in.Cursor == "" { // an agency has one filing of its own at most
		own, _, err := a.config.Store.ListFilings(ctx, c.Caller.Account, "", in.Limit)
		if err != nil {
			return nil, err
		}
		found = own
	}
	consents, next, err := a.config.Store.ListConsents(ctx, c.Caller.Account, in.Cursor, in.Limit)
	if err != nil {
		return nil, err
	}
	for _, consent := range consents {
		if consent.Check(register.ScopeRead, a.Decisions.Now()) != nil {
			continue
		}
		f, err := a.config.Store.Filing(ctx, consent.Filing)
		if fault.KindOf(err) == fault.NotFound { // a first filing that is not filed yet
			continue
		}
		if err != nil {
			return nil, err
		}
		found = append(found, f)
	}
	return web.NewPage(web.FilingBriefsOf(found), next, "/filings", in.Limit, nil), nil
}

// readableOrders returns the orders of the caller that they may still read.
func readableOrders(ctx context.Context, c *web.Call, orders []filing.Order) ([]filing.Order, error) {
	var kept []filing.Order
	for _, o := range orders {
		may, err := c.MayRead(ctx, o)
		if err != nil {
			return nil, err
		}
		if may {
			kept = append(kept, o)
		}
	}
	return kept, nil
}

// confirmAsAgency confirms an order of an agency. The consent for a first filing must be that of the leader in the order.
func (a operations) confirmAsAgency(ctx context.Context, c *web.Call, in *confirmInput) (*web.OrderResult, error) {
	t, err := a.BeginDecision(ctx, c, in.OrderRequest, filing.Applicant)
	if err != nil {
		return nil, err
	}
	if consent := c.Consent(); !t.Repeated && consent.ID != "" && t.Order.BeginsFiling() {
		leader, err := a.config.Store.ConsentLeaderKey(ctx, t.Order.Private.Subject.Leader.Mobile)
		if err != nil {
			return nil, err
		}
		if leader != consent.LeaderKey {
			return nil, fault.WithFindings(fault.Conflict, finding.List{finding.New(register.CodeConsentLeader, "")})
		}
	}
	return c.Result(t.Decide(ctx, filing.Confirm{Digest: in.Body.Digest}))
}
