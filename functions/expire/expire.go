// Package expire is the state Expire: a wait has timed out, or the order lay idle for 45 days. What that means depends on
// where the order stands: an idle order is closed, an unanswered SMS check goes back to the reviewer, a late bureau is
// noted and waited for.
package expire

import (
	"context"

	"beian/shared/filing"
	"beian/shared/process/decide"
)

// A Handler is the state's function.
type Handler struct{ Decisions *decide.Service }

// Handle returns the input of the state at which the machine goes on.
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
