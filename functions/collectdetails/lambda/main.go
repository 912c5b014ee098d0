// Command lambda runs the function collectdetails on AWS.
package main

import (
	"github.com/aws/aws-lambda-go/lambda"

	"beian/functions/collectdetails"
	"beian/shared/rules/fault"
	"beian/shared/setup"
)

func main() {
	p := setup.Begin(setup.ForDesk)
	lambda.Start(fault.Named(collectdetails.Handler{Desk: p.Desk()}.Handle))
}
