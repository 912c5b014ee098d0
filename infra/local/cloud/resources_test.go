package cloud_test

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

const (
	role = `{"RoleName": "r", "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [
		{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": ["lambda.amazonaws.com", "states.amazonaws.com", "scheduler.amazonaws.com"]}}]}}`
	keyPolicy = `"KeyPolicy": {"Version": "2012-10-17", "Statement": []}`
	function  = `{"FunctionName": "f", "Runtime": "provided.al2023", "Handler": "bootstrap", "Role": {"Fn::GetAtt": ["R", "Arn"]},
		"Code": {"S3Bucket": "code", "S3Key": "f.zip"}, "Environment": {"Variables": {"A": "b"}}}`
	machine = `{"StateMachineName": "m", "RoleArn": {"Fn::GetAtt": ["R", "Arn"]}, "DefinitionSubstitutions": {"Last": "End"},
		"DefinitionString": "{\"StartAt\":\"${Last}\",\"States\":{\"${Last}\":{\"Type\":\"Succeed\"}}}"}`
)

// upload puts the zip file of a function into the bucket "code".
func (w *world) upload() {
	w.t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	if _, err := z.Create("bootstrap"); err != nil {
		w.t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		w.t.Fatal(err)
	}
	client := w.objects(as(root, secret, ""))
	if s, failed := w.deploy("code", map[string]any{"B": resource("AWS::S3::Bucket", `{"BucketName": "code"}`)}, nil); s.StackStatus != types.StackStatusCreateComplete {
		w.t.Fatal(failed)
	}
	for key, content := range map[string][]byte{"f.zip": b.Bytes(), "empty.zip": []byte("PK\x05\x06" + strings.Repeat("\x00", 18)), "text.zip": []byte("text")} {
		_, err := client.PutObject(w.t.Context(), &s3.PutObjectInput{Bucket: aws.String("code"), Key: &key, Body: bytes.NewReader(content)})
		if err != nil {
			w.t.Fatal(err)
		}
	}
}

