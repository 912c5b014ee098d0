// Command lambda runs the function reviewer on AWS.
package main

import (
	"github.com/aws/aws-lambda-go/lambda"

	"beian/functions/reviewer"
	"beian/shared/setup"
	"beian/shared/setup/sender"
	"beian/shared/web"
)

func main() {
	p := setup.Begin(setup.ForDecisions, setup.ForLimits, setup.ForBucket, setup.ForRetention, setup.ForReview, setup.ForSender)
	lambda.Start(reviewer.New(reviewer.Config{
		Config: web.Config{Decisions: p.Decisions(), Wall: p.Wall, People: p.People(), Limits: setup.Must(p.Limits()), Retention: setup.Must(p.Retention())}, Store: p.Store(), Objects: p.Objects(), Promise: setup.Must(p.ReviewPromise()), Sender: sender.New(p), SecondReadings: setup.Must(p.SecondReadings()),
	}).Handle)
}
