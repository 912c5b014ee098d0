// Command lambda runs the function expire on AWS.
package main

import (
	"github.com/aws/aws-lambda-go/lambda"

	"beian/functions/expire"
	"beian/shared/aws/lambdaerror"
	"beian/shared/setup"
)

func main() {
	p := setup.Begin(setup.ForDecisions)
	lambda.Start(lambdaerror.Wrap(expire.Handler{Decisions: p.Decisions()}.Handle))
}
