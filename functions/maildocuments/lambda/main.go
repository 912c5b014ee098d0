// Command lambda runs the function maildocuments on AWS.
package main

import (
	"github.com/aws/aws-lambda-go/lambda"

	"beian/functions/maildocuments"
	"beian/shared/aws/lambdaerror"
	"beian/shared/setup"
)

func main() {
	p := setup.Begin(setup.ForDecisions)
	lambda.Start(lambdaerror.Wrap(maildocuments.Handler{Decisions: p.Decisions()}.Handle))
}
