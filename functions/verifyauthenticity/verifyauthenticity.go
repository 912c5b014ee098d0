// Package verifyauthenticity is the function of the state VerifyAuthenticity: it waits until the leader of every site has passed the liveness check (S14).
package verifyauthenticity

import (
	"context"

	"beian/shared/filing"
	"beian/shared/process/decide"
)

// A Handler is the function. Start with Handle.
type Handler struct{ Decisions *decide.Service }

// Handle saves the task token with the order. If the order has left the step, it completes the task instead.
func (h Handler) Handle(ctx context.Context, in decide.Input) (struct{}, error) {
	return struct{}{}, h.Decisions.Wait(ctx, filing.VerifyAuthenticity, in)
}
