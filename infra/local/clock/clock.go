// Package clock is the time of day on the laptop: real time, moved by an offset, so that a demonstration may stand in
// December 2019 and a test may jump over weeks.
package clock

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// A Clock shows real time plus an offset. It is safe for concurrent use. Make one with [New] or [StandingAt].
type Clock struct {
	mu      sync.Mutex
	offset  time.Duration
	changed chan struct{}
	file    string // "" keeps none
	failed  func(error)
}

// New returns a clock that shows real time.
func New() *Clock { return &Clock{changed: make(chan struct{})} }

// StandingAt returns a clock that shows t now, and goes on from there.
func StandingAt(t time.Time) *Clock {
	c := New()
	c.Set(t)
	return c
}

// Keep writes how far the clock is ahead of real time into a file ("-24h0m0s"), now and whenever the clock is moved, before
// whoever waits is woken: for other processes that go by the clock. Failed is told when that fails later on.
func (c *Clock) Keep(file string, failed func(error)) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.file, c.failed = file, failed
	return c.write()
}

// write puts the whole file in place at once.
func (c *Clock) write() error {
	f, err := os.CreateTemp(filepath.Dir(c.file), ".clock-*")
	if err != nil {
		return err
	}
	_, err = f.WriteString(c.offset.String() + "\n")
	if err := errors.Join(err, f.Close()); err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return os.Rename(f.Name(), c.file)
}

// Now returns the time that the clock shows, in UTC.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now()
}

// now is without the monotonic reading, which stands still while a laptop sleeps.
func (c *Clock) now() time.Time { return time.Now().Round(0).UTC().Add(c.offset) }

// Offset returns how far the clock is ahead of real time.
func (c *Clock) Offset() time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.offset
}

// Advance moves the clock forward by d (back, if d is negative) and wakes whoever waits for an instant.
func (c *Clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.offset += d
	c.wake()
}

// Set makes the clock show t, and wakes whoever waits for an instant.
func (c *Clock) Set(t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.offset += t.Sub(c.now())
	c.wake()
}

func (c *Clock) wake() {
	if c.file != "" {
		if err := c.write(); err != nil {
			c.failed(err)
		}
	}
	close(c.changed)
	c.changed = make(chan struct{})
}

// Changed returns a channel that is closed when the clock is next moved.
func (c *Clock) Changed() <-chan struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.changed
}

// longestNap bounds a real wait, so that a laptop that slept notices.
const longestNap = time.Minute

// Wait returns when the clock shows t or later. It returns the context's error if that ends first.
func (c *Clock) Wait(ctx context.Context, t time.Time) error {
	for {
		c.mu.Lock()
		left, changed := t.Sub(c.now()), c.changed
		c.mu.Unlock()
		if left <= 0 {
			return nil
		}
		timer := time.NewTimer(min(left, longestNap))
		select {
		case <-timer.C:
		case <-changed:
		case <-ctx.Done():
			timer.Stop()
			return ctx.Err()
		}
		timer.Stop()
	}
}
