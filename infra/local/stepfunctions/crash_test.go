package stepfunctions_test

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"

	"beian/infra/local/stepfunctions"
)

// An acknowledged is a call that had its response when the journal had a size.
type acknowledged struct {
	size  int
	arn   string
	token *string // of a completed task; nil for a start
}

// TestJournalCutAtEachGroup: a process that dies while it writes the journal loses nothing that a caller had a response for, wherever the
// write stopped.
func TestJournalCutAtEachGroup(t *testing.T) {
	h := newAskHarness(t)
	var calls []acknowledged
	note := func(arn string, token *string) {
		calls = append(calls, acknowledged{len(readFolder(t, h.dir)[journalOf(t, h.dir)]), arn, token})
	}
	for i := range 6 {
		arn := h.start("ask", fmt.Sprint("order-", i), fmt.Sprintf(`{"n":%d}`, i))
		note(arn, nil)
		sent := token(t, h.awaitCall("ask"))
		if i%2 == 0 {
			if err := h.succeed(sent); err != nil {
				t.Fatal(err)
			}
			note(arn, sent)
		}
	}
	files := readFolder(t, h.dir)
	h.close()
	name, _ := findJournal(files)
	cuts := map[int]bool{0: true, len(files[name]): true}
	for _, c := range calls {
		cuts[c.size-1], cuts[c.size], cuts[c.size+1], cuts[c.size+20] = true, true, true, true
	}
	for _, cut := range slices.Sorted(maps.Keys(cuts)) {
		cut = min(cut, len(files[name]))
		torn := maps.Clone(files)
		torn[name] = files[name][:cut]
		h.dir = writeFolder(t, torn)
		h.openHost(h.machines)
		for _, c := range calls {
			if c.size > cut {
				continue
			}
			if _, err := h.DescribeExecution(t.Context(), &sfn.DescribeExecutionInput{ExecutionArn: &c.arn}); err != nil {
				t.Fatalf("cut at byte %d of %d: %s was acknowledged at %d: %v", cut, len(files[name]), c.arn, c.size, err)
			}
			if c.token == nil {
				continue
			}
			if _, again := errors.AsType[*types.TaskTimedOut](h.succeed(c.token)); !again {
				t.Fatalf("cut at byte %d: the task of %s, completed at %d, is open", cut, c.arn, c.size)
			}
			if got := h.awaitEnd(c.arn); got.Status != types.ExecutionStatusSucceeded {
				t.Fatalf("cut at byte %d: %s ended as %s", cut, c.arn, got.Status)
			}
		}
		h.close()
	}
}

// TestCrashWhileTheJournalIsMoved: changes that are in the file and still in a journal are not applied again.
func TestCrashWhileTheJournalIsMoved(t *testing.T) {
	h := newAskHarness(t)
	arn := h.start("ask", "one", `{}`)
	sent := token(t, h.awaitCall("ask"))
	h.awaitEvent(arn, types.HistoryEventTypeTaskSubmitted, 1)
	waits := readFolder(t, h.dir)
	list := func() []types.ExecutionListItem { // moves the changes
		t.Helper()
		out, err := h.ListExecutions(t.Context(), &sfn.ListExecutionsInput{StateMachineArn: aws.String(h.host.MachineARN("ask"))})
		if err != nil {
			t.Fatal(err)
		}
		return out.Executions
	}
	list()
	moved := readFolder(t, h.dir)
	if err := h.succeed(sent); err != nil {
		t.Fatal(err)
	}
	h.awaitEnd(arn)
	ended := readFolder(t, h.dir)
	list()
	ends := readFolder(t, h.dir)
	h.close()

	first, _ := findJournal(waits)
	second, _ := findJournal(ended)
	if first == second {
		t.Fatalf("the list moved no changes: %s", first)
	}
	for name, c := range map[string]struct {
		db     []byte
		with   map[string][]byte
		status types.ExecutionStatus
	}{
		"before the first is moved":      {waits["executions.db"], map[string][]byte{first: waits[first]}, types.ExecutionStatusRunning},
		"the first is not yet deleted":   {moved["executions.db"], map[string][]byte{first: waits[first]}, types.ExecutionStatusRunning},
		"the second has begun":           {waits["executions.db"], map[string][]byte{first: waits[first], second: ended[second]}, types.ExecutionStatusSucceeded},
		"both, the first is moved":       {moved["executions.db"], map[string][]byte{first: waits[first], second: ended[second]}, types.ExecutionStatusSucceeded},
		"both are moved, not deleted":    {ends["executions.db"], map[string][]byte{first: waits[first], second: ended[second]}, types.ExecutionStatusSucceeded},
		"only the first is not deleted":  {ends["executions.db"], map[string][]byte{first: waits[first]}, types.ExecutionStatusSucceeded},
		"only the second is not deleted": {ends["executions.db"], map[string][]byte{second: ended[second]}, types.ExecutionStatusSucceeded},
	} {
		c.with["executions.db"] = c.db
		h.dir = writeFolder(t, c.with)
		h.openHost(h.machines)
		got, err := h.DescribeExecution(t.Context(), &sfn.DescribeExecutionInput{ExecutionArn: &arn})
		if err != nil || got.Status != c.status {
			t.Errorf("%s: %+v, %v", name, got, err)
			continue
		}
		if c.status == types.ExecutionStatusRunning {
			if err := h.succeed(sent); err != nil {
				t.Errorf("%s: %v", name, err)
			}
			h.awaitEnd(arn)
		}
		if events := h.history(arn); len(events) != 15 {
			t.Errorf("%s: the history has %d events: %v", name, len(events), eventLines(events))
		}
		if items := list(); len(items) != 1 || items[0].Status != types.ExecutionStatusSucceeded {
			t.Errorf("%s: the list is %+v", name, items)
		}
		h.close()
	}
}

// TestDamagedJournal: a journal that is damaged before its end gives an error with its name.
func TestDamagedJournal(t *testing.T) {
	h := newHarness(t, nil, map[string]string{"wait": waitMachine})
	for i := range 5 {
		h.start("wait", fmt.Sprint("order-", i), `{}`)
	}
	files := readFolder(t, h.dir)
	name, _ := findJournal(files)
	damaged := bytes.Clone(files[name])
	damaged[len(damaged)/2] ^= 1
	files[name] = damaged
	_, err := stepfunctions.Start(stepfunctions.Config{Dir: writeFolder(t, files), Clock: h.clock, Invoke: h.invoke})
	if err == nil || !strings.Contains(err.Error(), name) || !strings.Contains(err.Error(), "move it away") {
		t.Errorf("a damaged journal: %v", err)
	}
}

func journalOf(t *testing.T, dir string) string {
	t.Helper()
	name, ok := findJournal(readFolder(t, dir))
	if !ok {
		t.Fatal("there is no journal")
	}
	return name
}

// findJournal returns the name of the journal among files.
func findJournal(files map[string][]byte) (name string, ok bool) {
	for name := range files {
		if strings.HasPrefix(name, "executions.journal.") {
			return name, true
		}
	}
	return "", false
}

// readFolder reads all files of a folder, as a kill at this moment would leave them.
func readFolder(t *testing.T, dir string) map[string][]byte {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	files := map[string][]byte{}
	for _, e := range entries {
		if files[e.Name()], err = os.ReadFile(filepath.Join(dir, e.Name())); err != nil {
			t.Fatal(err)
		}
	}
	return files
}

// writeFolder writes files to a new folder.
func writeFolder(t *testing.T, files map[string][]byte) string {
	t.Helper()
	dir := t.TempDir()
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}
