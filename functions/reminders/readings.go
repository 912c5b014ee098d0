package reminders

import (
	"context"
	"errors"

	"beian/shared/filing"
	"beian/shared/rules/fault"
)

// escalateReadings opens a task of the operator for each order that has waited too long for a further reading, and logs it on each day until it is read.
func (h Handler) escalateReadings(ctx context.Context, report *Report) error {
	var failed error
	for cursor := ""; ; {
		found, err := h.Orders.ListOpen(ctx, filing.InitialReview, cursor, pageSize)
		if err != nil {
			return errors.Join(failed, err)
		}
		for _, o := range found.Orders {
			if !o.ReadingOverdue(h.Now()) {
				continue
			}
			report.Checked++
			_, err := h.Decisions.Decide(ctx, o.ID, filing.Beian, filing.EscalateReading{})
			switch {
			case err == nil:
				report.Readings++
				h.Log.WarnContext(ctx, "an order waits for a further reading", "order", o.ID, "readings", len(o.Readings))
			case fault.KindOf(err) != fault.Conflict: // else it was erased
				report.Failed++
				h.Log.ErrorContext(ctx, "the escalation of a further reading failed", "order", o.ID, "cause", err.Error())
				failed = errors.Join(failed, err)
			}
		}
		if cursor = found.Next; cursor == "" {
			return failed
		}
	}
}
