// Command lambda runs the function mailbounce on AWS.
package main

import (
	"github.com/aws/aws-lambda-go/lambda"

	"beian/functions/mailbounce"
	"beian/shared/aws/lambdaerror"
	"beian/shared/process/bounce"
	"beian/shared/setup"
)

func main() {
	p := setup.Begin(setup.ForMailBounce)
	lambda.Start(lambdaerror.Wrap(mailbounce.Handler{
		Counter: bounce.Counter{Store: p.Store(), Duties: p.Duties(), Now: p.Now, Log: p.Log}, Secrets: setup.Must(p.BounceSecrets()), WallClock: p.Wall,
	}.Handle))
}
