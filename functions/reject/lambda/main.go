// Command lambda runs the function reject on AWS.
package main

import (
	"github.com/aws/aws-lambda-go/lambda"

	"beian/functions/reject"
	"beian/shared/aws/lambdaerror"
	"beian/shared/setup"
)

func main() {
	p := setup.Begin(setup.ForDecisions)
	lambda.Start(lambdaerror.Wrap(reject.Handler{Decisions: p.Decisions()}.Handle))
}
