// Command lambda runs the function reminders on AWS.
package main

import (
	"github.com/aws/aws-lambda-go/lambda"

	"beian/functions/reminders"
	"beian/shared/aws/lambdaerror"
	"beian/shared/setup"
	"beian/shared/setup/domains"
)

func main() {
	p := setup.Begin(setup.ForDecisions, setup.ForReview, setup.ForDomains)
	lambda.Start(lambdaerror.Wrap(reminders.Handler{
		Decisions: p.Decisions(), Orders: p.Store(), Filings: p.Store(), Duties: setup.Must(domains.NewDuties(p)), Now: p.Now, Log: p.Log, NewCode: setup.RandomSMSCode, Hours: p.SendingHours(), Promise: setup.Must(p.ReviewPromise()),
	}.Handle))
}
