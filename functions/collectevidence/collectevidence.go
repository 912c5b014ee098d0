// Package collectevidence is the state CollectEvidence: it waits until every paper that is owed has been uploaded and inspected (S13).
package collectevidence

import (
	"context"

	"beian/shared/filing"
	"beian/shared/process/decide"
)

// A Handler is the state's function.
type Handler struct{ Decisions *decide.Service }

// Handle leaves the task token with the order, or ends the task when the order has moved on already.
func (h Handler) Handle(ctx context.Context, in decide.Input) (struct{}, error) {
	return struct{}{}, h.Decisions.Wait(ctx, filing.CollectEvidence, in)
}
