// Command lambda runs the function abandon on AWS.
package main

import (
	"github.com/aws/aws-lambda-go/lambda"

	"beian/functions/abandon"
	"beian/shared/aws/lambdaerror"
	"beian/shared/setup"
)

func main() {
	p := setup.Begin(setup.ForDecisions)
	lambda.Start(lambdaerror.Wrap(abandon.Handler{Decisions: p.Decisions()}.Handle))
}
