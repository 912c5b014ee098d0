package stepfunctions

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"

	bolt "go.etcd.io/bbolt"

	"beian/infra/local/asl"
)

type getExecutionHistoryInput struct {
	pageInput
	ARN         string `json:"executionArn"`
	Reverse     bool   `json:"reverseOrder"`
	IncludeData *bool  `json:"includeExecutionData"`
}

type getExecutionHistoryOutput struct {
	Events    []map[string]any `json:"events"`
	NextToken string           `json:"nextToken,omitempty"`
}

// getExecutionHistory returns the events of an execution in pages, the earliest or the latest first.
func (h *Host) getExecutionHistory(_ context.Context, in getExecutionHistoryInput) (*getExecutionHistoryOutput, error) {
	x, err := h.execution(in.ARN)
	if err != nil {
		return nil, err
	}
	size, err := pageSize(in.MaxResults)
	if err != nil {
		return nil, err
	}
	purpose := fmt.Sprintf("history:%s:%t", in.ARN, in.Reverse)
	token, err := decodePage(purpose, in.NextToken)
	if err != nil {
		return nil, err
	}
	first := int64(1)
	if in.Reverse {
		first = x.Events
	}
	if len(token) == 8 {
		first = int64(binary.BigEndian.Uint64(token))
	}
	var events []asl.Event
	key := executionKey(x.MachineName, x.Name)
	if in.Reverse {
		from := max(1, first-int64(size)+1)
		events, err = h.store.events(key, from, first)
		slices.Reverse(events)
	} else {
		events, err = h.store.events(key, first, min(x.Events, first+int64(size)-1))
	}
	if err != nil {
		return nil, err
	}
	out := &getExecutionHistoryOutput{Events: []map[string]any{}}
	withData := in.IncludeData == nil || *in.IncludeData
	for _, e := range events {
		out.Events = append(out.Events, h.event(e, withData))
	}
	if len(events) > 0 {
		next := events[len(events)-1].ID + 1
		if in.Reverse {
			next -= 2
		}
		if next >= 1 && next <= x.Events {
			out.NextToken = encodePage(purpose, binary.BigEndian.AppendUint64(nil, uint64(next)))
		}
	}
	return out, nil
}

// events returns the events with the ids first to last.
func (s *store) events(key string, first, last int64) (events []asl.Event, err error) {
	add := func(record []byte) (more bool, err error) {
		list, err := decodeEvents(record)
		if err != nil {
			return false, fmt.Errorf("%s is damaged: the history of %q cannot be read (%w)", s.path, key, err)
		}
		for _, e := range list {
			if e.ID > last {
				return false, nil
			}
			if e.ID >= first {
				events = append(events, e)
				first = e.ID + 1
			}
		}
		return true, nil
	}
	// Read before the file: it has what leaves the journals meanwhile.
	_, unsaved := s.unsavedChanges(key)
	err = s.readTx(func(tx *bolt.Tx) error {
		c := tx.Bucket(historyBucket).Cursor()
		prefix, from := append([]byte(key), 0), eventKey(key, first)
		k, v := c.Seek(from)
		if !bytes.Equal(k, from) { // it may be in the middle of the list before
			if before, list := c.Prev(); bytes.HasPrefix(before, prefix) {
				k, v = before, list
			} else {
				k, v = c.Seek(from)
			}
		}
		for ; bytes.HasPrefix(k, prefix); k, v = c.Next() {
			if more, err := add(v); err != nil || !more {
				return err
			}
		}
		return nil
	})
	for _, list := range unsaved {
		if err == nil {
			_, err = add(list)
		}
	}
	return events, err
}

// event converts an event to the form of the API: the details are in a field whose name depends on the type.
func (h *Host) event(e asl.Event, withData bool) map[string]any {
	details, name := map[string]any{}, e.Type
	text := func(field, value string) {
		if value != "" {
			details[field] = value
		}
	}
	data := func(field string, value []byte) {
		if withData && len(value) > 0 {
			details[field] = string(value)
			details[field+"Details"] = map[string]bool{"truncated": false}
		}
	}
	text("error", e.Error)
	text("cause", e.Cause)
	switch {
	case strings.HasSuffix(e.Type, "StateEntered"):
		name = "StateEntered"
		text("name", e.State)
		data("input", e.Input)
	case strings.HasSuffix(e.Type, "StateExited"):
		name = "StateExited"
		text("name", e.State)
		data("output", e.Output)
	case e.Type == "ExecutionStarted":
		data("input", e.Input)
		details["roleArn"] = "arn:aws:iam::" + h.config.Account + ":role/local"
	case e.Resource != "":
		text("resource", e.Resource)
		text("resourceType", "lambda")
		data("output", e.Output)
		if e.Type == "TaskScheduled" {
			text("region", h.config.Region)
			if withData {
				text("parameters", string(e.Parameters))
			}
		}
		if e.Timeout > 0 {
			details["timeoutInSeconds"] = e.Timeout
		}
	default:
		data("output", e.Output)
	}
	wire := map[string]any{
		"id": e.ID, "previousEventId": e.Previous, "timestamp": seconds(e.Time), "type": e.Type,
	}
	if len(details) > 0 {
		wire[strings.ToLower(name[:1])+name[1:]+"EventDetails"] = details
	}
	return wire
}
