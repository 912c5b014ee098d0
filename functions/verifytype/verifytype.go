// Package verifytype is the function of the state VerifyType: it determines the type of the filing (验证备案类型, S10) from the bureau and our own
// records, and looks up the registration of the domains (S6). The decision is filing.DetermineType.
package verifytype

import (
	"context"

	"beian/shared/filing"
	"beian/shared/process/decide"
	"beian/shared/process/domaincheck"
	"beian/shared/process/facts"
	"beian/shared/rules/fault"
)

// A Handler is the function. Start with Handle.
type Handler struct {
	Decisions *decide.Service
	Facts     *facts.Finder
	Domains   *domaincheck.Finder
}

// Handle determines the type. If it cannot be determined, or the registration of a domain does not allow the filing, the state waits until
// the applicant corrects the data. If the bureau does not
// answer, the type is provisional, and the function transmit determines it again.
func (h Handler) Handle(ctx context.Context, in decide.Input) (struct{}, error) {
	order, err := h.Decisions.Order(ctx, in.Order)
	if err != nil {
		return struct{}{}, err
	}
	if order.Step == filing.VerifyType && order.Type == "" {
		facts, provisional, err := h.Facts.Find(ctx, order)
		if err != nil {
			return struct{}{}, err
		}
		domains, err := h.Domains.Find(ctx, order)
		if err != nil {
			return struct{}{}, err
		}
		determined, err := h.Decisions.DecideOn(ctx, order, filing.Beian, filing.DetermineType{Facts: facts, DomainFacts: domains, Provisional: provisional},
			decide.Preconditions{Version: order.Version, InState: true})
		switch {
		case err == nil:
			order = determined
		case fault.KindOf(err) != fault.Conflict:
			return struct{}{}, err // includes Stale: the facts belong to an older version
		}
	}
	return struct{}{}, h.Decisions.WaitOn(ctx, order, filing.VerifyType, in)
}
