// Package initialreview is the function of the state InitialReview: it waits for the verdict of a reviewer (备案初审, S16).
package initialreview

import (
	"context"

	"beian/shared/filing"
	"beian/shared/process/decide"
)

// A Handler is the function. Start with Handle.
type Handler struct{ Decisions *decide.Service }

// Handle saves the task token with the order. If the order has left the step, it completes the task instead.
func (h Handler) Handle(ctx context.Context, in decide.Input) (struct{}, error) {
	return struct{}{}, h.Decisions.Wait(ctx, filing.InitialReview, in)
}
