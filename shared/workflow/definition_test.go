package workflow_test

import (
	"bytes"
	"cmp"
	_ "embed"
	"encoding/json"
	"flag"
	"os"
	"testing"
	"text/template"

	"beian/shared/filing"
	"beian/shared/workflow"
)

var update = flag.Bool("update", false, "write filing.asl.json")

//go:embed filing.asl.json.tmpl
var layout string

// A task is a row with the states that follow it, from the rows around it.
type task struct {
	workflow.Step
	Condition *condition // hides the row's
	Next      string     // the state after the task
	Output    string     // the field of the function's result that the next condition reads, if the function completes the task
}

// A condition is a row's condition with the next states for true and false.
type condition struct {
	workflow.Condition
	Next string
}

// Seconds is the time limit of the task.
func (t task) Seconds() int { return int(t.Timeout.Seconds()) }

// entrance returns the state by which the machine enters a row: its condition, or the task.
func entrance(s workflow.Step) string {
	if s.Condition != nil {
		return s.Condition.State
	}
	return s.Name
}

// define returns the definition that is generated from the table.
func define() ([]byte, error) {
	var tasks []task
	for i, s := range workflow.Steps {
		if s.Folder() == "" {
			continue
		}
		next := workflow.Steps[i+1]
		t := task{Step: s, Next: entrance(next)}
		if next.Folder() == "" {
			t.Next = "Filed"
		}
		if s.Condition != nil {
			t.Condition = &condition{Condition: *s.Condition, Next: s.Name}
			t.Condition.Else = cmp.Or(s.Condition.Else, t.Next)
		}
		if s.WaitsFor == "" && next.Condition != nil {
			t.Output = next.Condition.Field
		}
		tasks = append(tasks, t)
	}
	for _, s := range workflow.Closings {
		t := task{Step: s, Next: "Closed"}
		if s.Name == string(filing.ClosingExpire) {
			t.Next = "Step"
		}
		tasks = append(tasks, t)
	}
	functions := template.FuncMap{
		"closings": func() []workflow.Step { return workflow.Closings },
		"json": func(text string) (string, error) {
			quoted, err := json.Marshal(text)
			return string(quoted), err
		},
	}
	var out bytes.Buffer
	err := template.Must(template.New("").Funcs(functions).Parse(layout)).Execute(&out, map[string]any{
		"First": tasks[0].Name, "Begins": tasks[1:], "Tasks": tasks,
	})
	return out.Bytes(), err
}

// TestDefinition compares filing.asl.json with the table; -update writes it.
func TestDefinition(t *testing.T) {
	text, err := define()
	if err != nil {
		t.Fatal(err)
	}
	if !json.Valid(text) {
		t.Fatalf("the generated text is no JSON:\n%s", text)
	}
	if *update {
		if err := os.WriteFile("filing.asl.json", text, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if workflow.Definition != string(text) {
		t.Error("filing.asl.json differs from the table: run go generate ./shared/workflow")
	}
}
