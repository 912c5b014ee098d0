package asl_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"beian/infra/local/asl"
)

// machineWith returns a machine with the state A, which has these fields, and the state Z.
func machineWith(fields string) string {
	return `{"StartAt": "A", "States": {"A": {` + fields + `}, "Z": {"Type": "Succeed"}}}`
}

const (
	states  = `"States": {"A": {"Type": "Succeed"}}`
	pass    = `"Type": "Pass", "Next": "Z"`
	invoke  = `"Type": "Task", "Next": "Z", "Resource": "arn:aws:states:::lambda:invoke", `
	invokeF = invoke + `"Parameters": {"FunctionName": "f"}`
)

// taskWithRetry and taskWithCatch return tasks with one entry that has these fields.
func taskWithRetry(fields string) string {
	return machineWith(invokeF + `, "Retry": [{"ErrorEquals": ["X"], ` + fields + `}]`)
}
func taskWithCatch(fields string) string {
	return machineWith(invokeF + `, "Catch": [{"ErrorEquals": ["X"], "Next": "Z", ` + fields + `}]`)
}

// choiceWith returns a Choice with one rule that has these fields.
func choiceWith(rule string) string {
	return machineWith(`"Type": "Choice", "Choices": [{` + rule + `, "Next": "Z"}], "Default": "Z"`)
}

// A refusal is an invalid definition with the state and field of the expected problem.
type refusal struct{ definition, state, field string }

func (r refusal) check(t *testing.T) {
	t.Helper()
	_, err := asl.Parse([]byte(r.definition))
	problems, ok := errors.AsType[asl.Problems](err)
	if !ok {
		t.Errorf("accepted: %s", r.definition)
		return
	}
	if !slices.ContainsFunc(problems, func(p asl.Problem) bool { return p.State == r.state && p.Field == r.field }) {
		t.Errorf("%s\nwant a problem with %q %q, got\n%v", r.definition, r.state, r.field, err)
	}
}

