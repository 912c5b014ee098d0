// Package awaitconfirmation is the state AwaitConfirmation: it waits until the applicant has confirmed the summary (信息核验, S15).
package awaitconfirmation

import (
	"context"

	"beian/shared/filing"
	"beian/shared/process/decide"
)

// A Handler is the function of the state. Start with Handle.
type Handler struct{ Decisions *decide.Service }

// Handle saves the task token with the order, or completes the task if the order has moved on.
func (h Handler) Handle(ctx context.Context, in decide.Input) (struct{}, error) {
	return struct{}{}, h.Decisions.Wait(ctx, filing.AwaitConfirmation, in)
}
