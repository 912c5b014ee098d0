// Command lambda runs the function collectevidence on AWS.
package main

import (
	"github.com/aws/aws-lambda-go/lambda"

	"beian/functions/collectevidence"
	"beian/shared/aws/lambdaerror"
	"beian/shared/setup"
)

func main() {
	p := setup.Begin(setup.ForDecisions)
	lambda.Start(lambdaerror.Wrap(collectevidence.Handler{Decisions: p.Decisions()}.Handle))
}
