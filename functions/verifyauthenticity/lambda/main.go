// Command lambda runs the function verifyauthenticity on AWS.
package main

import (
	"github.com/aws/aws-lambda-go/lambda"

	"beian/functions/verifyauthenticity"
	"beian/shared/aws/lambdaerror"
	"beian/shared/setup"
)

func main() {
	p := setup.Begin(setup.ForDecisions)
	lambda.Start(lambdaerror.Wrap(verifyauthenticity.Handler{Decisions: p.Decisions()}.Handle))
}
