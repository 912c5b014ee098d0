// Command lambda runs the function inspectupload on AWS.
package main

import (
	"github.com/aws/aws-lambda-go/lambda"

	"beian/functions/inspectupload"
	"beian/shared/aws/lambdaerror"
	"beian/shared/setup"
)

func main() {
	p := setup.Begin(setup.ForUploads)
	lambda.Start(lambdaerror.Wrap(inspectupload.Handler{Uploads: p.Uploads()}.Handle))
}
