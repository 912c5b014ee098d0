// Command lambda runs the function apidocs on AWS. It has no settings.
package main

import (
	"log/slog"
	"os"
	"time"

	"github.com/aws/aws-lambda-go/lambda"

	"beian/functions/apidocs"
)

func main() {
	lambda.Start(apidocs.New(apidocs.Config{Wall: time.Now, Log: slog.New(slog.NewJSONHandler(os.Stderr, nil))}).Handle)
}
