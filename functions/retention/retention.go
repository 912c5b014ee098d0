// Package retention is the hourly function that erases personal data whose period of retention is over: those of closed orders, of filings
// that are cancelled, the files exchanged with the bureau, what the bureau has and the operator did not import, and tasks of the bureau that are done.
//
// It reads what is due from an index, never the whole table. The erasure of an order is a decision; the sweeper then deletes the order's
// data key and objects. Both are delivered at least once, and a second delivery has no effect. A run erases at most [MaxOrders] orders,
// [MaxFiles] files and as many differences; the next run continues. An order that is held is not in the index.
package retention

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"beian/shared/filing"
	"beian/shared/filing/register"
	"beian/shared/process/bureautask"
	"beian/shared/process/decide"
	"beian/shared/process/exchange"
	"beian/shared/rules/fault"
	"beian/shared/rules/workday"
)

// A Handler is the function. Start with Handle.
type Handler struct {
	Decisions *decide.Service
	Orders    Orders
	Filings   Filings
	Files     Files
	// Differences are those of full copies of the bureau.
	Differences Differences
	// Tasks are those of the bureau.
	Tasks Tasks
	// Objects deletes the bytes of the bureau's files.
	Objects   Objects
	Retention filing.Retention
	Now       func() time.Time
	Log       *slog.Logger
}

// Orders lists closed orders. Package dynamo implements it.
type Orders interface {
	// ListRetained lists the closed orders of a category that are neither erased nor held. Those whose period began first come first.
	ListRetained(ctx context.Context, c filing.RetentionCategory, cursor string, limit int) (decide.Page, error)
}

// Filings lists and erases cancelled filings. Package dynamo implements it.
type Filings interface {
	// ListRetainedFilings lists the filings that are cancelled and not erased. Those that were cancelled first come first.
	ListRetainedFilings(ctx context.Context, cursor string, limit int) (found []register.Filing, next string, err error)
	// EraseFiling deletes the personal data of a filing.
	EraseFiling(ctx context.Context, f register.Filing) error
	// OrderState returns an order without its personal data.
	OrderState(ctx context.Context, id filing.ID) (filing.Order, error)
}

// Files lists the files exchanged with the bureau. Package dynamo implements it.
type Files interface {
	// OldFiles lists the files before a time whose bytes are stored, oldest first, at most limit.
	OldFiles(ctx context.Context, before time.Time, limit int) ([]exchange.StoredFile, error)
	// ForgetFile records that the bytes of a file are deleted.
	ForgetFile(ctx context.Context, f exchange.StoredFile) error
}

// Differences lists and erases what the bureau has and the operator did not import. Package dynamo implements it.
type Differences interface {
	// OldDifferences lists the differences that were seen before a time, oldest first, at most limit.
	OldDifferences(ctx context.Context, before time.Time, limit int) ([]exchange.StoredDifference, error)
	// EraseDifference deletes a difference and its data key.
	EraseDifference(ctx context.Context, d exchange.StoredDifference) error
}

// Tasks lists and erases the bureau's tasks that are done. Package dynamo implements it.
type Tasks interface {
	// OldBureauTasks lists the tasks that were done before a time, the oldest first, at most limit.
	OldBureauTasks(ctx context.Context, before time.Time, limit int) ([]bureautask.Task, error)
	// EraseBureauTask deletes a task and its data key.
	EraseBureauTask(ctx context.Context, t bureautask.Task) error
}

// Objects deletes objects. envelope.Objects implements it.
type Objects interface {
	// Delete deletes an object and its own data key, if it has one. It is no error if there is none.
	Delete(ctx context.Context, key string) error
}

// A Report counts what a run erased. It names nothing.
type Report struct {
	Orders  int `json:"orders"`
	Filings int `json:"filings"`
	Files   int `json:"files"`
	// Differences counts what the bureau has and the operator did not import.
	Differences int `json:"differences"`
	Tasks       int `json:"tasks"` // of the bureau
	Failed      int `json:"failed"`
	// Behind is for how many days the oldest data that are left are overdue; 0 if nothing is left.
	Behind int `json:"behind"`
}

const (
	// MaxOrders, MaxFilings and MaxFiles, also of differences and tasks, limit a run, which then takes about two minutes. 24 runs a day erase 12,000 orders.
	MaxOrders  = 500
	MaxFilings = 500
	MaxFiles   = 500
	pageSize   = 100
	// alarmDays is the number of overdue days above which a run logs the line that the alarm retention-behind counts.
	alarmDays = 2
)

// Handle erases what is due. If an item fails, Handle erases the others and returns the failure at the end.
func (h Handler) Handle(ctx context.Context, _ struct{}) (Report, error) {
	var r Report
	var failed error
	for _, category := range filing.RetentionCategories {
		failed = errors.Join(failed, h.eraseOrders(ctx, category, &r))
	}
	failed = errors.Join(failed, h.eraseFilings(ctx, &r), h.eraseFiles(ctx, &r), h.eraseDifferences(ctx, &r), h.eraseTasks(ctx, &r))
	h.Log.InfoContext(ctx, "erased the data that were due", "orders", r.Orders, "filings", r.Filings, "files", r.Files, "differences", r.Differences, "tasks", r.Tasks, "failed", r.Failed, "behind", r.Behind)
	if r.Behind > alarmDays {
		h.Log.ErrorContext(ctx, "personal data are overdue for erasure", "days", r.Behind)
	}
	return r, fault.Wrap(fault.Unavailable, failed)
}

