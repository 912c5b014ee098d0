// Package lambdahost runs Lambda functions in this process, as the service would: the same JSON in and out, the same
// context, the same errors and limits.
//
// A function that outlives its timeout cannot be ended from outside, as the service would end it; the caller hears of
// the timeout in time, and the function's context is cancelled. A panic ends only the call.
package lambdahost

import (
	"context"
	"fmt"
	"maps"
	"reflect"
	"runtime/debug"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambda/messages"
	"github.com/aws/aws-lambda-go/lambdacontext"
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
	ResponseTooLarge = "Function.ResponseSizeTooLarge"
	RequestTooLarge  = "RequestEntityTooLargeException"
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
}

type function struct {
	name, arn string
	// idle holds handlers that no call is using. Each call has one to itself, as on the service: what a handler of
	// aws-lambda-go returns lies in a buffer that its next call writes into.
	idle    sync.Pool
	timeout time.Duration
	calls   atomic.Int64
	logf    func(string, ...any)
}

// Register adds a function: a Go function of the forms that [lambda.NewHandler] takes, safe for concurrent use. A
// timeout of 0 is DefaultTimeout. Registering a name again replaces its function.
func (h *Host) Register(name string, handler any, timeout time.Duration) {
	f := &function{name: name, timeout: timeout, logf: h.Logf}
	if f.timeout == 0 {
		f.timeout = DefaultTimeout
	}
	if f.logf == nil {
		f.logf = func(string, ...any) {}
	}
	prefix := h.Prefix
	if prefix == "" {
		prefix = "arn:aws:lambda:us-east-1:000000000000:function:"
	}
	f.arn = prefix + name
	f.idle.New = func() any { return lambda.NewHandler(handler) }
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.functions == nil {
		h.functions = map[string]*function{}
	}
	h.functions[name] = f
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
// the function gave (see fault.Named), the Go type of its error, or one of this package's names.
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
	id := uuid.NewString()
	ctx = lambdacontext.NewContext(context.WithoutCancel(ctx),
		&lambdacontext.LambdaContext{AwsRequestID: id, InvokedFunctionArn: f.arn})
	ctx, cancel := context.WithTimeout(ctx, f.timeout)

	type outcome struct {
		payload []byte
		err     error
	}
	ended := make(chan outcome, 1)
	go func() {
		defer cancel()
		out, err := f.call(ctx, payload)
		ended <- outcome{out, err}
	}()
	select {
	case got := <-ended:
		if got.err == nil && len(got.payload) > LargestPayload {
			return nil, messages.InvokeResponse_Error{Type: ResponseTooLarge,
				Message: fmt.Sprintf("Response payload size exceeded maximum allowed payload size (%d bytes).",
					LargestPayload)}
		}
		return got.payload, got.err
	case <-ctx.Done():
	}
	select {
	case got := <-ended: // it ended just now; its own answer counts
		return got.payload, got.err
	default:
		return nil, messages.InvokeResponse_Error{Type: TimedOut,
			Message: fmt.Sprintf("RequestId: %s Error: Task timed out after %.2f seconds", id, f.timeout.Seconds())}
	}
}

// call runs the function and gives its error the name that the runtime would report.
func (f *function) call(ctx context.Context, payload []byte) (out []byte, err error) {
	defer func() {
		if value := recover(); value != nil {
			f.logf("lambdahost: %s panicked with a %T\n%s", f.name, value, debug.Stack())
			out, err = nil, messages.InvokeResponse_Error{Type: typeName(value), Message: fmt.Sprint(value)}
		}
	}()
	handler := f.idle.Get().(lambda.Handler)
	out, err = handler.Invoke(ctx, payload)
	out = slices.Clone(out)
	f.idle.Put(handler)
	if err == nil {
		return out, nil
	}
	if named, is := err.(messages.InvokeResponse_Error); is {
		return nil, named
	}
	return nil, messages.InvokeResponse_Error{Type: typeName(err), Message: err.Error()}
}

// typeName is the name of a value's outermost type, as the Go runtime of Lambda reports it.
func typeName(value any) string {
	t := reflect.TypeOf(value)
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return t.Name()
}
