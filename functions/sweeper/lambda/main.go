// Command lambda runs the function sweeper on AWS.
package main

import (
	"github.com/aws/aws-lambda-go/lambda"

	"beian/functions/sweeper"
	"beian/shared/fault"
	"beian/shared/setup"
)

func main() {
	p := setup.Begin(setup.ForDesk, setup.ForMessages)
	lambda.Start(fault.Named(sweeper.Handler{
		Desk: setup.Must(p.Desk()), Messenger: setup.Must(p.Messenger()), Sender: p.Sender(), Wall: p.Wall, Log: p.Log,
	}.Handle))
}
