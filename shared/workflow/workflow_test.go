package workflow_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"beian/infra/local/asl"
	"beian/shared/filing"
	"beian/shared/workflow"
)

// A state is what these tests look at.
type state struct {
	Type           string
	Resource       string
	Next           string
	TimeoutSeconds int
	Choices        []struct{ StringEquals, Next string }
	Catch          []struct {
		ErrorEquals []string
		Next        string
	}
	Retry []struct{ ErrorEquals []string }
}

func states(t *testing.T) map[string]state {
	t.Helper()
	var machine struct{ States map[string]state }
	if err := json.Unmarshal([]byte(workflow.Definition), &machine); err != nil {
		t.Fatal(err)
	}
	return machine.States
}

func TestFilled(t *testing.T) {
	text := workflow.Filled("aws-cn", func(task string) string { return "arn:of:" + workflow.Folder(task) })
	if strings.Contains(text, "${") {
		t.Error("a placeholder is left")
	}
	if _, err := asl.Parse([]byte(text)); err != nil {
		t.Error(err)
	}
}

// TestTasks: the tasks are the states of type Task, each with a function in a folder of its name.
func TestTasks(t *testing.T) {
	var tasks []string
	for name, s := range states(t) {
		if s.Type == "Task" {
			tasks = append(tasks, name)
		}
	}
	listed := slices.Sorted(slices.Values(workflow.Tasks))
	slices.Sort(tasks)
	if !slices.Equal(tasks, listed) {
		t.Errorf("states %v, listed %v", tasks, listed)
	}
	for _, task := range workflow.Tasks {
		if _, err := os.Stat(filepath.Join("../../functions", workflow.Folder(task), "lambda", "main.go")); err != nil {
			t.Error(err)
		}
	}
}

// TestSteps: every step of a filing is a state and can be begun at, as can every closing.
func TestSteps(t *testing.T) {
	all := states(t)
	begins := map[string]string{}
	for _, c := range all["Step"].Choices {
		begins[c.StringEquals] = c.Next
	}
	for _, step := range filing.Steps {
		switch s := string(step); {
		case step == filing.VerifyType: // the default
		case step == filing.Done && begins[s] == "Closed":
		case begins[s] != s || all[s].Type != "Task":
			t.Errorf("%s cannot be begun at", s)
		}
	}
	for _, closing := range []filing.Closing{filing.ClosingWithdraw, filing.ClosingAbandon, filing.ClosingExpire, filing.ClosingReject} {
		if s := string(closing); begins[s] != s || all[s].Type != "Task" {
			t.Errorf("%s cannot be begun at", s)
		}
	}
}

// TestWaitingStates: a state that waits has a time limit, is told of every closing and of a return, and any other
// failure pauses; no task fails the execution.
func TestWaitingStates(t *testing.T) {
	for name, s := range states(t) {
		if s.Type != "Task" {
			continue
		}
		caught := map[string]string{}
		for _, c := range s.Catch {
			for _, e := range c.ErrorEquals {
				caught[e] = c.Next
			}
		}
		if caught["States.ALL"] != "Pause" || !slices.Contains(s.Retry[0].ErrorEquals, "Unavailable") {
			t.Errorf("%s: catches %v", name, caught)
		}
		if !strings.HasSuffix(s.Resource, ".waitForTaskToken") {
			continue
		}
		for _, closing := range []filing.Closing{filing.ClosingWithdraw, filing.ClosingAbandon, filing.ClosingExpire, filing.ClosingReject} {
			if caught[string(closing)] != string(closing) {
				t.Errorf("%s does not know %s", name, closing)
			}
		}
		if caught[filing.ErrorReturned] != "Return" || caught["States.Timeout"] != "Expire" || s.TimeoutSeconds == 0 {
			t.Errorf("%s: catches %v, limit %d s", name, caught, s.TimeoutSeconds)
		}
	}
}

// TestTimes: the timers of the states are those of the order.
func TestTimes(t *testing.T) {
	all := states(t)
	if got := all["VerifySMS"].TimeoutSeconds; got != filing.SMSHours*3600 {
		t.Errorf("SMS: %d s", got)
	}
	if got := all["CollectDetails"].TimeoutSeconds; got != filing.IdleDays*24*3600 {
		t.Errorf("idle: %d s", got)
	}
}
