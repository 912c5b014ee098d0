package stepfunctions_test

import (
	"context"
	"errors"
	"fmt"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"
	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"

	"beian/infra/local/clock"
	"beian/infra/local/stepfunctions"
)

// eventLines returns the events in short form: id, previous id and type.
func eventLines(events []types.HistoryEvent) []string {
	short := make([]string, len(events))
	for i, e := range events {
		short[i] = fmt.Sprintf("%d←%d %s", e.PreviousEventId, e.Id, e.Type)
	}
	return short
}

func TestExecution(t *testing.T) {
	h := newHarness(t, map[string]function{"echo": echo}, map[string]string{"echo": echoMachine})
	arn := h.start("echo", "one", `{"n": 1, "text": "<备案>"}`)
	if err := h.host.Wait(t.Context(), arn); err != nil {
		t.Fatal(err)
	}
	got := h.awaitEnd(arn)
	if got.Status != types.ExecutionStatusSucceeded || *got.Output != `{"n":1,"text":"<备案>"}` {
		t.Errorf("it ended as %s with %s", got.Status, aws.ToString(got.Output))
	}
	if *got.Name != "one" || *got.StateMachineArn != h.host.MachineARN("echo") || got.StopDate.Before(*got.StartDate) {
		t.Errorf("it is described as %+v", got)
	}
	events := h.history(arn)
	want := []string{
		"0←1 ExecutionStarted", "0←2 TaskStateEntered", "2←3 TaskScheduled", "3←4 TaskStarted",
		"4←5 TaskSucceeded", "5←6 TaskStateExited", "6←7 SucceedStateEntered", "7←8 SucceedStateExited", "8←9 ExecutionSucceeded",
	}
	if diff := cmp.Diff(want, eventLines(events)); diff != "" {
		t.Errorf("the history differs (-want +got):\n%s", diff)
	}
	if scheduled := events[2].TaskScheduledEventDetails; scheduled == nil || *scheduled.Resource != "invoke" ||
		*scheduled.ResourceType != "lambda" || !strings.Contains(*scheduled.Parameters, `"FunctionName":"echo"`) {
		t.Errorf("TaskScheduled has %+v", scheduled)
	}
	if entered := events[1].StateEnteredEventDetails; entered == nil || *entered.Name != "Echo" {
		t.Errorf("TaskStateEntered has %+v", entered)
	}
	if stats := h.host.Stats(); stats.Transitions != 2 || stats.Invocations != 1 || stats.Open != 0 {
		t.Errorf("the stats are %+v", stats)
	}
}

