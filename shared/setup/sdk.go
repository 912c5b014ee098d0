package setup

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
)

// fromLambda configures the SDK from what Lambda sets in a function's environment: its Region, and credentials that
// outlive the process. AWS_ENDPOINT_URL, where it is set, is where every service answers.
//
// The SDK's own loader (its package config) would look in a dozen other places besides, and brings the clients for them
// into every function.
func fromLambda(env func(string) string) aws.Config {
	c := aws.Config{
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
