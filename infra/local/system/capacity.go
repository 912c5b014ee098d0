package system

import (
	"bytes"
	"cmp"
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
		body = append([]byte(`{"ReturnConsumedCapacity":"TOTAL",`), rest...)
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
	t.addKeys(awsrequest.Operation(r), body)
	if json.Unmarshal(answer, &used) == nil {
		t.addUnits(awsrequest.Operation(r), sumUnits(used.ConsumedCapacity))
	}
	return response, nil
}

// sumUnits returns the sum of the units in a response, which contains one object or a list.
func sumUnits(text json.RawMessage) float64 {
	type capacity struct{ CapacityUnits float64 }
	var many []capacity
	var one capacity
	if json.Unmarshal(text, &many) != nil && json.Unmarshal(text, &one) == nil {
		return one.CapacityUnits
	}
	for _, c := range many {
		one.CapacityUnits += c.CapacityUnits
	}
	return one.CapacityUnits
}

func (t *Traffic) addUnits(operation string, units float64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.reported++
	if strings.HasSuffix(operation, "GetItem") || strings.HasSuffix(operation, "Query") {
		t.read += units
	} else {
		t.written += units
	}
}

// addKeys counts the writes of a request to the table of filings by partition key.
func (t *Traffic) addKeys(operation string, request []byte) {
	type row struct {
		PK struct{ S string } `json:"pk"`
	}
	type write struct{ Item, Key row }
	var r struct {
		write
		TransactItems []map[string]write
	}
	if strings.HasSuffix(operation, "GetItem") || json.Unmarshal(request, &r) != nil {
		return
	}
	writes := append(r.TransactItems, map[string]write{"": r.write})
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, one := range writes {
		for kind, w := range one {
			if pk := cmp.Or(w.Item.PK.S, w.Key.PK.S); kind != "ConditionCheck" && pk != "" {
				t.writes[pk]++
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
