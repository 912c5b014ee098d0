package stepfunctions

import (
	"slices"
	"time"
)

// A Wait is an execution that waits for a time.
type Wait struct {
	Name  string // of the execution
	State string
	Due   time.Time
}

// Waits returns what the running executions wait for, the earliest first: the end of a Wait state, the next retry, or the timeout of a task.
func (h *Host) Waits() []Wait {
	var all []Wait
	for _, l := range h.openExecutions() {
		l.mu.Lock()
		if due := l.x.Wake(); !due.IsZero() {
			all = append(all, Wait{Name: l.x.Name, State: l.x.Position.State, Due: due})
		}
		l.mu.Unlock()
	}
	slices.SortFunc(all, func(a, b Wait) int { return a.Due.Compare(b.Due) })
	return all
}

// Settled reports whether nothing happens until an event or a later time: every execution waits for a token or a time that has not come.
func (h *Host) Settled() bool {
	now := h.now()
	for _, l := range h.openExecutions() {
		l.mu.Lock()
		due := l.x.Wake()
		busy := l.dirty || len(l.x.Unfinished()) > 0 || !due.IsZero() && !due.After(now)
		l.mu.Unlock()
		if busy {
			return false
		}
	}
	return true
}

// openExecutions returns the executions that run.
func (h *Host) openExecutions() []*openExecution {
	h.mu.Lock()
	defer h.mu.Unlock()
	all := make([]*openExecution, 0, len(h.open))
	for _, l := range h.open {
		all = append(all, l)
	}
	return all
}
