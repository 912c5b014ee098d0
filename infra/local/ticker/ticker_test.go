package ticker_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"beian/infra/local/clock"
	"beian/infra/local/ticker"

	"github.com/aws/aws-lambda-go/lambda"
)

var monday = time.Date(2026, 3, 2, 1, 0, 0, 0, time.UTC) // 9:00 in Beijing

var beijing = time.FixedZone("CST", 8*60*60)

func TestDaily(t *testing.T) {
	for _, tc := range []struct {
		name  string
		next  func(time.Time) time.Time
		after time.Time
		want  time.Time
	}{
		{"later today", ticker.Daily(9, 30, beijing), monday, monday.Add(30 * time.Minute)},
		{"not the same instant again", ticker.Daily(9, 0, beijing), monday, monday.AddDate(0, 0, 1)},
		{"tomorrow", ticker.Daily(8, 0, beijing), monday, monday.Add(23 * time.Hour)},
		{"over the end of a month", ticker.Daily(8, 0, beijing), time.Date(2026, 3, 31, 1, 0, 0, 0, time.UTC),
			time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC)},
		{"this hour", ticker.Hourly(20), monday, monday.Add(20 * time.Minute)},
		{"next hour", ticker.Hourly(20), monday.Add(20 * time.Minute), monday.Add(80 * time.Minute)},
	} {
		if got := tc.next(tc.after); !got.Equal(tc.want) {
			t.Errorf("%s: %v, want %v", tc.name, got, tc.want)
		}
	}
}

func TestRun(t *testing.T) {
	c := clock.StandingAt(monday)
	calls, waiting := make(chan bool), make(chan bool)
	failures := make(chan error, 2)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	notToday := errors.New("not today")
	go func() {
		defer close(ended)
		ticker.Run(ctx, c, func(after time.Time) time.Time {
			waiting <- true
			return ticker.Daily(10, 0, beijing)(after)
		}, lambda.NewHandler(func() error {
			calls <- true
			return notToday
		}), func(err error) { failures <- err })
	}()
	for _, jump := range []time.Duration{2 * time.Hour, 21 * 24 * time.Hour} {
		<-waiting
		c.Advance(jump)
		<-calls
		if err := <-failures; err == nil {
			t.Error("the failure is not reported")
		}
	}
	<-waiting // there is no second call for the same jump
	cancel()
	<-ended
}

// TestRunAfterTheCallBefore: a time that comes while a call runs is not lost: another call follows.
func TestRunAfterTheCallBefore(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	c := clock.StandingAt(monday)
	calls, waiting, ended := make(chan bool), make(chan bool), make(chan bool)
	first := true
	go func() {
		defer close(ended)
		ticker.Run(ctx, c, func(after time.Time) time.Time {
			waiting <- true
			return ticker.Hourly(20)(after)
		}, lambda.NewHandler(func() error {
			if first {
				c.Advance(time.Hour)
			}
			first = false
			calls <- true
			return nil
		}), func(err error) { t.Error(err) })
	}()
	<-waiting
	c.Advance(30 * time.Minute)
	<-calls
	<-waiting
	<-calls
	<-waiting
	cancel()
	<-ended
}
