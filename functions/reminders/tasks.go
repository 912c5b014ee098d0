package reminders

import (
	"context"
	"time"

	"beian/shared/process/bureautask"
)

// Tasks lists the bureau's tasks. Package dynamo implements it.
type Tasks interface {
	// DueBureauTasks lists the ids of tasks of which operators are alerted at a time, the earliest first.
	DueBureauTasks(ctx context.Context, until time.Time, cursor string, limit int) (ids []string, next string, err error)
	// BureauTask returns a task.
	BureauTask(ctx context.Context, id string) (bureautask.Task, error)
	// PostponeBureauTask sets when operators are alerted of a task next. It has no effect if the task has another version.
	PostponeBureauTask(ctx context.Context, t bureautask.Task, at time.Time) error
}

// alertTasks logs the tasks of the bureau on their last day, and each morning after it until they are done. An alarm counts these lines.
func (h Handler) alertTasks(ctx context.Context, report *Report) error {
	return eachDue(ctx, h, report, "task", 1, h.Orders.DueBureauTasks, func(id string) error { return h.alertTask(ctx, id, report) })
}

func (h Handler) alertTask(ctx context.Context, id string, report *Report) error {
	t, err := h.Orders.BureauTask(ctx, id)
	if err != nil {
		return err
	}
	now := h.Now()
	if !t.State.Done() {
		report.Tasks++
		h.Log.WarnContext(ctx, "a task of the bureau is due", "task", id, "kind", string(t.Kind), "owner", string(t.Owner), "deadline", t.Deadline, "overdue", t.Overdue(now))
	}
	return h.Orders.PostponeBureauTask(ctx, t, t.NextAlert(now))
}
