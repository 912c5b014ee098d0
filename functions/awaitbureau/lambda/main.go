// Command lambda runs the function awaitbureau on AWS.
package main

import (
	"github.com/aws/aws-lambda-go/lambda"

	"beian/functions/awaitbureau"
	"beian/shared/rules/fault"
	"beian/shared/setup"
)

func main() {
	p := setup.Begin(setup.ForDecisions)
	lambda.Start(fault.Named(awaitbureau.Handler{Decisions: p.Decisions()}.Handle))
}
