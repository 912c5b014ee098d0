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

const asking = `{"StartAt": "Ask", "States": {"Ask": {"Type": "Task", "End": true, "HeartbeatSeconds": 60,
	"Resource": "arn:aws:states:::lambda:invoke.waitForTaskToken",
	"Parameters": {"FunctionName": "ask", "Payload": {"token.$": "$$.Task.Token", "id.$": "States.UUID()"}}}}}`

func sentToken(t *testing.T, step asl.Step) string {
	t.Helper()
	var sent struct{ Token string }
	if len(step.Invoke) != 1 || json.Unmarshal(step.Invoke[0].Payload, &sent) != nil {
		t.Fatalf("the step is %+v", step)
	}
	return sent.Token
}

// TestStepsAreRepeatable: after a crash the same happening gives the same step, tokens and UUIDs included.
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
	if _, err := m.Succeed(x, token, []byte(`{`), began); !errors.Is(err, asl.ErrOutput) {
		t.Errorf("an output that is not JSON: %v", err)
	}
	// The token may come back before the function does.
	if _, err := m.Succeed(x, token, []byte(`1`), began); err != nil || x.Status != asl.Succeeded {
		t.Errorf("Succeed: %v, %s", err, x.Status)
	}
	if _, err := m.Return(x, step.Invoke[0].Task, []byte(`1`), began); !errors.Is(err, asl.ErrNoTask) {
		t.Errorf("Return after the end: %v", err)
	}
	if _, err := m.Succeed(x, token, []byte(`1`), began); !errors.Is(err, asl.ErrNoTask) {
		t.Errorf("Succeed after the end: %v", err)
	}
}

func TestHeartbeat(t *testing.T) {
	m := parse(t, asking)
	x, step := start(t, m, `{}`)
	token := sentToken(t, step)
	if want := began.Add(time.Minute); !x.Wake().Equal(want) {
		t.Errorf("it wakes at %v", x.Wake())
	}
	if _, err := m.Heartbeat(x, token, began.Add(50*time.Second)); err != nil {
		t.Fatal(err)
	}
	if step := m.Tick(x, began.Add(time.Minute)); len(step.Events) != 0 {
		t.Errorf("it times out although it is alive: %+v", step.Events)
	}
	m.Tick(x, began.Add(110*time.Second))
	if x.Status != asl.Failed || x.Error != asl.ErrorHeartbeatTimeout {
		t.Errorf("it ended as %s %s", x.Status, x.Error)
	}
}

func TestTickDoesEverythingThatIsDue(t *testing.T) {
	m := parse(t, `{"StartAt": "A", "States": {"A": {"Type": "Parallel", "End": true, "Branches": [
		{"StartAt": "B", "States": {"B": {"Type": "Wait", "Seconds": 5, "End": true}}},
		{"StartAt": "C", "States": {"C": {"Type": "Wait", "Seconds": 9, "End": true}}}]}}}`)
	x, _ := start(t, m, `{}`)
	if step := m.Tick(x, began.Add(4*time.Second)); len(step.Events) != 0 {
		t.Errorf("something happens too early: %+v", step.Events)
	}
	m.Tick(x, began.AddDate(0, 1, 0))
	if x.Status != asl.Succeeded || string(x.Output) != `[{},{}]` {
		t.Errorf("it stands as %s %s", x.Status, x.Output)
	}
}

func TestStop(t *testing.T) {
	m := parse(t, asking)
	x, _ := start(t, m, `{}`)
	m.Stop(x, &asl.Failure{Name: "Withdrawn", Cause: "by the applicant"}, began)
	if x.Status != asl.Aborted || x.Error != "Withdrawn" || len(x.Unfinished()) != 0 || !x.Wake().IsZero() {
		t.Errorf("it stands as %+v", x)
	}
	if step := m.Stop(x, &asl.Failure{Name: "Again"}, began); len(step.Events) != 0 || x.Error != "Withdrawn" {
		t.Errorf("it is stopped twice: %+v", x)
	}
}

func TestPayloadLimit(t *testing.T) {
	large := `"` + strings.Repeat("备", asl.PayloadLimit/3) + `"`
	m := parse(t, `{"StartAt": "A", "States": {"A": {"Type": "Task", "End": true,
		"Resource": "arn:aws:states:::lambda:invoke", "Parameters": {"FunctionName": "f"}}}}`)
	x, step := start(t, m, `{}`)
	if _, err := m.Return(x, step.Invoke[0].Task, []byte(large), began); err != nil {
		t.Fatal(err)
	}
	if x.Status != asl.Failed || x.Error != asl.ErrorDataLimitExceeded {
		t.Errorf("a large result: %s %s", x.Status, x.Error)
	}
	m = parse(t, `{"StartAt": "A", "States": {"A": {"Type": "Pass", "End": true,
		"Parameters": {"a.$": "$", "b.$": "$"}}}}`)
	if x, _ = start(t, m, `"`+strings.Repeat("a", asl.PayloadLimit/2)+`"`); x.Error != asl.ErrorDataLimitExceeded {
		t.Errorf("a large output: %s %s", x.Status, x.Error)
	}
}

// TestEndlessLoop: a history may not grow without end.
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
