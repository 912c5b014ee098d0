package workflow_test

import (
	"bytes"
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
	Next     string        // the state after the task; "" if the execution ends
	Optional []filing.Step // the optional steps that can follow at once
}

// Seconds is the time limit of the task.
func (t task) Seconds() int { return int(t.Timeout.Seconds()) }

// define returns the definition that is generated from the table.
func define() ([]byte, error) {
	var tasks []task
	for _, s := range workflow.Steps {
		if s.Folder() == "" {
			continue
		}
		step := filing.Step(s.Name)
		t := task{Step: s}
		if next := step.Next(); next != filing.Done {
			t.Next = string(next)
		}
		for _, o := range filing.Steps {
			if step.Before(o) && o.Before(step.Next()) {
				t.Optional = append(t.Optional, o)
			}
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
