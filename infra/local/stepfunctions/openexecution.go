package stepfunctions

import (
	"context"
	"errors"
	"sync"
	"time"

	"beian/infra/local/asl"
)

// An openExecution is an execution that runs. Its lock guards the fields below it.
type openExecution struct {
	key      string
	machine  *asl.Machine
	revision string
	gone     chan struct{} // closed when the end of the execution is stored

	mu      sync.Mutex
	x       *asl.Execution
	stored  bool          // the file has it
	dirty   bool          // the writer has been notified
	events  []asl.Event   // not yet stored
	after   []func(error) // called after the events are stored
	cancels map[int64]context.CancelFunc

	wake  time.Time // guarded by timers
	place int       // in the heap of timers, or -1
}

func newOpenExecution(key string, m *asl.Machine, revision string) *openExecution {
	return &openExecution{key: key, machine: m, revision: revision, gone: make(chan struct{}), place: -1}
}

// applyEvent applies an event to the execution and returns the event's error. It calls stored when the effect is in the file or could
// not be stored.
func (h *Host) applyEvent(l *openExecution, event func(now time.Time) (asl.Step, error), stored func(error)) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	step, err := event(h.now())
	if err != nil {
		return err
	}
	h.enqueueStep(l, step, stored)
	return nil
}

// enqueueStep passes a step to the writer and the timers. The caller holds the execution's lock.
func (h *Host) enqueueStep(l *openExecution, step asl.Step, stored func(error)) {
	h.transitions.Add(int64(step.Transitions))
	if l.events == nil {
		l.events = step.Events
	} else {
		l.events = append(l.events, step.Events...)
	}
	if stored != nil {
		l.after = append(l.after, stored)
	}
	if len(step.Invoke) > 0 {
		l.after = append(l.after, func(err error) {
			if err != nil {
				return
			}
			for _, i := range step.Invoke {
				h.queue.push(job{l, i})
			}
		})
	}
	for task, cancel := range l.cancels {
		if !l.x.Awaits(task) {
			cancel()
			delete(l.cancels, task)
		}
	}
	h.timers.set(l, l.x.Wake())
	if !l.dirty {
		l.dirty = true
		h.writer.markChanged(l)
	}
}

// errClosed is the error for an event after the host has closed.
var errClosed = errors.New("the host is closed")

// newStoredSignal returns a callback for applyEvent and the channel that receives its argument.
func newStoredSignal() (stored func(error), done <-chan error) {
	ch := make(chan error, 1)
	return func(err error) { ch <- err }, ch
}

// awaitStored waits until a step is stored.
func (h *Host) awaitStored(ctx context.Context, done <-chan error) error {
	select {
	case err := <-done:
		return err
	case <-h.closed:
		return errClosed
	case <-ctx.Done():
		return ctx.Err()
	}
}

// removeEnded drops an execution that has ended and is stored.
func (h *Host) removeEnded(l *openExecution) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.open[l.key] == l {
		delete(h.open, l.key)
		close(l.gone)
	}
}

func (h *Host) find(key string) *openExecution {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.open[key]
}

// fail makes the host refuse all further work, because data cannot be stored.
func (h *Host) fail(err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.broken == nil {
		h.broken = err
		h.config.Log.Error("executions cannot be stored; restart to continue them", "error", err)
	}
}

func (h *Host) brokenError() error {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.broken
}
