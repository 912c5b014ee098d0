// Command lambda runs the function operator on AWS.
package main

import (
	"github.com/aws/aws-lambda-go/lambda"

	"beian/functions/operator"
	"beian/shared/setup"
	"beian/shared/web"
)

func main() {
	p := setup.Begin(setup.ForDecisions, setup.ForLimits, setup.ForBucket, setup.ForRetention, setup.ForBureauFiles)
	lambda.Start(operator.New(operator.Config{
		Config: web.Config{Decisions: p.Decisions(), Wall: p.Wall, Limits: setup.Must(p.Limits())}, Store: p.Store(), Bureau: setup.Must(p.Operator()),
		Retention: setup.Must(p.Retention()),
	}).Handle)
}
