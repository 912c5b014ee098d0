// Package verifytype is the state VerifyType: the system finds out what kind of filing it is (验证备案类型, S10). It asks the
// bureau and our own records; the decision is filing.Determine.
package verifytype

import (
	"context"

	"beian/shared/filing"
	"beian/shared/process/decide"
	"beian/shared/process/facts"
	"beian/shared/rules/fault"
)

// A Handler is the state's function.
type Handler struct {
	Decisions *decide.Service
	Facts     *facts.Finder
}

// Handle determines the type. If it cannot be determined as things stand, the state waits for the applicant to correct
// what they gave.
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
		_, err = h.Decisions.DecideWith(ctx, in.Order, filing.Beian, filing.DetermineType{Facts: facts, Provisional: provisional},
			decide.Preconditions{Version: order.Version})
		if err != nil && fault.KindOf(err) != fault.Conflict {
			return struct{}{}, err // Stale included: the facts were about something else
		}
	}
	return struct{}{}, h.Decisions.Wait(ctx, filing.VerifyType, in)
}
