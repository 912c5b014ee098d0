// Package reminders is the daily function that reminds applicants of orders that wait for them, after 7, 15 and 30 idle days, and
// closes orders after 45 idle days (icp-filing 3.6). The table in package workflow names the steps with reminders. It also asks the operator
// to have appeals decided whose time is over, to have orders decided that no second reviewer reads, and to enter applications that are filed by hand.
//
// Another schedule calls it each minute with {"sms": true}, for the SMS check of leaders: it sends the codes whose hour has come, and
// reminds leaders who have not answered; see [filing.SendingHours]. A third calls it every five minutes with {"counts": true}, to count the open orders,
// and what happened on the day, for the pages of staff; see package figures.
package reminders

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"beian/shared/filing"
	"beian/shared/process/decide"
	"beian/shared/process/figures"
	"beian/shared/rules/fault"
	"beian/shared/workflow"
)

// A Handler is the function. Start with Handle.
type Handler struct {
	Decisions *decide.Service
	Orders    Orders
	Now       func() time.Time
	Log       *slog.Logger
	// NewCode returns a random code of six digits.
	NewCode func() string
	// Hours are the hours at which leaders get SMS.
	Hours filing.SendingHours
	// Promise is within how many working days the provider reviews an application.
	Promise filing.ReviewPromise
}

// An Input says what to do.
type Input struct {
	SMS    bool `json:"sms,omitempty"`    // only the SMS checks
	Counts bool `json:"counts,omitempty"` // only count the open orders, and sum up the day
}

// Orders lists orders. Package dynamo implements it.
type Orders interface {
	// ListOpen lists the open orders at a step. Orders that entered it first come first.
	ListOpen(ctx context.Context, step filing.Step, cursor string, limit int) (decide.Page, error)
	figures.OpenOrders
	figures.DayStore
	// PutCounts stores the counts of open orders.
	PutCounts(ctx context.Context, c figures.Counts) error
	// ListAppeals lists the orders with an appeal to decide, oldest appeal first.
	ListAppeals(ctx context.Context, cursor string, limit int) (decide.Page, error)
}

// A Report counts the orders of a run.
type Report struct {
	Checked  int `json:"looked"`
	Reminded int `json:"reminded"`
	Expired  int `json:"expired"`
	Overdue  int `json:"overdueAppeals"`
	Readings int `json:"overdueReadings"` // orders that wait for a further reader
	Waiting  int `json:"overdueEntries"`
	Issued   int `json:"issuedCodes"`     // orders whose SMS codes were sent
	Leaders  int `json:"leadersReminded"` // orders whose leaders were reminded of the codes
	Counted  int `json:"counted"`         // open orders
	Failed   int `json:"failed"`
}

// pageSize is the number of orders that one query returns.
const pageSize = 100

// Handle processes the SMS checks, or all open orders that entered their step at least 7 days ago, and the overdue appeals. If an order fails, Handle processes the others and
// returns the failure at the end.
func (h Handler) Handle(ctx context.Context, in Input) (Report, error) {
	var report Report
	if in.SMS {
		return report, fault.Wrap(fault.Unavailable, h.checkLeaders(ctx, &report))
	}
	if in.Counts {
		return report, fault.Wrap(fault.Unavailable, h.count(ctx, &report))
	}
	var failed error
	for _, step := range workflow.ReminderSteps() {
		failed = errors.Join(failed, h.remindAt(ctx, step, &report))
	}
	failed = errors.Join(failed, h.escalateAppeals(ctx, &report), h.escalateReadings(ctx, &report), h.reportEntries(ctx, &report))
	return report, fault.Wrap(fault.Unavailable, failed)
}

// count stores how many orders are open, and what happened on the day, for the pages of staff.
func (h Handler) count(ctx context.Context, report *Report) error {
	c, err := figures.Count(ctx, h.Orders, h.Promise, h.Now())
	if err != nil {
		return err
	}
	report.Counted = c.Open()
	return errors.Join(h.Orders.PutCounts(ctx, c), figures.SumDays(ctx, h.Orders, h.Now()))
}

// remindAt processes the orders at one step.
func (h Handler) remindAt(ctx context.Context, step filing.Step, report *Report) error {
	var failed error
	for cursor := ""; ; {
		found, err := h.Orders.ListOpen(ctx, step, cursor, pageSize)
		if err != nil {
			return err
		}
		for _, o := range found.Orders {
			if h.Now().Sub(o.MovedAt) < time.Duration(filing.ReminderDays[0])*24*time.Hour {
				return failed // the list is sorted by MovedAt
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

// remind reminds the applicant of one order, or closes the order if it was idle for MaxIdleDays.
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
