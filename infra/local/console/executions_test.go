package console_test

import (
	"strings"
	"testing"

	"beian/shared/filing"
)

// TestExecutions: the list has the executions of a status, and one shows its path in words, in a table and in the picture of the machine, without the task
// token.
func TestExecutions(t *testing.T) {
	b := newBrowser(t)
	id, _ := openAt(t, 10504, filing.CollectEvidence)
	name := string(id) + "-1"
	if _, text := b.open("/local/executions?status=RUNNING", nil); !strings.Contains(text, "/local/executions/"+name) || !strings.Contains(text, "Upload documents") {
		t.Error("the list does not have the execution with its state")
	}
	if _, text := b.open("/local/executions?status=FAILED", nil); strings.Contains(text, name) {
		t.Error("the list of another status has the execution")
	}
	response, text := b.open("/local/executions/"+name, nil)
	if response.StatusCode != 200 {
		t.Fatalf("status %d", response.StatusCode)
	}
	for _, want := range []string{"Determine the type", "now here", `class="state visited current" id="state-CollectEvidence"`, `class="state visited" id="state-CollectDetails"`, "TaskStateEntered"} {
		if !strings.Contains(text, want) {
			t.Errorf("the page lacks %s", want)
		}
	}
	if strings.Contains(strings.ToLower(text), "token") {
		t.Error("the page has a task token")
	}
	for _, path := range []string{"/local/executions/unknown-1", "/local/executions?status=LOST", "/local/executions?page=x"} {
		if response, _ := b.open(path, nil); response.StatusCode != 404 {
			t.Errorf("%s: %d", path, response.StatusCode)
		}
	}
}
