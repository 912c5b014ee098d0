// Command lambda runs the function sweeper on AWS.
package main

import (
	"github.com/aws/aws-lambda-go/lambda"

	"beian/functions/sweeper"
	"beian/shared/aws/lambdaerror"
	"beian/shared/setup"
	"beian/shared/setup/sender"
	"beian/shared/setup/sending"
)

func main() {
	p := setup.Begin(setup.ForDecisions, setup.ForLimits, setup.ForBucket, setup.ForUploads, setup.ForMessages, setup.ForAgencies)
	lambda.Start(lambdaerror.Wrap(sweeper.Handler{
		Decisions: p.Decisions(), Outbox: p.Store(), Register: p.Store(), Agencies: setup.Must(p.Agencies()), Messenger: setup.Must(sending.NewMessenger(p)), Sender: sender.New(p), Objects: p.Objects(), Uploads: p.Uploads(),
		Limits: setup.Must(p.Limits()), Watch: p.Watch(), Duties: p.Duties(), People: p.People(), WallClock: p.Wall, Log: p.Log,
	}.Handle))
}
