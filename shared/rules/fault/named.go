package fault

import (
	"context"

	"github.com/aws/aws-lambda-go/lambda/messages"
)

// Named wraps a handler so that Lambda reports the fault's [Kind] as the error name. Without it the name is the
// outermost Go type ("wrapError"), which no Retry or Catch ever matches.
func Named[In, Out any](handle Handler[In, Out]) Handler[In, Out] {
	return func(ctx context.Context, in In) (Out, error) {
		out, err := handle(ctx, in)
		if err != nil {
			f := Of(err)
			return out, messages.InvokeResponse_Error{Type: string(f.Kind), Message: f.Error()}
		}
		return out, nil
	}
}
