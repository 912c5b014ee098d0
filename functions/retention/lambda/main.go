// Command lambda runs the function retention on AWS.
package main

import (
	"github.com/aws/aws-lambda-go/lambda"

	"beian/functions/retention"
	"beian/shared/aws/lambdaerror"
	"beian/shared/setup"
)

func main() {
	p := setup.Begin(setup.ForDecisions, setup.ForBucket, setup.ForRetention)
	lambda.Start(lambdaerror.Wrap(retention.Handler{
		Decisions: p.Decisions(), Orders: p.Store(), Filings: p.Store(), Files: p.Store(), Differences: p.Store(), Tasks: p.Store(), Objects: p.Objects(), Retention: setup.Must(p.Retention()), Now: p.Now, Log: p.Log,
	}.Handle))
}
