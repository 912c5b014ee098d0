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
	// Codes are those of the reasons for the rejection, where "reviewer" is a reason in the reviewer's own words, or say what the register has
	// otherwise than the approved order.
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
	// TaskCheckApproval: the bureau approved the order, and the register has another filing of the subject, none, or one of another account.
	// Compare it with the bureau's, correct it by an import, and ask both accounts. The operator closes it with a note.
	TaskCheckApproval TaskKind = "check-approval"
	// TaskSecondReading: have another reviewer read the order, or have it decided without; see [DecideByOne]. The verdict closes the task.
	TaskSecondReading TaskKind = "second-reading"
	// TaskAppointment: set the time of an appointment, or record its outcome. It is of the reviewers, and closes with the order's last open appointment.
	TaskAppointment TaskKind = "appointment"
)

// openTask opens a task of the operator.
func (c *Change) openTask(kind TaskKind, codes []finding.Code, at time.Time) {
	o := &c.Order
	t := Task{Kind: kind, Order: o.ID, OpenedAt: at}
	for _, code := range codes {
		if !slices.Contains(t.Codes, code) {
			t.Codes = append(t.Codes, code)
		}
	}
	o.Tasks, c.Tasks = append(o.Tasks, t), append(c.Tasks, t)
}

// hasOpenTask reports whether a task of a kind is open.
func (o Order) hasOpenTask(kind TaskKind) bool {
	return slices.ContainsFunc(o.Tasks, func(t Task) bool { return t.Kind == kind && t.ClosedAt.IsZero() })
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

// CloseTask closes a task of the operator with a note on what was done: about the rule or the reason that caused an overturned rejection, or about
// the filing.
type CloseTask struct {
	Kind TaskKind // TaskCheckApproval, or TaskRejectionOverturned, which "" means too
	Note string
}

func (CloseTask) Name() string { return "close-task" }

func (d CloseTask) apply(c *Change, by Actor, at time.Time) error {
	o := &c.Order
	note, err := appealText(d.Note, CodeTaskNote, "/note")
	if err != nil {
		return err
	}
	kind, stored := TaskRejectionOverturned, &o.Private.Appeal.Note
	if d.Kind == TaskCheckApproval {
		kind, stored = d.Kind, &o.Private.ApprovalNote
	}
	if !c.closeTask(kind, by, at) {
		if note == *stored {
			return ErrNothingToDo
		}
		return fault.WithFindings(fault.Conflict, finding.List{finding.New(CodeTaskNone, "")})
	}
	*stored = note
	c.setFact("task", string(kind))
	c.setFact("note", o.keyedDigest([]byte(note)))
	return nil
}
