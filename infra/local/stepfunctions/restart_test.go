package stepfunctions_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"
)

func TestRestartInTheMiddleOfARetry(t *testing.T) {
	var tries atomic.Int64
	h := newHarness(t, map[string]function{"send": func(context.Context, []byte) (any, error) {
		if tries.Add(1) < 3 {
			return nil, fault("Unavailable")
		}
		return "sent", nil
	}}, map[string]string{"send": retryMachine})
	arn := h.start("send", "one", `{}`)
	h.awaitEvent(arn, types.HistoryEventTypeTaskFailed, 1)
	h.restart()
	h.clock.Advance(10 * time.Minute)
	h.awaitEvent(arn, types.HistoryEventTypeTaskFailed, 2)
	h.restart()
	h.clock.Advance(20 * time.Minute)
	if got := h.awaitEnd(arn); aws.ToString(got.Output) != `"sent"` || h.countCalls("send") != 3 {
		t.Errorf("it ended as %s after %d tries", got.Status, h.countCalls("send"))
	}
}

func TestRestartInTheMiddleOfAFunction(t *testing.T) {
	begun := make(chan struct{}, 2)
	var again atomic.Bool
	h := newHarness(t, map[string]function{"echo": func(ctx context.Context, payload []byte) (any, error) {
		first := !again.Load()
		begun <- struct{}{}
		if !first {
			return json.RawMessage(payload), nil
		}
		<-ctx.Done()
		return nil, ctx.Err()
	}}, map[string]string{"echo": echoMachine})
	arn := h.start("echo", "one", `{"n":1}`)
	<-begun
	again.Store(true)
	h.restart()
	if got := h.awaitEnd(arn); aws.ToString(got.Output) != `{"n":1}` || h.countCalls("echo") != 2 {
		t.Errorf("it ended as %s after %d invocations", got.Status, h.countCalls("echo"))
	}
	// The task was scheduled once, although its function was invoked twice.
	if n := len(h.history(arn)); n != 9 {
		t.Errorf("the history has %d events", n)
	}
}

func TestRestartWhileATaskWaits(t *testing.T) {
	h := newAskHarness(t)
	arn := h.start("ask", "one", `{}`)
	sent := token(t, h.awaitCall("ask"))
	h.awaitEvent(arn, types.HistoryEventTypeTaskSubmitted, 1)
	h.restart()
	if err := h.succeed(sent); err != nil {
		t.Fatal(err)
	}
	if got := h.awaitEnd(arn); aws.ToString(got.Output) != `{"answer":{"yes":true}}` {
		t.Errorf("it ended as %s with %s", got.Status, aws.ToString(got.Output))
	}
	if h.countCalls("ask") != 1 {
		t.Errorf("a function that had returned was invoked %d times", h.countCalls("ask"))
	}
}

// TestRestartWithAnotherDefinition: running executions keep their definition; later ones use the new definition.
func TestRestartWithAnotherDefinition(t *testing.T) {
	h := newHarness(t, nil, map[string]string{"wait": waitMachine})
	old := h.start("wait", "old", `{}`)
	h.close()
	h.openHost(map[string]string{"wait": `{"StartAt": "Other", "States": {"Other": {"Type": "Succeed"}}}`})
	if got := h.awaitEnd(h.start("wait", "new", `{}`)); got.Status != types.ExecutionStatusSucceeded {
		t.Errorf("the new execution ended as %s", got.Status)
	}
	h.restart()
	h.clock.Advance(30 * 24 * time.Hour)
	if got := h.awaitEnd(old); got.Status != types.ExecutionStatusSucceeded {
		t.Errorf("the old execution ended as %s", got.Status)
	}
}

func TestManyExecutions(t *testing.T) {
	h := newHarness(t, map[string]function{"echo": echo}, map[string]string{"echo": echoMachine})
	var arns []string
	for i := range 200 {
		arns = append(arns, h.start("echo", fmt.Sprint("order-", i), fmt.Sprint(i)))
		if i%50 == 25 {
			h.restart()
		}
	}
	for i, arn := range arns {
		if got := h.awaitEnd(arn); aws.ToString(got.Output) != fmt.Sprint(i) {
			t.Errorf("%s ended as %s with %s", arn, got.Status, aws.ToString(got.Output))
		}
	}
	if open := pollUntil(t, func() (int, bool) { n := h.host.Stats().Open; return n, n == 0 }); open != 0 {
		t.Errorf("%d executions are still in memory", open)
	}
}

// TestExpired: a start deletes executions that ended 90 days ago, with their histories, as AWS does, and none that ended later. Their names can be used again.
func TestExpired(t *testing.T) {
	h := newHarness(t, map[string]function{"echo": echo}, map[string]string{"echo": echoMachine})
	old := h.start("echo", "old", `{"n":1}`)
	h.awaitEnd(old)
	h.clock.Advance(60 * 24 * time.Hour)
	later := h.start("echo", "later", `{"n":2}`)
	h.awaitEnd(later)
	h.restart()
	if n := len(h.history(old)); n == 0 {
		t.Error("after 60 days there is no history")
	}
	h.clock.Advance(31 * 24 * time.Hour)
	h.restart()
	h.restart() // deletes nothing twice
	if _, err := h.DescribeExecution(t.Context(), &sfn.DescribeExecutionInput{ExecutionArn: &old}); err == nil {
		t.Error("after 91 days the execution exists")
	}
	if n := len(h.history(later)); n == 0 {
		t.Error("an execution of a month ago has no history")
	}
	listed, err := h.ListExecutions(t.Context(), &sfn.ListExecutionsInput{StateMachineArn: aws.String(strings.Replace(old[:strings.LastIndex(old, ":")], ":execution:", ":stateMachine:", 1))})
	if err != nil || len(listed.Executions) != 1 || *listed.Executions[0].Name != "later" {
		t.Errorf("listed are %v (%v)", listed, err)
	}
	if again := h.awaitEnd(h.start("echo", "old", `{"n":3}`)); aws.ToString(again.Output) != `{"n":3}` || len(h.history(old)) != 9 {
		t.Errorf("the name was not used again: %s, %d events", aws.ToString(again.Output), len(h.history(old)))
	}
}
