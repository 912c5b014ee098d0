package asl

import (
	"math"
	"time"
)

// fail lets the branch's state fail: it is retried, caught, or fails what it is part of.
func (r *run) fail(b *Branch, f *Failure) {
	s := r.m.states[b.State]
	b.Task, b.Fork, b.Wake = nil, nil, time.Time{}
	if r.retries(b, s, f) {
		return
	}
	for _, c := range s.catch {
		if !f.matches(c.errors) {
			continue
		}
		output, failure := combine(b.Input, c.result, map[string]any{"Error": f.Name, "Cause": f.Cause})
		if failure != nil {
			r.failParent(b, failure)
			return
		}
		text := encode(output)
		r.record(b, Event{Type: s.kind + "StateExited", State: s.name, Output: text})
		r.enter(b, c.next, text)
		return
	}
	r.failParent(b, f)
}

// retries reports whether the state will be tried again, and sets when.
func (r *run) retries(b *Branch, s *state, f *Failure) bool {
	for i, retry := range s.retry {
		if !f.matches(retry.errors) {
			continue
		}
		if b.Retried == nil {
			b.Retried = make([]int, len(s.retry))
		}
		if b.Retried[i] >= retry.attempts {
			return false
		}
		delay := retry.interval * math.Pow(retry.backoff, float64(b.Retried[i]))
		if retry.maxDelay > 0 {
			delay = min(delay, retry.maxDelay)
		}
		delay = min(delay, maxSeconds)
		if retry.jitter {
			delay *= r.x.randomness().Float64()
		}
		b.Retried[i]++
		b.Wake = r.now.Add(time.Duration(delay * float64(time.Second)))
		return true
	}
	return false
}

// failParent passes a failure on that the state itself does not handle.
func (r *run) failParent(b *Branch, f *Failure) {
	p := b.parent
	if p == nil {
		r.end(Failed, Event{Type: "ExecutionFailed", Error: f.Name, Cause: f.Cause})
		return
	}
	s := r.m.states[p.State]
	if s.kind == mapState {
		r.record(b, Event{Type: "MapIterationFailed", State: s.name, Index: b.Number})
	}
	p.Last = b.Last
	r.abort(p, b)
	r.record(p, Event{Type: s.kind + "StateFailed", Error: f.Name, Cause: f.Cause})
	r.fail(p, &Failure{Name: f.Name, Cause: f.Cause, branch: true})
}

// abort records that what else runs in p's fork is cut off. The parent's last event stays the failed branch's.
func (r *run) abort(p, failed *Branch) {
	inMap := r.m.states[p.State].kind == mapState
	for _, b := range p.Fork.Running {
		if b == failed {
			continue
		}
		if b.Fork != nil {
			r.abort(b, nil)
		}
		switch kind := r.m.states[b.State].kind; kind {
		case taskState, waitState, parallelState, mapState:
			r.record(b, Event{Type: kind + "StateAborted"})
		}
		if inMap {
			r.record(b, Event{Type: "MapIterationAborted", State: p.State, Index: b.Number})
		}
	}
}
