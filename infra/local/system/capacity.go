package system

import (
	"bytes"
	"encoding/json"
	"io"
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
	if strings.HasSuffix(operation, "GetItem") || strings.HasSuffix(operation, "Query") {
		t.read += units
	} else {
		t.written += units
	}
}

// Units returns the write and read capacity units used so far; zero unless ReportCapacity was called.
func (t *Traffic) Units() (written, read float64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.written, t.read
}
