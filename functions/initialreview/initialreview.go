// Package initialreview is the state InitialReview: it waits for the verdict of a reviewer (备案初审, S16).
package initialreview

import (
	"context"

	"beian/shared/filing"
	"beian/shared/process/decide"
)

// A Handler is the state's function.
type Handler struct{ Decisions *decide.Service }

// Handle leaves the task token with the order, or ends the task when the order has moved on already.
func (h Handler) Handle(ctx context.Context, in decide.Input) (struct{}, error) {
	return struct{}{}, h.Decisions.Wait(ctx, filing.InitialReview, in)
}
