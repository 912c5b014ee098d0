// Command lambda runs the function exchange on AWS.
package main

import (
	"runtime/debug"

	"github.com/aws/aws-lambda-go/lambda"

	"beian/functions/exchange"
	"beian/shared/rules/fault"
	"beian/shared/setup"
)

func main() {
	debug.SetMemoryLimit(exchange.MemoryLimit)
	p := setup.Begin(setup.ForDecisions, setup.ForBucket, setup.ForRegulator)
	lambda.Start(fault.Named(exchange.Handler{Exchange: setup.Must(p.Exchange())}.Handle))
}
