package retention

import (
	"context"
	"errors"
	"time"

	"beian/shared/process/bureautask"
	"beian/shared/rules/workday"
)

// Tasks lists and erases the bureau's tasks that are done. Package dynamo implements it.
type Tasks interface {
	// OldBureauTasks lists the tasks that were done before a time, the oldest first, at most limit.
	OldBureauTasks(ctx context.Context, before time.Time, limit int) ([]bureautask.Task, error)
	// EraseBureauTask deletes a task and its data key.
	EraseBureauTask(ctx context.Context, t bureautask.Task) error
}

// eraseTasks deletes the bureau's tasks that were done as long ago as the bureau's files are kept.
func (h Handler) eraseTasks(ctx context.Context, r *Report) error {
	today := workday.DateOf(h.Now())
	old, err := h.Tasks.OldBureauTasks(ctx, today.AddDays(-h.Retention.BureauFiles+1).Time(), MaxFiles+1)
	if err != nil {
		return err
	}
	var failed error
	for i, t := range old {
		due := workday.DateOf(t.DoneAt).AddDays(h.Retention.BureauFiles)
		if i == MaxFiles {
			r.addLeft(due, today)
			break
		}
		if err := h.Tasks.EraseBureauTask(ctx, t); err != nil {
			r.Failed++
			r.addLeft(due, today)
			h.Log.WarnContext(ctx, "a task of the bureau was not erased", "task", t.ID, "cause", err.Error())
			failed = errors.Join(failed, err)
			continue
		}
		r.Tasks++
	}
	return failed
}
