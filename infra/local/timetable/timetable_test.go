package timetable_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/lambda"

	"beian/infra/local/clock"
	"beian/infra/local/stepfunctions"
	"beian/infra/local/ticker"
	"beian/infra/local/timetable"
)

var monday = time.Date(2026, 3, 2, 1, 0, 0, 0, time.UTC)

// twoWaits waits ten days, calls a function, and does so again.
const twoWaits = `{"StartAt": "Wait", "States": {
	"Wait": {"Type": "Wait", "Seconds": 864000, "Next": "First"},
	"First": {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Parameters": {"FunctionName": "first"}, "Next": "Again"},
	"Again": {"Type": "Wait", "Seconds": 864000, "Next": "Second"},
	"Second": {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Parameters": {"FunctionName": "second"}, "Next": "Done"},
	"Done": {"Type": "Succeed"}}}`

// A diary records what happened, on which day of the clock.
type diary struct {
	clock *clock.Clock
	mu    sync.Mutex
	lines []string
}

func (d *diary) write(what string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.lines = append(d.lines, d.clock.Now().Format("01-02 ")+what)
}

// TestJump: in a jump, what becomes due happens on its day and in its order, also what is due only because of something before. It stops at nothing else.
func TestJump(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	c := clock.StandingAt(monday)
	d := &diary{clock: c}
	machine, err := stepfunctions.Start(stepfunctions.Config{
		Dir: t.TempDir(), Clock: c, Machines: map[string]string{"two": twoWaits},
		Invoke: func(_ context.Context, function string, _ []byte) ([]byte, bool, error) {
			d.write(function)
			return []byte("{}"), false, nil
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { machine.Close() })
	weekly := ticker.New(c, func(after time.Time) time.Time {
		next := monday
		for !next.After(after) {
			next = next.AddDate(0, 0, 7)
		}
		return next
	})
	hourly := ticker.New(c, ticker.Hourly(20))
	loop := ticker.NewLoop()
	var running sync.WaitGroup
	running.Go(func() {
		weekly.Run(ctx, lambda.NewHandler(func() { d.write("weekly") }), func(err error) { t.Error(err) })
	})
	running.Go(func() { hourly.Run(ctx, lambda.NewHandler(func() {}), func(err error) { t.Error(err) }) })
	running.Go(func() { loop.Run(ctx, time.Hour, 0, nil, func() {}) })
	defer running.Wait()
	defer cancel()
	table := timetable.New(ctx, timetable.Config{Clock: c, Machine: machine, Loops: []*ticker.Loop{loop},
		Schedules: []timetable.Schedule{{Name: "weekly", Schedule: weekly, Stops: true}, {Name: "hourly", Schedule: hourly}}})
	for weekly.Due().IsZero() || hourly.Due().IsZero() {
		runtime.Gosched() // until both schedules run
	}
	start := httptest.NewRequestWithContext(ctx, http.MethodPost, "/", strings.NewReader(`{"stateMachineArn": "`+machine.MachineARN("two")+`", "name": "one"}`))
	start.Header.Set("X-Amz-Target", "AWSStepFunctions.StartExecution")
	answer := httptest.NewRecorder()
	if machine.ServeHTTP(answer, start); answer.Code != http.StatusOK {
		t.Fatal(answer.Body)
	}
	if next, err := table.Next(); err != nil || !next.Equal(monday.AddDate(0, 0, 7)) {
		t.Errorf("next is %v, %v", next, err)
	}
	if err := table.Jump(monday.AddDate(0, 0, 25)); err != nil {
		t.Fatal(err)
	}
	if err := table.Jump(monday.AddDate(0, 0, 26)); !errors.Is(err, timetable.ErrMoving) {
		t.Errorf("a second jump: %v", err)
	}
	<-table.Arrived()
	want := []string{"03-09 weekly", "03-12 first", "03-16 weekly", "03-22 second", "03-23 weekly"}
	d.mu.Lock()
	defer d.mu.Unlock()
	if state := table.State(); state.Err != nil || state.Moving || state.Stops != len(want)+1 || !slices.Equal(d.lines, want) {
		t.Errorf("%+v\n%q\nwant %q", state, d.lines, want)
	}
}

// TestRefusedJumps: a clock moves only forward, at most a year.
func TestRefusedJumps(t *testing.T) {
	c := clock.StandingAt(monday)
	table := timetable.New(t.Context(), timetable.Config{Clock: c})
	if err := table.Jump(monday.Add(-time.Hour)); !errors.Is(err, timetable.ErrPast) {
		t.Errorf("back: %v", err)
	}
	if err := table.Jump(monday.AddDate(1, 1, 0)); !errors.Is(err, timetable.ErrFar) {
		t.Errorf("more than a year: %v", err)
	}
}
