package stepfunctions

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"os"
	"reflect"
	"sync"
	"testing"
	"time"

	bolt "go.etcd.io/bbolt"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"beian/infra/local/asl"
	"beian/infra/local/clock"
)

var began = time.Date(2019, 12, 26, 1, 0, 0, 5, time.UTC)

// sampleExecution has every field.
func sampleExecution() *asl.Execution {
	return &asl.Execution{
		Origin: asl.Origin{ID: "arn", Name: "one", MachineID: "machine arn", MachineName: "m", Input: json.RawMessage(`{"备":1}`), Seed: []byte("seed")},
		Status: asl.Running, Started: began, Stopped: began.Add(time.Hour), Output: json.RawMessage(`1`), Error: "Error", Cause: "cause",
		Events: 7, Drawn: 2, Tasks: 300,
		Position: &asl.Position{
			State: "S", Entered: began, Input: json.RawMessage(`{}`), Retried: []int{0, 3}, Wake: began.Add(time.Minute),
			Task: &asl.Task{ID: 300, Function: "f", Payload: json.RawMessage(`{"a":1}`), Submitted: true, Deadline: began.Add(time.Hour)},
		},
	}
}

func sampleEvents() []asl.Event {
	text := json.RawMessage(`{"order":"0123456789"}`)
	return []asl.Event{
		{ID: 1, Time: began, Type: "ExecutionStarted", Input: text},
		{ID: 2, Time: began, Type: "TaskStateEntered", State: "S", Input: text},
		{ID: 3, Previous: 2, Time: began, Type: "TaskScheduled", Resource: "invoke", Parameters: json.RawMessage(`{"a":1}`), Timeout: 60},
		{ID: 4, Previous: 3, Time: began.Add(time.Second), Type: "TaskFailed", Resource: "invoke", Error: "Error", Cause: "cause"},
		{ID: 5, Previous: 4, Time: began.Add(time.Hour), Type: "TaskStateExited", State: "S", Output: text},
		{ID: 6, Previous: 5, Time: began.Add(time.Hour), Type: "OfALaterVersion", Output: text},
	}
}

// TestRecords: executions and events are read as they were stored. Incomplete records are errors.
func TestRecords(t *testing.T) {
	ended := sampleExecution()
	ended.Position, ended.Status = nil, asl.Failed
	waits := sampleExecution()
	waits.Position.Task, waits.Position.Retried = nil, nil
	for _, x := range []*asl.Execution{sampleExecution(), ended, waits} {
		record := appendExecution(nil, "revision", x)
		r, err := decodeRecord(record)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(executionRecord{"revision", x}, *r, cmpopts.IgnoreUnexported(asl.Position{})); diff != "" {
			t.Errorf("the execution differs:\n%s", diff)
		}
		for end := range record {
			if _, err := decodeRecord(record[:end]); err == nil {
				t.Errorf("%d of %d bytes of an execution are accepted", end, len(record))
			}
		}
	}
	lists := appendEvents(appendEvents(nil, sampleEvents()[:4]), sampleEvents()[4:])
	events, err := decodeEvents(lists)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(sampleEvents(), events); diff != "" {
		t.Errorf("the events differ:\n%s", diff)
	}
	whole := appendEvents(nil, sampleEvents())
	for end := 1; end < len(whole); end++ {
		if _, err := decodeEvents(whole[:end]); err == nil {
			t.Errorf("%d of %d bytes of a list of events are accepted", end, len(whole))
		}
	}
	if n := bytes.Count(whole, []byte(`{"order":"0123456789"}`)); n != 1 {
		t.Errorf("a text that occurs four times is stored %d times", n)
	}
}

// FuzzRecords: no record makes the decoder panic.
func FuzzRecords(f *testing.F) {
	f.Add(appendExecution(nil, "revision", sampleExecution()))
	f.Add(appendEvents(nil, sampleEvents()))
	f.Fuzz(func(t *testing.T, record []byte) {
		if r, err := decodeRecord(record); err == nil && r.Execution == nil {
			t.Error("no execution")
		}
		_, _ = decodeEvents(record)
		readGroups(record, func(change) {})
	})
}

func exampleChange(n int) change {
	return change{machine: "m", name: fmt.Sprint(n), fresh: n%2 == 0, status: asl.Running, started: int64(n), record: []byte("record"),
		first: int64(n), events: bytes.Repeat([]byte{byte(n)}, n)}
}

