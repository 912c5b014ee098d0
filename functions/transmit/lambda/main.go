// Command lambda runs the function transmit on AWS.
package main

import (
	"github.com/aws/aws-lambda-go/lambda"

	"beian/functions/transmit"
	"beian/shared/aws/lambdaerror"
	"beian/shared/setup"
	"beian/shared/setup/domains"
)

func main() {
	p := setup.Begin(setup.ForDecisions, setup.ForRegulator, setup.ForDomains)
	lambda.Start(lambdaerror.Wrap(transmit.Handler{
		Decisions: p.Decisions(), Facts: setup.Must(p.Facts()), Domains: setup.Must(domains.NewFinder(p)), IDs: p.Store(), ByHand: p.ByHand(),
	}.Handle))
}
