// Package followup is the function of the state FollowUp: it records the applicant's duties after approval with their dates: the number
// in the footer, the public-security filing, the commercial licence (S21 to S24).
package followup

import (
	"context"

	"beian/shared/filing"
	"beian/shared/process/decide"
)

// A Handler is the function. Start with Handle.
type Handler struct{ Decisions *decide.Service }

// Handle stores the duties in the order. A second call has no effect.
func (h Handler) Handle(ctx context.Context, in decide.Input) (struct{}, error) {
	_, err := h.Decisions.Decide(ctx, in.Order, filing.Beian, filing.SetDuties{})
	return struct{}{}, err
}
