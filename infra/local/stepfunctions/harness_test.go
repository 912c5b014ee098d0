package stepfunctions_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"

	"beian/infra/local/clock"
	"beian/infra/local/stepfunctions"
	"beian/shared/setup"
)

// A harness is a host behind HTTP, called through the SDK, that can be restarted.
type harness struct {
	*sfn.Client
	t     *testing.T
	dir   string
	clock *clock.Clock
	host  *stepfunctions.Host
	close func()
	// machines are the definitions of the last openHost.
	machines map[string]string

	mu        sync.Mutex
	functions map[string]function
	calls     map[string]int
	called    chan call
}

// A function answers an invocation; its errors are function errors of type fault.
type function func(ctx context.Context, payload []byte) (any, error)

// A fault is a function error by its type.
type fault string

func (f fault) Error() string { return string(f) }

// A call records the invocation of a function.
type call struct {
	function string
	payload  string
}

func newHarness(t *testing.T, functions map[string]function, machines map[string]string) *harness {
	t.Helper()
	h := &harness{
		t: t, dir: t.TempDir(), clock: clock.StandingAt(time.Date(2019, 12, 26, 1, 0, 0, 0, time.UTC)),
		functions: functions, calls: map[string]int{}, called: make(chan call, 10000),
	}
	h.openHost(machines)
	t.Cleanup(func() { h.close() })
	return h
}

func (h *harness) openHost(machines map[string]string) {
	h.t.Helper()
	h.machines = machines
	host, err := stepfunctions.Start(stepfunctions.Config{
		Dir: h.dir, Clock: h.clock, Invoke: h.invoke, Machines: machines, Workers: 8,
		Log: slog.New(slog.NewTextHandler(io.Discard, nil)),
	})
	if err != nil {
		h.t.Fatal(err)
	}
	server := httptest.NewServer(host)
	h.host = host
	h.close = sync.OnceFunc(func() {
		server.Close()
		if err := host.Close(); err != nil {
			h.t.Error(err)
		}
	})
	h.Client = client(server.URL)
}

func client(url string) *sfn.Client {
	return sfn.New(sfn.Options{
		BaseEndpoint: aws.String(url), Region: "us-east-1", RetryMaxAttempts: 1,
		HTTPClient:  setup.BufferedBodyClient{HTTPClient: http.DefaultClient},
		Credentials: credentials.NewStaticCredentialsProvider("local", "local", ""),
	})
}

// restart closes the host and opens it again on the same data.
func (h *harness) restart() {
	h.t.Helper()
	h.close()
	h.openHost(h.machines)
}

func (h *harness) invoke(ctx context.Context, name string, payload []byte) ([]byte, bool, error) {
	h.mu.Lock()
	do, ok := h.functions[name]
	h.calls[name]++
	h.mu.Unlock()
	if !ok {
		return nil, false, fmt.Errorf("%w: %s", stepfunctions.ErrNoFunction, name)
	}
	h.called <- call{name, string(payload)}
	out, err := do(ctx, payload)
	switch err := err.(type) {
	case nil:
		text, err := json.Marshal(out)
		return text, false, err
	case fault:
		text, e := json.Marshal(map[string]string{"errorType": string(err), "errorMessage": "no"})
		return text, true, e
	default:
		return nil, false, err
	}
}

// countCalls returns how often a function was invoked.
func (h *harness) countCalls(name string) int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.calls[name]
}

// awaitCall waits until a function is invoked and returns its payload.
func (h *harness) awaitCall(name string) string {
	h.t.Helper()
	for {
		select {
		case c := <-h.called:
			if c.function == name {
				return c.payload
			}
		case <-time.After(20 * time.Second):
			h.t.Fatalf("%s is not invoked", name)
		}
	}
}

