package stepfunctions

import (
	"bytes"
	"sync"

	"beian/infra/local/asl"
)

// A writer stores changed executions. Each group of the journal contains all changes that arrived while the disk wrote the one before.
type writer struct {
	host *Host
	wake chan struct{}
	mu   sync.Mutex
	todo []*openExecution

	changes []change // of the group that is being stored
	after   []func(error)
	buffer  []byte
}

// markChanged records that an execution has changed.
func (w *writer) markChanged(l *openExecution) {
	w.mu.Lock()
	w.todo = append(w.todo, l)
	w.mu.Unlock()
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

// run stores changes until the host closes and nothing is left.
func (w *writer) run() {
	for {
		closing := false
		select {
		case <-w.wake:
		case <-w.host.alive.Done():
			closing = true
		}
		w.mu.Lock()
		todo := w.todo
		w.todo = nil
		w.mu.Unlock()
		if len(todo) > 0 {
			w.save(todo)
		} else if closing {
			return
		}
	}
}

// save stores the changes of executions, and then calls what waits for them.
func (w *writer) save(todo []*openExecution) {
	w.changes, w.after = w.changes[:0], w.after[:0]
	for _, l := range todo {
		w.collect(l)
	}
	err := w.host.brokenError()
	if err == nil {
		if err = w.host.store.save(w.changes); err != nil {
			w.host.fail(err)
		}
	}
	for i, l := range todo {
		if err == nil && w.changes[i].status != asl.Running {
			w.host.removeEnded(l)
		}
	}
	for _, stored := range w.after {
		stored(err)
	}
	clear(w.changes)
	clear(w.after)
	if err := w.host.store.awaitSpace(); err != nil {
		w.host.fail(err)
	}
}

// collect adds the changes of an execution since the last call.
func (w *writer) collect(l *openExecution) {
	l.mu.Lock()
	defer l.mu.Unlock()
	c := change{
		machine: l.x.MachineName, name: l.x.Name, fresh: !l.stored, status: l.x.Status, started: l.x.Started.UnixNano(),
	}
	w.buffer = appendExecution(w.buffer[:0], l.revision, l.x)
	c.record = bytes.Clone(w.buffer)
	if len(l.events) > 0 {
		w.buffer = appendEvents(w.buffer[:0], l.events)
		c.first, c.events = l.events[0].ID, bytes.Clone(w.buffer)
	}
	w.changes, w.after = append(w.changes, c), append(w.after, l.after...)
	l.events, l.after, l.dirty, l.stored = nil, nil, false, true
}
