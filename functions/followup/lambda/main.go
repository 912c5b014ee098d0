// Command lambda runs the function followup on AWS.
package main

import (
	"github.com/aws/aws-lambda-go/lambda"

	"beian/functions/followup"
	"beian/shared/aws/lambdaerror"
	"beian/shared/setup"
)

func main() {
	p := setup.Begin(setup.ForDecisions)
	lambda.Start(lambdaerror.Wrap(followup.Handler{Decisions: p.Decisions(), History: p.Store()}.Handle))
}
