// Package ticker calls functions on a schedule, as EventBridge Scheduler does on AWS. Call [New] with times such as [Daily], and run the
// [Schedule]. A [Loop] calls a function again and again, and on request.
//
// A schedule follows a clock that can be moved. If the clock skips several scheduled times, it makes one call for all of them,
// because each call of a scheduled function processes everything that is due. A call that is still running at the next time delays
// the next call.
package ticker

import (
	"context"
	"sync"
	"time"

	"beian/infra/local/clock"

	"github.com/aws/aws-lambda-go/lambda"
)

// Daily returns the schedule of each day at hour:minute in a time zone.
func Daily(hour, minute int, zone *time.Location) func(after time.Time) time.Time {
	return func(after time.Time) time.Time {
		local := after.In(zone)
		next := time.Date(local.Year(), local.Month(), local.Day(), hour, minute, 0, 0, zone)
		if !next.After(after) {
			next = time.Date(local.Year(), local.Month(), local.Day()+1, hour, minute, 0, 0, zone)
		}
		return next
	}
}

// Hourly returns the schedule of each hour at a minute.
func Hourly(minute int) func(after time.Time) time.Time {
	return func(after time.Time) time.Time {
		next := after.Truncate(time.Hour).Add(time.Duration(minute) * time.Minute)
		if !next.After(after) {
			next = next.Add(time.Hour)
		}
		return next
	}
}

// A Schedule calls a function at its times. Create it with [New].
type Schedule struct {
	clock *clock.Clock
	next  func(after time.Time) time.Time

	mu      sync.Mutex
	due     time.Time // of the next call; zero before Run
	calling bool
}

// New returns a schedule. next returns the first time after an instant.
func New(c *clock.Clock, next func(after time.Time) time.Time) *Schedule {
	return &Schedule{clock: c, next: next}
}

// Run calls a function with an empty object at each time of the schedule until ctx ends. failed is called with the error of each call that fails.
func (s *Schedule) Run(ctx context.Context, function lambda.Handler, failed func(error)) {
	for due := s.plan(false); s.clock.Wait(ctx, due) == nil; {
		due = s.plan(true) // before the call, during which it may come
		if _, err := function.Invoke(ctx, []byte("{}")); err != nil {
			failed(err)
		}
		s.mu.Lock()
		s.calling = false
		s.mu.Unlock()
	}
}

// plan sets the time of the next call, and whether a call begins now.
func (s *Schedule) plan(calling bool) time.Time {
	due := s.next(s.clock.Now())
	s.mu.Lock()
	defer s.mu.Unlock()
	s.due, s.calling = due, calling
	return due
}

// Due returns the time of the next call; zero before [Schedule.Run].
func (s *Schedule) Due() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.due
}

// Settled reports whether all calls that are due have ended.
func (s *Schedule) Settled() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return !s.calling && (s.due.IsZero() || s.due.After(s.clock.Now()))
}
