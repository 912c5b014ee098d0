// Command lambda runs the function collectevidence on AWS.
package main

import (
	"github.com/aws/aws-lambda-go/lambda"

	"beian/functions/collectevidence"
	"beian/shared/rules/fault"
	"beian/shared/setup"
)

func main() {
	p := setup.Begin(setup.ForDesk)
	lambda.Start(fault.Named(collectevidence.Handler{Desk: p.Desk()}.Handle))
}
