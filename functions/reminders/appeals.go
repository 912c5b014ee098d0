package reminders

import (
	"context"
	"errors"

	"beian/shared/filing"
	"beian/shared/rules/fault"
)

// escalateAppeals opens a task of the operator for each appeal that is overdue, and logs it on each day until it is decided. An
// alarm counts these lines.
func (h Handler) escalateAppeals(ctx context.Context, report *Report) error {
	var failed error
	for cursor := ""; ; {
		found, err := h.Orders.ListAppeals(ctx, cursor, pageSize)
		if err != nil {
			return errors.Join(failed, err)
		}
		for _, o := range found.Orders {
			if !o.AppealOverdue(h.Now()) {
				return failed // the list is sorted by the time of the appeal
			}
			report.Checked++
			after, err := h.Decisions.Decide(ctx, o.ID, filing.Beian, filing.EscalateAppeal{})
			switch {
			case err == nil && after.Status != filing.Appealed: // decided at the same time
			case err == nil:
				report.Overdue++
				h.Log.WarnContext(ctx, "an appeal is overdue", "order", o.ID, "decideBy", o.Appeal.DecideBy)
			case fault.KindOf(err) != fault.Conflict: // else its data were erased
				report.Failed++
				h.Log.ErrorContext(ctx, "the escalation of an appeal failed", "order", o.ID, "cause", err.Error())
				failed = errors.Join(failed, err)
			}
		}
		if cursor = found.Next; cursor == "" {
			return failed
		}
	}
}
