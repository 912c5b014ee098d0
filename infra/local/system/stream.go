package system

import (
	"bytes"
	"context"
	"encoding/json"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"beian/infra/local/ticker"
	"beian/shared/process/decide"
)

// A stream passes new outbox entries of some kinds to a function, like the table's stream on AWS, but once: an entry that the function does not
// deliver waits for the function's schedule.
type stream struct {
	function string
	kinds    []decide.EntryKind
	loop     *ticker.Loop

	mu      sync.Mutex
	records []events.DynamoDBEventRecord
}

// newStreams returns a stream for each function that follows the table.
func newStreams() []*stream {
	return []*stream{
		{function: "sweeper", kinds: []decide.EntryKind{decide.SendNotice, decide.SendRegisterNotice}, loop: ticker.NewLoop()},
		{function: "webhooks", kinds: []decide.EntryKind{decide.SendEvents}, loop: ticker.NewLoop()},
	}
}

const (
	// streamDelay is the time from a transaction to the call, which includes later transactions in that time.
	streamDelay = 40 * time.Millisecond
	streamBatch = 10 // records of one call, as on AWS
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

// deliver passes what was queued to the function.
func (s *stream) deliver(ctx context.Context, call func(ctx context.Context, input []byte) error) error {
	s.mu.Lock()
	records := s.records
	s.records = nil
	s.mu.Unlock()
	for len(records) > 0 {
		batch := records[:min(streamBatch, len(records))]
		records = records[len(batch):]
		input, err := json.Marshal(events.DynamoDBEvent{Records: batch})
		if err != nil {
			return err
		}
		if err := call(ctx, input); err != nil {
			return err
		}
	}
	return nil
}

// kindOf returns the kind of an outbox entry.
func kindOf(entry map[string]events.DynamoDBAttributeValue) decide.EntryKind {
	kind, _, _ := strings.Cut(entry["sk"].String(), "#")
	return decide.EntryKind(kind)
}
