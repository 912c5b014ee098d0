package cloud_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"
	ses "github.com/aws/aws-sdk-go-v2/service/sesv2/types"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

// TestWithoutGrants: each service refuses a role that may nothing in the way in which it refuses on AWS, and lets in one
// that may.
func TestWithoutGrants(t *testing.T) {
	w := newWorld(t)
	person := strings.Replace(role, `"Service": [`, `"AWS": "`+accountID+`", "Service": [`, 1)
	table := `{"TableName": "things", "BillingMode": "PAY_PER_REQUEST",
		"AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}], "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}]}`
	app := map[string]any{"R": resource("AWS::IAM::Role", person), "T": resource("AWS::DynamoDB::Table", table)}
	if _, failed := w.deploy("app", app, nil); len(failed) > 0 {
		t.Fatal(failed)
	}
	got, err := w.tokens().AssumeRole(t.Context(), &sts.AssumeRoleInput{RoleArn: aws.String("arn:aws:iam::" + accountID + ":role/r"), RoleSessionName: aws.String("s")})
	if err != nil {
		t.Fatal(err)
	}
	by := as(*got.Credentials.AccessKeyId, *got.Credentials.SecretAccessKey, *got.Credentials.SessionToken)
	for _, c := range []struct{ service, target, body string }{
		{"dynamodb", "DynamoDB_20120810.GetItem", `{"TableName": "things", "Key": {"pk": {"S": "x"}}}`},
		{"kms", "TrentService.GenerateMac", `{"KeyId": "lookup", "Message": "eA==", "MacAlgorithm": "HMAC_SHA_256"}`},
		{"states", "AWSStepFunctions.StartExecution", `{"stateMachineArn": "arn:aws:states:` + region + `:` + accountID + `:stateMachine:m"}`},
		{"ssm", "AmazonSSM.GetParameter", `{"Name": "x"}`},
		{"secretsmanager", "secretsmanager.GetSecretValue", `{"SecretId": "x"}`},
	} {
		if said, ok := w.ask(by, c.service, region, c.target, c.body); ok || !strings.Contains(said, `"__type":"AccessDeniedException"`) ||
			!strings.Contains(said, "assumed-role/r/s is not authorized to perform: "+c.service+":") {
			t.Errorf("%s: %s", c.target, said)
		}
	}
	_, err = sesv2.New(sesv2.Options{Region: region, BaseEndpoint: aws.String(w.Endpoint()), Credentials: by, RetryMaxAttempts: 1}).SendEmail(t.Context(), &sesv2.SendEmailInput{
		FromEmailAddress: aws.String("beian@provider.example"), Content: &ses.EmailContent{}, Destination: &ses.Destination{ToAddresses: []string{"a@b.example"}},
	})
	refused(t, err, "AccessDeniedException", "ses:SendEmail on resource: arn:aws:ses:"+region+":"+accountID+":identity/provider.example")
	_, err = sns.New(sns.Options{Region: region, BaseEndpoint: aws.String(w.Endpoint()), Credentials: by, RetryMaxAttempts: 1}).Publish(t.Context(), &sns.PublishInput{
		PhoneNumber: aws.String("+8618900000001"), Message: aws.String("x"),
	})
	refused(t, err, "AuthorizationError", "sns:Publish")
	if n := len(w.Denied()); n != 7 {
		t.Errorf("%d calls are noted as refused", n)
	}
	if _, failed := w.deploy("app", with(app, map[string]any{"P": granted(`"dynamodb:GetItem"`, `{"Fn::GetAtt": ["T", "Arn"]}`)}), nil); len(failed) > 0 {
		t.Fatal(failed)
	}
	if said, ok := w.ask(by, "dynamodb", region, "DynamoDB_20120810.GetItem", `{"TableName": "things", "Key": {"pk": {"S": "x"}}}`); !ok {
		t.Errorf("what the role may now: %s", said)
	}
	if said, ok := w.ask(by, "dynamodb", region, "DynamoDB_20120810.PutItem", `{"TableName": "things", "Item": {"pk": {"S": "x"}}}`); ok {
		t.Errorf("what the role still may not: %s", said)
	}
}
