package asl_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"beian/infra/local/asl"
)

func parse(t *testing.T, definition string) *asl.Machine {
	t.Helper()
	m, err := asl.Parse([]byte(definition))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func start(t *testing.T, m *asl.Machine, input string) (*asl.Execution, asl.Step) {
	t.Helper()
	x, step, err := m.Start(asl.Origin{
		ID: "arn", Name: "one", MachineName: "m", Input: json.RawMessage(input), Seed: []byte("sixteen bytes of"),
	}, began)
	if err != nil {
		t.Fatal(err)
	}
	return x, step
}

const asking = `{"StartAt": "Ask", "States": {"Done": {"Type": "Succeed"}, "Ask": {"Type": "Task", "Next": "Done",
	"Resource": "arn:aws:states:::lambda:invoke.waitForTaskToken",
	"Parameters": {"FunctionName": "ask", "Payload": {"token.$": "$$.Task.Token"}}}}}`

func sentToken(t *testing.T, step asl.Step) string {
	t.Helper()
	var sent struct{ Token string }
	if len(step.Invoke) != 1 || json.Unmarshal(step.Invoke[0].Payload, &sent) != nil {
		t.Fatalf("the step is %+v", step)
	}
	return sent.Token
}

// TestStepsAreRepeatable: after a crash the same event gives the same step, including task tokens.
func TestStepsAreRepeatable(t *testing.T) {
	m := parse(t, asking)
	x, step := start(t, m, `{}`)
	y, again := start(t, m, `{}`)
	if diff := cmp.Diff(step, again); diff != "" {
		t.Errorf("the steps differ:\n%s", diff)
	}
	a, err := json.Marshal(x)
	if err != nil {
		t.Fatal(err)
	}
	b, err := json.Marshal(y)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(a, b) {
		t.Errorf("the executions differ:\n%s\n%s", a, b)
	}
}

func TestTokens(t *testing.T) {
	m := parse(t, asking)
	x, step := start(t, m, `{}`)
	token := sentToken(t, step)
	if id, ok := asl.TokenExecution(token); !ok || id != "arn" {
		t.Errorf("the token is of execution %q", id)
	}
	if !x.Issued(token) || x.Issued(token[1:]) || x.Issued("") {
		t.Error("the execution does not know its tokens")
	}
	if _, err := m.SendTaskSuccess(x, token, []byte(`{`), began); !errors.Is(err, asl.ErrOutput) {
		t.Errorf("an output that is not JSON: %v", err)
	}
	// The token may be sent before the function returns.
	if _, err := m.SendTaskSuccess(x, token, []byte(`1`), began); err != nil || x.Status != asl.Succeeded {
		t.Errorf("Succeed: %v, %s", err, x.Status)
	}
	if _, err := m.CompleteInvocation(x, step.Invoke[0].Task, []byte(`1`), began); !errors.Is(err, asl.ErrNoTask) {
		t.Errorf("Return after the end: %v", err)
	}
	if _, err := m.SendTaskSuccess(x, token, []byte(`1`), began); !errors.Is(err, asl.ErrNoTask) {
		t.Errorf("Succeed after the end: %v", err)
	}
}

// TestTickAppliesAllDueEvents: after a large step of the clock, no task that has timed out is still to be invoked.
func TestTickAppliesAllDueEvents(t *testing.T) {
	m := parse(t, `{"StartAt": "A", "States": {"Z": {"Type": "Succeed"}, "A": {"Type": "Wait", "Seconds": 5, "Next": "B"},
		"B": {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Parameters": {"FunctionName": "f"}, "TimeoutSeconds": 60,
			"Retry": [{"ErrorEquals": ["States.Timeout"]}], "Next": "Z"}}}`)
	x, _ := start(t, m, `{}`)
	if step := m.Tick(x, began.Add(4*time.Second)); len(step.Events) != 0 || len(step.Invoke) != 0 {
		t.Errorf("an event before its time: %+v", step)
	}
	step := m.Tick(x, began.AddDate(0, 1, 0))
	if len(step.Invoke) != 1 || step.Invoke[0].Function != "f" {
		t.Fatalf("the task is not invoked: %+v", step)
	}
	if step := m.Tick(x, began.AddDate(0, 1, 0)); len(step.Invoke) != 0 {
		t.Errorf("the task is invoked again: %+v", step)
	}
	later := m.Tick(x, began.AddDate(0, 2, 0))
	if len(later.Invoke) != 0 || x.Awaits(step.Invoke[0].Task) {
		t.Errorf("after the timeout: %+v", later)
	}
	if later = m.Tick(x, x.Wake()); len(later.Invoke) != 1 || later.Invoke[0].Task == step.Invoke[0].Task {
		t.Errorf("the retry: %+v", later)
	}
}

func TestStop(t *testing.T) {
	m := parse(t, asking)
	x, _ := start(t, m, `{}`)
	m.Stop(x, &asl.Failure{Name: "Withdrawn", Cause: "by the applicant"}, began)
	if x.Status != asl.Aborted || x.Error != "Withdrawn" || len(x.Unfinished()) != 0 || !x.Wake().IsZero() {
		t.Errorf("execution %+v", x)
	}
	if step := m.Stop(x, &asl.Failure{Name: "Again"}, began); len(step.Events) != 0 || x.Error != "Withdrawn" {
		t.Errorf("it is stopped twice: %+v", x)
	}
}

func TestPayloadLimit(t *testing.T) {
	large := `"` + strings.Repeat("备", asl.PayloadLimit/3) + `"`
	m := parse(t, `{"StartAt": "A", "States": {"Z": {"Type": "Succeed"}, "A": {"Type": "Task", "Next": "Z",
		"Resource": "arn:aws:states:::lambda:invoke", "Parameters": {"FunctionName": "f"}}}}`)
	x, step := start(t, m, `{}`)
	if _, err := m.CompleteInvocation(x, step.Invoke[0].Task, []byte(large), began); err != nil {
		t.Fatal(err)
	}
	if x.Status != asl.Failed || x.Error != asl.ErrorDataLimitExceeded {
		t.Errorf("a large result: %s %s", x.Status, x.Error)
	}
	m = parse(t, `{"StartAt": "A", "States": {"Z": {"Type": "Succeed"}, "A": {"Type": "Pass", "Next": "Z",
		"Parameters": {"a.$": "$", "b.$": "$"}}}}`)
	if x, _ = start(t, m, `"`+strings.Repeat("a", asl.PayloadLimit/2)+`"`); x.Error != asl.ErrorDataLimitExceeded {
		t.Errorf("a large output: %s %s", x.Status, x.Error)
	}
}

// TestEndlessLoop: the length of a history is limited.
func TestEndlessLoop(t *testing.T) {
	m := parse(t, `{"StartAt": "A", "States": {"A": {"Type": "Pass", "Next": "B"}, "B": {"Type": "Pass", "Next": "A"}}}`)
	x, _ := start(t, m, `{}`)
	if x.Status != asl.Failed || x.Error != asl.ErrorRuntime || !strings.Contains(x.Cause, "25000") {
		t.Errorf("it ended as %s %s: %s", x.Status, x.Error, x.Cause)
	}
}

func TestInputMustBeJSON(t *testing.T) {
	m := parse(t, asking)
	if _, _, err := m.Start(asl.Origin{Input: json.RawMessage(`{`)}, began); err == nil {
		t.Error("an input that is not JSON is accepted")
	}
}

// TestDataIsNotShared: a result that is put into the data of one state does not change what an earlier state passed on. A later Catch still has
// what its state got as input.
func TestDataIsNotShared(t *testing.T) {
	m := parse(t, `{"StartAt": "A", "States": {"Z": {"Type": "Succeed"},
		"A": {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Parameters": {"FunctionName": "a"}, "ResultPath": "$.kept.a", "Next": "P"},
		"P": {"Type": "Pass", "Next": "B"},
		"B": {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Parameters": {"FunctionName": "b"}, "ResultPath": "$.kept.b", "OutputPath": "$.missing",
			"Retry": [{"ErrorEquals": ["Again"]}], "Catch": [{"ErrorEquals": ["States.ALL"], "ResultPath": "$.kept.error", "Next": "Z"}], "Next": "Z"}}}`)
	x, step := start(t, m, `{"kept": {"first": 1}}`)
	step, err := m.CompleteInvocation(x, step.Invoke[0].Task, []byte(`1`), began)
	if err != nil {
		t.Fatal(err)
	}
	input := string(x.Position.Input)
	if _, err = m.FailInvocation(x, step.Invoke[0].Task, &asl.Failure{Name: "Again"}, began); err != nil {
		t.Fatal(err)
	}
	step = m.Tick(x, x.Wake())
	if string(x.Position.Input) != input {
		t.Errorf("a retry begins with %s, want %s", x.Position.Input, input)
	}
	if _, err = m.FailInvocation(x, step.Invoke[0].Task, &asl.Failure{Name: "Broken", Cause: "no"}, began); err != nil {
		t.Fatal(err)
	}
	want := strings.Replace(input, `"first"`, `"error":{"Cause":"no","Error":"Broken"},"first"`, 1)
	if string(x.Output) != want {
		t.Errorf("it ended with %s, want %s", x.Output, want)
	}
}
