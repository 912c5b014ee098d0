package asl

import (
	"encoding/json"
	"time"
)

// An Event is one entry of an execution's history, as GetExecutionHistory returns it.
type Event struct {
	ID       int64     `json:"id"`
	Previous int64     `json:"previous"`
	Time     time.Time `json:"time"`
	Type     string    `json:"type"` // for example "TaskStateEntered"

	State      string          `json:"state,omitempty"` // of state events
	Input      json.RawMessage `json:"input,omitempty"`
	Output     json.RawMessage `json:"output,omitempty"`
	Error      string          `json:"error,omitempty"`
	Cause      string          `json:"cause,omitempty"`
	Resource   string          `json:"resource,omitempty"`   // "invoke" or "invoke.waitForTaskToken"
	Parameters json.RawMessage `json:"parameters,omitempty"` // of TaskScheduled
	Timeout    int64           `json:"timeout,omitempty"`    // seconds
}

// A Step is the effect of one call of a method of [Machine].
type Step struct {
	// Events are the new entries of the history. Store them together with the execution.
	Events []Event
	// Invoke lists the functions to invoke after that. It has one element at most.
	Invoke []Invocation
	// Transitions counts the states entered and the retries started, as AWS does for billing.
	Transitions int
}

// maxEvents is the length of a history at which the execution fails, as on AWS.
const maxEvents = 25000
