package cloud_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"beian/shared/setup"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	sfntypes "github.com/aws/aws-sdk-go-v2/service/sfn/types"
)

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
