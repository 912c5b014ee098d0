// Command lambda runs the function reject on AWS.
package main

import (
	"github.com/aws/aws-lambda-go/lambda"

	"beian/functions/reject"
	"beian/shared/rules/fault"
	"beian/shared/setup"
)

func main() {
	p := setup.Begin(setup.ForDecisions)
	lambda.Start(fault.Named(reject.Handler{Decisions: p.Decisions()}.Handle))
}
