// Package clock provides the clock of the laptop: real time plus an offset. A demonstration can take place in December 2019, and a
// test can skip weeks.
//
//	c := clock.StandingAt(time.Date(2019, 12, 26, 9, 0, 0, 0, time.UTC))
//	c.Advance(24 * time.Hour)
package clock

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// A Clock shows real time plus an offset. It is safe for concurrent use. Create one with [New] or [StandingAt].
type Clock struct {
	mu      sync.Mutex
	offset  time.Duration
	changed chan struct{}
	file    string // holds the offset; "" is none
	failed  func(error)
}

// New returns a clock that shows real time.
func New() *Clock { return &Clock{changed: make(chan struct{})} }

// StandingAt returns a clock that shows t now and runs on from there.
func StandingAt(t time.Time) *Clock {
	c := New()
	c.Set(t)
	return c
}

// Open returns a clock with the offset that [Clock.SaveOffset] wrote to a file; without the file it shows real time.
func Open(file string) (*Clock, error) {
	c := New()
	text, err := os.ReadFile(file)
	if errors.Is(err, os.ErrNotExist) {
		return c, nil
	}
	if err == nil {
		c.offset, err = time.ParseDuration(strings.TrimSpace(string(text)))
	}
	if err != nil {
		return nil, fmt.Errorf("the clock's offset in %s cannot be read; delete the file to use real time: %w", file, err)
	}
	return c, nil
}

// Offset returns how far the clock is ahead of real time; negative if it is behind.
func (c *Clock) Offset() time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.offset
}

// SaveOffset writes the offset ("-24h0m0s") to a file for other processes, now and at each later move. A move writes the file before
// it wakes waiting calls. SaveOffset calls failed if a later write fails.
func (c *Clock) SaveOffset(file string, failed func(error)) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.file, c.failed = file, failed
	return c.writeOffset()
}

// writeOffset replaces the file atomically.
func (c *Clock) writeOffset() error {
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

// now returns the time without its monotonic reading, because the monotonic clock stops while a laptop sleeps.
func (c *Clock) now() time.Time { return time.Now().Round(0).UTC().Add(c.offset) }

// Advance moves the clock forward by d, or back if d is negative. Waiting calls check the time again.
func (c *Clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.offset += d
	c.notifyMoved()
}

// Set moves the clock to t. Waiting calls check the time again.
func (c *Clock) Set(t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.offset += t.Sub(c.now())
	c.notifyMoved()
}

// notifyMoved writes the offset and wakes waiting calls. The caller holds the lock.
func (c *Clock) notifyMoved() {
	if c.file != "" {
		if err := c.writeOffset(); err != nil {
			c.failed(err)
		}
	}
	close(c.changed)
	c.changed = make(chan struct{})
}

// Changed returns a channel that is closed at the next move of the clock.
func (c *Clock) Changed() <-chan struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.changed
}

// maxWait is the longest wait in real time, because timers stop while a laptop sleeps.
const maxWait = time.Minute

// Wait returns nil when the clock shows t or later, or the error of ctx if that ends first.
func (c *Clock) Wait(ctx context.Context, t time.Time) error {
	for {
		c.mu.Lock()
		left, changed := t.Sub(c.now()), c.changed
		c.mu.Unlock()
		if left <= 0 {
			return nil
		}
		timer := time.NewTimer(min(left, maxWait))
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
