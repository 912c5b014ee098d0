// Package reminders is the function that does what becomes due. Each minute it reads the orders that are due from the index "due" (ADR 56), and reminds their
// applicants after 7, 15 and 30 idle days, closes them after 45 idle days (icp-filing 3.6), sends the codes of the SMS check whose hour has come, reminds leaders
// who have not answered (see [filing.SendingHours]), and notices on its day that the bureau is late. It also asks the operator to have appeals decided whose
// time is over, to have orders decided that no second reviewer reads, to enter applications that are filed by hand, and to do what the bureau wants done.
//
// Another schedule calls it every five minutes with {"counts": true}, to count the open orders, and what happened on the day, for the pages of staff; see
// package figures.
//
// An operator calls it once with {"backfill": true} after an update from a version without duties or watches (deploy.md).
package reminders

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"beian/shared/filing"
	"beian/shared/filing/register"
	"beian/shared/process/decide"
	"beian/shared/process/duties"
	"beian/shared/process/figures"
	"beian/shared/rules/fault"
)

// A Handler is the function. Start with Handle.
type Handler struct {
	Decisions *decide.Service
	Orders    Orders
	Filings   Filings
	Duties    *duties.Service
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
	Counts bool `json:"counts,omitempty"` // only count the open orders, and sum up the day
	// Backfill only adds the rows that filings of earlier versions of Beian lack, from Cursor on: "" is the beginning, else the report of the call before has it.
	Backfill bool   `json:"backfill,omitempty"`
	Cursor   string `json:"cursor,omitempty"`
}

// Orders lists orders. Package dynamo implements it.
type Orders interface {
	// DueOrders lists the orders about which the system has something to do at a time, the earliest first.
	DueOrders(ctx context.Context, until time.Time, cursor string, limit int) (ids []filing.ID, next string, err error)
	// PostponeOrder sets when the system has something to do about an order next; the zero time is never. It has no effect if the order has another version.
	PostponeOrder(ctx context.Context, id filing.ID, version int, at time.Time) error
	Tasks
	figures.OpenOrders
	figures.DayStore
	// PutCounts stores the counts of open orders.
	PutCounts(ctx context.Context, c figures.Counts) error
}

// Filings lists filings. Package dynamo implements it.
type Filings interface {
	// DueFilings lists the filings about which the system has something to do at a time, the earliest first.
	DueFilings(ctx context.Context, until time.Time, cursor string, limit int) (found []register.ID, next string, err error)
	Backfill
}

// A Report counts the orders and filings of a run.
type Report struct {
	Due      int `json:"due"`
	Filings  int `json:"filings"` // that were due
	Reminded int `json:"reminded"`
	Expired  int `json:"expired"`
	Overdue  int `json:"overdueAppeals"`
	Readings int `json:"overdueReadings"` // orders that wait for a further reader
	Waiting  int `json:"overdueEntries"`
	Bureau   int `json:"overdueBureau"`   // orders about which the bureau should have decided
	Issued   int `json:"issuedCodes"`     // orders whose SMS codes were sent
	Leaders  int `json:"leadersReminded"` // orders whose leaders were reminded of the codes
	Tasks    int `json:"dueTasks"`        // tasks of the bureau on their last day, or overdue
	Counted  int `json:"counted"`         // open orders
	Failed   int `json:"failed"`
	// Checked counts the filings that a backfill read, Upkeeps and Watches the rows that it added. Next is where the next call goes on; "" if all filings have their rows.
	Checked int    `json:"checked,omitempty"`
	Upkeeps int    `json:"upkeeps,omitempty"`
	Watches int    `json:"watches,omitempty"`
	Next    string `json:"next,omitempty"`
}

// pageSize is the number of orders or filings that one query returns.
const pageSize = 100

// Handle does what is due about all orders and filings, or counts the orders. If one fails, Handle processes the others and returns the failure at the end; what failed
// stays due.
func (h Handler) Handle(ctx context.Context, in Input) (Report, error) {
	var report Report
	do := func(ctx context.Context, report *Report) error {
		return errors.Join(h.doOrders(ctx, report), h.doFilings(ctx, report), h.alertTasks(ctx, report))
	}
	switch {
	case in.Backfill:
		do = func(ctx context.Context, report *Report) error { return h.backfill(ctx, in.Cursor, report) }
	case in.Counts:
		do = h.count
	}
	return report, fault.Wrap(fault.Unavailable, do(ctx, &report))
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

// doOrders does what is due about all orders, one after the other.
func (h Handler) doOrders(ctx context.Context, report *Report) error {
	return eachDue(ctx, h, report, "order", 1, h.Orders.DueOrders, func(id filing.ID) error {
		report.Due++
		return h.doOrder(ctx, id, report)
	})
}

// doFilings sends the reminders of what filings owe. Several filings are processed at once, because each asks registrars.
func (h Handler) doFilings(ctx context.Context, report *Report) error {
	var done atomic.Int64
	err := eachDue(ctx, h, report, "filing", 8, h.Filings.DueFilings, func(id register.ID) error {
		done.Add(1)
		return h.Duties.Do(ctx, id)
	})
	report.Filings = int(done.Load())
	return err
}

// eachDue calls do for everything in a queue that is due now, several at once. If one fails, it goes on with the others and returns the failure at the end.
func eachDue[ID ~string](ctx context.Context, h Handler, report *Report, what string, atOnce int,
	list func(ctx context.Context, until time.Time, cursor string, limit int) ([]ID, string, error), do func(ID) error) error {
	var failed error
	until := h.Now()
	for cursor := ""; ; {
		ids, next, err := list(ctx, until, cursor, pageSize)
		if err != nil {
			return errors.Join(failed, err)
		}
		results := make([]error, len(ids))
		var group errgroup.Group
		group.SetLimit(atOnce)
		for i, id := range ids {
			group.Go(func() error {
				defer func() { // one of them must not keep the others from what is due
					if r := recover(); r != nil {
						results[i] = fmt.Errorf("panic: %v", r)
					}
				}()
				results[i] = do(id)
				return nil
			})
		}
		group.Wait()
		for i, err := range results {
			if err != nil {
				report.Failed++
				h.Log.ErrorContext(ctx, "what is due failed", what, ids[i], "cause", err.Error())
				failed = errors.Join(failed, err)
			}
		}
		if cursor = next; cursor == "" {
			return failed
		}
	}
}
