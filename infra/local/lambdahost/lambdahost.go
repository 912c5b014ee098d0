// Package lambdahost runs Lambda functions on this machine, as the service would: the same JSON in and out, the same
// context, the same errors and limits. A function is a Go function in this process ([Host.Register]) or a built program
// in processes of its own ([Host.Install]).
//
// A Go function that outlives its timeout cannot be ended from outside, as the service would end it; the caller hears of
// the timeout in time, and the function's context is cancelled. A panic ends only the call. A program's process is killed
// at its timeout, and started anew for the next call.
package lambdahost

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambda/messages"
	"github.com/google/uuid"
)

// Limits and defaults of the service ("Lambda quotas").
const (
	LargestPayload = 6 << 20          // bytes, each way, of a synchronous invocation
	DefaultTimeout = 30 * time.Second // ours; the service's is 3 s, and the stack sets its own
)

// Names of the errors that the service itself reports.
const (
	TimedOut         = "Sandbox.Timedout"
	Exited           = "Runtime.ExitError"
	ResponseTooLarge = "Function.ResponseSizeTooLarge"
	RequestTooLarge  = "RequestEntityTooLargeException"
	Throttled        = "TooManyRequestsException"
	NotFound         = "ResourceNotFoundException"
)

// A Host holds functions by name. Its zero value works.
type Host struct {
	// Prefix comes before the name in a function's ARN; "" is "arn:aws:lambda:us-east-1:000000000000:function:".
	Prefix string
	// Logf is told of panics with their stack, and of nothing else; nil is silent. A panic's value may hold anything.
	Logf func(string, ...any)

	mu        sync.RWMutex
	functions map[string]*function
	replaced  []runner // that may still have calls under way
}

type function struct {
	name, arn string
	timeout   time.Duration
	calls     atomic.Int64
	runs      runner
}

// A runner carries one call out. Every error of it is a [messages.InvokeResponse_Error] value, or errOutOfTime.
type runner interface {
	run(ctx context.Context, call call) ([]byte, error)
	retire() // ends what no call is using now, and the rest as its calls end
	close()  // ends everything
}

// A call is one invocation.
type call struct {
	id, arn string // of the request and of the function
	payload []byte
}

// An outcome is what came of a call.
type outcome struct {
	payload []byte
	err     error
}

// Register adds a function: a Go function of the forms that [lambda.NewHandler] takes, safe for concurrent use. A
// timeout of 0 is DefaultTimeout. Registering a name again replaces its function.
func (h *Host) Register(name string, handler any, timeout time.Duration) {
	h.add(name, timeout, newInProcess(name, handler, h.Logf))
}

// Install adds a function that is a program. Installing a name again replaces its function: calls that are under way go
// on to their ends, in processes that take no others.
func (h *Host) Install(name string, p Program) {
	h.add(name, p.Timeout, newSandboxes(name, p))
}

func (h *Host) add(name string, timeout time.Duration, runs runner) {
	f := &function{name: name, timeout: timeout, runs: runs}
	if f.timeout == 0 {
		f.timeout = DefaultTimeout
	}
	f.arn = h.Prefix + name
	if h.Prefix == "" {
		f.arn = "arn:aws:lambda:us-east-1:000000000000:function:" + name
	}
	h.mu.Lock()
	old := h.functions[name]
	if h.functions == nil {
		h.functions = map[string]*function{}
	}
	h.functions[name] = f
	if old != nil {
		h.replaced = append(h.replaced, old.runs)
	}
	h.mu.Unlock()
	if old != nil {
		old.runs.retire()
	}
}

// Remove takes a function away and ends its processes. A name that is not there is no error.
func (h *Host) Remove(name string) {
	h.mu.Lock()
	old := h.functions[name]
	delete(h.functions, name)
	h.mu.Unlock()
	if old != nil {
		old.runs.close()
	}
}

// Close ends the processes of all functions. Calls that are under way fail.
func (h *Host) Close() error {
	for _, name := range h.Names() {
		h.Remove(name)
	}
	h.mu.Lock()
	replaced := h.replaced
	h.replaced = nil
	h.mu.Unlock()
	for _, old := range replaced {
		old.close()
	}
	return nil
}

// Names lists the functions in order.
func (h *Host) Names() []string {
	h.mu.RLock()
	defer h.mu.RUnlock()
	return slices.Sorted(maps.Keys(h.functions))
}

// ARN is the function's ARN; "" when there is no such function.
func (h *Host) ARN(name string) string {
	if f := h.find(name); f != nil {
		return f.arn
	}
	return ""
}

// Invocations counts the calls of a function since the process started.
func (h *Host) Invocations(name string) int {
	if f := h.find(name); f != nil {
		return int(f.calls.Load())
	}
	return 0
}

// find looks a function up by name or ARN.
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

// Handler returns the function as a value that can be called, for whoever needs one. The function is looked up at
// each call, so it may be registered later.
func (h *Host) Handler(name string) lambda.Handler { return bound{h, name} }

type bound struct {
	host *Host
	name string
}

func (b bound) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	return b.host.Invoke(ctx, b.name, payload)
}

// Invoke calls a function, by name or ARN, and returns its JSON. The function's context keeps the values of ctx but
// not its cancellation, for a caller that hangs up does not stop a function.
//
// Every error is a [messages.InvokeResponse_Error] value, whose JSON is what the service answers. Its Type is the one
// the function gave (see package lambdaerror), the Go type of its error, or one of this package's names.
func (h *Host) Invoke(ctx context.Context, name string, payload []byte) ([]byte, error) {
	f := h.find(name)
	if f == nil {
		return nil, messages.InvokeResponse_Error{Type: NotFound, Message: "Function not found: " + name}
	}
	if len(payload) > LargestPayload {
		return nil, messages.InvokeResponse_Error{Type: RequestTooLarge,
			Message: fmt.Sprintf("%d byte payload is too large for the Invoke operation (limit %d bytes)",
				len(payload), LargestPayload)}
	}
	f.calls.Add(1)
	asked := call{id: uuid.NewString(), arn: f.arn, payload: payload}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), f.timeout)
	ended := make(chan outcome, 1)
	go func() {
		defer cancel()
		out, err := f.runs.run(ctx, asked)
		ended <- outcome{out, err}
	}()
	select {
	case got := <-ended:
		if got.err == nil && len(got.payload) > LargestPayload {
			return nil, messages.InvokeResponse_Error{Type: ResponseTooLarge,
				Message: fmt.Sprintf("Response payload size exceeded maximum allowed payload size (%d bytes).",
					LargestPayload)}
		}
		return got.payload, f.told(got.err, asked)
	case <-ctx.Done():
	}
	select {
	case got := <-ended: // it ended just now; its own answer counts
		return got.payload, f.told(got.err, asked)
	default:
		return nil, f.told(errOutOfTime, asked)
	}
}

// errOutOfTime says that a call was given up at the function's timeout.
var errOutOfTime = errors.New("out of time")

// told is an error of a call as the service tells it.
func (f *function) told(err error, asked call) error {
	if !errors.Is(err, errOutOfTime) {
		return err
	}
	return messages.InvokeResponse_Error{Type: TimedOut,
		Message: fmt.Sprintf("RequestId: %s Error: Task timed out after %.2f seconds", asked.id, f.timeout.Seconds())}
}
