// Package lambdaerror reports faults to AWS Lambda under the error names that the workflow's Retry and Catch match.
//
// Call [Wrap] for each handler:
//
//	lambda.Start(lambdaerror.Wrap(verifytype.Handler{…}.Handle))
//
// Without Wrap the error name is the outermost Go type ("wrapError"), which no Retry or Catch matches.
package lambdaerror

import (
	"context"

	"github.com/aws/aws-lambda-go/lambda/messages"

	"beian/shared/rules/fault"
)

// A Handler is a Lambda handler with typed input and output.
type Handler[In, Out any] func(context.Context, In) (Out, error)

// Wrap returns a handler whose errors have the fault's [fault.Kind] as their name: "Internal" if they are no faults.
func Wrap[In, Out any](handle Handler[In, Out]) Handler[In, Out] {
	return func(ctx context.Context, in In) (Out, error) {
		out, err := handle(ctx, in)
		if err != nil {
			f := fault.Of(err)
			return out, messages.InvokeResponse_Error{Type: string(f.Kind), Message: f.Error()}
		}
		return out, nil
	}
}
