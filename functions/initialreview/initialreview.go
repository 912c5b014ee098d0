// Package initialreview is the state InitialReview: it waits for the verdict of a reviewer (备案初审, S16).
package initialreview

import (
	"context"

	"beian/shared/filing"
	"beian/shared/process/decide"
)

// A Handler is the function of the state. Start with Handle.
type Handler struct{ Decisions *decide.Service }

// Handle saves the task token with the order, or completes the task if the order has moved on.
func (h Handler) Handle(ctx context.Context, in decide.Input) (struct{}, error) {
	return struct{}{}, h.Decisions.Wait(ctx, filing.InitialReview, in)
}
