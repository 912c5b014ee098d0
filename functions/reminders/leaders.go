package reminders

import (
	"context"
	"errors"

	"beian/shared/filing"
	"beian/shared/rules/fault"
)

// checkLeaders sends the codes whose time has come, and reminds leaders, for all orders at the SMS check. Codes that could not be sent at their time wait for
// the next hour at which codes are sent.
func (h Handler) checkLeaders(ctx context.Context, report *Report) error {
	var failed error
	for cursor := ""; ; {
		found, err := h.Orders.ListOpen(ctx, filing.VerifySMS, cursor, pageSize)
		if err != nil {
			return errors.Join(failed, err)
		}
		for _, o := range found.Orders {
			decision, count := h.smsDecision(o, report)
			if decision == nil {
				continue
			}
			report.Checked++
			before := o.Version
			after, err := h.Decisions.Decide(ctx, o.ID, filing.Beian, decision)
			switch {
			case err == nil && after.Version > before:
				*count++
			case err != nil && fault.KindOf(err) != fault.Conflict: // else the order moved at the same time
				report.Failed++
				h.Log.ErrorContext(ctx, "the SMS check of an order failed", "order", o.ID, "cause", err.Error())
				failed = errors.Join(failed, err)
			}
		}
		if cursor = found.Next; cursor == "" {
			return failed
		}
	}
}

// smsDecision returns what is to be decided about an order's SMS check now, and what counts it; nil if nothing is.
func (h Handler) smsDecision(o filing.Order, report *Report) (decision filing.Decision, count *int) {
	now := h.Now()
	switch {
	case o.Closing != "":
	case o.SMS == nil && !o.SMSSendAt.IsZero() && !o.CodesDue(h.Hours, now).After(now):
		return filing.IssueCodes{NewCode: h.NewCode}, &report.Issued
	case o.LeadersToRemind(h.Hours, now):
		return filing.RemindLeaders{Hours: h.Hours}, &report.Leaders
	}
	return nil, nil
}
