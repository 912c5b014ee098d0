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

// An inProcess is a Go function.
type inProcess struct {
	name string
	// idle holds handlers that no call is using. Each call has one to itself, as on the service: what a handler of
	// aws-lambda-go returns lies in a buffer that its next call writes into.
	idle sync.Pool
	logf func(string, ...any)
}

func newInProcess(name string, handler any, logf func(string, ...any)) *inProcess {
	if logf == nil {
		logf = func(string, ...any) {}
	}
	return &inProcess{name: name, logf: logf, idle: sync.Pool{New: func() any { return lambda.NewHandler(handler) }}}
}

func (*inProcess) retire() {}
func (*inProcess) close()  {}

// run runs the function and gives its error the name that the runtime would report.
func (f *inProcess) run(ctx context.Context, c call) (out []byte, err error) {
	defer func() {
		if value := recover(); value != nil {
			f.logf("lambdahost: %s panicked with a %T\n%s", f.name, value, debug.Stack())
			out, err = nil, messages.InvokeResponse_Error{Type: typeName(value), Message: fmt.Sprint(value)}
		}
	}()
	ctx = lambdacontext.NewContext(ctx, &lambdacontext.LambdaContext{AwsRequestID: c.id, InvokedFunctionArn: c.arn})
	handler := f.idle.Get().(lambda.Handler)
	out, err = handler.Invoke(ctx, c.payload)
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
