// Command lambda runs the function awaitbureau on AWS.
package main

import (
	"github.com/aws/aws-lambda-go/lambda"

	"beian/functions/awaitbureau"
	"beian/shared/aws/lambdaerror"
	"beian/shared/setup"
)

func main() {
	p := setup.Begin(setup.ForDecisions)
	lambda.Start(lambdaerror.Wrap(awaitbureau.Handler{Decisions: p.Decisions()}.Handle))
}