// TestResourcesAreHeldToWhatAWSWouldSay deploys one resource each, some with what they need, and expects it to be refused.
func TestResourcesAreHeldToWhatAWSWouldSay(t *testing.T) {
	w := newWorld(t)
	w.upload()
	without := func(text string, pairs ...string) string { return strings.NewReplacer(pairs...).Replace(text) }
	tests := []struct{ name, kind, properties, want string }{
		{"an unknown property", "AWS::SQS::Queue", `{"QueueNam": "q"}`, `unknown field "QueueNam"`},
		{"an unknown property inside", "AWS::S3::Bucket", `{"CorsConfiguration": {"CorsRule": []}}`, `unknown field "CorsRule"`},
		{"a property of another kind", "AWS::SQS::Queue", `{"QueueName": 1}`, "cannot unmarshal number"},
		{"a function's runtime", "AWS::Lambda::Function", without(function, "provided.al2023", "go1.x"), "only the runtime provided.al2023"},
		{"a function's role", "AWS::Lambda::Function", without(function, `{"Fn::GetAtt": ["R", "Arn"]}`, `"arn:aws:iam::000000000000:role/nobody"`),
			"role/nobody cannot be assumed by lambda.amazonaws.com"},
		{"a function's code", "AWS::Lambda::Function", without(function, "f.zip", "g.zip"), "s3://code/g.zip"},
		{"code without a program", "AWS::Lambda::Function", without(function, "f.zip", "empty.zip"), "no file named bootstrap"},
		{"code that is no zip", "AWS::Lambda::Function", without(function, "f.zip", "text.zip"), "could not unzip uploaded file"},
		{"too many variables", "AWS::Lambda::Function", without(function, `"b"`, `"`+strings.Repeat("b", 4096)+`"`), "unable to configure more than 4096"},
		{"a function's key", "AWS::Lambda::Function", without(function, `"f"`, `"f", "KmsKeyArn": "arn:aws:kms:ap-southeast-1:000000000000:key/none"`), "key/none does not exist"},
		{"a function's log", "AWS::Lambda::Function", without(function, `"f"`, `"f", "LoggingConfig": {"LogGroup": "none"}`), "the log group none does not exist"},
		{"a function's time", "AWS::Lambda::Function", without(function, `"f"`, `"f", "Timeout": 901`), "Timeout 901"},
		{"a permission for nothing", "AWS::Lambda::Permission", `{"Action": "lambda:InvokeFunction", "FunctionName": "none", "Principal": "x"}`, "the function none does not exist"},
		{"a definition", "AWS::StepFunctions::StateMachine", without(machine, "Succeed", "Suceed"), "invalid state machine definition"},
		{"a version of nothing", "AWS::StepFunctions::StateMachineVersion", `{"StateMachineArn": "arn:m", "StateMachineRevisionId": "1"}`, "arn:m is not there"},
		{"an alias of nothing", "AWS::StepFunctions::StateMachineAlias", `{"Name": "live", "DeploymentPreference": {"Type": "ALL_AT_ONCE", "StateMachineVersionArn": "arn:m:1"}}`, "arn:m:1 does not exist"},
		{"a policy of no role", "AWS::IAM::Policy", `{"PolicyName": "p", "Roles": ["none"], "PolicyDocument": {"Version": "2012-10-17", "Statement": []}}`, "role with name none cannot be found"},
		{"a policy's language", "AWS::IAM::Policy", `{"PolicyName": "p", "Roles": ["r"], "PolicyDocument": {"Version": "2012-10-17", "Statement": [{"Effect": "Perhaps", "Action": "*"}]}}`, `effect "Perhaps"`},
		{"a role that nobody has", "AWS::IAM::Role", `{"AssumeRolePolicyDocument": {"Statement": []}}`, "lets nobody assume it"},
		{"an alias of no key", "AWS::KMS::Alias", `{"AliasName": "alias/a", "TargetKeyId": "none"}`, `the alias "alias/a"`},
		{"a key for signing", "AWS::KMS::Key", `{"KeySpec": "RSA_2048", "KeyUsage": "SIGN_VERIFY", ` + keyPolicy + `}`, `KeySpec "RSA_2048"`},
		{"a secret of two kinds", "AWS::SecretsManager::Secret", `{"Name": "s", "SecretString": "x", "GenerateSecretString": {}}`, "either SecretString or GenerateSecretString"},
		{"a policy of no bucket", "AWS::S3::BucketPolicy", `{"Bucket": "none", "PolicyDocument": {"Version": "2012-10-17", "Statement": []}}`, "the bucket none does not exist"},
		{"a bucket that is there", "AWS::S3::Bucket", `{"BucketName": "code"}`, "code already exists"},
		{"a table that is paid ahead", "AWS::DynamoDB::Table", `{"TableName": "t", "BillingMode": "PROVISIONED"}`, "PAY_PER_REQUEST"},
		{"an attribute that no key has", "AWS::DynamoDB::Table", `{"TableName": "t", "BillingMode": "PAY_PER_REQUEST",
			"AttributeDefinitions": [{"AttributeName": "a", "AttributeType": "S"}, {"AttributeName": "b", "AttributeType": "S"}],
			"KeySchema": [{"AttributeName": "a", "KeyType": "HASH"}]}`, "table t"},
		{"a stream of nothing", "AWS::Lambda::EventSourceMapping", `{"FunctionName": "none", "EventSourceArn": "arn:s", "StartingPosition": "TRIM_HORIZON"}`, "the function none does not exist"},
		{"a stream from its end", "AWS::Lambda::EventSourceMapping", `{"FunctionName": "none", "EventSourceArn": "arn:s", "StartingPosition": "LATEST"}`, `TRIM_HORIZON is known here, not "LATEST"`},
		{"a filter's language", "AWS::Lambda::EventSourceMapping", `{"FunctionName": "none", "EventSourceArn": "arn:s", "StartingPosition": "TRIM_HORIZON",
			"FilterCriteria": {"Filters": [{"Pattern": "{\"a\":[{\"exists\":true}]}"}]}}`, `{"exists":true} is not known here`},
		{"a function's processor", "AWS::Lambda::Function", without(function, `"f"`, `"f", "Architectures": ["riscv"]`), "the function is for [riscv]"},
		{"a schedule's expression", "AWS::Scheduler::Schedule", `{"ScheduleExpression": "at(now)", "FlexibleTimeWindow": {"Mode": "OFF"}}`, `the schedule expression "at(now)" is not known`},
		{"a schedule of nothing", "AWS::Scheduler::Schedule", `{"ScheduleExpression": "rate(1 day)", "FlexibleTimeWindow": {"Mode": "OFF"}, "Target": {"Arn": "none", "RoleArn": "none"}}`, "the function none does not exist"},
		{"a route to nowhere", "AWS::ApiGatewayV2::Route", `{"ApiId": "none", "RouteKey": "GET /", "Target": "integrations/none", "AuthorizationType": "NONE"}`, "no integration of its API"},
		{"a stage of nothing", "AWS::ApiGatewayV2::Stage", `{"ApiId": "none", "StageName": "$default", "AutoDeploy": true}`, "the API none does not exist"},
		{"an authorizer without audience", "AWS::ApiGatewayV2::Authorizer", `{"ApiId": "none", "AuthorizerType": "JWT", "IdentitySource": ["$request.header.Authorization"]}`, "lacks an issuer or an audience"},
		{"a client of no pool", "AWS::Cognito::UserPoolClient", `{"UserPoolId": "none"}`, "the user pool none does not exist"},
		{"a sender without a set", "AWS::SES::EmailIdentity", `{"EmailIdentity": "provider.example"}`, `the configuration set "" does not exist`},
		{"a queue's policy", "AWS::SQS::QueuePolicy", `{"Queues": ["http://q/none"], "PolicyDocument": {"Version": "2012-10-17", "Statement": []}}`, "none does not exist"},
		{"a topic's policy", "AWS::SNS::TopicPolicy", `{"Topics": ["none"], "PolicyDocument": {"Version": "2012-10-17", "Statement": []}}`, "the topic none does not exist"},
		{"an alarm of nothing", "AWS::CloudWatch::Alarm", `{"AlarmName": "a"}`, "the property ComparisonOperator is missing"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			w.t = t
			s, failed := w.deploy("app", map[string]any{"R": resource("AWS::IAM::Role", role), "X": map[string]any{
				"Type": test.kind, "DependsOn": "R", "Properties": json.RawMessage(test.properties)}}, nil)
			if s.StackStatus != types.StackStatusRollbackComplete || len(failed) != 1 || !strings.Contains(failed[0], test.want) {
				t.Errorf("%s %v, want %q", s.StackStatus, failed, test.want)
			}
			if gone, left := w.destroy("app"); gone.StackStatus != types.StackStatusDeleteComplete {
				t.Fatal(left)
			}
		})
	}
}

