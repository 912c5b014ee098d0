package setup

import (
	"io"
	"net/http"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/credentials"
)

// fromLambda configures the SDK from what Lambda sets in a function's environment: its Region, and credentials that
// outlive the process. AWS_ENDPOINT_URL, where it is set, is where every service answers.
//
// The SDK's own loader (its package config) would look in a dozen other places besides, and brings the clients for them
// into every function.
func fromLambda(env func(string) string) aws.Config {
	c := aws.Config{
		HTTPClient:  BufferedBodyClient{awshttp.NewBuildableClient()},
		Region:      env("AWS_REGION"),
		Credentials: credentials.NewStaticCredentialsProvider(env("AWS_ACCESS_KEY_ID"), env("AWS_SECRET_ACCESS_KEY"), env("AWS_SESSION_TOKEN")),
		// As that loader has them where nothing is said.
		AccountIDEndpointMode:      aws.AccountIDEndpointModePreferred,
		RequestChecksumCalculation: aws.RequestChecksumCalculationWhenSupported,
		ResponseChecksumValidation: aws.ResponseChecksumValidationWhenSupported,
	}
	if endpoint := env("AWS_ENDPOINT_URL"); endpoint != "" {
		c.BaseEndpoint = &endpoint
	}
	return c
}

// An BufferedBodyClient client has answers read to their ends. The SDK (smithy-go v1.28.9) closes the body of a request as soon as
// the answer begins, and a body that is closed and then asked to write itself (io.WriterTo) says io.EOF, which net/http
// takes for a failed request: it closes the connection under an answer that is longer than its buffer. So net/http reads
// bodies here instead of having them write themselves.
type BufferedBodyClient struct{ aws.HTTPClient }

// Do sends a request.
func (u BufferedBodyClient) Do(r *http.Request) (*http.Response, error) {
	if r.Body != nil && r.Body != http.NoBody {
		r.Body = struct{ io.ReadCloser }{r.Body}
	}
	return u.HTTPClient.Do(r)
}
