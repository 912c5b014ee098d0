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

// one is a machine of one state A, with these fields.
func one(fields string) string { return `{"StartAt": "A", "States": {"A": {` + fields + `}}}` }

const (
	ended   = `"Type": "Pass", "End": true`
	invoke  = `"Type": "Task", "End": true, "Resource": "arn:aws:states:::lambda:invoke", `
	invokeF = invoke + `"Parameters": {"FunctionName": "f"}`
	eachI   = `"Type": "Map", "End": true, "ItemProcessor": {"StartAt": "I", "States": {"I": {` + ended + `}}}`
)

func choice(rule string) string {
	return `{"StartAt": "A", "States": {"B": {` + ended + `},
		"A": {"Type": "Choice", "Choices": [{` + rule + `, "Next": "B"}]}}}`
}

func TestParseRefuses(t *testing.T) {
	for _, tc := range []struct {
		definition   string
		state, field string
	}{
		{`{`, "", ""},
		{`[]`, "", ""},
		{`{} {}`, "", ""},
		{`{"States": {"A": {` + ended + `}}}`, "", "StartAt"},
		{`{"StartAt": "A"}`, "", "States"},
		{`{"StartAt": "A", "States": {}}`, "", "States"},
		{`{"StartAt": "B", "States": {"A": {` + ended + `}}}`, "", "StartAt"},
		{`{"StartAt": "A", "States": {"A": {` + ended + `}}, "Extra": 1}`, "", "Extra"},
		{`{"StartAt": "A", "States": {"A": {` + ended + `}}, "Version": "2.0"}`, "", "Version"},
		{`{"StartAt": "A", "States": {"A": {` + ended + `}}, "TimeoutSeconds": 0}`, "", "TimeoutSeconds"},
		{`{"StartAt": "A", "States": {"A": {` + ended + `}}, "QueryLanguage": "JSONata"}`, "", "QueryLanguage"},
		{`{"StartAt": "A", "StartAt": "A", "States": {"A": {` + ended + `}}}`, "", ""},
		{`{"StartAt": "A", "States": {"A": {` + ended + `}, "A": {` + ended + `}}}`, "", "States"},
		{`{"StartAt": "A", "States": {"A": {` + ended + `}, "B": {` + ended + `}}}`, "B", ""},
		{`{"StartAt": "` + strings.Repeat("长", 81) + `", "States": {"` + strings.Repeat("长", 81) + `": {` + ended + `}}}`,
			strings.Repeat("长", 81), ""},
		{one(`"End": true`), "A", "Type"},
		{one(`"Type": "Sleep"`), "A", "Type"},
		{one(`"Type": "Pass"`), "A", "Next"},
		{one(`"Type": "Pass", "Next": "B"`), "A", "Next"},
		{one(`"Type": "Pass", "Next": "A", "End": true`), "A", "End"},
		{one(ended + `, "Output": "{% 1 %}"`), "A", "Output"},
		{one(ended + `, "Assign": {}`), "A", "Assign"},
		{one(ended + `, "QueryLanguage": "JSONata"`), "A", "QueryLanguage"},
		{one(ended + `, "TimeoutSeconds": 3`), "A", "TimeoutSeconds"},
		{one(ended + `, "InputPath": "a"`), "A", "InputPath"},
		{one(ended + `, "InputPath": "$."`), "A", "InputPath"},
		{one(ended + `, "InputPath": "$.a["`), "A", "InputPath"},
		{one(ended + `, "InputPath": "$.a[?(@.b == 1)]"`), "A", "InputPath"},
		{one(ended + `, "InputPath": 3`), "A", "InputPath"},
		{one(ended + `, "ResultPath": "$.a[*]"`), "A", "ResultPath"},
		{one(ended + `, "ResultPath": "$$.a"`), "A", "ResultPath"},
		{one(ended + `, "Parameters": {"a.$": 1}`), "A", "Parameters.a.$"},
		{one(ended + `, "Parameters": {"a.$": "b"}`), "A", "Parameters.a.$"},
		{one(ended + `, "Parameters": {"a.$": "$.b", "a": 1}`), "A", "Parameters.a.$"},
		{one(ended + `, "Parameters": {"l": [{"a.$": "States.Nothing()"}]}`), "A", "Parameters.l[0].a.$"},
		{one(ended + `, "Parameters": {"a.$": "States.MathAdd(1)"}`), "A", "Parameters.a.$"},
		{one(ended + `, "Parameters": {"a.$": "States.Format('{}, $.b)"}`), "A", "Parameters.a.$"},
		{one(`"Type": "Succeed", "End": true`), "A", "End"},
		{one(`"Type": "Fail", "Error": "E", "ErrorPath": "$.e"`), "A", "ErrorPath"},
		{one(`"Type": "Fail", "Cause": 3`), "A", "Cause"},
		{one(`"Type": "Wait", "End": true`), "A", "Seconds"},
		{one(`"Type": "Wait", "End": true, "Seconds": 1, "Timestamp": "2019-12-26T00:00:00Z"`), "A", "Seconds"},
		{one(`"Type": "Wait", "End": true, "Seconds": -1`), "A", "Seconds"},
		{one(`"Type": "Wait", "End": true, "Timestamp": "tomorrow"`), "A", "Timestamp"},
		{one(`"Type": "Wait", "End": true, "SecondsPath": "$.a[*]"`), "A", "SecondsPath"},
		{one(`"Type": "Task", "End": true`), "A", "Resource"},
		{one(`"Type": "Task", "End": true, "Resource": "verify"`), "A", "Resource"},
		{one(`"Type": "Task", "End": true, "Resource": "arn:aws:states:::sqs:sendMessage"`), "A", "Resource"},
		{one(invoke + `"Comment": ""`), "A", "Parameters"},
		{one(invoke + `"Parameters": {"Payload": 1}`), "A", "Parameters.FunctionName"},
		{one(invoke + `"Parameters": {"FunctionName": "f", "Qualifier": "1"}`), "A", "Parameters.Qualifier"},
		{one(invoke + `"Parameters": {"FunctionName": "f", "InvocationType": "Event"}`), "A", "Parameters.InvocationType"},
		{one(invokeF + `, "TimeoutSeconds": 5, "TimeoutSecondsPath": "$.t"`), "A", "TimeoutSecondsPath"},
		{one(invokeF + `, "TimeoutSeconds": 5, "HeartbeatSeconds": 5`), "A", "HeartbeatSeconds"},
		{one(invokeF + `, "Credentials": {}`), "A", "Credentials"},
		{one(invokeF + `, "Retry": [{}]`), "A", "Retry[0].ErrorEquals"},
		{one(invokeF + `, "Retry": [{"ErrorEquals": ["States.ALL"]}, {"ErrorEquals": ["X"]}]`), "A", "Retry[0].ErrorEquals"},
		{one(invokeF + `, "Retry": [{"ErrorEquals": ["States.ALL", "X"]}]`), "A", "Retry[0].ErrorEquals"},
		{one(invokeF + `, "Retry": [{"ErrorEquals": ["States.Typo"]}]`), "A", "Retry[0].ErrorEquals"},
		{one(invokeF + `, "Retry": [{"ErrorEquals": ["X"], "BackoffRate": 0.5}]`), "A", "Retry[0].BackoffRate"},
		{one(invokeF + `, "Retry": [{"ErrorEquals": ["X"], "IntervalSeconds": 0}]`), "A", "Retry[0].IntervalSeconds"},
		{one(invokeF + `, "Retry": [{"ErrorEquals": ["X"], "MaxAttempts": -1}]`), "A", "Retry[0].MaxAttempts"},
		{one(invokeF + `, "Retry": [{"ErrorEquals": ["X"], "MaxDelaySeconds": 1}]`), "A", "Retry[0].MaxDelaySeconds"},
		{one(invokeF + `, "Retry": [{"ErrorEquals": ["X"], "JitterStrategy": "HALF"}]`), "A", "Retry[0].JitterStrategy"},
		{one(invokeF + `, "Retry": [{"ErrorEquals": ["X"], "Max": 3}]`), "A", "Retry[0].Max"},
		{one(invokeF + `, "Catch": [{"ErrorEquals": ["X"]}]`), "A", "Catch[0].Next"},
		{one(invokeF + `, "Catch": [{"ErrorEquals": ["X"], "Next": "B"}]`), "A", "Next"},
		{one(invokeF + `, "Catch": [{"ErrorEquals": ["X"], "Next": "A", "Assign": {}}]`), "A", "Catch[0].Assign"},
		{one(`"Type": "Choice"`), "A", "Choices"},
		{choice(`"IsNull": true`), "A", "Choices[0].Variable"},
		{choice(`"Variable": "$.a"`), "A", "Choices[0]"},
		{choice(`"Variable": "$.a", "StringEquals": 1`), "A", "Choices[0].StringEquals"},
		{choice(`"Variable": "$.a", "NumericEquals": "1"`), "A", "Choices[0].NumericEquals"},
		{choice(`"Variable": "$.a", "BooleanEquals": "true"`), "A", "Choices[0].BooleanEquals"},
		{choice(`"Variable": "$.a", "TimestampEquals": "now"`), "A", "Choices[0].TimestampEquals"},
		{choice(`"Variable": "$.a", "StringMatchesPath": "$.b"`), "A", "Choices[0].StringMatchesPath"},
		{choice(`"Variable": "$.a", "StringEquals": "a", "IsNull": true`), "A", "Choices[0].IsNull"},
		{choice(`"And": [{"Variable": "$.a", "IsNull": true, "Next": "B"}]`), "A", "Choices[0].And[0].Next"},
		{choice(`"Or": []`), "A", "Choices[0].Or"},
		{choice(`"Not": {"Variable": "a", "IsNull": true}`), "A", "Choices[0].Not.Variable"},
		{one(`"Type": "Parallel", "End": true`), "A", "Branches"},
		{one(`"Type": "Parallel", "End": true, "Branches": [{"StartAt": "A", "States": {"A": {` + ended + `}}}]`), "A", ""},
		{one(`"Type": "Parallel", "End": true, "Branches": [{"StartAt": "B", "States": {"B": {"Type": "Pass", "Next": "A"}}}]`),
			"B", "Next"},
		{one(`"Type": "Map", "End": true`), "A", "ItemProcessor"},
		{one(eachI + `, "ItemReader": {}`), "A", "ItemReader"},
		{one(eachI + `, "ToleratedFailureCount": 1`), "A", "ToleratedFailureCount"},
		{one(eachI + `, "ItemSelector": {}, "Parameters": {}`), "A", "Parameters"},
		{one(`"Type": "Map", "End": true, "ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED"},
			"StartAt": "I", "States": {"I": {` + ended + `}}}`), "A", "ItemProcessor.ProcessorConfig.Mode"},
	} {
		_, err := asl.Parse([]byte(tc.definition))
		problems, ok := errors.AsType[asl.Problems](err)
		if !ok {
			t.Errorf("accepted: %s", tc.definition)
			continue
		}
		if !slices.ContainsFunc(problems, func(p asl.Problem) bool { return p.State == tc.state && p.Field == tc.field }) {
			t.Errorf("%s\nwant a problem with %q %q, got\n%v", tc.definition, tc.state, tc.field, err)
		}
	}
}

