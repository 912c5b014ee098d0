package setup

import (
	"io"
	"net/http"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/credentials"
)

// sdkConfig configures the SDK from the variables that Lambda sets: the Region, and credentials that stay valid until the process
// ends. AWS_ENDPOINT_URL, if set, is the endpoint of every service.
//
// sdkConfig replaces the SDK's package config, which also reads a dozen other sources and adds their clients to every function.
func sdkConfig(env func(string) string) aws.Config {
	c := aws.Config{
		HTTPClient:  NewHTTPClient(),
		Region:      env("AWS_REGION"),
		Credentials: credentials.NewStaticCredentialsProvider(env("AWS_ACCESS_KEY_ID"), env("AWS_SECRET_ACCESS_KEY"), env("AWS_SESSION_TOKEN")),
		// The defaults of package config.
		AccountIDEndpointMode:      aws.AccountIDEndpointModePreferred,
		RequestChecksumCalculation: aws.RequestChecksumCalculationWhenSupported,
		ResponseChecksumValidation: aws.ResponseChecksumValidationWhenSupported,
	}
	if endpoint := env("AWS_ENDPOINT_URL"); endpoint != "" {
		c.BaseEndpoint = &endpoint
	}
	return c
}

// NewHTTPClient returns the HTTP client for the SDK.
func NewHTTPClient() BufferedBodyClient { return BufferedBodyClient{awshttp.NewBuildableClient()} }

// A BufferedBodyClient hides the WriteTo method of request bodies, so that long responses are not cut off. The SDK (smithy-go
// v1.28.9) closes a request's body as soon as the response begins. WriteTo on the closed body returns io.EOF, which net/http treats
// as a failed request: it closes the connection while a response longer than its buffer is being read.
type BufferedBodyClient struct{ aws.HTTPClient }

// Do sends a request.
func (u BufferedBodyClient) Do(r *http.Request) (*http.Response, error) {
	if r.Body != nil && r.Body != http.NoBody {
		r.Body = struct{ io.ReadCloser }{r.Body}
	}
	return u.HTTPClient.Do(r)
}
