// Command lambda runs the function operator on AWS.
package main

import (
	"sync"

	"github.com/aws/aws-lambda-go/lambda"

	"beian/functions/operator"
	"beian/shared/rules/pack"
	"beian/shared/setup"
	"beian/shared/web"
)

func main() {
	p := setup.Begin(setup.ForDecisions, setup.ForLimits, setup.ForBucket, setup.ForRetention, setup.ForBureauFiles, setup.ForCharacters, setup.ForTasks, setup.ForReview)
	lambda.Start(operator.New(operator.Config{
		Config: web.Config{Decisions: p.Decisions(), Wall: p.Wall, People: p.People(), Limits: setup.Must(p.Limits()), Retention: setup.Must(p.Retention())}, Store: p.Store(), Bureau: setup.Must(p.Operator()),
		Late: setup.Must(p.Late()), Rules: sync.OnceValues(pack.Load), Objects: p.Objects(), Webhooks: p.Subscriptions(), Duties: p.Duties(),
	}).Handle)
}
