package stepfunctions

import (
	"container/heap"
	"sync"
	"time"
)

// timers stores the time of the next timed event of each execution.
type timers struct {
	mu   sync.Mutex
	heap wakeHeap
	kick chan struct{} // signals that the earliest time has changed
}

// set sets the time at which the execution is woken; zero means never.
func (t *timers) set(l *openExecution, wake time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	switch {
	case wake.IsZero() && l.place >= 0:
		heap.Remove(&t.heap, l.place)
	case wake.IsZero():
		return
	case l.place >= 0:
		l.wake = wake
		heap.Fix(&t.heap, l.place)
	default:
		l.wake = wake
		heap.Push(&t.heap, l)
	}
	if l.place == 0 {
		select {
		case t.kick <- struct{}{}:
		default:
		}
	}
}

// due removes and returns the executions that are due, and returns the time of the next one; zero for never.
func (t *timers) due(now time.Time) (due []*openExecution, next time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for len(t.heap) > 0 && !t.heap[0].wake.After(now) {
		due = append(due, heap.Pop(&t.heap).(*openExecution))
	}
	if len(t.heap) > 0 {
		next = t.heap[0].wake
	}
	return due, next
}

// longestSleep limits a wait in real time, so that due events are found after the laptop was suspended.
const longestSleep = time.Minute

// runTimers wakes executions until the host closes.
func (h *Host) runTimers() {
	for h.alive.Err() == nil {
		changed := h.config.Clock.Changed()
		now := h.now()
		due, next := h.timers.due(now)
		for _, l := range due {
			h.tick(l)
		}
		if len(due) > 0 {
			continue
		}
		nap := longestSleep
		if !next.IsZero() {
			nap = min(nap, next.Sub(now))
		}
		timer := time.NewTimer(nap)
		select {
		case <-timer.C:
		case <-changed:
		case <-h.timers.kick:
		case <-h.alive.Done():
		}
		timer.Stop()
	}
}

// tick applies the events of the execution that are due.
func (h *Host) tick(l *openExecution) {
	l.mu.Lock()
	defer l.mu.Unlock()
	step := l.machine.Tick(l.x, h.now())
	if len(step.Events) == 0 {
		h.timers.set(l, l.x.Wake())
		return
	}
	h.enqueueStep(l, step, nil)
}

// wakeHeap is a heap by wake; it keeps each execution's place.
type wakeHeap []*openExecution

var _ heap.Interface = (*wakeHeap)(nil)

func (w wakeHeap) Len() int           { return len(w) }
func (w wakeHeap) Less(i, j int) bool { return w[i].wake.Before(w[j].wake) }
func (w wakeHeap) Swap(i, j int) {
	w[i], w[j] = w[j], w[i]
	w[i].place, w[j].place = i, j
}

func (w *wakeHeap) Push(x any) {
	l := x.(*openExecution)
	l.place = len(*w)
	*w = append(*w, l)
}

func (w *wakeHeap) Pop() any {
	last := len(*w) - 1
	l := (*w)[last]
	(*w)[last] = nil
	*w = (*w)[:last]
	l.place = -1
	return l
}
