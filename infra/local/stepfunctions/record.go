package stepfunctions

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"beian/infra/local/asl"
)

// Stored executions and histories begin with this byte. Versions of Beian before it stored JSON, which is still read.
const binaryRecord = 1

// errRecord is the error for a stored record that cannot be read.
var errRecord = errors.New("the record is incomplete or of a later version")

// An executionRecord is a stored execution.
type executionRecord struct {
	Revision string `json:"revision"` // SHA-256 of the definition
	*asl.Execution
}

// appendExecution appends the record of an execution.
func appendExecution(b []byte, revision string, x *asl.Execution) []byte {
	b = append(b, binaryRecord)
	for _, text := range []string{revision, x.ID, x.Name, x.MachineID, x.MachineName, string(x.Status), x.Error, x.Cause} {
		b = appendText(b, text)
	}
	b = appendText(b, x.Input)
	b = appendText(b, x.Seed)
	b = appendText(b, x.Output)
	b = appendTime(appendTime(b, x.Started), x.Stopped)
	for _, n := range []int64{x.Events, x.Drawn, x.Tasks} {
		b = binary.AppendVarint(b, n)
	}
	p := x.Position
	if p == nil {
		return append(b, 0)
	}
	b = appendText(append(b, 1), p.State)
	b = appendTime(appendTime(b, p.Entered), p.Wake)
	b = appendText(b, p.Input)
	b = binary.AppendUvarint(b, uint64(len(p.Retried)))
	for _, n := range p.Retried {
		b = binary.AppendVarint(b, int64(n))
	}
	t := p.Task
	if t == nil {
		return append(b, 0)
	}
	b = binary.AppendVarint(append(b, 1), t.ID)
	b = appendText(b, t.Function)
	b = appendText(b, t.Payload)
	b = appendTime(b, t.Deadline)
	if t.Submitted {
		return append(b, 1)
	}
	return append(b, 0)
}

// decodeRecord decodes the record of an execution. It does not keep the bytes.
func decodeRecord(b []byte) (*executionRecord, error) {
	if len(b) > 0 && b[0] != binaryRecord {
		var r executionRecord
		if err := json.Unmarshal(b, &r); err != nil {
			return nil, err
		}
		if r.Execution == nil {
			return nil, errRecord
		}
		return &r, nil
	}
	d := &reader{rest: b}
	d.byte()
	r := &executionRecord{Revision: d.text(), Execution: &asl.Execution{}}
	x := r.Execution
	x.ID, x.Name, x.MachineID, x.MachineName = d.text(), d.text(), d.text(), d.text()
	x.Status, x.Error, x.Cause = asl.Status(d.text()), d.text(), d.text()
	x.Input, x.Seed, x.Output = d.bytes(), d.bytes(), d.bytes()
	x.Started, x.Stopped = d.time(), d.time()
	x.Events, x.Drawn, x.Tasks = d.varint(), d.varint(), d.varint()
	if d.byte() == 1 {
		p := &asl.Position{State: d.text(), Entered: d.time(), Wake: d.time(), Input: d.bytes()}
		for range d.count() {
			p.Retried = append(p.Retried, int(d.varint()))
		}
		if d.byte() == 1 {
			p.Task = &asl.Task{ID: d.varint(), Function: d.text(), Payload: d.bytes(), Deadline: d.time(), Submitted: d.byte() == 1}
		}
		x.Position = p
	}
	if d.failed || len(d.rest) > 0 {
		return nil, errRecord
	}
	return r, nil
}

// eventTypes are the types of events by their number in a record, 1 for the first. Append new ones at the end.
var eventTypes = []string{
	"ExecutionStarted", "ExecutionSucceeded", "ExecutionFailed", "ExecutionAborted",
	"TaskStateEntered", "TaskStateExited", "TaskScheduled", "TaskStarted", "TaskSubmitted", "TaskSucceeded", "TaskFailed", "TaskTimedOut",
	"ChoiceStateEntered", "ChoiceStateExited", "WaitStateEntered", "WaitStateExited",
	"PassStateEntered", "PassStateExited", "SucceedStateEntered", "SucceedStateExited",
}

var eventNumbers = func() map[string]byte {
	numbers := map[string]byte{}
	for i, name := range eventTypes {
		numbers[name] = byte(i + 1)
	}
	return numbers
}()