func TestTable(t *testing.T) {
	const table = `{"TableName": "filings", "BillingMode": "PAY_PER_REQUEST", "DeletionProtectionEnabled": true,
		"AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}, {"AttributeName": "mine", "AttributeType": "S"}],
		"KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
		"GlobalSecondaryIndexes": [{"IndexName": "mine", "KeySchema": [{"AttributeName": "mine", "KeyType": "HASH"}], "Projection": {"ProjectionType": "KEYS_ONLY"}}],
		"StreamSpecification": {"StreamViewType": "NEW_IMAGE"}, "TimeToLiveSpecification": {"AttributeName": "ttl", "Enabled": true}}`
	w := newWorld(t)
	outputs := map[string]any{"Stream": attribute("T", "StreamArn")}
	s, failed := w.deploy("app", map[string]any{"T": resource("AWS::DynamoDB::Table", table)}, outputs)
	if len(failed) > 0 {
		t.Fatal(failed)
	}
	if arn := output(t, s, "Stream"); !strings.HasPrefix(arn, "arn:aws:dynamodb:ap-southeast-1:000000000000:table/filings/stream/") {
		t.Errorf("stream %s", arn)
	}
	client := dynamodb.New(dynamodb.Options{Region: region, BaseEndpoint: aws.String(w.Endpoint()), Credentials: as(root, secret, "")})
	described, err := client.DescribeTable(t.Context(), &dynamodb.DescribeTableInput{TableName: aws.String("filings")})
	if err != nil || len(described.Table.GlobalSecondaryIndexes) != 1 || aws.ToString(described.Table.LatestStreamArn) == "" {
		t.Errorf("table %+v, %v", described, err)
	}
	ttl, err := client.DescribeTimeToLive(t.Context(), &dynamodb.DescribeTimeToLiveInput{TableName: aws.String("filings")})
	if err != nil || aws.ToString(ttl.TimeToLiveDescription.AttributeName) != "ttl" {
		t.Errorf("time to live %+v, %v", ttl, err)
	}
	if s, failed := w.destroy("app"); s.StackStatus != types.StackStatusDeleteFailed || !strings.Contains(strings.Join(failed, ""), "protected against deletion") {
		t.Errorf("%s %v", s.StackStatus, failed)
	}
}