func TestHistoryInPages(t *testing.T) {
	h := newHarness(t, map[string]function{"echo": echo}, map[string]string{"echo": echoMachine})
	arn := h.start("echo", "one", `{}`)
	h.awaitEnd(arn)
	for _, reverse := range []bool{false, true} {
		var ids []int64
		pages := sfn.NewGetExecutionHistoryPaginator(h.Client, &sfn.GetExecutionHistoryInput{
			ExecutionArn: aws.String(arn), MaxResults: 3, ReverseOrder: reverse,
		})
		for pages.HasMorePages() {
			page, err := pages.NextPage(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if len(page.Events) == 0 || len(page.Events) > 3 {
				t.Fatalf("a page has %d events", len(page.Events))
			}
			for _, e := range page.Events {
				ids = append(ids, e.Id)
			}
		}
		want := []int64{1, 2, 3, 4, 5, 6, 7, 8, 9}
		if reverse {
			slices.Reverse(want)
		}
		if !slices.Equal(want, ids) {
			t.Errorf("reverse %t: the pages have %v", reverse, ids)
		}
	}
}

func TestStartIsIdempotent(t *testing.T) {
	h := newHarness(t, map[string]function{"echo": echo},
		map[string]string{"wait": waitMachine, "echo": echoMachine})
	first := h.start("wait", "order-1", `{"a":1}`)
	if again := h.start("wait", "order-1", `{ "a": 1 }`); again != first {
		t.Errorf("the second start is %s", again)
	}
	refused := func(machine, name, input string) {
		t.Helper()
		_, err := h.StartExecution(t.Context(), &sfn.StartExecutionInput{
			StateMachineArn: aws.String(h.host.MachineARN(machine)), Name: aws.String(name), Input: aws.String(input),
		})
		if _, ok := errors.AsType[*types.ExecutionAlreadyExists](err); !ok {
			t.Errorf("%s %s: %v", name, input, err)
		}
	}
	refused("wait", "order-1", `{"a":2}`)
	h.awaitEnd(h.start("echo", "order-1", `{}`))
	refused("echo", "order-1", `{}`)
	h.restart()
	refused("echo", "order-1", `{}`)
	if again := h.start("wait", "order-1", `{"a":1}`); again != first {
		t.Errorf("after the restart the start is %s", again)
	}
}

func TestListExecutions(t *testing.T) {
	h := newHarness(t, map[string]function{"echo": echo},
		map[string]string{"wait": waitMachine, "echo": echoMachine})
	for i := range 5 {
		h.start("wait", fmt.Sprint("order-", i), `{}`)
		h.clock.Advance(1e9)
	}
	h.awaitEnd(h.start("echo", "other", `{}`))
	if _, err := h.StopExecution(t.Context(), &sfn.StopExecutionInput{
		ExecutionArn: aws.String(h.host.ExecutionARN("wait", "order-2")), Error: aws.String("Stopped"),
	}); err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		status types.ExecutionStatus
		want   []string
	}{
		{"", []string{"order-4", "order-3", "order-2", "order-1", "order-0"}},
		{types.ExecutionStatusRunning, []string{"order-4", "order-3", "order-1", "order-0"}},
		{types.ExecutionStatusAborted, []string{"order-2"}},
		{types.ExecutionStatusFailed, nil},
	} {
		var names []string
		pages := sfn.NewListExecutionsPaginator(h.Client, &sfn.ListExecutionsInput{
			StateMachineArn: aws.String(h.host.MachineARN("wait")), StatusFilter: tc.status, MaxResults: 2,
		})
		for pages.HasMorePages() {
			page, err := pages.NextPage(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			for _, e := range page.Executions {
				names = append(names, *e.Name)
			}
		}
		if !slices.Equal(tc.want, names) {
			t.Errorf("%q: %v", tc.status, names)
		}
	}
}

func TestStopExecution(t *testing.T) {
	h := newHarness(t, map[string]function{"send": hang}, map[string]string{"send": retryMachine})
	arn := h.start("send", "one", `{}`)
	h.awaitCall("send")
	if _, err := h.StopExecution(t.Context(), &sfn.StopExecutionInput{
		ExecutionArn: aws.String(arn), Error: aws.String("Withdrawn"), Cause: aws.String("by the applicant"),
	}); err != nil {
		t.Fatal(err)
	}
	got := h.awaitEnd(arn)
	if got.Status != types.ExecutionStatusAborted || *got.Error != "Withdrawn" || *got.Cause != "by the applicant" {
		t.Errorf("it is described as %+v", got)
	}
	events := h.history(arn)
	if last := events[len(events)-1]; last.Type != types.HistoryEventTypeExecutionAborted ||
		*last.ExecutionAbortedEventDetails.Error != "Withdrawn" {
		t.Errorf("the last event is %+v", last)
	}
}

// TestAlias: a machine is started by its ARN, or by its ARN and the alias.
func TestAlias(t *testing.T) {
	host, err := stepfunctions.Start(stepfunctions.Config{
		Dir: t.TempDir(), Clock: clock.New(), Machines: map[string]string{"wait": waitMachine}, Alias: "live",
		Invoke: func(context.Context, string, []byte) ([]byte, bool, error) { return nil, false, nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	defer host.Close()
	server := httptest.NewServer(host)
	defer server.Close()
	api, arn := client(server.URL), host.MachineARN("wait")
	for _, qualified := range []string{arn, arn + ":live"} {
		if _, err := api.StartExecution(t.Context(), &sfn.StartExecutionInput{StateMachineArn: aws.String(qualified)}); err != nil {
			t.Errorf("%s: %v", qualified, err)
		}
	}
	for _, qualified := range []string{arn + ":", arn + ":1", arn + ":dead"} {
		if _, err := api.StartExecution(t.Context(), &sfn.StartExecutionInput{StateMachineArn: aws.String(qualified)}); err == nil {
			t.Errorf("%s is started", qualified)
		}
	}
}

func TestRefusals(t *testing.T) {
	h := newHarness(t, nil, map[string]string{"wait": waitMachine})
	arn := h.start("wait", "one", `{}`)
	ctx := t.Context()
	start := func(machine, name, input string) error {
		_, err := h.StartExecution(ctx, &sfn.StartExecutionInput{
			StateMachineArn: aws.String(machine), Name: aws.String(name), Input: aws.String(input),
		})
		return err
	}
	describe := func(arn string) error {
		_, err := h.DescribeExecution(ctx, &sfn.DescribeExecutionInput{ExecutionArn: aws.String(arn)})
		return err
	}
	succeed := func(token, output string) error {
		_, err := h.SendTaskSuccess(ctx, &sfn.SendTaskSuccessInput{
			TaskToken: aws.String(token), Output: aws.String(output),
		})
		return err
	}
	stop := func(name, cause string) error {
		_, err := h.StopExecution(ctx, &sfn.StopExecutionInput{
			ExecutionArn: aws.String(arn), Error: aws.String(name), Cause: aws.String(cause),
		})
		return err
	}
	list := func(token string, size int32) error {
		_, err := h.ListExecutions(ctx, &sfn.ListExecutionsInput{
			StateMachineArn: aws.String(h.host.MachineARN("wait")), NextToken: aws.String(token), MaxResults: size,
		})
		return err
	}
	wait := h.host.MachineARN("wait")
	for name, tc := range map[string]struct {
		err  error
		want string
	}{
		"no machine":       {start(h.host.MachineARN("none"), "a", `{}`), "StateMachineDoesNotExist"},
		"not an ARN":       {start("none", "a", `{}`), "InvalidArn"},
		"name too long":    {start(wait, strings.Repeat("a", 81), `{}`), "InvalidName"},
		"name with space":  {start(wait, "a b", `{}`), "InvalidName"},
		"input no JSON":    {start(wait, "a", `{`), "InvalidExecutionInput"},
		"input too long":   {start(wait, "a", `"`+strings.Repeat("a", 256<<10)+`"`), "InvalidExecutionInput"},
		"no execution":     {describe(h.host.ExecutionARN("wait", "none")), "ExecutionDoesNotExist"},
		"no execution ARN": {describe(wait), "InvalidArn"},
		"no token":         {succeed("none", `{}`), "InvalidToken"},
		"output no JSON":   {succeed("none", `{`), "InvalidOutput"},
		"error too long":   {stop(strings.Repeat("e", 257), ""), "ValidationException"},
		"cause too long":   {stop("e", strings.Repeat("e", 32769)), "ValidationException"},
		"no next page":     {list("none", 0), "InvalidToken"},
		"page too large":   {list("", 1001), "ValidationException"},
	} {
		refusal, ok := errors.AsType[smithy.APIError](tc.err)
		if !ok || refusal.ErrorCode() != tc.want {
			t.Errorf("%s: %v, want %s", name, tc.err, tc.want)
		}
	}
	if _, err := h.CreateActivity(ctx, &sfn.CreateActivityInput{Name: aws.String("a")}); err == nil {
		t.Error("an operation that is not implemented is answered")
	}
	if _, ok := errors.AsType[*types.ExecutionDoesNotExist](describe(h.host.ExecutionARN("wait", "none"))); !ok {
		t.Error("the SDK does not know the error by its type")
	}
}

func TestStartTogether(t *testing.T) {
	h := newHarness(t, nil, map[string]string{"wait": waitMachine})
	var starting sync.WaitGroup
	for range 20 {
		starting.Go(func() {
			if _, err := h.StartExecution(t.Context(), &sfn.StartExecutionInput{
				StateMachineArn: aws.String(h.host.MachineARN("wait")), Name: aws.String("one"),
			}); err != nil {
				t.Error(err)
			}
		})
	}
	starting.Wait()
	if n := h.host.Stats().Open; n != 1 {
		t.Errorf("%d executions run", n)
	}
}

func TestStartRefusesADefinition(t *testing.T) {
	_, err := stepfunctions.Start(stepfunctions.Config{
		Dir: t.TempDir(), Clock: clock.New(),
		Invoke:   func(context.Context, string, []byte) ([]byte, bool, error) { return nil, false, nil },
		Machines: map[string]string{"bad": `{"StartAt": "A", "States": {"A": {"Type": "Succeed", "Nxt": "B"}}}`},
	})
	if err == nil || !strings.Contains(err.Error(), `state machine "bad": state "A": Nxt`) {
		t.Errorf("Start returns %v", err)
	}
}
