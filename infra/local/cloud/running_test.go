package cloud_test

import (
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"strings"
	"testing"

	"beian/shared/setup"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	ddb "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	sfntypes "github.com/aws/aws-sdk-go-v2/service/sfn/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

// with is a template's resources and some more.
func with(all map[string]any, more map[string]any) map[string]any {
	all = maps.Clone(all)
	maps.Copy(all, more)
	return all
}

func granted(action, on string) map[string]any {
	return resource("AWS::IAM::Policy", `{"PolicyName": "p", "Roles": [{"Ref": "R"}], "PolicyDocument": {"Version": "2012-10-17",
		"Statement": [{"Effect": "Allow", "Action": `+action+`, "Resource": `+on+`}]}}`)
}

const functionARN = "arn:aws:lambda:" + region + ":" + accountID + ":function:f"

// TestAPI: a route calls its function if the function permits it; one that is not public wants a token of the pool.
func TestAPI(t *testing.T) {
	w := newWorld(t)
	w.program()
	api := map[string]any{
		"R": resource("AWS::IAM::Role", role), "F": resource("AWS::Lambda::Function", obeying),
		"Pool":   resource("AWS::Cognito::UserPool", `{"UserPoolName": "people"}`),
		"Client": resource("AWS::Cognito::UserPoolClient", `{"UserPoolId": {"Ref": "Pool"}, "IdTokenValidity": 5, "TokenValidityUnits": {"IdToken": "minutes"}}`),
		"Group":  resource("AWS::Cognito::UserPoolGroup", `{"UserPoolId": {"Ref": "Pool"}, "GroupName": "reviewer"}`),
		"A":      resource("AWS::ApiGatewayV2::Api", `{"Name": "a", "ProtocolType": "HTTP"}`),
		"I": resource("AWS::ApiGatewayV2::Integration", `{"ApiId": {"Ref": "A"}, "IntegrationType": "AWS_PROXY", "PayloadFormatVersion": "2.0",
			"IntegrationUri": {"Fn::GetAtt": ["F", "Arn"]}}`),
		"Z": resource("AWS::ApiGatewayV2::Authorizer", `{"ApiId": {"Ref": "A"}, "Name": "z", "AuthorizerType": "JWT", "IdentitySource": ["$request.header.Authorization"],
			"JwtConfiguration": {"Audience": [{"Ref": "Client"}], "Issuer": {"Fn::GetAtt": ["Pool", "ProviderURL"]}}}`),
		"Open": resource("AWS::ApiGatewayV2::Route", `{"ApiId": {"Ref": "A"}, "RouteKey": "GET /open", "AuthorizationType": "NONE",
			"Target": {"Fn::Join": ["/", ["integrations", {"Ref": "I"}]]}}`),
		"Closed": resource("AWS::ApiGatewayV2::Route", `{"ApiId": {"Ref": "A"}, "RouteKey": "GET /closed", "AuthorizationType": "JWT", "AuthorizerId": {"Ref": "Z"},
			"Target": {"Fn::Join": ["/", ["integrations", {"Ref": "I"}]]}}`),
		"S": resource("AWS::ApiGatewayV2::Stage", `{"ApiId": {"Ref": "A"}, "StageName": "$default", "AutoDeploy": true}`),
	}
	permitted := with(api, map[string]any{"P": resource("AWS::Lambda::Permission", `{"Action": "lambda:InvokeFunction", "FunctionName": {"Ref": "F"},
		"Principal": "apigateway.amazonaws.com", "SourceArn": {"Fn::Sub": "arn:aws:execute-api:`+region+`:`+accountID+`:${A}/*/*/open"}}`)})
	outputs := map[string]any{"Address": attribute("A", "ApiEndpoint"), "Client": ref("Client"), "Pool": ref("Pool")}
	get := func(address, token string) (int, string) {
		t.Helper()
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
		if err != nil {
			t.Fatal(err)
		}
		if token != "" {
			r.Header.Set("Authorization", "Bearer "+token)
		}
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		body, err := io.ReadAll(answer.Body)
		if err != nil {
			t.Fatal(err)
		}
		return answer.StatusCode, string(body)
	}
	s, failed := w.deploy("app", api, outputs)
	if len(failed) > 0 {
		t.Fatal(failed)
	}
	at := output(t, s, "Address")
	if status, said := get(at+"/open", ""); status != http.StatusInternalServerError {
		t.Errorf("a function that permits nobody answers %d %s", status, said)
	}
	if refused := w.Denied(); len(refused) != 1 || !strings.Contains(refused[0], "lambda:InvokeFunction "+functionARN) {
		t.Errorf("refused: %q", refused)
	}
	if s, failed = w.deploy("app", permitted, outputs); len(failed) > 0 {
		t.Fatal(failed)
	}
	status, said := get(at+"/open", "")
	for _, want := range []string{"A=b", "AWS_REGION=" + region, "AWS_ENDPOINT_URL=" + w.Endpoint(), "AWS_ACCESS_KEY_ID=ASIA", "AWS_SESSION_TOKEN=", "AWS_LAMBDA_FUNCTION_NAME=f"} {
		if status != http.StatusOK || !strings.Contains(said, want) {
			t.Errorf("%d without %s: %s", status, want, said)
		}
	}
	if _, err := w.Token(output(t, s, "Client"), "somebody", "owner"); err == nil {
		t.Error("a group that is not there is in a token")
	}
	token, err := w.Token(output(t, s, "Client"), "somebody", "reviewer")
	if err != nil {
		t.Fatal(err)
	}
	if status, _ := get(at+"/closed", ""); status != http.StatusUnauthorized {
		t.Errorf("without a token: %d", status)
	}
	if status, _ := get(at+"/closed", token[:len(token)-4]+"AAAA"); status != http.StatusUnauthorized {
		t.Errorf("with another signature: %d", status)
	}
	if status, _ := get(at+"/closed", token); status != http.StatusInternalServerError { // it is let in, and the permission is for another path
		t.Errorf("with a token: %d", status)
	}
}

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

// TestMachine: a machine calls functions under its role, and an execution keeps the definition that it began with.
func TestMachine(t *testing.T) {
	w := newWorld(t)
	w.program()
	definition := func(last string) map[string]any {
		return resource("AWS::StepFunctions::StateMachine", `{"StateMachineName": "m", "RoleArn": {"Fn::GetAtt": ["R", "Arn"]}, "DefinitionSubstitutions": {"F": "`+functionARN+`"},
			"DefinitionString": "{\"StartAt\":\"Ask\",\"States\":{\"Ask\":{\"Type\":\"Task\",\"Resource\":\"arn:aws:states:::lambda:invoke.waitForTaskToken\",`+
			`\"Parameters\":{\"FunctionName\":\"${F}\",\"Payload\":{\"token.$\":\"$$.Task.Token\"}},\"Next\":\"`+last+`\"},\"`+last+`\":{\"Type\":\"Succeed\"}}}"}`)
	}
	app := func(last string) map[string]any {
		return map[string]any{
			"R": resource("AWS::IAM::Role", role), "F": resource("AWS::Lambda::Function", obeying), "M": definition(last),
			"V": map[string]any{"Type": "AWS::StepFunctions::StateMachineVersion", "UpdateReplacePolicy": "Retain",
				"Properties": json.RawMessage(`{"StateMachineArn": {"Ref": "M"}, "StateMachineRevisionId": {"Fn::GetAtt": ["M", "StateMachineRevisionId"]}}`)},
			"A": resource("AWS::StepFunctions::StateMachineAlias", `{"Name": "live", "DeploymentPreference": {"Type": "ALL_AT_ONCE", "StateMachineVersionArn": {"Ref": "V"}}}`),
		}
	}
	granted := map[string]any{"P": granted(`"lambda:InvokeFunction"`, `"`+functionARN+`"`)}
	machines := sfn.New(sfn.Options{Region: region, BaseEndpoint: aws.String(w.Endpoint()), Credentials: as(root, secret, ""), HTTPClient: setup.Unhurried{HTTPClient: http.DefaultClient}})
	start := func() *string {
		t.Helper()
		x, err := machines.StartExecution(t.Context(), &sfn.StartExecutionInput{StateMachineArn: aws.String("arn:aws:states:" + region + ":" + accountID + ":stateMachine:m:live")})
		if err != nil {
			t.Fatal(err)
		}
		return x.ExecutionArn
	}
	path := func(execution *string) (path []string, ended bool) {
		t.Helper()
		history, err := machines.GetExecutionHistory(t.Context(), &sfn.GetExecutionHistoryInput{ExecutionArn: execution})
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range history.Events {
			if e.StateEnteredEventDetails != nil {
				path = append(path, *e.StateEnteredEventDetails.Name)
			}
			ended = e.Type == sfntypes.HistoryEventTypeExecutionSucceeded || e.Type == sfntypes.HistoryEventTypeExecutionFailed
		}
		return path, ended
	}
	if _, failed := w.deploy("app", app("First"), nil); len(failed) > 0 {
		t.Fatal(failed)
	}
	refused := start()
	w.awaited("the end of an execution whose role may nothing", func() bool { _, ended := path(refused); return ended })
	if denied := w.Denied(); len(denied) != 1 || !strings.Contains(denied[0], ":role/r lambda:InvokeFunction "+functionARN) {
		t.Errorf("refused: %q", denied)
	}
	if _, failed := w.deploy("app", with(app("First"), granted), nil); len(failed) > 0 {
		t.Fatal(failed)
	}
	first := start()
	w.awaited("the first execution's token", func() bool { return strings.Count(w.said.String(), "token") == 1 })
	if _, failed := w.deploy("app", with(app("Second"), granted), nil); len(failed) > 0 {
		t.Fatal(failed)
	}
	second := start()
	w.awaited("the second execution's token", func() bool { return strings.Count(w.said.String(), "token") == 2 })
	for line := range strings.Lines(w.said.String()) {
		var in struct{ Token string }
		if err := json.Unmarshal([]byte(line), &in); err != nil {
			t.Fatal(err)
		}
		if _, err := machines.SendTaskSuccess(t.Context(), &sfn.SendTaskSuccessInput{TaskToken: &in.Token, Output: aws.String("{}")}); err != nil {
			t.Fatal(err)
		}
	}
	for last, execution := range map[string]*string{"First": first, "Second": second} {
		var went []string
		w.awaited("the end", func() (ended bool) { went, ended = path(execution); return ended })
		if strings.Join(went, " ") != "Ask "+last {
			t.Errorf("an execution that began with %s went %v", last, went)
		}
	}
}

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
	if n := len(w.Denied()); n != 5 {
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

// TestSchedule: a schedule calls its function under its role, and Tick has it do so at once.
func TestSchedule(t *testing.T) {
	w := newWorld(t)
	w.program()
	app := map[string]any{
		"R": resource("AWS::IAM::Role", role), "F": resource("AWS::Lambda::Function", obeying),
		"S": resource("AWS::Scheduler::Schedule", `{"Name": "daily", "ScheduleExpression": "cron(0 9 * * ? *)", "ScheduleExpressionTimezone": "Asia/Shanghai",
			"FlexibleTimeWindow": {"Mode": "OFF"}, "Target": {"Arn": {"Fn::GetAtt": ["F", "Arn"]}, "RoleArn": {"Fn::GetAtt": ["R", "Arn"]}, "Input": "{\"turn\":true}"}}`),
	}
	if _, failed := w.deploy("app", app, nil); len(failed) > 0 {
		t.Fatal(failed)
	}
	if err := w.Tick(t.Context(), "daily"); err == nil || !strings.Contains(err.Error(), "lambda:InvokeFunction") {
		t.Errorf("a role that may nothing: %v", err)
	}
	if _, failed := w.deploy("app", with(app, map[string]any{"P": granted(`"lambda:InvokeFunction"`, `"`+functionARN+`"`)}), nil); len(failed) > 0 {
		t.Fatal(failed)
	}
	if err := w.Tick(t.Context(), "daily"); err != nil || w.said.String() != `{"turn":true}`+"\n" {
		t.Errorf("%v %q", err, w.said)
	}
	if err := w.Tick(t.Context(), "weekly"); err == nil {
		t.Error("a schedule that is not there took a turn")
	}
}
