// Package reject is the function of the state Reject: it closes an order that the reviewer rejected (初审驳回).
package reject

import (
	"context"

	"beian/shared/filing"
	"beian/shared/process/decide"
)

// A Handler is the function. Start with Handle.
type Handler struct{ Decisions *decide.Service }

// Handle closes the order: it releases the locks and the filing slot, and notifies the applicant. A second call has no effect.
func (h Handler) Handle(ctx context.Context, in decide.Input) (struct{}, error) {
	_, err := h.Decisions.Decide(ctx, in.Order, filing.Beian, filing.Close{})
	return struct{}{}, err
}
