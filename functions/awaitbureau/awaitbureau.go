// Package awaitbureau is the function of the state AwaitBureau: it waits for the bureau's answer (管局审核, S19), which the exchange downloads.
package awaitbureau

import (
	"context"

	"beian/shared/filing"
	"beian/shared/process/decide"
)

// A Handler is the function. Start with Handle.
type Handler struct{ Decisions *decide.Service }

// Handle saves the task token with the order. If the order has left the step, it completes the task instead.
func (h Handler) Handle(ctx context.Context, in decide.Input) (struct{}, error) {
	return struct{}{}, h.Decisions.Wait(ctx, filing.AwaitBureau, in)
}