// eraseOrders erases the orders of a category that are due. The list is sorted by the beginning of their period.
func (h Handler) eraseOrders(ctx context.Context, category filing.RetentionCategory, r *Report) error {
	var failed error
	today := workday.DateOf(h.Now())
	for cursor := ""; ; {
		page, err := h.Orders.ListRetained(ctx, category, cursor, pageSize)
		if err != nil {
			return errors.Join(failed, err)
		}
		for _, o := range page.Orders {
			due := workday.DateOf(o.RetainedSince()).AddDays(h.Retention.Days(category))
			switch {
			case due > today:
				return failed
			case r.Orders+r.Failed >= MaxOrders:
				r.addLeft(due, today)
				return failed
			}
			_, err := h.Decisions.Decide(ctx, o.ID, filing.Beian, filing.Erase{Retention: h.Retention})
			switch {
			case fault.KindOf(err) == fault.Conflict: // held since, or the bureau may still ask for its upload
			case err != nil:
				r.Failed++
				r.addLeft(due, today)
				h.Log.WarnContext(ctx, "an order was not erased", "order", o.ID, "cause", err.Error())
				failed = errors.Join(failed, err)
			default:
				r.Orders++
			}
		}
		if cursor = page.Next; cursor == "" {
			return failed
		}
	}
}

// eraseFilings erases the cancelled filings that are due, except those of which an order is held.
func (h Handler) eraseFilings(ctx context.Context, r *Report) error {
	var failed error
	today := workday.DateOf(h.Now())
	for cursor := ""; ; {
		page, next, err := h.Filings.ListRetainedFilings(ctx, cursor, pageSize)
		if err != nil {
			return errors.Join(failed, err)
		}
		for _, f := range page {
			due := f.CancelledOn.AddDays(h.Retention.Cancelled)
			switch {
			case due > today:
				return failed
			case r.Filings >= MaxFilings:
				r.addLeft(due, today)
				return failed
			}
			held, err := h.held(ctx, f)
			if err == nil && !held {
				err = h.Filings.EraseFiling(ctx, f)
			}
			switch {
			case err != nil:
				r.Failed++
				r.addLeft(due, today)
				h.Log.WarnContext(ctx, "a filing was not erased", "filing", f.ID, "cause", err.Error())
				failed = errors.Join(failed, err)
			case !held:
				r.Filings++
			}
		}
		if cursor = next; cursor == "" {
			return failed
		}
	}
}

// held reports whether an order of a filing is held.
func (h Handler) held(ctx context.Context, f register.Filing) (bool, error) {
	for _, id := range f.Orders() {
		o, err := h.Filings.OrderState(ctx, filing.ID(id))
		if err != nil && fault.KindOf(err) != fault.NotFound {
			return false, err
		}
		if !o.HeldSince.IsZero() {
			return true, nil
		}
	}
	return false, nil
}

// eraseFiles deletes the bytes of the bureau's files whose period is over.
func (h Handler) eraseFiles(ctx context.Context, r *Report) error {
	return eraseOld(ctx, h, r, &r.Files, h.Retention.BureauFiles, h.Files.OldFiles, h.eraseFile, func(f exchange.StoredFile) (time.Time, slog.Attr) {
		return f.At, slog.String("file", f.Object)
	})
}

// eraseFile deletes the bytes first, so that a run that ends in between is repeated.
func (h Handler) eraseFile(ctx context.Context, f exchange.StoredFile) error {
	if err := h.Objects.Delete(ctx, f.Object); err != nil {
		return err
	}
	return h.Files.ForgetFile(ctx, f)
}

// eraseDifferences erases what the bureau has and the operator did not import within its period.
func (h Handler) eraseDifferences(ctx context.Context, r *Report) error {
	return eraseOld(ctx, h, r, &r.Differences, exchange.DifferenceDays, h.Differences.OldDifferences, h.Differences.EraseDifference,
		func(d exchange.StoredDifference) (time.Time, slog.Attr) {
			return d.At, slog.String("what", "difference")
		})
}

// eraseTasks erases the bureau's tasks that were done as long ago as the bureau's files are kept.
func (h Handler) eraseTasks(ctx context.Context, r *Report) error {
	return eraseOld(ctx, h, r, &r.Tasks, h.Retention.BureauFiles, h.Tasks.OldBureauTasks, h.Tasks.EraseBureauTask,
		func(t bureautask.Task) (time.Time, slog.Attr) { return t.DoneAt, slog.String("task", t.ID) })
}

// eraseOld erases the items that are some days old, and counts them. Of an item, about returns when its period began, and what a log may say of it.
func eraseOld[T any](ctx context.Context, h Handler, r *Report, erased *int, days int, list func(ctx context.Context, before time.Time, limit int) ([]T, error),
	erase func(context.Context, T) error, about func(T) (time.Time, slog.Attr)) error {
	today := workday.DateOf(h.Now())
	old, err := list(ctx, today.AddDays(-days+1).Time(), MaxFiles+1)
	if err != nil {
		return err
	}
	var failed error
	for i, item := range old {
		began, name := about(item)
		due := workday.DateOf(began).AddDays(days)
		if i == MaxFiles {
			r.addLeft(due, today)
			break
		}
		if err := erase(ctx, item); err != nil {
			r.Failed++
			r.addLeft(due, today)
			h.Log.LogAttrs(ctx, slog.LevelWarn, "old data were not erased", name, slog.String("cause", err.Error()))
			failed = errors.Join(failed, err)
			continue
		}
		*erased++
	}
	return failed
}

// addLeft counts data that are left although they were due on a day.
func (r *Report) addLeft(due, today workday.Date) {
	days := int(today.Time().Sub(due.Time()) / (24 * time.Hour))
	r.Behind = max(r.Behind, days)
}
