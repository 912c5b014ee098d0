package cloud_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"beian/shared/setup"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	ddb "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// TestMapping: what the filter wants arrives once and in order; what the function fails at is repeated, and then told to
// the queue.
func TestMapping(t *testing.T) {
	w := newWorld(t)
	w.program()
	reads := `["dynamodb:DescribeStream", "dynamodb:GetShardIterator", "dynamodb:GetRecords", "dynamodb:ListStreams", "sqs:SendMessage"]`
	_, failed := w.deploy("app", map[string]any{
		"R": resource("AWS::IAM::Role", role), "P": granted(reads, `"*"`), "F": resource("AWS::Lambda::Function", obeying),
		"T": resource("AWS::DynamoDB::Table", `{"TableName": "things", "BillingMode": "PAY_PER_REQUEST", "StreamSpecification": {"StreamViewType": "NEW_IMAGE"},
			"AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}], "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}]}`),
		"Q": resource("AWS::SQS::Queue", `{"QueueName": "dead"}`),
		"M": map[string]any{"Type": "AWS::Lambda::EventSourceMapping", "DependsOn": "P", "Properties": json.RawMessage(`{"FunctionName": {"Ref": "F"},
			"EventSourceArn": {"Fn::GetAtt": ["T", "StreamArn"]}, "StartingPosition": "TRIM_HORIZON", "BatchSize": 10, "BisectBatchOnFunctionError": true,
			"MaximumRetryAttempts": 1, "MaximumRecordAgeInSeconds": 3600, "FunctionResponseTypes": ["ReportBatchItemFailures"],
			"DestinationConfig": {"OnFailure": {"Destination": {"Fn::GetAtt": ["Q", "Arn"]}}},
			"FilterCriteria": {"Filters": [{"Pattern": "{\"eventName\":[\"INSERT\"],\"dynamodb\":{\"Keys\":{\"pk\":{\"S\":[{\"prefix\":\"good\"},\"bad\"]}}}}"}]}}`)},
	}, nil)
	if len(failed) > 0 {
		t.Fatal(failed)
	}
	client := dynamodb.New(dynamodb.Options{Region: region, BaseEndpoint: aws.String(w.Endpoint()), Credentials: as(root, secret, ""), HTTPClient: setup.Unhurried{HTTPClient: http.DefaultClient}})
	for _, key := range []string{"good-1", "other", "good-1", "bad"} { // the second good-1 is a change
		item := map[string]ddb.AttributeValue{"pk": &ddb.AttributeValueMemberS{Value: key}}
		if _, err := client.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: aws.String("things"), Item: item}); err != nil {
			t.Fatal(err)
		}
	}
	w.awaited("a letter", func() bool { return len(w.Letters("dead")) > 0 })
	if said := w.said.String(); said != "INSERT good-1\nINSERT bad\nINSERT bad\n" {
		t.Errorf("the function got:\n%s", said)
	}
	if letter := w.Letters("dead")[0]; !strings.Contains(letter, `"batchSize":1`) || !strings.Contains(letter, functionARN) {
		t.Errorf("the letter: %s", letter)
	}
	if refused := w.Denied(); len(refused) > 0 {
		t.Errorf("refused: %q", refused)
	}
}
