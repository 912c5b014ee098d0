// Command lambda runs the function verifysms on AWS.
package main

import (
	"github.com/aws/aws-lambda-go/lambda"

	"beian/functions/verifysms"
	"beian/shared/aws/lambdaerror"
	"beian/shared/setup"
)

func main() {
	p := setup.Begin(setup.ForDecisions)
	lambda.Start(lambdaerror.Wrap(verifysms.Handler{Decisions: p.Decisions(), NewCode: setup.RandomSMSCode, Hours: p.SendingHours()}.Handle))
}
