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

// A desk is a host behind HTTP, called through the SDK, that can be closed and opened again.
type desk struct {
	*sfn.Client
	t     *testing.T
	dir   string
	clock *clock.Clock
	host  *stepfunctions.Host
	close func()
	// machines are the definitions of the last open.
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

// A call tells that a function was invoked.
type call struct {
	function string
	payload  string
}

func newDesk(t *testing.T, functions map[string]function, machines map[string]string) *desk {
	t.Helper()
	d := &desk{
		t: t, dir: t.TempDir(), clock: clock.StandingAt(time.Date(2019, 12, 26, 1, 0, 0, 0, time.UTC)),
		functions: functions, calls: map[string]int{}, called: make(chan call, 10000),
	}
	d.open(machines)
	t.Cleanup(func() { d.close() })
	return d
}

func (d *desk) open(machines map[string]string) {
	d.t.Helper()
	d.machines = machines
	host, err := stepfunctions.Start(stepfunctions.Config{
		Dir: d.dir, Clock: d.clock, Invoke: d.invoke, Machines: machines, Workers: 8,
		Log: slog.New(slog.NewTextHandler(io.Discard, nil)),
	})
	if err != nil {
		d.t.Fatal(err)
	}
	server := httptest.NewServer(host)
	d.host = host
	d.close = sync.OnceFunc(func() {
		server.Close()
		if err := host.Close(); err != nil {
			d.t.Error(err)
		}
	})
	d.Client = client(server.URL)
}

func client(url string) *sfn.Client {
	return sfn.New(sfn.Options{
		BaseEndpoint: aws.String(url), Region: "us-east-1", RetryMaxAttempts: 1,
		HTTPClient:  setup.BufferedBodyClient{HTTPClient: http.DefaultClient},
		Credentials: credentials.NewStaticCredentialsProvider("local", "local", ""),
	})
}

// restart closes the host and opens it again on the same data.
func (d *desk) restart() {
	d.t.Helper()
	d.close()
	d.open(d.machines)
}

func (d *desk) invoke(ctx context.Context, name string, payload []byte) ([]byte, bool, error) {
	d.mu.Lock()
	do, ok := d.functions[name]
	d.calls[name]++
	d.mu.Unlock()
	if !ok {
		return nil, false, fmt.Errorf("%w: %s", stepfunctions.ErrNoFunction, name)
	}
	d.called <- call{name, string(payload)}
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

// times tells how often a function was invoked.
func (d *desk) times(name string) int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.calls[name]
}

// awaitCall waits until a function is invoked and returns its payload.
func (d *desk) awaitCall(name string) string {
	d.t.Helper()
	for {
		select {
		case c := <-d.called:
			if c.function == name {
				return c.payload
			}
		case <-time.After(20 * time.Second):
			d.t.Fatalf("%s is not invoked", name)
		}
	}
}

// start starts an execution and returns its ARN.
func (d *desk) start(machine, name, input string) string {
	d.t.Helper()
	out, err := d.StartExecution(d.t.Context(), &sfn.StartExecutionInput{
		StateMachineArn: aws.String(d.host.MachineARN(machine)), Name: aws.String(name), Input: aws.String(input),
	})
	if err != nil {
		d.t.Fatal(err)
	}
	return *out.ExecutionArn
}

// ended waits until an execution has ended.
func (d *desk) ended(arn string) *sfn.DescribeExecutionOutput {
	d.t.Helper()
	return until(d.t, func() (*sfn.DescribeExecutionOutput, bool) {
		out, err := d.DescribeExecution(d.t.Context(), &sfn.DescribeExecutionInput{ExecutionArn: aws.String(arn)})
		if err != nil {
			d.t.Fatal(err)
		}
		return out, out.Status != types.ExecutionStatusRunning
	})
}

// until asks again and again, at most for a generous while.
func until[T any](t *testing.T, ask func() (T, bool)) T {
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
			t.Fatal("it does not come about")
		}
	}
}

// history returns all events of an execution.
func (d *desk) history(arn string) []types.HistoryEvent {
	d.t.Helper()
	var events []types.HistoryEvent
	pages := sfn.NewGetExecutionHistoryPaginator(d.Client, &sfn.GetExecutionHistoryInput{ExecutionArn: aws.String(arn)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(d.t.Context())
		if err != nil {
			d.t.Fatal(err)
		}
		events = append(events, page.Events...)
	}
	return events
}

// awaitEvent waits until the history of an execution has an event of a type, n times.
func (d *desk) awaitEvent(arn string, kind types.HistoryEventType, n int) []types.HistoryEvent {
	d.t.Helper()
	return until(d.t, func() ([]types.HistoryEvent, bool) {
		events := d.history(arn)
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
		t.Fatalf("there is no token in %s", payload)
	}
	return &sent.Token
}

// echo returns its payload.
func echo(_ context.Context, payload []byte) (any, error) { return json.RawMessage(payload), nil }

// hang returns when it is told to stop.
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
