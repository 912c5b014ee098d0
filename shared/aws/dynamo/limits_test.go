package dynamo_test

import (
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"beian/shared/filing"
	"beian/shared/process/limits"
	"beian/shared/rules/fault"
)

// useParallel uses an action several times at once and returns how often it was permitted.
func (d *fixture) useParallel(l *limits.Limiter, times int, action limits.Action, keys ...limits.Key) int {
	d.t.Helper()
	var permitted atomic.Int64
	var all sync.WaitGroup
	for range times {
		all.Go(func() {
			switch err := l.Use(d.t.Context(), action, keys...); {
			case err == nil:
				permitted.Add(1)
			case fault.KindOf(err) != fault.TooMany:
				d.t.Error(err)
			}
		})
	}
	all.Wait()
	return int(permitted.Load())
}

// countedActions: a limit holds for parallel uses, each key is counted by itself, and a window ends.
func countedActions(t *testing.T, d *fixture) {
	limiter := &limits.Limiter{Store: d.Store, Now: d.now, Settings: limits.Settings{
		Accounts: map[filing.Account]int{"agency": 3}, Actions: map[limits.Action]map[limits.Scope]int{limits.Open: {limits.Account: 10, limits.Address: 25}},
	}}
	office := limits.OfAddress("203.0.113.7")
	for i, want := range []int{10, 10, 5} { // the office has 25
		if got := d.useParallel(limiter, 40, limits.Open, limits.OfAccount(filing.Account(fmt.Sprint("account-", i))), office); got != want {
			t.Errorf("account %d opened %d orders, want %d", i, got, want)
		}
	}
	if got := d.useParallel(limiter, 40, limits.Open, limits.OfAccount("agency"), limits.OfAddress("203.0.113.8")); got != 30 {
		t.Errorf("the agency opened %d orders, want 30", got)
	}
	if got := d.useParallel(limiter, 3, limits.CorrectType, limits.OfAccount("account-0"), office); got != 3 {
		t.Errorf("another action was permitted %d times", got)
	}
	few := &limits.Limiter{Store: d.Store, Now: d.now, Settings: limits.Settings{Actions: map[limits.Action]map[limits.Scope]int{limits.Enter: {limits.Account: 9}, limits.Capture: {limits.Account: 2}}}}
	another := &limits.Limiter{Store: d.Store, Now: d.now, Settings: few.Settings} // of another process
	for _, c := range []struct {
		limiter *limits.Limiter
		action  limits.Action
		want    int
	}{{few, limits.Enter, 9}, {another, limits.Enter, 5}, {few, limits.Capture, 2}} { // the process has permitted five without counting them in the store
		if got := d.useParallel(c.limiter, 40, c.action, limits.OfAccount("account-3")); got != c.want {
			t.Errorf("%s was permitted %d times, want %d", c.action, got, c.want)
		}
	}
	refused := fault.Of(limiter.Use(t.Context(), limits.Open, limits.OfAccount("account-0"), limits.OfAddress("203.0.113.9")))
	end := d.now().Truncate(24 * time.Hour).Add(24 * time.Hour)
	hours := fmt.Sprint(int((end.Sub(d.now()) + time.Hour - 1) / time.Hour))
	if refused.Kind != fault.TooMany || refused.RetryAfter != end.Sub(d.now()) || !strings.Contains(refused.Message.Chinese, "请 "+hours+" 小时后再试") || !strings.Contains(refused.Message.English, "in "+hours+" hour") {
		t.Errorf("refused with %+v, to wait %v", refused.Message, refused.RetryAfter)
	}
	d.advanceClock(refused.RetryAfter - time.Minute)
	if f := fault.Of(limiter.Use(t.Context(), limits.Open, limits.OfAccount("account-0"), office)); !strings.Contains(f.Message.Chinese, "1 分钟后再试") ||
		!strings.Contains(f.Message.English, "in 1 minute;") {
		t.Errorf("a minute before the end: %+v", f.Message)
	}
	d.advanceClock(time.Minute)
	if got := d.useParallel(limiter, 40, limits.Open, limits.OfAccount("account-0"), office); got != 10 {
		t.Errorf("in the next window, %d", got)
	}
	if err := limiter.Use(t.Context(), "unknown", office); fault.KindOf(err) != fault.Internal {
		t.Errorf("an unknown action: %v", err)
	}
	rows, err := d.sdk.Scan(t.Context(), &dynamodb.ScanInput{TableName: aws.String(d.Table)})
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows.Items {
		if text := fmt.Sprint(row["pk"]); strings.Contains(text, "203.0.113") {
			t.Errorf("an address is in clear: %s", text)
		}
	}
}
