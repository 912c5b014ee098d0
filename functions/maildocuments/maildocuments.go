// Package maildocuments is the state MailDocuments: it waits for the originals that the reviewer asked for (邮寄资料, S17).
package maildocuments

import (
	"context"

	"beian/shared/filing"
	"beian/shared/process/decide"
)

// A Handler is the state's function.
type Handler struct{ Decisions *decide.Service }

// Handle leaves the task token with the order, or ends the task when the order has moved on already.
func (h Handler) Handle(ctx context.Context, in decide.Input) (struct{}, error) {
	return struct{}{}, h.Decisions.Wait(ctx, filing.MailDocuments, in)
}
