// Package awaitbureau is the state AwaitBureau: it waits for the bureau's answer (管局审核, S19), which the exchange brings.
package awaitbureau

import (
	"context"

	"beian/shared/filing"
	"beian/shared/process/decide"
)

// A Handler is the state's function.
type Handler struct{ Decisions *decide.Service }

// Handle leaves the task token with the order, or ends the task when the order has moved on already.
func (h Handler) Handle(ctx context.Context, in decide.Input) (struct{}, error) {
	return struct{}{}, h.Decisions.Wait(ctx, filing.AwaitBureau, in)
}
