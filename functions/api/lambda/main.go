// Command lambda runs the function api on AWS.
package main

import (
	"github.com/aws/aws-lambda-go/lambda"

	"beian/functions/api"
	"beian/shared/setup"
	"beian/shared/web"
)

func main() {
	p := setup.Begin(setup.ForDecisions, setup.ForLimits, setup.ForBucket, setup.ForUploads, setup.ForLiveness, setup.ForCharacters, setup.ForRetention, setup.ForCancellations, setup.ForAgencies)
	lambda.Start(api.New(api.Config{
		Config: web.Config{Decisions: p.Decisions(), Wall: p.Wall, People: p.People(), Limits: setup.Must(p.Limits()), Retention: setup.Must(p.Retention()), Agencies: setup.Must(p.Agencies())}, Store: p.Store(), Uploads: p.Uploads(), Objects: p.Objects(),
		Liveness: setup.Must(p.Liveness()), Draw: setup.RandomSMSCode, Hours: p.SendingHours(), NewID: setup.NewID, Duties: p.Duties(), Characters: p.Characters(), OnlyAccess: setup.Must(p.OnlyAccess()),
	}).Handle)
}
