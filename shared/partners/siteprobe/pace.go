package siteprobe

import (
	"context"
	"sync"
	"time"
)

// Interval is the time between two requests to a host, and to an address.
const Interval = time.Second

// maxPaced limits how many hosts and addresses a Pace remembers. Those whose time is over are forgotten first.
const maxPaced = 10_000

// A Pace keeps requests to a host, and to an address, apart. It is safe for concurrent use.
type Pace struct {
	Now func() time.Time
	// Sleep waits; it returns early with the error of ctx.
	Sleep func(ctx context.Context, d time.Duration) error

	mu   sync.Mutex
	next map[string]time.Time
}

// NewPace returns a Pace that waits on the real clock.
func NewPace() *Pace { return &Pace{Now: time.Now, Sleep: sleep} }

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Wait waits for the turn of a request to everything that the keys name.
func (p *Pace) Wait(ctx context.Context, keys ...string) error {
	if d := p.reserve(keys); d > 0 {
		return p.Sleep(ctx, d)
	}
	return ctx.Err()
}

// reserve reserves the next time that is free for all keys, and returns how long it is until then.
func (p *Pace) reserve(keys []string) time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.Now()
	if p.next == nil {
		p.next = map[string]time.Time{}
	}
	if len(p.next) > maxPaced {
		for key, at := range p.next {
			if at.Before(now) {
				delete(p.next, key)
			}
		}
	}
	turn := now
	for _, key := range keys {
		if at := p.next[key]; at.After(turn) {
			turn = at
		}
	}
	for _, key := range keys {
		p.next[key] = turn.Add(Interval)
	}
	return turn.Sub(now)
}
