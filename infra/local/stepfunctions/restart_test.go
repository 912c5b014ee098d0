package stepfunctions_test

import (
	"context"
	"encoding/json"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"
)

func TestRestartInTheMiddleOfARetry(t *testing.T) {
	var tries atomic.Int64
	d := newDesk(t, map[string]function{"send": func(context.Context, []byte) (any, error) {
		if tries.Add(1) < 3 {
			return nil, fault("Unavailable")
		}
		return "sent", nil
	}}, map[string]string{"send": retryMachine})
	arn := d.start("send", "one", `{}`)
	d.awaitEvent(arn, types.HistoryEventTypeTaskFailed, 1)
	d.restart()
	d.clock.Advance(10 * time.Minute)
	d.awaitEvent(arn, types.HistoryEventTypeTaskFailed, 2)
	d.restart()
	d.clock.Advance(20 * time.Minute)
	if got := d.ended(arn); aws.ToString(got.Output) != `"sent"` || d.times("send") != 3 {
		t.Errorf("it ended as %s after %d tries", got.Status, d.times("send"))
	}
}

func TestRestartInTheMiddleOfAFunction(t *testing.T) {
	begun := make(chan struct{}, 2)
	var again atomic.Bool
	d := newDesk(t, map[string]function{"echo": func(ctx context.Context, payload []byte) (any, error) {
		begun <- struct{}{}
		if again.Load() {
			return json.RawMessage(payload), nil
		}
		<-ctx.Done()
		return nil, ctx.Err()
	}}, map[string]string{"echo": echoMachine})
	arn := d.start("echo", "one", `{"n":1}`)
	<-begun
	again.Store(true)
	d.restart()
	if got := d.ended(arn); aws.ToString(got.Output) != `{"n":1}` || d.times("echo") != 2 {
		t.Errorf("it ended as %s after %d invocations", got.Status, d.times("echo"))
	}
	// Scheduled once, though invoked twice.
	if n := len(d.history(arn)); n != 9 {
		t.Errorf("the history has %d events", n)
	}
}

func TestRestartWhileATaskWaits(t *testing.T) {
	d := askDesk(t)
	arn := d.start("ask", "one", `{}`)
	sent := token(t, d.awaitCall("ask"))
	d.awaitEvent(arn, types.HistoryEventTypeTaskSubmitted, 1)
	d.restart()
	if err := d.succeed(sent); err != nil {
		t.Fatal(err)
	}
	if got := d.ended(arn); aws.ToString(got.Output) != `{"answer":{"yes":true}}` {
		t.Errorf("it ended as %s with %s", got.Status, aws.ToString(got.Output))
	}
	if d.times("ask") != 1 {
		t.Errorf("a function that had returned was invoked %d times", d.times("ask"))
	}
}

// TestRestartWithAnotherDefinition: what runs ends as it began; what starts later follows the new text.
func TestRestartWithAnotherDefinition(t *testing.T) {
	d := newDesk(t, nil, map[string]string{"wait": waitMachine})
	old := d.start("wait", "old", `{}`)
	d.close()
	d.open(map[string]string{"wait": `{"StartAt": "Other", "States": {"Other": {"Type": "Succeed"}}}`})
	if got := d.ended(d.start("wait", "new", `{}`)); got.Status != types.ExecutionStatusSucceeded {
		t.Errorf("the new execution ended as %s", got.Status)
	}
	d.restart()
	d.clock.Advance(30 * 24 * time.Hour)
	if got := d.ended(old); got.Status != types.ExecutionStatusSucceeded {
		t.Errorf("the old execution ended as %s", got.Status)
	}
}

func TestManyExecutions(t *testing.T) {
	d := newDesk(t, map[string]function{"echo": echo}, map[string]string{"echo": echoMachine})
	var arns []string
	for i := range 200 {
		arns = append(arns, d.start("echo", fmt.Sprint("order-", i), fmt.Sprint(i)))
		if i%50 == 25 {
			d.restart()
		}
	}
	for i, arn := range arns {
		if got := d.ended(arn); aws.ToString(got.Output) != fmt.Sprint(i) {
			t.Errorf("%s ended as %s with %s", arn, got.Status, aws.ToString(got.Output))
		}
	}
	if open := until(t, func() (int, bool) { n := d.host.Stats().Open; return n, n == 0 }); open != 0 {
		t.Errorf("%d executions are still in memory", open)
	}
}
