// Package ticker calls functions on a schedule, as EventBridge Scheduler does on AWS.
//
// It goes by a clock that may be moved. When the clock jumps over several turns, one call is made for all of them, for
// scheduled functions look at what is due and not at how often they were called. A call that is still running when
// its next turn comes delays that turn.
package ticker

import (
	"context"
	"time"

	"beian/infra/local/clock"

	"github.com/aws/aws-lambda-go/lambda"
)

// A Schedule is a function and its turns.
type Schedule struct {
	Name    string
	Handler lambda.Handler
	// Next is the first turn after an instant; see [Every] and [Daily].
	Next func(after time.Time) time.Time
	// Input is what the function gets on a turn; nil is an empty object.
	Input func(turn time.Time) []byte
}

// Every has a turn each d, counted from when it is asked.
func Every(d time.Duration) func(time.Time) time.Time {
	return func(after time.Time) time.Time { return after.Add(d) }
}

// Daily has a turn each day at hour:minute in a place's time.
func Daily(hour, minute int, place *time.Location) func(time.Time) time.Time {
	return func(after time.Time) time.Time {
		local := after.In(place)
		turn := time.Date(local.Year(), local.Month(), local.Day(), hour, minute, 0, 0, place)
		if !turn.After(after) {
			turn = time.Date(local.Year(), local.Month(), local.Day()+1, hour, minute, 0, 0, place)
		}
		return turn
	}
}

// Run calls the function on each of its turns until ctx ends. Failed is told of a call that failed, and may be nil.
func Run(ctx context.Context, c *clock.Clock, s Schedule, failed func(name string, err error)) {
	for {
		turn := s.Next(c.Now())
		if c.Wait(ctx, turn) != nil {
			return
		}
		input := []byte("{}")
		if s.Input != nil {
			input = s.Input(turn)
		}
		if _, err := s.Handler.Invoke(ctx, input); err != nil && failed != nil {
			failed(s.Name, err)
		}
	}
}
