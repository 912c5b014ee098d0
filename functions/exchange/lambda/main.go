// Command lambda runs the function exchange on AWS.
package main

import (
	"runtime/debug"

	"github.com/aws/aws-lambda-go/lambda"

	"beian/functions/exchange"
	"beian/shared/aws/lambdaerror"
	"beian/shared/setup"
)

func main() {
	debug.SetMemoryLimit(exchange.MemoryLimit)
	p := setup.Begin(setup.ForDecisions, setup.ForBucket, setup.ForRegulator, setup.ForTasks)
	lambda.Start(lambdaerror.Wrap(exchange.Handler{Exchange: setup.Must(p.Exchange())}.Handle))
}
