package setup_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"

	"beian/shared/setup"
	"beian/shared/setup/environ"
)

// TestBegin: Begin reads the function's variables and those that Lambda sets for the SDK.
func TestBegin(t *testing.T) {
	for name, value := range map[string]string{
		"BUCKET": "evidence", "AWS_REGION": "cn-north-1",
		"AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_SESSION_TOKEN": "token", "AWS_ENDPOINT_URL": "",
	} {
		t.Setenv(name, value)
	}
	p := setup.Begin(setup.ForBucket)
	if p.Env[environ.Bucket] != "evidence" || p.AWS.Region != "cn-north-1" || p.AWS.BaseEndpoint != nil {
		t.Errorf("environment %v, Region %q, endpoint %v", p.Env, p.AWS.Region, p.AWS.BaseEndpoint)
	}
	key, err := p.AWS.Credentials.Retrieve(t.Context())
	if err != nil || key.AccessKeyID != "key" || key.SecretAccessKey != "secret" || key.SessionToken != "token" {
		t.Errorf("the credentials are not those of the environment: %v", err)
	}
	t.Setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:4566")
	if endpoint := aws.ToString(setup.Begin(setup.ForBucket).AWS.BaseEndpoint); endpoint != "http://127.0.0.1:4566" {
		t.Errorf("endpoint %q", endpoint)
	}
}
