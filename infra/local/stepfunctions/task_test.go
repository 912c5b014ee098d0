package stepfunctions_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"
	"github.com/google/go-cmp/cmp"
)

func newAskHarness(t *testing.T) *harness {
	return newHarness(t, map[string]function{"echo": echo, "ask": echo}, map[string]string{"ask": askMachine})
}

func (h *harness) succeed(token *string) error {
	_, err := h.SendTaskSuccess(h.t.Context(), &sfn.SendTaskSuccessInput{
		TaskToken: token, Output: aws.String(`{"yes": true}`),
	})
	return err
}

func TestTaskToken(t *testing.T) {
	h := newAskHarness(t)
	arn := h.start("ask", "one", `{"n":1}`)
	sent := token(t, h.awaitCall("ask"))
	h.awaitEvent(arn, types.HistoryEventTypeTaskSubmitted, 1)
	if err := h.succeed(sent); err != nil {
		t.Fatal(err)
	}
	if got := h.awaitEnd(arn); *got.Output != `{"answer":{"yes":true},"n":1}` {
		t.Errorf("the output is %s", *got.Output)
	}
	want := []string{
		"0←1 ExecutionStarted", "0←2 TaskStateEntered", "2←3 TaskScheduled", "3←4 TaskStarted",
		"4←5 TaskSubmitted", "5←6 TaskSucceeded", "6←7 TaskStateExited", "7←8 TaskStateEntered",
	}
	events := h.history(arn)
	if diff := cmp.Diff(want, eventLines(events)[:8]); diff != "" {
		t.Errorf("the history differs (-want +got):\n%s", diff)
	}
	if s := events[2].TaskScheduledEventDetails; *s.Resource != "invoke.waitForTaskToken" ||
		*s.TimeoutInSeconds != 86400 {
		t.Errorf("TaskScheduled has %+v", s)
	}
}

func TestTaskTokenTwice(t *testing.T) {
	h := newAskHarness(t)
	arn := h.start("ask", "one", `{}`)
	sent := token(t, h.awaitCall("ask"))
	if err := h.succeed(sent); err != nil {
		t.Fatal(err)
	}
	if _, ok := errors.AsType[*types.TaskTimedOut](h.succeed(sent)); !ok {
		t.Error("a token is accepted twice")
	}
	h.awaitEnd(arn)
	for range 2 {
		if _, ok := errors.AsType[*types.TaskTimedOut](h.succeed(sent)); !ok {
			t.Error("a token is accepted after the end")
		}
		h.restart()
	}
	if n := h.countCalls("echo"); n != 1 {
		t.Errorf("the next state ran %d times", n)
	}
}

func TestTaskTokenForged(t *testing.T) {
	h := newAskHarness(t)
	h.start("ask", "one", `{}`)
	sent := token(t, h.awaitCall("ask"))
	forged := "A" + (*sent)[1:20] + strings.Map(func(r rune) rune {
		if r == 'A' {
			return 'B'
		}
		return 'A'
	}, (*sent)[20:21]) + (*sent)[21:]
	if _, ok := errors.AsType[*types.TaskDoesNotExist](h.succeed(&forged)); !ok {
		t.Error("a forged token is accepted")
	}
}

func TestTaskFailure(t *testing.T) {
	h := newAskHarness(t)
	arn := h.start("ask", "one", `{}`)
	sent := token(t, h.awaitCall("ask"))
	if _, err := h.SendTaskFailure(t.Context(), &sfn.SendTaskFailureInput{
		TaskToken: sent, Error: aws.String("Withdrawn"), Cause: aws.String("by the applicant"),
	}); err != nil {
		t.Fatal(err)
	}
	if got := h.awaitEnd(arn); got.Status != types.ExecutionStatusFailed || *got.Error != "Withdrawn" {
		t.Errorf("it ended as %s %s", got.Status, aws.ToString(got.Error))
	}
}

func TestTaskTimeout(t *testing.T) {
	h := newAskHarness(t)
	arn := h.start("ask", "one", `{}`)
	sent := token(t, h.awaitCall("ask"))
	h.clock.Advance(24 * time.Hour)
	got := h.awaitEnd(arn)
	if got.Status != types.ExecutionStatusFailed || *got.Error != "States.Timeout" {
		t.Errorf("it ended as %s %s", got.Status, aws.ToString(got.Error))
	}
	if _, ok := errors.AsType[*types.TaskTimedOut](h.succeed(sent)); !ok {
		t.Error("a token is accepted after the timeout")
	}
}

func TestWaitForWeeks(t *testing.T) {
	h := newHarness(t, nil, map[string]string{"wait": waitMachine})
	arn := h.start("wait", "one", `{}`)
	h.clock.Advance(20 * 24 * time.Hour)
	h.restart()
	h.clock.Advance(24 * time.Hour)
	if got := h.awaitEnd(arn); got.Status != types.ExecutionStatusSucceeded {
		t.Errorf("it ended as %s", got.Status)
	}
}

func TestFunctionIsCancelledByTimeout(t *testing.T) {
	h := newHarness(t, map[string]function{"slow": hang}, map[string]string{"slow": `{"StartAt": "Slow", "States": {
		"Done": {"Type": "Succeed"},
		"Slow": {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "TimeoutSeconds": 30, "Next": "Done",
			"Parameters": {"FunctionName": "slow"}}}}`})
	arn := h.start("slow", "one", `{}`)
	h.awaitCall("slow")
	h.clock.Advance(30 * time.Second)
	if got := h.awaitEnd(arn); *got.Error != "States.Timeout" {
		t.Errorf("it ended with %s", *got.Error)
	}
}

func TestFunctionsThatFail(t *testing.T) {
	h := newHarness(t, map[string]function{
		"refuses": func(context.Context, []byte) (any, error) { return nil, fault("Invalid") },
		"panics":  func(context.Context, []byte) (any, error) { panic("lost") },
		"breaks":  func(context.Context, []byte) (any, error) { return nil, errors.New("broken") },
	}, nil)
	machines := map[string]string{}
	for _, function := range []string{"refuses", "panics", "breaks", "nobody"} {
		machines[function] = `{"StartAt": "Send", "States": {"Done": {"Type": "Succeed"}, "Send": {"Type": "Task", "Next": "Done",
			"Resource": "arn:aws:states:::lambda:invoke", "Parameters": {"FunctionName": "` + function + `"}}}}`
	}
	h.close()
	h.openHost(machines)
	for function, want := range map[string]string{
		"refuses": "Invalid", "panics": "panic", "breaks": "Lambda.ServiceException",
		"nobody": "Lambda.ResourceNotFoundException",
	} {
		got := h.awaitEnd(h.start(function, "one", `{}`))
		if got.Status != types.ExecutionStatusFailed || *got.Error != want {
			t.Errorf("%s: it ended as %s %s", function, got.Status, aws.ToString(got.Error))
		}
	}
}