// TestWrongDefinitions: Parse rejects definitions that AWS rejects.
func TestWrongDefinitions(t *testing.T) {
	long := strings.Repeat("长", 81)
	for _, r := range []refusal{
		{`{`, "", ""},
		{`[]`, "", ""},
		{`{} {}`, "", ""},
		{`{` + states + `}`, "", "StartAt"},
		{`{"StartAt": "A"}`, "", "States"},
		{`{"StartAt": "A", "States": {}}`, "", "States"},
		{`{"StartAt": "B", ` + states + `}`, "", "StartAt"},
		{`{"StartAt": "A", ` + states + `, "Extra": 1}`, "", "Extra"},
		{`{"StartAt": "A", "StartAt": "A", ` + states + `}`, "", ""},
		{`{"StartAt": "A", "States": {"A": {"Type": "Succeed"}, "A": {"Type": "Succeed"}}}`, "", "States"},
		{`{"StartAt": "Z", "States": {"A": {` + pass + `}, "Z": {"Type": "Succeed"}}}`, "A", ""},
		{`{"StartAt": "` + long + `", "States": {"` + long + `": {"Type": "Succeed"}}}`, long, ""},
		{machineWith(`"Next": "Z"`), "A", "Type"},
		{machineWith(`"Type": "Sleep"`), "A", "Type"},
		{machineWith(`"Type": "Pass"`), "A", "Next"},
		{machineWith(`"Type": "Pass", "Next": "B"`), "A", "Next"},
		{machineWith(pass + `, "TimeoutSeconds": 3`), "A", "TimeoutSeconds"},
		{machineWith(pass + `, "Parameters": {"a.$": 1}`), "A", "Parameters.a.$"},
		{machineWith(pass + `, "Parameters": {"a.$": "b"}`), "A", "Parameters.a.$"},
		{machineWith(pass + `, "Parameters": {"a.$": "$.b", "a": 1}`), "A", "Parameters.a.$"},
		{machineWith(pass + `, "Parameters": {"a.$": "$$.Task.Token"}`), "A", "Parameters.a.$"},
		{machineWith(`"Type": "Succeed", "Next": "Z"`), "A", "Next"},
		{machineWith(`"Type": "Wait", "Next": "Z"`), "A", "Seconds"},
		{machineWith(`"Type": "Wait", "Next": "Z", "Seconds": -1`), "A", "Seconds"},
		{machineWith(`"Type": "Task", "Next": "Z"`), "A", "Resource"},
		{machineWith(`"Type": "Task", "Next": "Z", "Resource": "verify"`), "A", "Resource"},
		{machineWith(invoke + `"Comment": ""`), "A", "Parameters"},
		{machineWith(invokeF + `, "End": true`), "A", "Next"},
		{machineWith(strings.Replace(invokeF, `"Next": "Z", `, `"End": false, `, 1)), "A", "End"},
		{machineWith(strings.Replace(invokeF, `"Next": "Z", `, `"End": 1, `, 1)), "A", "End"},
		{machineWith(strings.Replace(invokeF, `"Next": "Z", `, ``, 1)), "A", "Next"},
		{machineWith(invoke + `"Parameters": "f"`), "A", "Parameters"},
		{machineWith(invoke + `"Parameters": {"Payload": 1}`), "A", "Parameters.FunctionName"},
		{machineWith(invoke + `"Parameters": {"FunctionName": 1}`), "A", "Parameters.FunctionName"},
		{machineWith(invokeF + `, "TimeoutSeconds": 0`), "A", "TimeoutSeconds"},
		{machineWith(invokeF + `, "ResultPath": "$."`), "A", "ResultPath"},
		{machineWith(invokeF + `, "ResultPath": 3`), "A", "ResultPath"},
		{machineWith(invokeF + `, "ResultPath": "$$.Task.Token"`), "A", "ResultPath"},
		{machineWith(invokeF + `, "Retry": [{}]`), "A", "Retry[0].ErrorEquals"},
		{machineWith(invokeF + `, "Retry": [{"ErrorEquals": ["States.ALL"]}, {"ErrorEquals": ["X"]}]`), "A", "Retry[0].ErrorEquals"},
		{machineWith(invokeF + `, "Retry": [{"ErrorEquals": ["States.ALL", "X"]}]`), "A", "Retry[0].ErrorEquals"},
		{machineWith(invokeF + `, "Retry": [{"ErrorEquals": ["States.Typo"]}]`), "A", "Retry[0].ErrorEquals"},
		{taskWithRetry(`"BackoffRate": 0.5`), "A", "Retry[0].BackoffRate"},
		{taskWithRetry(`"IntervalSeconds": 0`), "A", "Retry[0].IntervalSeconds"},
		{taskWithRetry(`"MaxAttempts": -1`), "A", "Retry[0].MaxAttempts"},
		{taskWithRetry(`"MaxDelaySeconds": 1`), "A", "Retry[0].MaxDelaySeconds"},
		{taskWithRetry(`"JitterStrategy": "HALF"`), "A", "Retry[0].JitterStrategy"},
		{taskWithRetry(`"Max": 3`), "A", "Retry[0].Max"},
		{machineWith(invokeF + `, "Catch": [{"ErrorEquals": ["X"]}]`), "A", "Catch[0].Next"},
		{machineWith(invokeF + `, "Catch": [{"ErrorEquals": ["X"], "Next": "B"}]`), "A", "Next"},
		{machineWith(`"Type": "Choice", "Default": "Z"`), "A", "Choices"},
		{choiceWith(`"StringEquals": "a"`), "A", "Choices[0].Variable"},
		{choiceWith(`"Variable": "$.a"`), "A", "Choices[0]"},
		{choiceWith(`"Variable": "$.a", "StringEquals": 1`), "A", "Choices[0].StringEquals"},
		{choiceWith(`"Variable": "$.a", "BooleanEquals": "true"`), "A", "Choices[0].BooleanEquals"},
		{choiceWith(`"Variable": "$.a", "BooleanEquals": true, "StringEquals": "a"`), "A", "Choices[0]"},
	} {
		r.check(t)
	}
}

