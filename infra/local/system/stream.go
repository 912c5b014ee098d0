package system

import (
	"bytes"
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"beian/infra/local/ticker"
	"beian/shared/process/decide"
)

// A stream passes new outbox entries of some kinds to a function, like the table's stream on AWS. There, an entry that the function does not deliver is
// repeated before later ones; here, it and later ones about the same wait for the function's schedule, which keeps their sequence, too.
type stream struct {
	function string
	kinds    []decide.EntryKind
	loop     *ticker.Loop

	mu      sync.Mutex
	records []events.DynamoDBEventRecord

	failed map[string]time.Time // by what an entry is about: until when the schedule delivers
}

// newStreams returns a stream for each function that follows the table.
func newStreams() []*stream {
	return []*stream{
		{function: "sweeper", kinds: []decide.EntryKind{decide.SendNotice, decide.SendRegisterNotice}, loop: ticker.NewLoop(), failed: map[string]time.Time{}},
		{function: "webhooks", kinds: []decide.EntryKind{decide.SendEvents}, loop: ticker.NewLoop(), failed: map[string]time.Time{}},
	}
}

const (
	// streamDelay is the time from a transaction to the call, which includes later transactions in that time.
	streamDelay = 40 * time.Millisecond
	streamBatch = 10 // records of one call, as on AWS
	// streamPause is how long entries wait for the schedule after one about the same has failed.
	streamPause = 30 * time.Second
)

// newEntries returns the outbox entries that a transaction writes.
func newEntries(transaction []byte) []map[string]events.DynamoDBAttributeValue {
	if !bytes.Contains(transaction, []byte(`"OUTBOX`)) {
		return nil
	}
	var request struct {
		TransactItems []struct {
			Put struct {
				Item map[string]events.DynamoDBAttributeValue
			}
		}
	}
	if json.Unmarshal(transaction, &request) != nil {
		return nil // the engine has accepted it, so this does not happen
	}
	var entries []map[string]events.DynamoDBAttributeValue
	for _, one := range request.TransactItems {
		if pk, ok := one.Put.Item["pk"]; ok && strings.HasPrefix(pk.String(), "OUTBOX") {
			entries = append(entries, one.Put.Item)
		}
	}
	return entries
}

// add queues an entry if it is of the stream's kinds.
func (s *stream) add(kind decide.EntryKind, entry map[string]events.DynamoDBAttributeValue) {
	if !slices.Contains(s.kinds, kind) {
		return
	}
	s.mu.Lock()
	s.records = append(s.records, events.DynamoDBEventRecord{EventName: "INSERT", EventSource: "aws:dynamodb", Change: events.DynamoDBStreamRecord{
		Keys: map[string]events.DynamoDBAttributeValue{"pk": entry["pk"], "sk": entry["sk"]}, NewImage: entry, SequenceNumber: entry["sk"].String(), StreamViewType: "NEW_IMAGE"}})
	s.mu.Unlock()
	s.loop.Request()
}

// deliver passes what was queued to the function. call returns the function's result.
func (s *stream) deliver(ctx context.Context, call func(ctx context.Context, input []byte) ([]byte, error)) error {
	s.mu.Lock()
	queued := s.records
	s.records = nil
	s.mu.Unlock()
	for records := range slices.Chunk(queued, streamBatch) {
		batch := slices.DeleteFunc(slices.Clone(records), func(r events.DynamoDBEventRecord) bool { return time.Now().Before(s.failed[subjectOf(r)]) })
		if len(batch) == 0 {
			continue
		}
		input, err := json.Marshal(events.DynamoDBEvent{Records: batch})
		if err != nil {
			return err
		}
		output, err := call(ctx, input)
		var result events.DynamoDBEventResponse
		if err == nil {
			err = json.Unmarshal(output, &result)
		}
		for _, r := range batch {
			if err != nil || slices.Contains(result.BatchItemFailures, events.DynamoDBBatchItemFailure{ItemIdentifier: r.Change.SequenceNumber}) {
				s.failed[subjectOf(r)] = time.Now().Add(streamPause)
			}
		}
		if err != nil {
			return err
		}
	}
	maps.DeleteFunc(s.failed, func(_ string, until time.Time) bool { return time.Now().After(until) })
	return nil
}

// subjectOf returns what the entry of a record is about.
func subjectOf(r events.DynamoDBEventRecord) string {
	var e decide.OutboxEntry
	doc, ok := r.Change.NewImage["doc"]
	if !ok || doc.DataType() != events.DataTypeBinary || json.Unmarshal(doc.Binary(), &e) != nil {
		return r.Change.SequenceNumber
	}
	return e.Subject()
}

// kindOf returns the kind of an outbox entry.
func kindOf(entry map[string]events.DynamoDBAttributeValue) decide.EntryKind {
	kind, _, _ := strings.Cut(entry["sk"].String(), "#")
	return decide.EntryKind(kind)
}
