// Package verifyproduct is the function of the state VerifyProduct (产品验证, S11): it chooses the server of the order's accepted plan, or waits until the
// applicant has named a server or service code that can host the sites. The API checks the server or code when the applicant names it; see package inventory.
package verifyproduct

import (
	"context"

	"beian/shared/filing"
	"beian/shared/process/decide"
	"beian/shared/process/inventory"
	"beian/shared/rules/fault"
)

// A Handler is the function. Start with Handle.
type Handler struct {
	Decisions *decide.Service
	Servers   inventory.Store
}

// Handle chooses the server of an accepted plan, if it can still host another site. Then it saves the task token with the order. If the order has
// left the step, it completes the task instead.
func (h Handler) Handle(ctx context.Context, in decide.Input) (struct{}, error) {
	order, err := h.Decisions.Store.OrderState(ctx, in.Order)
	if err == nil && order.PlannedServer() != "" && in.Round == order.Round {
		order, err = h.choosePlanned(ctx, in.Order)
	}
	if err != nil {
		return struct{}{}, err
	}
	return struct{}{}, h.Decisions.WaitOn(ctx, order, filing.VerifyProduct, in)
}

// choosePlanned chooses the server of the order's plan, and returns the order after it. If the server does not fit any more, or has no slot left, the applicant
// chooses another.
func (h Handler) choosePlanned(ctx context.Context, id filing.ID) (filing.Order, error) {
	order, err := h.Decisions.Order(ctx, id)
	if err != nil || order.PlannedServer() == "" {
		return order, err
	}
	product, err := inventory.Choose(ctx, h.Servers, order.Account, order.PlannedServer(), "", h.Decisions.Now())
	if err == nil {
		var chosen filing.Order
		chosen, err = h.Decisions.DecideOn(ctx, order, filing.Beian, filing.ChooseProduct{Product: product}, decide.Preconditions{Version: order.Version, InState: true})
		if err == nil {
			return chosen, nil
		}
	}
	if kind := fault.KindOf(err); kind == fault.Invalid || kind == fault.Conflict || kind == fault.Stale {
		return order, nil
	}
	return order, err
}
