package lambdahost

import (
	"context"
	"fmt"
	"reflect"
	"runtime/debug"
	"slices"
	"sync"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambda/messages"
	"github.com/aws/aws-lambda-go/lambdacontext"
)

// inProcess returns a runner for a Go function. Errors and panics have the Type that the Go runtime of Lambda reports.
func inProcess(name string, handler any, logf func(string, ...any)) runner {
	// A lambda.Handler returns a buffer that its next call overwrites, so concurrent calls never share a handler.
	idle := sync.Pool{New: func() any { return lambda.NewHandler(handler) }}
	return func(ctx context.Context, c call) (out []byte, err error) {
		defer func() {
			if value := recover(); value != nil {
				if logf != nil {
					logf("lambdahost: %s panicked with a %T\n%s", name, value, debug.Stack()) // the value may hold personal data
				}
				out, err = nil, messages.InvokeResponse_Error{Type: typeName(value), Message: fmt.Sprint(value)}
			}
		}()
		ctx = lambdacontext.NewContext(ctx, &lambdacontext.LambdaContext{AwsRequestID: c.id, InvokedFunctionArn: c.arn})
		h := idle.Get().(lambda.Handler)
		out, err = h.Invoke(ctx, c.payload)
		out = slices.Clone(out)
		idle.Put(h)
		if err == nil {
			return out, nil
		}
		if named, ok := err.(messages.InvokeResponse_Error); ok {
			return nil, named
		}
		return nil, messages.InvokeResponse_Error{Type: typeName(err), Message: err.Error()}
	}
}

// typeName returns the name of a value's type, without its package.
func typeName(value any) string {
	t := reflect.TypeOf(value)
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return t.Name()
}
