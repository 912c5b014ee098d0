// Command lambda runs the function transmit on AWS.
package main

import (
	"github.com/aws/aws-lambda-go/lambda"

	"beian/functions/transmit"
	"beian/shared/aws/lambdaerror"
	"beian/shared/setup"
)

func main() {
	p := setup.Begin(setup.ForDecisions, setup.ForRegulator)
	lambda.Start(lambdaerror.Wrap(transmit.Handler{Decisions: p.Decisions(), Facts: setup.Must(p.Facts()), IDs: p.Store()}.Handle))
}
