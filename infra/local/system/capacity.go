package system

import (
	"bytes"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"strings"

	"beian/infra/local/awsrequest"
)

// sendReported sends a request to the engine, asks for the consumed capacity units, and adds them to the totals.
func (t *Traffic) sendReported(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	if rest, ok := bytes.CutPrefix(body, []byte("{")); ok {
		body = append([]byte(`{"ReturnConsumedCapacity":"INDEXES",`), rest...)
	}
	r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	response, err := t.transport.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		return nil, err
	}
	response.Body = io.NopCloser(bytes.NewReader(answer))
	var used struct{ ConsumedCapacity json.RawMessage }
	t.addKeys(awsrequest.Operation(r), body, response.StatusCode == http.StatusOK)
	if json.Unmarshal(answer, &used) == nil {
		all, indexes := sumUnits(used.ConsumedCapacity)
		t.addUnits(awsrequest.Operation(r), all, indexes)
	}
	return response, nil
}

// sumUnits returns the sums of the units in a response, which contains one object or a list: all, and those of indexes.
func sumUnits(text json.RawMessage) (all, indexes float64) {
	type capacity struct {
		CapacityUnits          float64
		GlobalSecondaryIndexes map[string]struct{ CapacityUnits float64 }
	}
	var many []capacity
	var one capacity
	if json.Unmarshal(text, &many) != nil && json.Unmarshal(text, &one) == nil {
		many = []capacity{one}
	}
	for _, c := range many {
		all += c.CapacityUnits
		for _, i := range c.GlobalSecondaryIndexes {
			indexes += i.CapacityUnits
		}
	}
	return all, indexes
}

func (t *Traffic) addUnits(operation string, all, indexes float64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.reported++
	if strings.HasSuffix(operation, "GetItem") || strings.HasSuffix(operation, "Query") {
		t.read += all
	} else {
		t.written += all
		t.writtenToIndexes += indexes
	}
}

// addKeys counts the writes of a request to the table of filings by partition key. If the engine stored them, it counts those of the indexes, too.
func (t *Traffic) addKeys(operation string, request []byte, stored bool) {
	var r struct {
		rowWrite
		TransactItems []map[string]rowWrite
	}
	if strings.HasSuffix(operation, "GetItem") || json.Unmarshal(request, &r) != nil {
		return
	}
	writes := append(r.TransactItems, map[string]rowWrite{"": r.rowWrite})
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, one := range writes {
		for kind, w := range one {
			pk := w.attribute("pk")
			if kind == "ConditionCheck" || pk == "" {
				continue
			}
			t.writes[pk]++
			if stored {
				t.indexes.add(w)
			}
		}
	}
}

// Writes returns how often each partition key was written so far; none unless ReportCapacity was called.
func (t *Traffic) Writes() map[string]int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return maps.Clone(t.writes)
}

// IndexWrites returns how often each partition of an index was written so far, as far as the requests since ReportCapacity show it: a row that was stored before is
// known from its next write on. A move from one partition to another is a write of each.
func (t *Traffic) IndexWrites() map[IndexKey]int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return maps.Clone(t.indexes.writes)
}

// IndexUnits returns the write capacity units of all indexes used so far, as the engine reports them. An entry of at most one kilobyte takes one unit for each write.
func (t *Traffic) IndexUnits() float64 {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.writtenToIndexes
}

// Reported returns how many requests reported their capacity units so far, those that no function made included.
func (t *Traffic) Reported() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.reported
}

// Units returns the write and read capacity units used so far; zero unless ReportCapacity was called.
func (t *Traffic) Units() (written, read float64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.written, t.read
}
