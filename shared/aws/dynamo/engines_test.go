package dynamo_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	localdynamodb "beian/infra/local/dynamodb"
	"beian/shared/setup"
)

// TestEngines tests the store on the laptop's engine and on Amazon's own.
func TestEngines(t *testing.T) {
	modules, err := localdynamodb.FindModules(".")
	if err != nil {
		t.Fatal(err)
	}
	for name, engine := range map[string]interface {
		Start() (*localdynamodb.Engine, error)
	}{
		"dynoxide":       localdynamodb.Dynoxide{Binary: modules.Dynoxide()},
		"DynamoDB Local": localdynamodb.DynamoDBLocal{Folder: modules.DynamoDBLocal()},
	} {
		t.Run(name, func(t *testing.T) {
			running, err := engine.Start()
			if err != nil {
				t.Fatalf("%v (DynamoDB Local needs Java 17 on the path)", err)
			}
			t.Cleanup(func() { running.Close() })
			testStore(t, dynamodb.New(dynamodb.Options{
				BaseEndpoint: aws.String(running.Endpoint()), Region: "us-east-1", RetryMaxAttempts: 3, HTTPClient: setup.NewHTTPClient(),
				Credentials: credentials.NewStaticCredentialsProvider("local", "local", ""),
			}))
		})
	}
}
