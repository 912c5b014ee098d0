package stepfunctions

import (
	"slices"
	"sync"

	"beian/infra/local/asl"
)

// A writer stores changed executions. Each transaction contains all changes that arrived during the previous one.
type writer struct {
	host *Host
	wake chan struct{}
	mu   sync.Mutex
	todo []*openExecution
}

// A change is the part of one execution that must be stored.
type change struct {
	live   *openExecution
	record []byte
	fresh  bool // it is not in the file yet
	events []asl.Event
	after  []func(error)

	machine, name string
	status        asl.Status
	started       int64 // nanoseconds since 1970
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

func (w *writer) save(todo []*openExecution) {
	changes := make([]change, len(todo))
	for i, l := range todo {
		changes[i] = l.collect()
	}
	// Sorted by key, because neighbours share pages of the file.
	slices.SortFunc(changes, func(a, b change) int { return cmpKeys(a.live, b.live) })
	err := w.host.brokenError()
	if err == nil {
		if err = w.host.store.save(changes); err != nil {
			w.host.fail(err)
		}
	}
	for _, c := range changes {
		if err == nil && c.status != asl.Running {
			w.host.removeEnded(c.live)
		}
		for _, stored := range c.after {
			stored(err)
		}
	}
}

// collect returns the changes of the execution since the last call.
func (l *openExecution) collect() change {
	l.mu.Lock()
	defer l.mu.Unlock()
	c := change{
		live: l, record: encodeRecord(&executionRecord{Revision: l.revision, Execution: l.x}), fresh: !l.stored,
		events: l.events, after: l.after,
		machine: l.x.MachineName, name: l.x.Name, status: l.x.Status, started: l.x.Started.UnixNano(),
	}
	l.events, l.after, l.dirty, l.stored = nil, nil, false, true
	return c
}
