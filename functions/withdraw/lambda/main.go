// Command lambda runs the function withdraw on AWS.
package main

import (
	"github.com/aws/aws-lambda-go/lambda"

	"beian/functions/withdraw"
	"beian/shared/rules/fault"
	"beian/shared/setup"
)

func main() {
	p := setup.Begin(setup.ForDesk)
	lambda.Start(fault.Named(withdraw.Handler{Desk: p.Desk()}.Handle))
}
