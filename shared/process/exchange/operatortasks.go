package exchange

import (
	"context"
	"strconv"
	"time"

	"beian/shared/bureau/document"
	"beian/shared/filing"
	"beian/shared/filing/register"
	"beian/shared/process/bureautask"
	"beian/shared/rules/codes"
	"beian/shared/rules/fault"
	"beian/shared/rules/finding"
)

// A TaskView is a task with what the bureau wrote beside the register. It has personal data.
type TaskView struct {
	bureautask.Task
	Rows   []bureautask.Row
	Filing register.Filing // of the register; the zero Filing if it has none
	// Record is the answer as the interface names its elements, while it is not done; nil if there is no answer, or it cannot be built.
	Record *document.Record
}

// Tasks lists the bureau's tasks on which somebody has to act, the next deadline first; or those that are done, the last one first.
func (o *Operator) Tasks(ctx context.Context, done bool, cursor string, limit int) (tasks []bureautask.Task, next string, err error) {
	return o.Store.BureauTasks(ctx, done, cursor, limit)
}

// Task returns a task, or a fault of kind NotFound.
func (o *Operator) Task(ctx context.Context, id string) (TaskView, error) {
	task, err := o.Store.BureauTask(ctx, id)
	if err != nil {
		return TaskView{}, err
	}
	return o.viewTask(ctx, task)
}

func (o *Operator) viewTask(ctx context.Context, task bureautask.Task) (TaskView, error) {
	v := TaskView{Task: task}
	d, filed, err := recordOfTask(ctx, o.Store, o.Objects, task)
	if err != nil {
		return v, err
	}
	v.Rows, v.Filing = task.Rows(d, filed), filed
	if record, found := task.Build(d, filed, o.provider(), o.Characters); !found.Blocking() {
		v.Record = &record
	}
	return v, nil
}

// provider returns the provider's number at the bureau; 0 without a link.
func (o *Operator) provider() int64 {
	n, _ := strconv.ParseInt(o.Link, 10, 64)
	return n
}

// AddTask stores a task that an operator copied from the bureau's console. The deadline is that of the console; the zero time stands for that of the kind.
// Adding a task with its id again changes nothing. The error is a fault of kind Invalid with findings.
func (o *Operator) AddTask(ctx context.Context, id string, k bureautask.Kind, about bureautask.About, text string, deadline time.Time) (TaskView, error) {
	task, err := bureautask.EnterTask(k, about, text, deadline, o.Now(), o.Deadlines)
	if err != nil {
		return TaskView{}, err
	}
	task.ID, task.Link = id, o.Link
	e := &run{Exchange: &Exchange{Store: o.Store, Link: o.Link, Log: o.Log, Now: o.Now, Duties: o.Duties}}
	filed, err := e.filingOfTask(ctx, task, nil)
	if err != nil {
		return TaskView{}, err
	}
	if err := e.putTask(ctx, task, filed); err != nil {
		return TaskView{}, err
	}
	return o.Task(ctx, id)
}

// AssignTask gives a task to a person; "" takes it from them.
func (o *Operator) AssignTask(ctx context.Context, id string, to, by filing.Account) (TaskView, error) {
	return o.changeTask(ctx, id, func(t bureautask.Task) (bureautask.Task, error) {
		if t.Assignee == to {
			return t, nil
		}
		return t.Assign(to, by, o.Now())
	})
}

// AnswerTask stores an answer. It leaves with the next upload, or waits for [Operator.EnterAnswer] if the task or the whole exchange is by hand. The same
// answer again changes nothing. The error is a fault of kind Invalid or Conflict with findings.
func (o *Operator) AnswerTask(ctx context.Context, id string, a bureautask.Answer, by filing.Account) (TaskView, error) {
	tables, err := o.Store.CodeTables(ctx)
	if err != nil {
		return TaskView{}, err
	}
	return o.changeTask(ctx, id, func(t bureautask.Task) (bureautask.Task, error) { return o.answer(ctx, t, a, tables, by) })
}

// answer returns a task with an answer that can be sent.
func (o *Operator) answer(ctx context.Context, t bureautask.Task, a bureautask.Answer, tables codes.Tables, by filing.Account) (bureautask.Task, error) {
	if t.HasAnswer(a) {
		return t, nil
	}
	after, err := t.AnswerWith(a, tables, by, o.Now())
	if err != nil || t.ByHand() {
		return after, err
	}
	d, filed, err := recordOfTask(ctx, o.Store, o.Objects, t)
	if err != nil {
		return after, err
	}
	if _, found := after.Build(d, filed, o.provider(), o.Characters); found.Blocking() {
		return after, fault.WithFindings(fault.Conflict, found)
	}
	return after, nil
}

// EnterAnswer notes that an operator entered the answer to a task into the bureau's console. The error is a fault of kind Conflict with a finding for an
// answer that leaves with an upload.
func (o *Operator) EnterAnswer(ctx context.Context, id string, by filing.Account) (TaskView, error) {
	return o.changeTask(ctx, id, func(t bureautask.Task) (bureautask.Task, error) {
		if t.State == bureautask.Accepted && t.Sequence == 0 {
			return t, nil
		}
		if !o.ByHand && !t.ByHand() {
			return t, fault.WithFindings(fault.Conflict, finding.List{finding.New(bureautask.CodeState, "")})
		}
		return t.Accept(0, by, o.Now())
	})
}

// CloseTask ends a task with a note. The same note again changes nothing. The error is a fault of kind Invalid or Conflict with findings.
func (o *Operator) CloseTask(ctx context.Context, id, note string, by filing.Account) (TaskView, error) {
	return o.changeTask(ctx, id, func(t bureautask.Task) (bureautask.Task, error) {
		if t.State == bureautask.Closed && t.Private.Note == note {
			return t, nil
		}
		return t.Close(note, by, o.Now())
	})
}

// changeTask applies a change to a task, and queues the upload of a new answer. A change that returns the version that it got is not stored.
func (o *Operator) changeTask(ctx context.Context, id string, change func(bureautask.Task) (bureautask.Task, error)) (TaskView, error) {
	task, err := o.Store.BureauTask(ctx, id)
	if err != nil {
		return TaskView{}, err
	}
	after, err := change(task)
	if err != nil {
		return TaskView{}, err
	}
	if after.Version != task.Version {
		upload := task.State == bureautask.Open && after.State == bureautask.Answered && !o.ByHand && !task.ByHand()
		if err := o.Store.SaveBureauTask(ctx, after, upload); err != nil {
			return TaskView{}, err
		}
	}
	if after.State.Done() {
		if err := followTask(ctx, o.Duties, after); err != nil {
			return TaskView{}, err
		}
	}
	return o.viewTask(ctx, after)
}
