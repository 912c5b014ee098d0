// Package announce is the state Announce: the bureau's answer goes to the applicant by SMS and by email (S20).
package announce

import (
	"context"

	"beian/shared/filing"
	"beian/shared/process/decide"
)

// A Handler is the state's function.
type Handler struct{ Decisions *decide.Service }

// Handle puts the messages into the outbox and says whether the bureau approved.
func (h Handler) Handle(ctx context.Context, in decide.Input) (filing.Output, error) {
	order, err := h.Decisions.Decide(ctx, in.Order, filing.Beian, filing.AnnounceResult{})
	return order.Output(), err
}