func TestBucketWithObjectsStays(t *testing.T) {
	w := newWorld(t)
	w.upload()
	if s, failed := w.destroy("code"); s.StackStatus != types.StackStatusDeleteFailed || !strings.Contains(strings.Join(failed, ""), "BucketNotEmpty") {
		t.Errorf("%s %v", s.StackStatus, failed)
	}
}

func TestAnotherRevisionOfAMachineIsAnotherVersion(t *testing.T) {
	resources := func(definition string) map[string]any {
		return map[string]any{
			"R": resource("AWS::IAM::Role", role), "M": resource("AWS::StepFunctions::StateMachine", definition),
			"V": map[string]any{"Type": "AWS::StepFunctions::StateMachineVersion", "UpdateReplacePolicy": "Retain",
				"Properties": json.RawMessage(`{"StateMachineArn": {"Ref": "M"}, "StateMachineRevisionId": {"Fn::GetAtt": ["M", "StateMachineRevisionId"]}}`)},
			"A": resource("AWS::StepFunctions::StateMachineAlias", `{"Name": "live", "DeploymentPreference": {"Type": "ALL_AT_ONCE", "StateMachineVersionArn": {"Ref": "V"}}}`),
		}
	}
	w := newWorld(t)
	outputs := map[string]any{"Version": ref("V"), "Alias": ref("A")}
	const arn = "arn:aws:states:ap-southeast-1:000000000000:stateMachine:m"
	for i, definition := range []string{machine, strings.ReplaceAll(machine, "End", "Finish")} {
		s, failed := w.deploy("app", resources(definition), outputs)
		if len(failed) > 0 {
			t.Fatal(failed)
		}
		if got := output(t, s, "Version") + " " + output(t, s, "Alias"); got != arn+":"+[]string{"1", "2"}[i]+" "+arn+":live" {
			t.Error(got)
		}
	}
}

func TestAPIAnswersFromTheStart(t *testing.T) {
	w := newWorld(t)
	s, failed := w.deploy("app", map[string]any{"A": resource("AWS::ApiGatewayV2::Api", `{"Name": "a", "ProtocolType": "HTTP"}`)},
		map[string]any{"Address": attribute("A", "ApiEndpoint")})
	if len(failed) > 0 {
		t.Fatal(failed)
	}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, output(t, s, "Address")+"/x", nil)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if body, err := io.ReadAll(answer.Body); err != nil || answer.StatusCode != http.StatusNotFound || strings.TrimSpace(string(body)) != `{"message":"Not Found"}` {
		t.Errorf("%s %s %v", answer.Status, body, err)
	}
}
