// Command lambda runs the function withdraw on AWS.
package main

import (
	"github.com/aws/aws-lambda-go/lambda"

	"beian/functions/withdraw"
	"beian/shared/aws/lambdaerror"
	"beian/shared/setup"
)

func main() {
	p := setup.Begin(setup.ForDecisions)
	lambda.Start(lambdaerror.Wrap(withdraw.Handler{Decisions: p.Decisions()}.Handle))
}
