// Package reminders is the daily round: it reminds applicants of orders that wait for them, after 7, 15 and 30 days, and
// lets those expire that have waited for 45 (icp-filing 3.6).
package reminders

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"beian/shared/filing"
	"beian/shared/process/decide"
	"beian/shared/rules/fault"
)

// A Handler is the scheduled function.
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

// A Report counts what a round did.
type Report struct {
	Looked   int `json:"looked"`
	Reminded int `json:"reminded"`
	Expired  int `json:"expired"`
	Failed   int `json:"failed"`
}

// page is how many orders one query brings.
const page = 100

// theirs are the steps at which an order can wait for its applicant. Done is there for orders that the bureau refused.
var theirs = []filing.Step{filing.VerifyType, filing.VerifyProduct, filing.CollectDetails, filing.CollectEvidence,
	filing.VerifyAuthenticity, filing.AwaitConfirmation, filing.MailDocuments, filing.Done}

// Handle goes through all open orders that came to their step long enough ago. One order's failure does not keep the
// others from their turn; it is reported at the end.
func (h Handler) Handle(ctx context.Context, _ struct{}) (Report, error) {
	var report Report
	var failed error
	for _, step := range theirs {
		failed = errors.Join(failed, h.round(ctx, step, &report))
	}
	return report, fault.Wrap(fault.Unavailable, failed)
}

func (h Handler) round(ctx context.Context, step filing.Step, report *Report) error {
	var failed error
	for cursor := ""; ; {
		found, err := h.Orders.ListOpen(ctx, step, cursor, page)
		if err != nil {
			return err
		}
		for _, o := range found.Orders {
			if h.Now().Sub(o.MovedAt) < time.Duration(filing.ReminderDays[0])*24*time.Hour {
				return failed // the list is in order of that time
			}
			report.Looked++
			if err := h.look(ctx, o, report); err != nil {
				report.Failed++
				h.Log.ErrorContext(ctx, "no reminder for an order", "order", o.ID, "cause", err.Error())
				failed = errors.Join(failed, err)
			}
		}
		if cursor = found.Next; cursor == "" {
			return failed
		}
	}
}

func (h Handler) look(ctx context.Context, o filing.Order, report *Report) error {
	idle := o.Idle(h.Now())
	var decision filing.Decision = filing.Remind{}
	if idle >= filing.IdleDays {
		decision = filing.AskClosing{As: filing.ClosingExpire}
	}
	after, err := h.Decisions.Decide(ctx, o.ID, filing.Beian, decision)
	switch {
	case fault.KindOf(err) == fault.Conflict: // the applicant acted in this very moment
		return nil
	case err != nil:
		return err
	case after.Closing == filing.ClosingExpire:
		report.Expired++
	case after.Reminded > o.Reminded:
		report.Reminded++
	}
	return nil
}
