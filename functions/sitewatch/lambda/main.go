// Command lambda runs the function sitewatch on AWS.
package main

import (
	"github.com/aws/aws-lambda-go/lambda"

	"beian/functions/sitewatch"
	"beian/shared/aws/lambdaerror"
	"beian/shared/setup"
	"beian/shared/setup/watching"
)

func main() {
	p := setup.Begin(setup.ForSiteWatch)
	lambda.Start(lambdaerror.Wrap(sitewatch.Handler{Service: setup.Must(watching.NewService(p)), Log: p.Log}.Handle))
}
