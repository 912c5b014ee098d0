// Command lambda runs the function smsreply on AWS.
package main

import (
	"time"

	"github.com/aws/aws-lambda-go/lambda"

	"beian/functions/smsreply"
	"beian/shared/aws/lambdaerror"
	"beian/shared/setup"
)

func main() {
	p := setup.Begin(setup.ForDecisions, setup.ForSMSReply)
	lambda.Start(lambdaerror.Wrap(smsreply.Handler{
		Decisions: p.Decisions(), Replies: p.Store(), Secrets: setup.Must(p.SMSSecrets()), Within: 400 * time.Millisecond,
		WallClock: p.Wall, Log: p.Log,
	}.Handle))
}
