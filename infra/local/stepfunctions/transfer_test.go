package stepfunctions_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"

	"beian/infra/local/stepfunctions"
)

// TestTransfer moves a running execution to another folder as text. It goes on there with the definition with which it began, and its token stays valid; new
// executions begin with the new definition.
func TestTransfer(t *testing.T) {
	h := newAskHarness(t)
	old := h.start("ask", "old", `{}`)
	sent := token(t, h.awaitCall("ask"))
	h.awaitEvent(old, types.HistoryEventTypeTaskSubmitted, 1)
	h.close()
	exported, err := stepfunctions.Export(h.dir)
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(exported)
	if err != nil {
		t.Fatal(err)
	}
	var snapshot stepfunctions.Snapshot
	if err := json.Unmarshal(text, &snapshot); err != nil {
		t.Fatal(err)
	}
	h.dir = t.TempDir()
	if err := stepfunctions.Import(h.dir, snapshot); err != nil {
		t.Fatal(err)
	}
	h.openHost(map[string]string{"ask": `{"StartAt": "Other", "States": {"Other": {"Type": "Succeed"}}}`})
	if got := h.awaitEnd(h.start("ask", "new", `{"n":1}`)); aws.ToString(got.Output) != `{"n":1}` {
		t.Errorf("the new execution ended as %s with %s", got.Status, aws.ToString(got.Output))
	}
	if err := h.succeed(sent); err != nil {
		t.Fatal(err)
	}
	if got := h.awaitEnd(old); aws.ToString(got.Output) != `{"answer":{"yes":true}}` || h.countCalls("ask") != 1 {
		t.Errorf("the old execution ended as %s with %s after %d invocations", got.Status, aws.ToString(got.Output), h.countCalls("ask"))
	}
}

// TestImportRefuses what would fail later: an execution whose definition is missing or another, or whose text cannot be read.
func TestImportRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		snapshot stepfunctions.Snapshot
		want     string
	}{
		"another text":  {stepfunctions.Snapshot{Definitions: map[string]string{"0f": "{}"}}, "another text"},
		"no definition": {stepfunctions.Snapshot{Executions: []json.RawMessage{json.RawMessage(`{"revision":"0f","status":"RUNNING"}`)}}, "execution 0"},
		"no execution":  {stepfunctions.Snapshot{Executions: []json.RawMessage{json.RawMessage(`{"revision":1}`)}}, "execution 0"},
	} {
		if err := stepfunctions.Import(t.TempDir(), c.snapshot); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
