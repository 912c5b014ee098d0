// Command lambda is a function that does nothing: the floor of size and start for a function in Go.
package main

import (
	"context"

	"github.com/aws/aws-lambda-go/lambda"
)

func main() {
	lambda.Start(func(context.Context) error { return nil })
}
