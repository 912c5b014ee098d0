package workflow_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"testing"
	"time"

	"beian/infra/local/asl"
	"beian/infra/local/system"
	"beian/shared/filing"
	"beian/shared/filing/filingtest"
	"beian/shared/workflow"
)

// TestSteps checks that each row has its counterpart in every place that the package comment lists.
func TestSteps(t *testing.T) {
	for i, step := range filing.Steps {
		if i >= len(workflow.Steps) || workflow.Steps[i].Name != string(step) {
			t.Fatalf("step %s of package filing has no row at index %d of workflow.Steps", step, i)
		}
	}
	if extra := workflow.Steps[len(filing.Steps):]; len(extra) > 0 {
		t.Errorf("row %s is not in filing.Steps", extra[0].Name)
	}
	for _, closing := range []filing.Closing{filing.ClosingWithdraw, filing.ClosingAbandon, filing.ClosingExpire, filing.ClosingReject} {
		if !slices.ContainsFunc(workflow.Closings, func(s workflow.Step) bool { return s.Name == string(closing) }) {
			t.Errorf("closing %s has no row in workflow.Closings", closing)
		}
	}
	page := documented(t)
	for i, s := range workflow.Tasks() {
		folder := s.Folder()
		home := filepath.Join("../../functions", folder)
		for _, path := range []string{
			filepath.Join(home, folder+".go"), filepath.Join(home, folder+"_test.go"), filepath.Join(home, "lambda", "main.go"),
			filepath.Join("../../events", folder, "first-round.json"),
		} {
			if _, err := os.Stat(path); err != nil {
				t.Errorf("%s has no %s", s.Name, path)
			}
		}
		if !slices.Contains(system.Functions(), folder) {
			t.Errorf("%s has no handler in infra/local/system/functions.go", s.Name)
		}
		if want := [3]string{s.Name, folder, folder}; i >= len(page) || page[i] != want {
			t.Errorf("%s is not in line %d of the table in .github/docs/steps.md with functions/%s and events/%s", s.Name, i, folder, folder)
		}
		if applicants := s.WaitsFor == workflow.Applicant || s.WaitsFor == workflow.Leaders; s.Remind != (applicants && s.Timeout > 24*time.Hour) {
			t.Errorf("%s: party %q, timeout %v and reminders (%v) do not fit together", s.Name, s.WaitsFor, s.Timeout, s.Remind)
		}
		waits := slices.Contains(s.Operations, workflow.Wait)
		if waits != (s.WaitsFor != "") || waits != (s.Timeout > 0) {
			t.Errorf("%s: party %q, timeout %v and operations %v do not fit together", s.Name, s.WaitsFor, s.Timeout, s.Operations)
		}
	}
	if n := len(workflow.Tasks()); len(page) > n {
		t.Errorf(".github/docs/steps.md has a line without a row: %v", page[n])
	}
	for _, s := range workflow.Steps {
		for i, h := range s.NextActions {
			if last := i == len(s.NextActions)-1; last != (h.When == nil) || h.Chinese == "" || h.English == "" {
				t.Errorf("%s: next action %d lacks a text, or is not the last without a condition, or is the last with one", s.Name, i)
			}
		}
		if len(s.NextActions) == 0 {
			t.Errorf("%s has no next action", s.Name)
		}
	}
}

var line = regexp.MustCompile("(?m)^\\| `(\\w+)` \\| `functions/(\\w+)` \\|.*\\| `events/(\\w+)/first-round\\.json` \\|$")

// documented returns state, function and sample of each line of the table in .github/docs/steps.md.
func documented(t *testing.T) [][3]string {
	t.Helper()
	text, err := os.ReadFile("../../.github/docs/steps.md")
	if err != nil {
		t.Fatal(err)
	}
	var lines [][3]string
	for _, match := range line.FindAllStringSubmatch(string(text), -1) {
		lines = append(lines, [3]string(match[1:]))
	}
	return lines
}

// TestStatuses compares the page's table of statuses with package filing, and follows an order through the steps.
func TestStatuses(t *testing.T) {
	text, err := os.ReadFile("../../.github/docs/steps.md")
	if err != nil {
		t.Fatal(err)
	}
	var names []filing.Status
	steps := map[filing.Status][]filing.Step{}
	for _, row := range regexp.MustCompile("(?m)^\\| `([A-Z_]+)` \\| ([^|]+) \\| [^|]+ \\|$").FindAllStringSubmatch(string(text), -1) {
		status := filing.Status(row[1])
		names = append(names, status)
		for _, step := range regexp.MustCompile("`(\\w+)`").FindAllStringSubmatch(row[2], -1) {
			if steps[status] = append(steps[status], filing.Step(step[1])); !slices.Contains(filing.Steps, filing.Step(step[1])) {
				t.Errorf("the row of %s names the step %s, which does not exist", status, step[1])
			}
		}
	}
	if !slices.Equal(names, filing.Statuses) {
		t.Errorf("the statuses of .github/docs/steps.md are\n%v, those of package filing\n%v", names, filing.Statuses)
	}
	for _, step := range filing.Steps {
		order := filingtest.OpenAt(t, filingtest.IndividualZhejiang(), filingtest.December2019, step).Order
		if !slices.Contains(steps[order.Status], step) {
			t.Errorf("the row of %s in .github/docs/steps.md lacks the step %s", order.Status, step)
		}
	}
}

// TestRender parses the definition with its placeholders replaced: the tasks call the functions of their rows.
func TestRender(t *testing.T) {
	machine, err := asl.Parse([]byte(workflow.Render("aws-cn", func(s workflow.Step) string { return "arn:of:" + s.Folder() })))
	if err != nil {
		t.Fatal(err)
	}
	tasks := workflow.Tasks()
	for _, s := range machine.States() {
		if s.Type != "Task" {
			continue
		}
		if s.Name != tasks[0].Name || s.Function != "arn:of:"+tasks[0].Folder() || s.WaitsForToken != (tasks[0].WaitsFor != "") {
			t.Errorf("state %+v does not match row %s", s, tasks[0].Name)
		}
		tasks = tasks[1:]
	}
	if len(tasks) > 0 {
		t.Errorf("row %s has no state", tasks[0].Name)
	}
}
