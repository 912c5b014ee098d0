// Package reject is the state Reject: it closes an order that the reviewer refused for good (初审驳回).
package reject

import (
	"context"

	"beian/shared/filing"
	"beian/shared/process/decide"
)

// A Handler is the state's function.
type Handler struct{ Decisions *decide.Service }

// Handle frees the order's locks and its filing slot and tells the applicant.
func (h Handler) Handle(ctx context.Context, in decide.Input) (struct{}, error) {
	_, err := h.Decisions.Decide(ctx, in.Order, filing.Beian, filing.Close{})
	return struct{}{}, err
}
