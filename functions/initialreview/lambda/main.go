// Command lambda runs the function initialreview on AWS.
package main

import (
	"github.com/aws/aws-lambda-go/lambda"

	"beian/functions/initialreview"
	"beian/shared/aws/lambdaerror"
	"beian/shared/setup"
	"beian/shared/setup/domains"
)

func main() {
	p := setup.Begin(setup.ForDecisions, setup.ForRegulator, setup.ForDomains)
	lambda.Start(lambdaerror.Wrap(initialreview.Handler{Decisions: p.Decisions(), Domains: setup.Must(domains.NewFinder(p)), Facts: setup.Must(p.Facts())}.Handle))
}
