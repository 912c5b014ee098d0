// Command lambda runs the function webhooks on AWS.
package main

import (
	"math/rand/v2"

	"github.com/aws/aws-lambda-go/lambda"

	"beian/functions/webhooks"
	"beian/shared/aws/lambdaerror"
	"beian/shared/partners/dialguard"
	"beian/shared/partners/receiver"
	"beian/shared/setup"
	"beian/shared/setup/environ"
)

func main() {
	p := setup.Begin(setup.ForWebhooks)
	lambda.Start(lambdaerror.Wrap(webhooks.Handler{
		Store: p.Store(), Client: receiver.New(dialguard.Guard{}, p.Wall), Origin: p.Env[environ.PortalURL], Now: p.Wall, Jitter: rand.Float64, Sleep: webhooks.Sleep, Log: p.Log,
	}.Handle))
}
