package reminders

import (
	"context"
	"time"

	"beian/shared/filing"
	"beian/shared/rules/fault"
)

// doOrder does what is due about an order. A decision stores when the order is due next; without one, doOrder postpones the order.
func (h Handler) doOrder(ctx context.Context, id filing.ID, report *Report) error {
	o, err := h.Decisions.Store.OrderState(ctx, id)
	if err != nil {
		return err
	}
	before := o.Version
	decision, count := h.dueDecision(o, report)
	if decision != nil {
		after, err := h.Decisions.Decide(ctx, id, filing.Beian, decision)
		switch {
		case fault.KindOf(err) == fault.Conflict: // another decision was stored at the same time
			return nil
		case err != nil:
			return err
		}
		o = after
	}
	h.alert(ctx, o, report)
	if o.Version > before {
		if count != nil {
			*count++
		}
		return nil
	}
	return h.Orders.PostponeOrder(ctx, id, o.Version, h.later(o))
}

// later returns when an order is due next about which nothing was decided. What is due already waits for the hours at which leaders get SMS.
func (h Handler) later(o filing.Order) time.Time {
	now := h.Now()
	next := o.NextDue(now)
	if next.IsZero() || next.After(now) {
		return next
	}
	return h.Hours.Next(now.Add(time.Minute), nil)
}

// dueDecision returns what is to be decided about an order now, nil if nothing is, and what counts it, nil if alert does.
func (h Handler) dueDecision(o filing.Order, report *Report) (filing.Decision, *int) {
	now := h.Now()
	if o.NextDue(now).After(now) { // the order is read from the beginning of the day
		return nil, nil
	}
	switch {
	case o.AppealOverdue(now):
		return filing.EscalateAppeal{}, nil
	case o.ReadingOverdue(now):
		return filing.EscalateReading{}, nil
	case o.Closing != "" || o.AwaitsEntry():
	case o.Step == filing.AwaitBureau:
		return filing.Timeout{}, nil
	case o.Step != filing.VerifySMS && o.DaysIdle(now) >= filing.MaxIdleDays:
		return filing.AskToClose{As: filing.ClosingExpire}, &report.Expired
	case o.Step != filing.VerifySMS && o.DaysIdle(now) > 0:
		return filing.Remind{}, &report.Reminded
	case o.SMS == nil && !o.SMSSendAt.IsZero() && !o.CodesDue(h.Hours, now).After(now):
		return filing.IssueCodes{NewCode: h.NewCode}, &report.Issued
	case o.LeadersToRemind(h.Hours, now):
		return filing.RemindLeaders{Hours: h.Hours}, &report.Leaders
	}
	return nil, nil
}

// alert logs and counts an order for which an operator has to do something. Alarms count these lines; each order is logged once a day until it is done.
func (h Handler) alert(ctx context.Context, o filing.Order, report *Report) {
	now := h.Now()
	switch {
	case o.AppealOverdue(now):
		report.Overdue++
		h.Log.WarnContext(ctx, "an appeal is overdue", "order", o.ID, "decideBy", o.Appeal.DecideBy)
	case o.ReadingOverdue(now):
		report.Readings++
		h.Log.WarnContext(ctx, "an order waits for a further reading", "order", o.ID, "readings", len(o.Readings))
	case o.EntryOverdue(now):
		report.Waiting++
		h.Log.WarnContext(ctx, "an application waits to be entered at the bureau", "order", o.ID, "since", o.MovedAt)
	case o.Step == filing.AwaitBureau && o.Bureau != nil && o.Bureau.Overdue:
		report.Bureau++
		h.Log.WarnContext(ctx, "the bureau has not decided in time", "order", o.ID, "deadline", o.Bureau.Deadline)
	}
}
