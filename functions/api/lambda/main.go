// Command lambda runs the function api on AWS.
package main

import (
	"github.com/aws/aws-lambda-go/lambda"

	"beian/functions/api"
	"beian/shared/setup"
)

func main() {
	p := setup.Begin(setup.ForDecisions, setup.ForBucket, setup.ForLiveness, setup.ForBureauFiles)
	lambda.Start(api.New(api.Config{
		Decisions: p.Decisions(), Store: p.Store(), Bucket: p.Bucket(), Liveness: setup.Must(p.Liveness()), Bureau: setup.Must(p.Operator()),
		Draw: setup.Draw, NewID: setup.NewID, Wall: p.Wall,
	}).Handle)
}