// appendEvents appends the record of a list of events. A text that occurs several times in the list, as the output of a state that is the
// input of the next, is stored once.
func appendEvents(b []byte, events []asl.Event) []byte {
	w := eventWriter{b: binary.AppendUvarint(append(b, binaryRecord), uint64(len(events)))}
	last := int64(0)
	for _, e := range events {
		number := eventNumbers[e.Type]
		if w.b = append(w.b, number); number == 0 {
			w.b = appendText(w.b, e.Type)
		}
		at := e.Time.UnixNano()
		for _, n := range [...]int64{e.ID, e.Previous, at - last, e.Timeout} {
			w.b = binary.AppendVarint(w.b, n)
		}
		last = at
		appendShared(&w, e.State)
		appendShared(&w, e.Input)
		appendShared(&w, e.Output)
		appendShared(&w, e.Parameters)
		appendShared(&w, e.Resource)
		w.b = appendText(appendText(w.b, e.Error), e.Cause)
	}
	return w.b
}

// An eventWriter knows where in b each text of the list is.
type eventWriter struct {
	b     []byte
	texts [][2]int
}

// appendShared appends a text, or the number of an equal one before it: 0 is no text, 1 is followed by a new one.
func appendShared[T string | json.RawMessage](w *eventWriter, text T) {
	if len(text) == 0 {
		w.b = append(w.b, 0)
		return
	}
	for i, at := range slices.Backward(w.texts) {
		if string(w.b[at[0]:at[1]]) == string(text) {
			w.b = binary.AppendUvarint(w.b, uint64(i)+2)
			return
		}
	}
	w.b = appendText(append(w.b, 1), text)
	w.texts = append(w.texts, [2]int{len(w.b) - len(text), len(w.b)})
}

// decodeEvents decodes the records of lists of events that follow each other.
func decodeEvents(b []byte) (events []asl.Event, err error) {
	if len(b) > 0 && b[0] != binaryRecord {
		return events, json.Unmarshal(b, &events)
	}
	d := &reader{rest: b}
	for len(d.rest) > 0 && !d.failed {
		if d.byte() != binaryRecord {
			return nil, errRecord
		}
		var seen [][]byte
		shared := func() []byte {
			switch n := d.uvarint(); {
			case n == 0:
				return nil
			case n == 1:
				seen = append(seen, d.bytes())
				return seen[len(seen)-1]
			case n-2 < uint64(len(seen)):
				return seen[n-2]
			}
			d.failed = true
			return nil
		}
		last := int64(0)
		for range d.count() {
			var e asl.Event
			if n := int(d.byte()); n == 0 {
				e.Type = d.text()
			} else if n <= len(eventTypes) {
				e.Type = eventTypes[n-1]
			} else {
				d.failed = true
			}
			e.ID, e.Previous = d.varint(), d.varint()
			last += d.varint()
			e.Time, e.Timeout = time.Unix(0, last).UTC(), d.varint()
			e.State, e.Input, e.Output, e.Parameters = string(shared()), shared(), shared(), shared()
			e.Resource, e.Error, e.Cause = string(shared()), d.text(), d.text()
			events = append(events, e)
		}
	}
	if d.failed {
		return nil, errRecord
	}
	return events, nil
}

func appendText[T string | []byte | json.RawMessage](b []byte, text T) []byte {
	return append(binary.AppendUvarint(b, uint64(len(text))), text...)
}

// appendTime appends a time in nanoseconds since 1970; 0 is the zero time.
func appendTime(b []byte, t time.Time) []byte {
	if t.IsZero() {
		return append(b, 0)
	}
	return binary.AppendVarint(b, t.UnixNano())
}

// A reader reads the fields of a record. After a field that is not there, failed is set, and all fields are zero.
type reader struct {
	rest   []byte
	failed bool
}

func (d *reader) take(n uint64) []byte {
	if d.failed || n > uint64(len(d.rest)) {
		d.failed, d.rest = true, nil
		return nil
	}
	taken := d.rest[:n]
	d.rest = d.rest[n:]
	return taken
}

func (d *reader) byte() byte {
	if b := d.take(1); b != nil {
		return b[0]
	}
	return 0
}

func (d *reader) uvarint() uint64 { return readNumber(d, binary.Uvarint) }

func (d *reader) varint() int64 { return readNumber(d, binary.Varint) }

// readNumber reads a number by a function of package binary, which returns its length, or no more than 0 if there is none.
func readNumber[T uint64 | int64](d *reader, read func([]byte) (T, int)) T {
	n, size := read(d.rest)
	if d.take(uint64(max(size, 0))); size <= 0 {
		d.failed = true
		return 0
	}
	return n
}

// count reads the length of a list. A list has no more elements than the record has bytes.
func (d *reader) count() uint64 {
	n := d.uvarint()
	if n > uint64(len(d.rest)) {
		d.failed = true
		return 0
	}
	return n
}

func (d *reader) text() string { return string(d.take(d.uvarint())) }

// bytes returns a copy; nil if it is empty.
func (d *reader) bytes() []byte { return append([]byte(nil), d.take(d.uvarint())...) }

func (d *reader) time() time.Time {
	if n := d.varint(); n != 0 {
		return time.Unix(0, n).UTC()
	}
	return time.Time{}
}
