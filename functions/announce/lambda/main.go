// Command lambda runs the function announce on AWS.
package main

import (
	"github.com/aws/aws-lambda-go/lambda"

	"beian/functions/announce"
	"beian/shared/aws/lambdaerror"
	"beian/shared/setup"
)

func main() {
	p := setup.Begin(setup.ForDecisions)
	lambda.Start(lambdaerror.Wrap(announce.Handler{Decisions: p.Decisions()}.Handle))
}
