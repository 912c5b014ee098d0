// Package verifysms is the function of the state VerifySMS: it sends a code by SMS to each leader, who answers within 24 hours by SMS or on
// the page (短信验证, S18).
package verifysms

import (
	"context"

	"beian/shared/filing"
	"beian/shared/process/decide"
	"beian/shared/rules/fault"
)

// A Handler is the function. Start with Handle.
type Handler struct {
	Decisions *decide.Service
	// NewCode returns a random code of six digits.
	NewCode func() string
}

// Handle issues the codes once, and saves the task token with the order until the leaders have answered.
func (h Handler) Handle(ctx context.Context, in decide.Input) (struct{}, error) {
	order, err := h.Decisions.Order(ctx, in.Order)
	if err != nil {
		return struct{}{}, err
	}
	if order.Step == filing.VerifySMS && order.SMS == nil {
		_, err := h.Decisions.Decide(ctx, in.Order, filing.Beian, filing.IssueCodes{NewCode: h.NewCode})
		if err != nil && fault.KindOf(err) != fault.Conflict { // a conflict means that the order has left the step
			return struct{}{}, err
		}
	}
	return struct{}{}, h.Decisions.Wait(ctx, filing.VerifySMS, in)
}
