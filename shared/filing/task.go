package filing

import (
	"slices"
	"time"

	"beian/shared/rules/fault"
	"beian/shared/rules/finding"
)

// Findings about tasks.
const (
	CodeTaskNote finding.Code = "task-note"
	CodeTaskNone finding.Code = "task-none"
)

// A Task is something about an order that an operator has to look after. It has no personal data. An order has one task of each kind at most.
type Task struct {
	Kind     TaskKind  `json:"kind"`
	Order    ID        `json:"order"`
	OpenedAt time.Time `json:"openedAt"`
	// Codes are those of the reasons for the rejection; "reviewer" is a reason in the reviewer's own words.
	Codes    []finding.Code `json:"codes,omitempty"`
	ClosedAt time.Time      `json:"closedAt,omitzero"`
	ClosedBy Actor          `json:"closedBy,omitzero"`
}

// A TaskKind says what the operator has to do.
type TaskKind string

const (
	// TaskAppealOverdue: have the appeal decided. The decision closes the task.
	TaskAppealOverdue TaskKind = "appeal-overdue"
	// TaskRejectionOverturned: correct the rule or the reason that caused the rejection. The operator closes it with a note.
	TaskRejectionOverturned TaskKind = "rejection-overturned"
)

// openTask opens a task of the operator.
func (c *Change) openTask(kind TaskKind, at time.Time) {
	o := &c.Order
	t := Task{Kind: kind, Order: o.ID, OpenedAt: at}
	for _, f := range o.Private.Appeal.Rejection {
		if !slices.Contains(t.Codes, f.Code) {
			t.Codes = append(t.Codes, f.Code)
		}
	}
	o.Tasks, c.Tasks = append(o.Tasks, t), append(c.Tasks, t)
}

// closeTask closes the task of a kind, and reports whether there was one to close.
func (c *Change) closeTask(kind TaskKind, by Actor, at time.Time) bool {
	o := &c.Order
	i := slices.IndexFunc(o.Tasks, func(t Task) bool { return t.Kind == kind && t.ClosedAt.IsZero() })
	if i < 0 {
		return false
	}
	o.Tasks[i].ClosedAt, o.Tasks[i].ClosedBy = at, Actor{Account: by.Account, Role: by.Role}
	c.Tasks = append(c.Tasks, o.Tasks[i])
	return true
}

// CloseTask closes the operator's task about an overturned rejection, with a note on what was done about the rule or the reason.
type CloseTask struct{ Note string }

func (CloseTask) Name() string { return "close-task" }

func (d CloseTask) apply(c *Change, by Actor, at time.Time) error {
	o := &c.Order
	note, err := appealText(d.Note, CodeTaskNote, "/note")
	if err != nil {
		return err
	}
	if !c.closeTask(TaskRejectionOverturned, by, at) {
		if note == o.Private.Appeal.Note {
			return ErrNothingToDo
		}
		return fault.WithFindings(fault.Conflict, finding.List{finding.New(CodeTaskNone, "")})
	}
	o.Private.Appeal.Note = note
	c.setFact("task", string(TaskRejectionOverturned))
	c.setFact("note", o.keyedDigest([]byte(note)))
	return nil
}
