// Command lambda runs the function expire on AWS.
package main

import (
	"github.com/aws/aws-lambda-go/lambda"

	"beian/functions/expire"
	"beian/shared/rules/fault"
	"beian/shared/setup"
)

func main() {
	p := setup.Begin(setup.ForDecisions)
	lambda.Start(fault.Named(expire.Handler{Decisions: p.Decisions()}.Handle))
}
