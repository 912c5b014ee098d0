// Package initialreview is the function of the state InitialReview: it waits for the verdict of a reviewer (备案初审, S16). Before, it looks up
// the domains again if what is known about them is more than a day old, and has the bureau check the filing password.
package initialreview

import (
	"context"

	"beian/shared/filing"
	"beian/shared/process/decide"
	"beian/shared/process/domaincheck"
	"beian/shared/process/facts"
)

// A Handler is the function. Start with Handle.
type Handler struct {
	Decisions *decide.Service
	Domains   *domaincheck.Finder
	Facts     *facts.Finder
}

// Handle saves the task token with the order. If the order has left the step, it completes the task instead: because of a decision, or
// because the registration of a domain does not allow the filing any more, or the filing password is wrong.
func (h Handler) Handle(ctx context.Context, in decide.Input) (struct{}, error) {
	order, err := h.Decisions.Order(ctx, in.Order)
	if err != nil {
		return struct{}{}, err
	}
	if order.Step == filing.InitialReview && in.Round == order.Round {
		if order, err = h.Domains.Recheck(ctx, h.Decisions, order); err != nil {
			return struct{}{}, err
		}
		if order.Step == filing.InitialReview {
			if order, err = h.Facts.SettlePassword(ctx, h.Decisions, order); err != nil {
				return struct{}{}, err
			}
		}
	}
	return struct{}{}, h.Decisions.WaitOn(ctx, order, filing.InitialReview, in)
}
