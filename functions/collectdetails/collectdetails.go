// Package collectdetails is the function of the state CollectDetails: it waits until the data of subject, sites and leaders are complete (S12). The rules are
// those of the decision filing.EnterDetails.
package collectdetails

import (
	"context"

	"beian/shared/filing"
	"beian/shared/process/decide"
)

// A Handler is the function. Start with Handle.
type Handler struct{ Decisions *decide.Service }

// Handle saves the task token with the order. If the order has left the step, it completes the task instead.
func (h Handler) Handle(ctx context.Context, in decide.Input) (struct{}, error) {
	return struct{}{}, h.Decisions.Wait(ctx, filing.CollectDetails, in)
}
