// Command lambda runs the function verifyproduct on AWS.
package main

import (
	"github.com/aws/aws-lambda-go/lambda"

	"beian/functions/verifyproduct"
	"beian/shared/aws/lambdaerror"
	"beian/shared/setup"
)

func main() {
	p := setup.Begin(setup.ForDecisions)
	lambda.Start(lambdaerror.Wrap(verifyproduct.Handler{Decisions: p.Decisions(), Servers: p.Store()}.Handle))
}
