// Package expire is the state Expire: a step timed out, or the order was idle for 45 days. What follows depends on the order's
// step: an idle order is closed, an unanswered SMS check goes back to the reviewer, and for a late bureau the delay is recorded
// and the step waits again.
package expire

import (
	"context"

	"beian/shared/filing"
	"beian/shared/process/decide"
)

// A Handler is the function of the state. Start with Handle.
type Handler struct{ Decisions *decide.Service }

// Handle decides what follows, and returns the input of the state at which the machine continues.
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
