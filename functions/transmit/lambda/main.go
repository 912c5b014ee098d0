// Command lambda runs the function transmit on AWS.
package main

import (
	"github.com/aws/aws-lambda-go/lambda"

	"beian/functions/transmit"
	"beian/shared/rules/fault"
	"beian/shared/setup"
)

func main() {
	p := setup.Begin(setup.ForDesk, setup.ForRegulator)
	lambda.Start(fault.Named(transmit.Handler{Desk: p.Desk(), Register: setup.Must(p.Register())}.Handle))
}
