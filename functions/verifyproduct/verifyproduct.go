// Package verifyproduct is the state VerifyProduct: it waits until the applicant has named a server or service code that can host the sites
// (产品验证, S11). The check itself is made by the API when the applicant names one; see package inventory.
package verifyproduct

import (
	"context"

	"beian/shared/filing"
	"beian/shared/process/decide"
)

// A Handler is the state's function.
type Handler struct{ Decisions *decide.Service }

// Handle leaves the task token with the order, or ends the task when the order has moved on already.
func (h Handler) Handle(ctx context.Context, in decide.Input) (struct{}, error) {
	return struct{}{}, h.Decisions.Wait(ctx, filing.VerifyProduct, in)
}