func TestParseTellsAllProblemsAtOnce(t *testing.T) {
	_, err := asl.Parse([]byte(`{"StartAt": "A", "States": {
		"A": {"Type": "Pass", "Next": "B", "InputPath": "a"}, "B": {"Type": "Wait", "Second": 1, "End": true}}}`))
	want := `state "A": InputPath: path "a": a path begins with $
state "B": Seconds: a Wait has one of Seconds, SecondsPath, Timestamp and TimestampPath
state "B": Second: is unknown here or not implemented`
	if err == nil || err.Error() != want {
		t.Errorf("Parse says\n%v", err)
	}
}

func TestStates(t *testing.T) {
	m, err := asl.Parse([]byte(`{"StartAt": "Ask", "States": {
		"Ask": {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke.waitForTaskToken", "Next": "Done",
			"Parameters": {"FunctionName": "ask"}, "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Sorry"}]},
		"Done": {"Type": "Succeed"}, "Sorry": {"Type": "Fail"}}}`))
	if err != nil {
		t.Fatal(err)
	}
	want := []asl.StateInfo{
		{Name: "Ask", Type: "Task", Function: "ask", WaitsForToken: true, Next: []string{"Done", "Sorry"}},
		{Name: "Done", Type: "Succeed"}, {Name: "Sorry", Type: "Fail"},
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
		// Whatever is accepted can be started, and stands or falls by the rules.
		x, step, err := m.Start(asl.Origin{Seed: []byte("seed")}, began)
		if err != nil {
			t.Fatal(err)
		}
		if len(step.Events) < 2 || x.Status == asl.Running && x.Wake().IsZero() && len(x.Unfinished()) == 0 {
			t.Errorf("the execution neither runs nor ends: %+v", x)
		}
	})
}
