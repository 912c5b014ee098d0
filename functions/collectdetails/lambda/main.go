// Command lambda runs the function collectdetails on AWS.
package main

import (
	"github.com/aws/aws-lambda-go/lambda"

	"beian/functions/collectdetails"
	"beian/shared/aws/lambdaerror"
	"beian/shared/setup"
)

func main() {
	p := setup.Begin(setup.ForDecisions)
	lambda.Start(lambdaerror.Wrap(collectdetails.Handler{Decisions: p.Decisions()}.Handle))
}
