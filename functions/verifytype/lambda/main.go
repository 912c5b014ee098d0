// Command lambda runs the function verifytype on AWS.
package main

import (
	"github.com/aws/aws-lambda-go/lambda"

	"beian/functions/verifytype"
	"beian/shared/aws/lambdaerror"
	"beian/shared/setup"
)

func main() {
	p := setup.Begin(setup.ForDecisions, setup.ForRegulator)
	lambda.Start(lambdaerror.Wrap(verifytype.Handler{Decisions: p.Decisions(), Facts: setup.Must(p.Facts())}.Handle))
}
