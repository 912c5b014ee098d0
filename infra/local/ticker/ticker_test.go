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

func TestTurns(t *testing.T) {
	for _, tc := range []struct {
		name  string
		next  func(time.Time) time.Time
		after time.Time
		want  time.Time
	}{
		{"every", ticker.Every(time.Minute), monday, monday.Add(time.Minute)},
		{"later today", ticker.Daily(9, 30, beijing), monday, monday.Add(30 * time.Minute)},
		{"not the same instant again", ticker.Daily(9, 0, beijing), monday, monday.AddDate(0, 0, 1)},
		{"tomorrow", ticker.Daily(8, 0, beijing), monday, monday.Add(23 * time.Hour)},
		{"over the end of a month", ticker.Daily(8, 0, beijing), time.Date(2026, 3, 31, 1, 0, 0, 0, time.UTC),
			time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC)},
	} {
		if got := tc.next(tc.after); !got.Equal(tc.want) {
			t.Errorf("%s: %v, want %v", tc.name, got, tc.want)
		}
	}
}

func TestRun(t *testing.T) {
	c := clock.StandingAt(monday)
	turns, asked := make(chan time.Time), make(chan bool)
	failures := make(chan string, 1)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		ticker.Run(ctx, c, ticker.Schedule{
			Name: "remind",
			Next: func(after time.Time) time.Time {
				asked <- true
				return ticker.Daily(10, 0, beijing)(after)
			},
			Input: func(turn time.Time) []byte { return []byte(turn.UTC().Format(`"` + time.RFC3339 + `"`)) },
			Handler: lambda.NewHandler(func(turn time.Time) error {
				turns <- turn
				return errors.New("not today")
			}),
		}, func(name string, _ error) { failures <- name })
	}()
	<-asked
	c.Advance(2 * time.Hour)
	if got, want := <-turns, monday.Add(time.Hour); !got.Equal(want) {
		t.Errorf("first turn %v, want %v", got, want)
	}
	<-asked
	c.Advance(21 * 24 * time.Hour)
	if got, want := <-turns, monday.AddDate(0, 0, 1).Add(time.Hour); !got.Equal(want) {
		t.Errorf("turn of the three weeks: %v, want %v", got, want)
	}
	if name := <-failures; name != "remind" {
		t.Errorf("failed: %s", name)
	}
	<-failures
	<-asked // and no second call for the same jump
	cancel()
	<-ended
}
