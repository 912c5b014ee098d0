// Package collectdetails is the state CollectDetails: it waits until the data of subject, sites and leaders are complete (S12). The rules are
// those of filing.EnterDetails.
package collectdetails

import (
	"context"

	"beian/shared/filing"
	"beian/shared/process/decide"
)

// A Handler is the state's function.
type Handler struct{ Decisions *decide.Service }

// Handle leaves the task token with the order, or ends the task when the order has moved on already.
func (h Handler) Handle(ctx context.Context, in decide.Input) (struct{}, error) {
	return struct{}{}, h.Decisions.Wait(ctx, filing.CollectDetails, in)
}
