// Command lambda runs the function announce on AWS.
package main

import (
	"github.com/aws/aws-lambda-go/lambda"

	"beian/functions/announce"
	"beian/shared/rules/fault"
	"beian/shared/setup"
)

func main() {
	p := setup.Begin(setup.ForDecisions)
	lambda.Start(fault.Named(announce.Handler{Decisions: p.Decisions()}.Handle))
}
