// Package reminders is the daily job that reminds applicants of orders that wait for them, after 7, 15 and 30 days, and
// closes orders that have waited for 45 days (icp-filing 3.6). The table of package workflow names the steps with reminders.
package reminders

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"beian/shared/filing"
	"beian/shared/process/decide"
	"beian/shared/rules/fault"
	"beian/shared/workflow"
)

// A Handler is the scheduled function. Start with Handle.
type Handler struct {
	Decisions *decide.Service
	Orders    Orders
	Now       func() time.Time
	Log       *slog.Logger
}

// Orders lists orders. Package dynamo implements it.
type Orders interface {
	// ListOpen lists the open orders at a step, the longest there first.
	ListOpen(ctx context.Context, step filing.Step, cursor string, limit int) (decide.Page, error)
}

// A Report counts the orders of a run by what was done.
type Report struct {
	Checked  int `json:"looked"`
	Reminded int `json:"reminded"`
	Expired  int `json:"expired"`
	Failed   int `json:"failed"`
}

// pageSize is the number of orders that one query returns.
const pageSize = 100

// Handle processes all open orders that came to their step long enough ago. If an order fails, the others are still processed,
// and the failure is returned at the end.
func (h Handler) Handle(ctx context.Context, _ struct{}) (Report, error) {
	var report Report
	var failed error
	for _, step := range workflow.ReminderSteps() {
		failed = errors.Join(failed, h.remindAt(ctx, step, &report))
	}
	return report, fault.Wrap(fault.Unavailable, failed)
}

// remindAt visits the orders of one step.
func (h Handler) remindAt(ctx context.Context, step filing.Step, report *Report) error {
	var failed error
	for cursor := ""; ; {
		found, err := h.Orders.ListOpen(ctx, step, cursor, pageSize)
		if err != nil {
			return err
		}
		for _, o := range found.Orders {
			if h.Now().Sub(o.MovedAt) < time.Duration(filing.ReminderDays[0])*24*time.Hour {
				return failed // the list is sorted by that time
			}
			report.Checked++
			if err := h.remind(ctx, o, report); err != nil {
				report.Failed++
				h.Log.ErrorContext(ctx, "the reminder of an order failed", "order", o.ID, "cause", err.Error())
				failed = errors.Join(failed, err)
			}
		}
		if cursor = found.Next; cursor == "" {
			return failed
		}
	}
}

// remind reminds the applicant of one order, or closes the order if it was idle too long.
func (h Handler) remind(ctx context.Context, o filing.Order, report *Report) error {
	idle := o.DaysIdle(h.Now())
	var decision filing.Decision = filing.Remind{}
	if idle >= filing.MaxIdleDays {
		decision = filing.AskToClose{As: filing.ClosingExpire}
	}
	after, err := h.Decisions.Decide(ctx, o.ID, filing.Beian, decision)
	switch {
	case fault.KindOf(err) == fault.Conflict: // the applicant acted at the same time
		return nil
	case err != nil:
		return err
	case after.Closing == filing.ClosingExpire:
		report.Expired++
	case after.LastReminder > o.LastReminder:
		report.Reminded++
	}
	return nil
}
