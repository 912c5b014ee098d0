package asl_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"beian/infra/local/asl"
)

// A scenario is the case.json of a definition: an input, the results of the functions, and the expected outcome.
type scenario struct {
	About string          `json:"about"`
	Input json.RawMessage `json:"input"`
	// Tasks has, for each function, the answers to its invocations in order.
	Tasks map[string][]answer `json:"tasks"`
	Want  outcome             `json:"want"`
}

// An answer is the result of one invocation. Without result and error, the invocation never returns.
type answer struct {
	Payload json.RawMessage `json:"payload"` // if given, the expected payload of the invocation
	Result  json.RawMessage `json:"result"`
	Error   json.RawMessage `json:"error"`   // the function's error object
	Succeed json.RawMessage `json:"succeed"` // sent with the token
	Fail    *struct {
		Error string `json:"error"`
		Cause string `json:"cause"`
	} `json:"fail"` // sent with the token
}

type outcome struct {
	Status  asl.Status      `json:"status"`
	Output  json.RawMessage `json:"output,omitempty"`
	Error   string          `json:"error,omitempty"`
	Cause   string          `json:"cause,omitempty"` // compared if given
	Path    []string        `json:"path"`
	Seconds int             `json:"seconds,omitempty"` // how long it took
}

var began = time.Date(2019, 12, 26, 1, 0, 0, 0, time.UTC)

func TestCases(t *testing.T) {
	files, err := filepath.Glob("testdata/cases/*/definition.asl.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	for _, file := range files {
		dir := filepath.Dir(file)
		t.Run(filepath.Base(dir), func(t *testing.T) {
			definition, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			m, err := asl.Parse(definition)
			if err != nil {
				t.Fatal(err)
			}
			var c scenario
			text, err := os.ReadFile(filepath.Join(dir, "case.json"))
			if err != nil {
				t.Fatal(err)
			}
			d := json.NewDecoder(bytes.NewReader(text))
			d.DisallowUnknownFields()
			if err := d.Decode(&c); err != nil {
				t.Fatal(err)
			}
			got := runScenario(t, m, c)
			if c.Want.Cause == "" {
				got.Cause = ""
			}
			c.Want.Output = canonical(t, c.Want.Output)
			if diff := cmp.Diff(c.Want, got); diff != "" {
				t.Errorf("the outcome differs (-want +got):\n%s", diff)
			}
		})
	}
}

func canonical(t *testing.T, text json.RawMessage) json.RawMessage {
	t.Helper()
	if text == nil {
		return nil
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// runScenario runs a scenario to its end. Between two events the execution is marshalled to JSON and back, as after a crash.
func runScenario(t *testing.T, m *asl.Machine, c scenario) outcome {
	t.Helper()
	now := began
	x, step, err := m.Start(asl.Origin{
		ID: "arn:aws:states:us-east-1:000000000000:execution:case:one", Name: "one",
		MachineID: "arn:aws:states:us-east-1:000000000000:stateMachine:case", MachineName: "case",
		Input: c.Input, Seed: []byte("a seed of sixteen"),
	}, now)
	if err != nil {
		t.Fatal(err)
	}
	got := outcome{}
	last := int64(0)
	for rounds := 0; ; rounds++ {
		if rounds > 1000 {
			t.Fatal("the scenario does not end")
		}
		for _, e := range step.Events {
			if e.ID != last+1 || e.Previous >= e.ID {
				t.Fatalf("event %d follows event %d but has the previous id %d", e.ID, last, e.Previous)
			}
			last = e.ID
			if strings.HasSuffix(e.Type, "StateEntered") {
				got.Path = append(got.Path, e.State)
			}
		}
		if x.Status != asl.Running {
			break
		}
		x = throughJSON(t, x)
		open := x.Unfinished()
		i := slices.IndexFunc(open, func(i asl.Invocation) bool { return !neverReturns(c, i) })
		switch {
		case i >= 0:
			step = respond(t, m, x, &c, open[i], now)
		case x.Wake().IsZero():
			t.Fatalf("the execution waits for nothing after %v", got.Path)
		default:
			now = x.Wake()
			step = m.Tick(x, now)
			skipTimedOut(&c, x, open)
		}
	}
	got.Status, got.Output, got.Error, got.Cause = x.Status, canonical(t, x.Output), x.Error, x.Cause
	got.Seconds = int(x.Stopped.Sub(x.Started).Seconds())
	return got
}

func throughJSON(t *testing.T, x *asl.Execution) *asl.Execution {
	t.Helper()
	text, err := json.Marshal(x)
	if err != nil {
		t.Fatal(err)
	}
	var again asl.Execution
	if err := json.Unmarshal(text, &again); err != nil {
		t.Fatal(err)
	}
	return &again
}

// neverReturns reports whether an invocation never returns according to the script.
func neverReturns(c scenario, i asl.Invocation) bool {
	script := c.Tasks[i.Function]
	return len(script) > 0 && script[0].Result == nil && script[0].Error == nil && script[0].Succeed == nil &&
		script[0].Fail == nil
}

// skipTimedOut removes from the script the answers of invocations that have timed out.
func skipTimedOut(c *scenario, x *asl.Execution, open []asl.Invocation) {
	for _, i := range open {
		if !x.Awaits(i.Task) {
			c.Tasks[i.Function] = c.Tasks[i.Function][1:]
		}
	}
}

// respond answers an invocation according to the script.
func respond(
	t *testing.T, m *asl.Machine, x *asl.Execution, c *scenario, i asl.Invocation, now time.Time,
) (step asl.Step) {
	t.Helper()
	script := c.Tasks[i.Function]
	if len(script) == 0 {
		t.Fatalf("the script has no answer for %s(%s)", i.Function, i.Payload)
	}
	a := script[0]
	c.Tasks[i.Function] = script[1:]
	if a.Payload != nil {
		if diff := cmp.Diff(string(canonical(t, a.Payload)), string(canonical(t, i.Payload))); diff != "" {
			t.Errorf("payload of %s (-want +got):\n%s", i.Function, diff)
		}
	}
	var err error
	if a.Error != nil {
		var object bytes.Buffer
		if err := json.Compact(&object, a.Error); err != nil {
			t.Fatal(err)
		}
		step, err = m.FailInvocation(x, i.Task, asl.FunctionFailure(object.Bytes()), now)
	} else {
		step, err = m.CompleteInvocation(x, i.Task, a.Result, now)
	}
	if err != nil {
		t.Fatal(err)
	}
	if a.Succeed == nil && a.Fail == nil {
		return step
	}
	var sent struct{ Token string }
	if err := json.Unmarshal(i.Payload, &sent); err != nil || !x.Issued(sent.Token) {
		t.Fatalf("%s was not sent a token: %s", i.Function, i.Payload)
	}
	var back asl.Step
	if a.Fail != nil {
		back, err = m.SendTaskFailure(x, sent.Token, &asl.Failure{Name: a.Fail.Error, Cause: a.Fail.Cause}, now)
	} else {
		back, err = m.SendTaskSuccess(x, sent.Token, a.Succeed, now)
	}
	if err != nil {
		t.Fatal(err)
	}
	step.Events = append(step.Events, back.Events...)
	return step
}
