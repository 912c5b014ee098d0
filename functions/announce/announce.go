// Package announce is the function of the state Announce: it sends the bureau's answer to the applicant by SMS and email (S20).
package announce

import (
	"context"

	"beian/shared/filing"
	"beian/shared/process/decide"
)

// A Handler is the function. Start with Handle.
type Handler struct{ Decisions *decide.Service }

// Handle puts the messages into the outbox. A second call sends nothing. An execution that started before definition 2 reads the result.
func (h Handler) Handle(ctx context.Context, in decide.Input) (filing.Output, error) {
	order, err := h.Decisions.Decide(ctx, in.Order, filing.Beian, filing.AnnounceResult{})
	return order.Output(), err
}
