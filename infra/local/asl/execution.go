package asl

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"time"
)

// A Status is the status of an execution, as in the Step Functions API.
type Status string

const (
	Running   Status = "RUNNING"
	Succeeded Status = "SUCCEEDED"
	Failed    Status = "FAILED"
	Aborted   Status = "ABORTED"
)

// An Origin has the parameters of a new execution.
type Origin struct {
	ID          string          `json:"id"` // the execution's ARN
	Name        string          `json:"name"`
	MachineID   string          `json:"machineId"` // the state machine's ARN
	MachineName string          `json:"machineName"`
	Input       json.RawMessage `json:"input"` // "" is {}
	// Seed is the source of task tokens and jitter: 16 random bytes or more.
	Seed []byte `json:"seed"`
}

// An Execution is one run of a machine. It marshals to JSON and back without loss. Its fields are for storing and reading; only the
// methods of [Machine] change them.
type Execution struct {
	Origin
	Status  Status          `json:"status"`
	Started time.Time       `json:"started"`
	Stopped time.Time       `json:"stopped,omitzero"`
	Output  json.RawMessage `json:"output,omitempty"` // of a successful execution
	Error   string          `json:"error,omitempty"`  // of any other ended execution
	Cause   string          `json:"cause,omitempty"`

	// Position is the state in which the execution is; nil after its end.
	Position *Position `json:"root,omitempty"`
	// Events counts the history events so far; it is the id of the last one.
	Events int64 `json:"events"`
	// Drawn counts the random numbers drawn from the seed, Tasks the attempts of tasks.
	Drawn int64 `json:"drawn,omitempty"`
	Tasks int64 `json:"tasks,omitempty"`
}

// A Position is a state that was entered.
type Position struct {
	State   string          `json:"state"`
	Entered time.Time       `json:"entered"`
	Input   json.RawMessage `json:"input"`
	// Retried counts the retries by each entry of Retry.
	Retried []int `json:"retried,omitempty"`
	// Wake is the end of a Wait state, or the time of the next retry.
	Wake time.Time `json:"wake,omitzero"`
	Task *Task     `json:"task,omitempty"`

	input *value // Input, decoded, while a function runs; nil otherwise
}

// A Task is an attempt of a Task state that has not ended.
type Task struct {
	ID       int64           `json:"id"`
	Function string          `json:"function"`
	Payload  json.RawMessage `json:"payload,omitempty"` // until the function has returned
	// Submitted reports whether the function has returned, and the task waits for its token.
	Submitted bool      `json:"submitted,omitempty"`
	Deadline  time.Time `json:"deadline,omitzero"`
}

// An Invocation asks the host to invoke a function and to call [Machine.CompleteInvocation] or
// [Machine.FailInvocation] afterwards.
type Invocation struct {
	Task     int64
	Function string
	Payload  json.RawMessage
}

// Wake returns the time of the next [Machine.Tick]; zero for never.
func (x *Execution) Wake() time.Time {
	switch {
	case x.Position == nil:
		return time.Time{}
	case x.Position.Task != nil:
		return x.Position.Task.Deadline
	}
	return x.Position.Wake
}

// Unfinished returns the invocation that was requested but has no result yet. Repeat it after a crash.
func (x *Execution) Unfinished() []Invocation {
	t := x.invoked()
	if t == nil {
		return nil
	}
	return []Invocation{{Task: t.ID, Function: t.Function, Payload: t.Payload}}
}

// invoked returns the task whose function was requested and has not returned, or nil.
func (x *Execution) invoked() *Task {
	if x.Position == nil || x.Position.Task == nil || x.Position.Task.Submitted {
		return nil
	}
	return x.Position.Task
}

// Awaits reports whether the execution waits for the invocation of a task.
func (x *Execution) Awaits(task int64) bool {
	t := x.invoked()
	return t != nil && t.ID == task
}

// random returns the next random number from the seed, in [0, 1).
func (x *Execution) random() float64 {
	x.Drawn++
	return rand.New(rand.NewChaCha8(x.derive("random", x.Drawn))).Float64()
}

func (x *Execution) derive(purpose string, n int64) [32]byte {
	h := sha256.New()
	fmt.Fprintf(h, "%s\x00%d\x00", purpose, n)
	h.Write(x.Seed)
	return [32]byte(h.Sum(nil))
}

// token returns the token of a task: its number, a value derived from the secret seed, and the execution.
func (x *Execution) token(task int64) string {
	proof := x.derive("token", task)
	b := binary.BigEndian.AppendUint64(nil, uint64(task))
	b = append(b, proof[:16]...)
	b = append(b, x.ID...)
	return base64.RawURLEncoding.EncodeToString(b)
}

// TokenExecution returns the ID of the execution that a task token belongs to. It does not check the token.
func TokenExecution(token string) (id string, ok bool) {
	b, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil || len(b) <= 24 {
		return "", false
	}
	return string(b[24:]), true
}

// Issued reports whether the execution issued the token. Its task may have ended.
func (x *Execution) Issued(token string) bool {
	task, ok := x.tokenTask(token)
	return ok && task <= x.Tasks
}

func (x *Execution) tokenTask(token string) (int64, bool) {
	b, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil || len(b) <= 24 {
		return 0, false
	}
	task := int64(binary.BigEndian.Uint64(b))
	return task, x.token(task) == token
}
