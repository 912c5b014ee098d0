// Package lambdahost runs Lambda functions on this machine with the payloads, context, errors and limits of AWS Lambda.
//
// Call [Host.Register] for a Go function in this process, or [Host.Install] for a built program that runs in separate
// processes. Then call [Host.Invoke]:
//
//	var host lambdahost.Host
//	host.Register("echo", func(text string) (string, error) { return text, nil }, 0)
//	out, err := host.Invoke(ctx, "echo", []byte(`"hello"`))
//
// A Go function that exceeds its timeout cannot be killed: its context is cancelled and the caller gets a timeout error. A
// panic fails only its own call. A program's process is killed at the timeout, and the next call starts another.
package lambdahost

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambda/messages"
	"github.com/google/uuid"
)

// Limits and defaults of AWS Lambda ("Lambda quotas").
const (
	LargestPayload = 6 << 20          // bytes, each way, of a synchronous invocation
	DefaultTimeout = 30 * time.Second // the service's default is 3 s; infra/stack sets each function's own
)

// Types of the errors that the service reports, not the function.
const (
	TimedOut         = "Sandbox.Timedout"
	Exited           = "Runtime.ExitError"
	ResponseTooLarge = "Function.ResponseSizeTooLarge"
	RequestTooLarge  = "RequestEntityTooLargeException"
	Throttled        = "TooManyRequestsException"
	NotFound         = "ResourceNotFoundException"
)

// A Host runs functions by name. Its zero value is ready to use.
type Host struct {
	Prefix string               // of the functions' ARNs, before the name
	Logf   func(string, ...any) // logs panics with their stack; nil logs nothing

	mu        sync.RWMutex
	functions map[string]*function
}

type function struct {
	name, arn string
	timeout   time.Duration
	calls     atomic.Int64
	run       runner
	close     func()
}

// A runner executes one call. Its errors are [messages.InvokeResponse_Error] values or errTimeout.
type runner func(context.Context, call) ([]byte, error)

// A call is one invocation.
type call struct {
	id, arn string // of the request and of the function
	payload []byte
}

// An outcome is the result of a call.
type outcome struct {
	payload []byte
	err     error
}

// Register adds a function in this process: a Go function of the forms that [lambda.NewHandler] takes, safe for concurrent
// use. A timeout of 0 is DefaultTimeout.
func (h *Host) Register(name string, handler any, timeout time.Duration) {
	h.add(name, timeout, inProcess(name, handler, h.Logf), func() {})
}

// Install adds a function that is a program.
func (h *Host) Install(name string, p Program) {
	all := newProcesses(name, p)
	h.add(name, p.Timeout, all.run, all.close)
}

func (h *Host) add(name string, timeout time.Duration, run runner, close func()) {
	if timeout == 0 {
		timeout = DefaultTimeout
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.functions == nil {
		h.functions = map[string]*function{}
	}
	h.functions[name] = &function{name: name, arn: h.Prefix + name, timeout: timeout, run: run, close: close}
}

// Close removes all functions and ends their processes. Calls in progress fail.
func (h *Host) Close() error {
	h.mu.Lock()
	functions := h.functions
	h.functions = nil
	h.mu.Unlock()
	for _, f := range functions {
		f.close()
	}
	return nil
}

// Invocations counts the calls of each function since it was added.
func (h *Host) Invocations() map[string]int {
	h.mu.RLock()
	defer h.mu.RUnlock()
	counts := map[string]int{}
	for name, f := range h.functions {
		counts[name] = int(f.calls.Load())
	}
	return counts
}

// find returns a function by its name or ARN, nil if there is none.
func (h *Host) find(name string) *function {
	h.mu.RLock()
	defer h.mu.RUnlock()
	if f := h.functions[name]; f != nil {
		return f
	}
	for _, f := range h.functions {
		if f.arn == name {
			return f
		}
	}
	return nil
}

// Handler returns a handler that invokes the function with this name. The function may be added later.
func (h *Host) Handler(name string) lambda.Handler { return handler{h, name} }

type handler struct {
	host *Host
	name string
}

func (h handler) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	return h.host.Invoke(ctx, h.name, payload)
}

// Invoke calls a function by its name or ARN and returns its JSON. The function's context has the values of ctx but not its
// cancellation: on the service, a caller that disconnects does not stop a function.
//
// Every error is a [messages.InvokeResponse_Error], whose JSON is what the service answers. Its Type is the name that the
// function gave its error, the Go type of the error, or one of this package's constants.
func (h *Host) Invoke(ctx context.Context, name string, payload []byte) ([]byte, error) {
	f := h.find(name)
	if f == nil {
		return nil, messages.InvokeResponse_Error{Type: NotFound, Message: "Function not found: " + name}
	}
	if len(payload) > LargestPayload {
		return nil, messages.InvokeResponse_Error{Type: RequestTooLarge,
			Message: fmt.Sprintf("%d byte payload is too large for the Invoke operation (limit %d bytes)", len(payload), LargestPayload)}
	}
	f.calls.Add(1)
	c := call{id: uuid.NewString(), arn: f.arn, payload: payload}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), f.timeout)
	ended := make(chan outcome, 1)
	go func() {
		defer cancel()
		out, err := f.run(ctx, c)
		ended <- outcome{out, err}
	}()
	got := outcome{err: errTimeout}
	select {
	case got = <-ended:
	case <-ctx.Done():
		select {
		case got = <-ended: // it ended at the moment of the timeout
		default:
		}
	}
	switch {
	case errors.Is(got.err, errTimeout):
		return nil, messages.InvokeResponse_Error{Type: TimedOut,
			Message: fmt.Sprintf("RequestId: %s Error: Task timed out after %.2f seconds", c.id, f.timeout.Seconds())}
	case len(got.payload) > LargestPayload:
		return nil, messages.InvokeResponse_Error{Type: ResponseTooLarge,
			Message: fmt.Sprintf("Response payload size exceeded maximum allowed payload size (%d bytes).", LargestPayload)}
	}
	return got.payload, got.err
}

var errTimeout = errors.New("the function exceeded its timeout")
