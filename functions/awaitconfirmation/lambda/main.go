// Command lambda runs the function awaitconfirmation on AWS.
package main

import (
	"github.com/aws/aws-lambda-go/lambda"

	"beian/functions/awaitconfirmation"
	"beian/shared/aws/lambdaerror"
	"beian/shared/setup"
)

func main() {
	p := setup.Begin(setup.ForDecisions)
	lambda.Start(lambdaerror.Wrap(awaitconfirmation.Handler{Decisions: p.Decisions()}.Handle))
}
