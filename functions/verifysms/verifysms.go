// Package verifysms is the function of the state VerifySMS: it sends a code by SMS to each leader, who answers within 24 hours by SMS or on
// the page (短信验证, S18). If the applicant chose a later hour, or it is night, it plans the hour, and the function reminders sends the codes.
package verifysms

import (
	"context"

	"beian/shared/filing"
	"beian/shared/process/decide"
	"beian/shared/rules/fault"
)

// A Handler is the function. Start with Handle.
type Handler struct {
	Decisions *decide.Service
	// NewCode returns a random code of six digits.
	NewCode func() string
	// Hours are the hours at which codes are sent.
	Hours filing.SendingHours
}

// Handle issues the codes once, or plans when they will be issued, and saves the task token with the order until the leaders have answered.
func (h Handler) Handle(ctx context.Context, in decide.Input) (struct{}, error) {
	order, err := h.Decisions.Order(ctx, in.Order)
	if err != nil {
		return struct{}{}, err
	}
	if order.Step == filing.VerifySMS && order.SMS == nil {
		var decision filing.Decision = filing.IssueCodes{NewCode: h.NewCode}
		if now := h.Decisions.Now(); order.CodesDue(h.Hours, now).After(now) {
			decision = filing.ScheduleCodes{Hours: h.Hours}
		}
		_, err := h.Decisions.Decide(ctx, in.Order, filing.Beian, decision)
		if err != nil && fault.KindOf(err) != fault.Conflict { // a conflict means that the order has left the step
			return struct{}{}, err
		}
	}
	return struct{}{}, h.Decisions.Wait(ctx, filing.VerifySMS, in)
}