// TestNotImplemented: Parse rejects features that this package does not implement, and names them.
func TestNotImplemented(t *testing.T) {
	for _, field := range []string{"Version", "TimeoutSeconds", "QueryLanguage", "Outputs"} {
		refusal{`{"StartAt": "A", ` + states + `, "` + field + `": 1}`, "", field}.check(t)
	}
	for _, kind := range []string{"Parallel", "Map", "Fail"} {
		refusal{machineWith(`"Type": "` + kind + `", "Next": "Z"`), "A", "Type"}.check(t)
	}
	for fields, names := range map[string][]string{
		pass: {"End", "InputPath", "OutputPath", "ResultPath", "Result", "Output", "Assign", "QueryLanguage"},
		invokeF: {"InputPath", "TimeoutSecondsPath", "HeartbeatSeconds", "HeartbeatSecondsPath", "Credentials", "Arguments",
			"Output", "Assign"},
		`"Type": "Wait", "Next": "Z", "Seconds": 1`: {"End", "InputPath", "OutputPath", "SecondsPath", "Timestamp", "TimestampPath"},
		`"Type": "Succeed"`:                         {"InputPath", "OutputPath", "Output"},
		`"Type": "Choice", "Default": "Z", "Choices": [{"Variable": "$.a", "StringEquals": "a", "Next": "Z"}]`: {"InputPath", "OutputPath", "Assign"},
	} {
		for _, name := range names {
			refusal{machineWith(fields + `, "` + name + `": 1`), "A", name}.check(t)
		}
	}
	refusal{machineWith(`"Type": "Choice", "Choices": [{"Variable": "$.a", "StringEquals": "a", "Next": "Z"}]`), "A", "Default"}.check(t)
	for _, operator := range []string{
		"And", "Or", "Not", "StringEqualsPath", "StringLessThan", "StringGreaterThan", "StringLessThanEquals", "StringGreaterThanEquals",
		"StringMatches", "NumericEquals", "NumericLessThan", "NumericGreaterThan", "NumericLessThanEquals", "NumericGreaterThanEquals",
		"TimestampEquals", "TimestampLessThan", "BooleanEqualsPath", "IsNull", "IsPresent", "IsNumeric", "IsString", "IsBoolean", "IsTimestamp",
	} {
		refusal{choiceWith(`"Variable": "$.a", "` + operator + `": true`), "A", "Choices[0]." + operator}.check(t)
	}
	for _, resource := range []string{
		"arn:aws:lambda:us-east-1:000000000000:function:f", "arn:aws:states:::sqs:sendMessage", "arn:aws:states:::lambda:invoke.sync",
		"arn:aws:states:us-east-1:000000000000:activity:a",
	} {
		refusal{machineWith(`"Type": "Task", "Next": "Z", "Parameters": {"FunctionName": "f"}, "Resource": "` + resource + `"`), "A", "Resource"}.check(t)
	}
	for _, parameter := range []string{"Qualifier", "InvocationType", "ClientContext", "LogType"} {
		refusal{machineWith(invoke + `"Parameters": {"FunctionName": "f", "` + parameter + `": "a"}`), "A", "Parameters." + parameter}.check(t)
	}
	refusal{machineWith(invoke + `"Parameters": {"FunctionName.$": "$.f"}`), "A", "Parameters.FunctionName"}.check(t)
	refusal{machineWith(invokeF + `, "OutputPath": null`), "A", "OutputPath"}.check(t)
	for _, path := range []string{"$.a[0]", "$.a[*]", "$.a.*", "$..a", "$['a']", "$.a[1:2]", "$.a[?(@.b == 1)]", "$.a.length()"} {
		refusal{machineWith(invokeF + `, "ResultPath": "` + path + `"`), "A", "ResultPath"}.check(t)
	}
	for _, expression := range []string{
		"$.a[0]", "$$.Execution.Id", "$$.State.EnteredTime", "$$.Map.Item.Value", "States.UUID()", "States.Format('{}', $.a)",
		"States.MathAdd($.a, 1)", "States.JsonMerge($.a, $.b, false)",
	} {
		refusal{machineWith(pass + `, "Parameters": {"a": {"b.$": "` + expression + `"}}`), "A", "Parameters.a.b.$"}.check(t)
	}
	refusal{machineWith(pass + `, "Parameters": {"a": [1]}`), "A", "Parameters.a"}.check(t)
	for _, name := range []string{
		"States.TaskFailed", "States.HeartbeatTimeout", "States.Permissions", "States.ResultPathMatchFailure", "States.ParameterPathFailure",
		"States.BranchFailed", "States.NoChoiceMatched", "States.IntrinsicFailure", "States.Runtime", "States.DataLimitExceeded",
	} {
		refusal{machineWith(invokeF + `, "Retry": [{"ErrorEquals": ["` + name + `"]}]`), "A", "Retry[0].ErrorEquals"}.check(t)
		refusal{machineWith(invokeF + `, "Catch": [{"ErrorEquals": ["` + name + `"], "Next": "Z"}]`), "A", "Catch[0].ErrorEquals"}.check(t)
	}
	for _, field := range []string{"Output", "Assign"} {
		refusal{taskWithCatch(`"` + field + `": {}`), "A", "Catch[0]." + field}.check(t)
	}
}

