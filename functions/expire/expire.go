// Package expire is the function of the state Expire: it handles the timeout of a step, and the expiry of an order that was idle for 45 days. It
// closes an idle order, returns an unanswered SMS check to the reviewer, and records that the bureau is late; then the step waits again.
package expire

import (
	"context"

	"beian/shared/filing"
	"beian/shared/process/decide"
)

// A Handler is the function. Start with Handle.
type Handler struct{ Decisions *decide.Service }

// Handle applies the timeout to the order, and returns the input of the state at which the machine continues.
func (h Handler) Handle(ctx context.Context, in decide.Input) (decide.Input, error) {
	order, err := h.Decisions.Decide(ctx, in.Order, filing.Beian, filing.Timeout{})
	if err != nil {
		return in, err
	}
	if order.Closing == filing.ClosingExpire {
		if order, err = h.Decisions.Decide(ctx, in.Order, filing.Beian, filing.Close{}); err != nil {
			return in, err
		}
	}
	return decide.Input{Order: in.Order, Round: in.Round, Step: string(order.Step)}, nil
}
