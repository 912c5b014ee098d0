package reminders

import (
	"context"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"beian/shared/filing/register"
)

const (
	// maxBackfill limits the filings of one call, which then takes some minutes.
	maxBackfill = 20_000
	// backfillMargin is the time before the function's deadline at which a call stops.
	backfillMargin = time.Minute
)

// backfill adds the rows that versions of Beian before duties and watches did not write: it lists the filings that stand, page by page, and adds to each what is
// missing. Existing rows stay as they are, so that a repeated or interrupted call, and one while the system works, is harmless. A filing that changes meanwhile has
// its rows from its new version. The call ends after maxBackfill filings, or shortly before its time is over, with the cursor of the next page in the report.
func (h Handler) backfill(ctx context.Context, cursor string, report *Report) error {
	deadline, limited := ctx.Deadline()
	for {
		page, next, err := h.Filings.StandingFilingsByAge(ctx, cursor, pageSize)
		if err != nil {
			report.Next = cursor
			return err
		}
		var upkeeps, watches atomic.Int64
		var group errgroup.Group
		group.SetLimit(8)
		for _, f := range page {
			group.Go(func() error {
				added, hosts, err := h.Filings.AddMissingRows(ctx, f, h.Now())
				if added {
					upkeeps.Add(1)
				}
				watches.Add(int64(hosts))
				if err != nil {
					h.Log.ErrorContext(ctx, "the rows of a filing were not added", "filing", f.ID, "cause", err.Error())
				}
				return err
			})
		}
		err = group.Wait()
		report.Upkeeps, report.Watches = report.Upkeeps+int(upkeeps.Load()), report.Watches+int(watches.Load())
		if err != nil { // the next call begins with this page
			report.Next = cursor
			return err
		}
		report.Checked += len(page)
		report.Next, cursor = next, next
		if next == "" || report.Checked >= maxBackfill || limited && time.Until(deadline) < backfillMargin {
			break
		}
	}
	h.Log.InfoContext(ctx, "the rows of earlier filings were added", "checked", report.Checked, "upkeeps", report.Upkeeps, "watches", report.Watches, "done", report.Next == "")
	return nil
}

// A Backfill adds the rows that a filing of an earlier version of Beian lacks. Package dynamo implements it.
type Backfill interface {
	// StandingFilingsByAge lists the filings that stand, the one that was changed longest ago first, without personal data.
	StandingFilingsByAge(ctx context.Context, cursor string, limit int) (found []register.Filing, next string, err error)
	// AddMissingRows adds the rows that make a filing and its hosts due, as far as they are missing: within a day after a time, at moments that spread them evenly. It
	// returns whether the row of the filing was missing, and of how many hosts.
	AddMissingRows(ctx context.Context, f register.Filing, at time.Time) (upkeep bool, hosts int, err error)
}
