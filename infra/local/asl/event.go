package asl

import (
	"encoding/json"
	"time"
)

// An Event is one entry of an execution's history, as GetExecutionHistory tells it.
type Event struct {
	ID       int64     `json:"id"`
	Previous int64     `json:"previous"`
	Time     time.Time `json:"time"`
	Type     string    `json:"type"` // for example "TaskStateEntered"

	State      string          `json:"state,omitempty"` // of state and iteration events
	Input      json.RawMessage `json:"input,omitempty"`
	Output     json.RawMessage `json:"output,omitempty"`
	Error      string          `json:"error,omitempty"`
	Cause      string          `json:"cause,omitempty"`
	Resource   string          `json:"resource,omitempty"`   // "invoke", "invoke.waitForTaskToken" or the function's ARN
	Parameters json.RawMessage `json:"parameters,omitempty"` // of TaskScheduled
	Timeout    int64           `json:"timeout,omitempty"`    // seconds
	Heartbeat  int64           `json:"heartbeat,omitempty"`  // seconds
	Index      int             `json:"index,omitempty"`      // of iteration events
	Length     int             `json:"length,omitempty"`     // of MapStateStarted
}

// A Step is what came of one happening.
type Step struct {
	// Events are new in the history; to be stored together with the execution.
	Events []Event
	// Invoke is what to do once that is stored.
	Invoke []Invocation
	// Transitions counts the states entered and the retries begun, which is what AWS counts.
	Transitions int
}

// maxEvents is how long a history may grow before the execution fails, as on AWS.
const maxEvents = 25000
