// Command lambda runs the function accesscheck on AWS.
package main

import (
	"github.com/aws/aws-lambda-go/lambda"

	"beian/functions/accesscheck"
	"beian/shared/setup"
	"beian/shared/web"
)

func main() {
	p := setup.Begin(setup.ForAccessChecks)
	lambda.Start(accesscheck.New(accesscheck.Config{
		Config: web.Config{Decisions: p.Decisions(), Wall: p.Wall, People: p.ReadOnlyPeople()}, Checker: p.AccessChecker(), Store: p.Store(), Secrets: setup.Must(p.AccessSecrets()),
	}).Handle)
}