func TestParseReportsAllProblems(t *testing.T) {
	_, err := asl.Parse([]byte(`{"StartAt": "A", "States": {
		"A": {"Type": "Map", "Next": "B"}, "B": {"Type": "Wait", "Second": 1, "Next": "Z"}, "Z": {"Type": "Succeed"}}}`))
	want := `state "A": Type: the state type "Map" is not implemented
state "B": Seconds: is missing
state "B": Second: is unknown, or not implemented
state "B": cannot be reached
state "Z": cannot be reached`
	if err == nil || err.Error() != want {
		t.Errorf("Parse returns\n%v", err)
	}
}

func TestStates(t *testing.T) {
	m, err := asl.Parse([]byte(`{"StartAt": "Ask", "States": {
		"Ask": {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke.waitForTaskToken", "Next": "Done",
			"Parameters": {"FunctionName": "ask"}, "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Sorry"}]},
		"Done": {"Type": "Succeed"}, "Sorry": {"Type": "Succeed"}}}`))
	if err != nil {
		t.Fatal(err)
	}
	want := []asl.StateInfo{
		{Name: "Ask", Type: "Task", Function: "ask", WaitsForToken: true, Next: []string{"Done", "Sorry"}},
		{Name: "Done", Type: "Succeed"}, {Name: "Sorry", Type: "Succeed"},
	}
	if diff := cmp.Diff(want, m.States()); diff != "" {
		t.Errorf("the states differ (-want +got):\n%s", diff)
	}
}

func FuzzParse(f *testing.F) {
	files, err := filepath.Glob("testdata/cases/*/definition.asl.json")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		m, err := asl.Parse(text)
		if err != nil {
			return
		}
		// An accepted definition can be started, and its execution either waits for something or has ended.
		x, step, err := m.Start(asl.Origin{Seed: []byte("seed")}, began)
		if err != nil {
			t.Fatal(err)
		}
		if len(step.Events) < 2 || x.Status == asl.Running && x.Wake().IsZero() && len(x.Unfinished()) == 0 {
			t.Errorf("the execution neither runs nor ends: %+v", x)
		}
	})
}
