// Command lambda runs the function reminders on AWS.
package main

import (
	"github.com/aws/aws-lambda-go/lambda"

	"beian/functions/reminders"
	"beian/shared/aws/lambdaerror"
	"beian/shared/setup"
)

func main() {
	p := setup.Begin(setup.ForDecisions, setup.ForReview)
	lambda.Start(lambdaerror.Wrap(reminders.Handler{
		Decisions: p.Decisions(), Orders: p.Store(), Now: p.Now, Log: p.Log, NewCode: setup.RandomSMSCode, Hours: p.SendingHours(), Promise: setup.Must(p.ReviewPromise()),
	}.Handle))
}