// TestJournalCutAnywhere: of a journal that is cut at any byte, every complete group is read, and nothing else. With a wrong byte
// before another complete group, it is damaged.
func TestJournalCutAnywhere(t *testing.T) {
	j, err := createJournal(t.TempDir(), 1)
	if err != nil {
		t.Fatal(err)
	}
	defer j.remove()
	var ends []int // of groups
	var counts []int
	var written []change
	for group := range 12 {
		var changes []change
		for range group%4 + 1 {
			changes = append(changes, exampleChange(len(written)+len(changes)+1))
		}
		if err := j.append(changes); err != nil {
			t.Fatal(err)
		}
		written = append(written, changes...)
		ends, counts = append(ends, int(j.size)), append(counts, len(written))
	}
	text, err := os.ReadFile(j.file.Name())
	if err != nil {
		t.Fatal(err)
	}
	read := func(text []byte) (changes []change, ok bool) {
		_, ok = readGroups(text, func(c change) { changes = append(changes, c) })
		return changes, ok
	}
	for cut := range len(text) + 1 {
		want := 0
		for i, end := range ends {
			if end <= cut {
				want = counts[i]
			}
		}
		zeros := append(bytes.Clone(text[:cut]), make([]byte, 100)...) // a file system may have grown the file first
		for _, text := range [][]byte{text[:cut], zeros} {
			got, ok := read(text)
			if !ok || len(got) != want || want > 0 && !reflect.DeepEqual(got, written[:want]) {
				t.Fatalf("cut at byte %d: ok is %t, and %d changes are read, want %d", cut, ok, len(got), want)
			}
		}
	}
	lastFrame := ends[len(ends)-2]
	for at := range text {
		wrong := bytes.Clone(text)
		wrong[at] ^= byte(1 + rand.IntN(255))
		got, ok := read(wrong)
		if ok != (at >= lastFrame) {
			t.Fatalf("with a wrong byte at %d of %d: ok is %t", at, lastFrame, ok)
		}
		if ok && len(got) != counts[len(counts)-2] {
			t.Fatalf("with a wrong byte at %d, %d changes are read", at, len(got))
		}
	}
}

// TestGroupCommit: changes that arrive while the disk is busy are stored with one write.
func TestGroupCommit(t *testing.T) {
	h := startWaiting(t, t.TempDir())
	defer h.Close()
	h.store.writing.Lock()
	before := h.store.journal.frames
	var starting sync.WaitGroup
	for i := range 50 {
		starting.Go(func() { begin(t, h, fmt.Sprint("order-", i)) })
	}
	for h.Stats().Open < 50 {
		time.Sleep(time.Millisecond)
	}
	h.store.writing.Unlock()
	starting.Wait()
	if frames := h.store.journal.frames - before; frames > 3 {
		t.Errorf("50 changes were stored in %d groups", frames)
	}
}

const waiting = `{"StartAt": "Weeks", "States": {"Weeks": {"Type": "Wait", "Seconds": 1814400, "Next": "Done"}, "Done": {"Type": "Succeed"}}}`

func startWaiting(t *testing.T, dir string) *Host {
	t.Helper()
	h, err := Start(Config{Dir: dir, Clock: clock.StandingAt(began), Machines: map[string]string{"wait": waiting},
		Invoke: func(context.Context, string, []byte) ([]byte, bool, error) { return nil, false, ErrNoFunction },
		Log:    slog.New(slog.NewTextHandler(io.Discard, nil))})
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func begin(t *testing.T, h *Host, name string) {
	t.Helper()
	if _, err := h.startExecution(t.Context(), startExecutionInput{MachineARN: h.MachineARN("wait"), Name: name}); err != nil {
		t.Error(err)
	}
}

// TestRecordsOfEarlierVersions: the JSON of versions before the journal is read; executions of it continue and end.
func TestRecordsOfEarlierVersions(t *testing.T) {
	dir := t.TempDir()
	h := startWaiting(t, dir)
	begin(t, h, "old")
	key := executionKey("wait", "old")
	r, err := h.store.execution(key)
	if err != nil {
		t.Fatal(err)
	}
	events, err := h.store.events(key, 1, r.Events)
	if err != nil {
		t.Fatal(err)
	}
	if err := h.store.flush(); err != nil {
		t.Fatal(err)
	}
	err = h.store.db.Update(func(tx *bolt.Tx) error {
		if err := tx.Bucket(historyBucket).Put(eventKey(key, 1), encodeJSON(events)); err != nil {
			return err
		}
		return tx.Bucket(openBucket).Put([]byte(key), encodeJSON(r))
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := h.Close(); err != nil {
		t.Fatal(err)
	}
	h = startWaiting(t, dir)
	defer h.Close()
	h.config.Clock.Advance(22 * 24 * time.Hour)
	if err := h.Wait(t.Context(), h.ExecutionARN("wait", "old")); err != nil {
		t.Fatal(err)
	}
	x, all, err := h.Read("wait", "old")
	if err != nil {
		t.Fatal(err)
	}
	if x.Status != asl.Succeeded || len(all) != int(x.Events) || len(all) <= len(events) {
		t.Errorf("it is %s with %d events of %d", x.Status, len(all), x.Events)
	}
	if diff := cmp.Diff(events, all[:len(events)]); diff != "" {
		t.Errorf("the first events differ:\n%s", diff)
	}
}

// TestListsDuringMoves: lists and histories are complete while changes are moved from journals to the file.
func TestListsDuringMoves(t *testing.T) {
	setJournalFull(t, 2000)
	h := startWaiting(t, t.TempDir())
	defer h.Close()
	for i := range 200 {
		name := fmt.Sprint("order-", i)
		begin(t, h, name)
		x, events, err := h.Read("wait", name)
		if err != nil || x == nil || len(events) != int(x.Events) {
			t.Fatalf("%s: %d events of %+v, %v", name, len(events), x, err)
		}
		if i%20 > 0 {
			continue
		}
		listed, _, err := h.List(t.Context(), "wait", asl.Running, 1000, "")
		if err != nil || len(listed) != i+1 {
			t.Fatalf("%d executions are listed, want %d (%v)", len(listed), i+1, err)
		}
	}
	if h.store.journal.number < 3 {
		t.Error("no journal was full")
	}
}

func setJournalFull(t *testing.T, size int64) {
	before := journalFull
	journalFull = size
	t.Cleanup(func() { journalFull = before })
}
