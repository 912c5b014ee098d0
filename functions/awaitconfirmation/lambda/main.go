// Command lambda runs the function awaitconfirmation on AWS.
package main

import (
	"github.com/aws/aws-lambda-go/lambda"

	"beian/functions/awaitconfirmation"
	"beian/shared/rules/fault"
	"beian/shared/setup"
)

func main() {
	p := setup.Begin(setup.ForDecisions)
	lambda.Start(fault.Named(awaitconfirmation.Handler{Decisions: p.Decisions()}.Handle))
}
