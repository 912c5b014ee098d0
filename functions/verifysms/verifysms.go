// Package verifysms is the state VerifySMS: each leader concerned gets a code by SMS and gives it back within 24 hours,
// by replying or on the page (短信验证, S18).
package verifysms

import (
	"context"

	"beian/shared/filing"
	"beian/shared/process/decide"
	"beian/shared/rules/fault"
)

// A Handler is the state's function.
type Handler struct {
	Decisions *decide.Service
	// Draw returns a code of six digits.
	Draw func() string
}

// Handle sends the codes, unless the order is past them, and waits.
func (h Handler) Handle(ctx context.Context, in decide.Input) (struct{}, error) {
	order, err := h.Decisions.Order(ctx, in.Order)
	if err != nil {
		return struct{}{}, err
	}
	if order.Step == filing.VerifySMS && order.SMS == nil {
		_, err := h.Decisions.Decide(ctx, in.Order, filing.Beian, filing.IssueCodes{Draw: h.Draw})
		if err != nil && fault.KindOf(err) != fault.Conflict { // a conflict is the order having moved on meanwhile
			return struct{}{}, err
		}
	}
	return struct{}{}, h.Decisions.Wait(ctx, filing.VerifySMS, in)
}
