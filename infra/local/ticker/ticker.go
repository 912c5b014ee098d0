// Package ticker calls functions on a schedule, as EventBridge Scheduler does on AWS. Call [Run] with a schedule such as [Daily].
//
// The schedule follows a clock that can be moved. If the clock skips several scheduled times, Run makes one call for all of them,
// because each call of a scheduled function processes everything that is due. A call that is still running at the next time delays
// the next call.
package ticker

import (
	"context"
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

// Run calls a function with an empty object at each time of a schedule until ctx ends. next returns the first time after an
// instant. failed is called with the error of each call that fails.
func Run(ctx context.Context, c *clock.Clock, next func(after time.Time) time.Time, function lambda.Handler, failed func(error)) {
	for due := next(c.Now()); c.Wait(ctx, due) == nil; {
		due = next(c.Now()) // before the call, during which it may come
		if _, err := function.Invoke(ctx, []byte("{}")); err != nil {
			failed(err)
		}
	}
}