// start starts an execution and returns its ARN.
func (h *harness) start(machine, name, input string) string {
	h.t.Helper()
	out, err := h.StartExecution(h.t.Context(), &sfn.StartExecutionInput{
		StateMachineArn: aws.String(h.host.MachineARN(machine)), Name: aws.String(name), Input: aws.String(input),
	})
	if err != nil {
		h.t.Fatal(err)
	}
	return *out.ExecutionArn
}

// awaitEnd waits until an execution has ended.
func (h *harness) awaitEnd(arn string) *sfn.DescribeExecutionOutput {
	h.t.Helper()
	return pollUntil(h.t, func() (*sfn.DescribeExecutionOutput, bool) {
		out, err := h.DescribeExecution(h.t.Context(), &sfn.DescribeExecutionInput{ExecutionArn: aws.String(arn)})
		if err != nil {
			h.t.Fatal(err)
		}
		return out, out.Status != types.ExecutionStatusRunning
	})
}

// pollUntil calls ask until it returns true, for some seconds at most.
func pollUntil[T any](t *testing.T, ask func() (T, bool)) T {
	t.Helper()
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	deadline := time.After(30 * time.Second)
	for {
		got, ok := ask()
		if ok {
			return got
		}
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatal("the condition did not become true in time")
		}
	}
}

// history returns all events of an execution.
func (h *harness) history(arn string) []types.HistoryEvent {
	h.t.Helper()
	var events []types.HistoryEvent
	pages := sfn.NewGetExecutionHistoryPaginator(h.Client, &sfn.GetExecutionHistoryInput{ExecutionArn: aws.String(arn)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(h.t.Context())
		if err != nil {
			h.t.Fatal(err)
		}
		events = append(events, page.Events...)
	}
	return events
}

// awaitEvent waits until the history of an execution has an event of a type, n times.
func (h *harness) awaitEvent(arn string, kind types.HistoryEventType, n int) []types.HistoryEvent {
	h.t.Helper()
	return pollUntil(h.t, func() ([]types.HistoryEvent, bool) {
		events := h.history(arn)
		count := 0
		for _, e := range events {
			if e.Type == kind {
				count++
			}
		}
		return events, count >= n
	})
}

// token returns the token in a payload {"token": …}.
func token(t *testing.T, payload string) *string {
	t.Helper()
	var sent struct{ Token string }
	if err := json.Unmarshal([]byte(payload), &sent); err != nil || sent.Token == "" {
		t.Fatalf("no token in %s", payload)
	}
	return &sent.Token
}

// echo returns its payload.
func echo(_ context.Context, payload []byte) (any, error) { return json.RawMessage(payload), nil }

// hang returns when its context ends.
func hang(ctx context.Context, _ []byte) (any, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}

// The machines of the tests.
const (
	echoMachine = `{"StartAt": "Echo", "States": {
		"Echo": {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Next": "Done",
			"Parameters": {"FunctionName": "echo", "Payload.$": "$"}, "OutputPath": "$.Payload"}, "Done": {"Type": "Succeed"}}}`
	askMachine = `{"StartAt": "Ask", "States": {
		"Ask": {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke.waitForTaskToken",
			"Parameters": {"FunctionName": "ask", "Payload": {"token.$": "$$.Task.Token"}},
			"TimeoutSeconds": 86400, "ResultPath": "$.answer", "Next": "Echo"},
		"Echo": {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Next": "Done",
			"Parameters": {"FunctionName": "echo", "Payload.$": "$"}, "OutputPath": "$.Payload"}, "Done": {"Type": "Succeed"}}}`
	retryMachine = `{"StartAt": "Send", "States": {
		"Done": {"Type": "Succeed"}, "Send": {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Next": "Done",
			"Parameters": {"FunctionName": "send"}, "OutputPath": "$.Payload",
			"Retry": [{"ErrorEquals": ["Unavailable"], "IntervalSeconds": 600, "MaxAttempts": 2}]}}}`
	waitMachine = `{"StartAt": "Weeks", "States": {
		"Weeks": {"Type": "Wait", "Seconds": 1814400, "Next": "Done"}, "Done": {"Type": "Succeed"}}}`
)
