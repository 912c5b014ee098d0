// Package verifyproduct is the function of the state VerifyProduct: it waits until the applicant has named a server or service code that can host the sites
// (产品验证, S11). The API checks the server or code when the applicant names it; see package inventory.
package verifyproduct

import (
	"context"

	"beian/shared/filing"
	"beian/shared/process/decide"
)

// A Handler is the function. Start with Handle.
type Handler struct{ Decisions *decide.Service }

// Handle saves the task token with the order. If the order has left the step, it completes the task instead.
func (h Handler) Handle(ctx context.Context, in decide.Input) (struct{}, error) {
	return struct{}{}, h.Decisions.Wait(ctx, filing.VerifyProduct, in)
}
