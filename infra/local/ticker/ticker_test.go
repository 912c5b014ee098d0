package ticker_test

import (
	"context"
	"errors"
	"runtime"
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
		ticker.New(c, func(after time.Time) time.Time {
			waiting <- true
			return ticker.Daily(10, 0, beijing)(after)
		}).Run(ctx, lambda.NewHandler(func() error {
			calls <- true
			return notToday
		}), func(err error) { failures <- err })
	}()
	<-waiting
	for _, jump := range []time.Duration{2 * time.Hour, 21 * 24 * time.Hour} {
		c.Advance(jump)
		<-waiting // it plans the next call, then calls
		<-calls
		if err := <-failures; err == nil {
			t.Error("the failure is not reported")
		}
	}
	cancel()
	<-ended
}

// TestTimeDuringACall: a scheduled time that comes while a call is running leads to a call after it.
func TestTimeDuringACall(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	c := clock.StandingAt(monday)
	calls, planned, running := 0, make(chan bool, 3), make(chan struct{})
	go func() {
		defer close(running)
		ticker.New(c, func(after time.Time) time.Time {
			planned <- true
			return ticker.Hourly(20)(after)
		}).Run(ctx, lambda.NewHandler(func() {
			calls++
			switch calls {
			case 1:
				c.Advance(time.Hour)
			case 2:
				cancel()
			}
		}), func(err error) { t.Error(err) })
	}()
	<-planned
	c.Advance(time.Hour)
	select {
	case <-running:
	case <-time.After(10 * time.Second):
		t.Error("the second time was missed")
		cancel()
		<-running
	}
}

// TestSettled: a schedule has settled when no call is due or runs.
func TestSettled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	c := clock.StandingAt(monday)
	planned, calling, finish := make(chan bool, 3), make(chan bool), make(chan bool)
	s := ticker.New(c, func(after time.Time) time.Time {
		planned <- true
		return ticker.Hourly(20)(after)
	})
	go s.Run(ctx, lambda.NewHandler(func() {
		calling <- true
		<-finish
	}), func(error) {})
	<-planned
	c.Advance(time.Hour)
	<-calling
	if s.Settled() {
		t.Error("it has settled during its call")
	}
	finish <- true
	for !s.Settled() {
		runtime.Gosched()
	}
	if due := s.Due(); !due.Equal(monday.Add(80 * time.Minute)) {
		t.Errorf("the next call is due at %v", due)
	}
}

// TestLoop: each request gets a call that begins after it; only then the loop has settled.
func TestLoop(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	calling, finish := make(chan bool), make(chan bool)
	l := ticker.NewLoop()
	go l.Run(ctx, time.Hour, 0, nil, func() {
		calling <- true
		<-finish
	})
	<-calling
	l.Request() // the call that runs may have begun before
	finish <- true
	<-calling
	if l.Settled() {
		t.Error("it has settled during the call of the request")
	}
	finish <- true
	for !l.Settled() {
		runtime.Gosched()
	}
}

// TestLoopFollowsTheClock: a loop with a clock calls when it is moved.
func TestLoopFollowsTheClock(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	c := clock.StandingAt(monday)
	calling := make(chan bool)
	go ticker.NewLoop().Run(ctx, time.Hour, 0, c, func() {
		select {
		case calling <- true:
		case <-ctx.Done():
		}
	})
	<-calling
	c.Advance(time.Minute)
	<-calling
}
