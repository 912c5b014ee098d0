package lambdahost_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"beian/infra/local/lambdahost"
	"beian/shared/aws/lambdaerror"
	"beian/shared/rules/fault"

	"github.com/aws/aws-lambda-go/lambda/messages"
	"github.com/aws/aws-lambda-go/lambdacontext"
)

type order struct {
	ID string `json:"id"`
}

func TestInvoke(t *testing.T) {
	host := lambdahost.Host{Prefix: "arn:aws:lambda:cn-north-1:000000000000:function:"}
	host.Register("verify", func(ctx context.Context, in order) (order, error) {
		about, ok := lambdacontext.FromContext(ctx)
		if !ok || about.AwsRequestID == "" || !strings.HasSuffix(about.InvokedFunctionArn, ":function:verify") {
			t.Errorf("lambda context: %+v", about)
		}
		if _, has := ctx.Deadline(); !has {
			t.Error("the context has no deadline")
		}
		return order{in.ID + "!"}, nil
	}, 0)
	for _, name := range []string{"verify", host.Prefix + "verify"} {
		out, err := host.Invoke(t.Context(), name, []byte(`{"id":"o-1"}`))
		if err != nil || string(out) != `{"id":"o-1!"}` {
			t.Errorf("Invoke(%s) = %s, %v", name, out, err)
		}
	}
	if n := host.Invocations()["verify"]; n != 2 {
		t.Errorf("Invocations = %d, want 2", n)
	}
}

type tooLate struct{}

func (tooLate) Error() string { return "too late" }

func TestErrorsHaveTheNamesOfTheRuntime(t *testing.T) {
	fails := func(err error) any { return func() error { return err } }
	for _, tc := range []struct {
		name     string
		handler  any
		wantType string
	}{
		{"named fault", lambdaerror.Wrap(func(context.Context, order) (order, error) {
			return order{}, fault.New(fault.Conflict, "状态不符", "not in this state")
		}), "Conflict"},
		{"value", fails(tooLate{}), "tooLate"},
		{"pointer", fails(&tooLate{}), "tooLate"},
		{"wrapped", fails(fmt.Errorf("because: %w", tooLate{})), "wrapError"},
		{"plain", fails(errors.New("x")), "errorString"},
		{"panic with text", func() error { panic("oh") }, "string"},
		{"panic with an error", func() error { panic(tooLate{}) }, "tooLate"},
		{"panic of the runtime", func() error { var m map[string]int; m["x"]++; return nil }, "plainError"},
		{"wrong JSON", func(context.Context, []int) error { return nil }, "UnmarshalTypeError"},
		{"answer too large", func() (string, error) {
			return strings.Repeat("x", lambdahost.LargestPayload), nil
		}, lambdahost.ResponseTooLarge},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var host lambdahost.Host
			host.Register("f", tc.handler, 0)
			_, err := host.Handler("f").Invoke(t.Context(), []byte(`{}`))
			named, is := err.(messages.InvokeResponse_Error)
			if !is || named.Type != tc.wantType {
				t.Fatalf("error %T %v, want type %s", err, err, tc.wantType)
			}
			text, _ := json.Marshal(named)
			var said map[string]any
			if json.Unmarshal(text, &said); said["errorType"] != tc.wantType || said["errorMessage"] == "" {
				t.Errorf("error JSON: %s", text)
			}
		})
	}
}

func TestServiceErrors(t *testing.T) {
	var host lambdahost.Host
	release := make(chan struct{})
	defer close(release)
	host.Register("slow", func() error { <-release; return nil }, time.Millisecond)
	for name, tc := range map[string]struct {
		function string
		payload  []byte
		want     string
	}{
		"timeout":   {"slow", []byte(`{}`), lambdahost.TimedOut},
		"unknown":   {"none", []byte(`{}`), lambdahost.NotFound},
		"too large": {"slow", make([]byte, lambdahost.LargestPayload+1), lambdahost.RequestTooLarge},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := host.Invoke(t.Context(), tc.function, tc.payload)
			if named, is := err.(messages.InvokeResponse_Error); !is || named.Type != tc.want {
				t.Errorf("error %v, want %s", err, tc.want)
			}
		})
	}
}

func TestCallerHangingUpDoesNotStopTheFunction(t *testing.T) {
	var host lambdahost.Host
	host.Register("f", func(ctx context.Context) error { return ctx.Err() }, 0)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := host.Invoke(ctx, "f", []byte(`{}`)); err != nil {
		t.Errorf("Invoke: %v", err)
	}
}

func TestConcurrentCallsAreCounted(t *testing.T) {
	var host lambdahost.Host
	host.Register("f", func() error { return nil }, 0)
	var calls sync.WaitGroup
	for range 50 {
		calls.Go(func() { host.Invoke(t.Context(), "f", nil) })
	}
	calls.Wait()
	if counts := host.Invocations(); len(counts) != 1 || counts["f"] != 50 {
		t.Errorf("Invocations = %v, want 50 of f", counts)
	}
}

// TestConcurrentCalls checks that each caller gets its own answer: a handler of aws-lambda-go v1.55 returns a buffer that its
// next call overwrites.
func TestConcurrentCalls(t *testing.T) {
	var host lambdahost.Host
	host.Register("echo", func(text string) (string, error) { return strings.Repeat(text, 500), nil }, 0)
	var all sync.WaitGroup
	for i := range 64 {
		all.Go(func() {
			for n := range 20 {
				text := fmt.Sprintf("%d-%d;", i, n)
				out, err := host.Invoke(t.Context(), "echo", fmt.Appendf(nil, "%q", text))
				var got string
				if err != nil || json.Unmarshal(out, &got) != nil || got != strings.Repeat(text, 500) {
					t.Errorf("call %s got another answer (%v)", text, err)
				}
			}
		})
	}
	all.Wait()
}
