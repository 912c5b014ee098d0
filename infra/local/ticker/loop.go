package ticker

import (
	"context"
	"sync/atomic"
	"time"

	"beian/infra/local/clock"
)

// A Loop calls a function at an interval of real time, and soon after each request. Create it with [NewLoop].
type Loop struct {
	wake              chan struct{}
	requested, served atomic.Int64
}

// NewLoop returns a loop.
func NewLoop() *Loop { return &Loop{wake: make(chan struct{}, 1)} }

// Request asks for a call that begins after this moment. Several requests may get one call.
func (l *Loop) Request() {
	l.requested.Add(1)
	select {
	case l.wake <- struct{}{}:
	default:
	}
}

// Run calls do at once, each interval, when the clock was moved, and a delay after each request, until ctx ends. Without a clock it ignores moves. A call
// includes the requests until its beginning.
func (l *Loop) Run(ctx context.Context, every, delay time.Duration, c *clock.Clock, do func()) {
	for ctx.Err() == nil {
		var moved <-chan struct{}
		if c != nil {
			moved = c.Changed()
		}
		request := l.requested.Load()
		do()
		l.served.Store(request)
		select {
		case <-ctx.Done():
		case <-moved:
		case <-time.After(every):
		case <-l.wake:
			select {
			case <-ctx.Done():
			case <-time.After(delay):
			}
		}
	}
}

// Settled reports whether each request has got its call, and the call has ended.
func (l *Loop) Settled() bool { return l.served.Load() >= l.requested.Load() }
