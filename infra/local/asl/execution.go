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

// A Status says how an execution stands; the texts are those of the Step Functions API.
type Status string

const (
	Running   Status = "RUNNING"
	Succeeded Status = "SUCCEEDED"
	Failed    Status = "FAILED"
	TimedOut  Status = "TIMED_OUT"
	Aborted   Status = "ABORTED"
)

// An Origin is what an execution begins with.
type Origin struct {
	ID          string          `json:"id"` // the execution's ARN
	Name        string          `json:"name"`
	MachineID   string          `json:"machineId"` // the state machine's ARN
	MachineName string          `json:"machineName"`
	Input       json.RawMessage `json:"input"` // "" is {}
	// Seed is where all that is random in the execution comes from, task tokens included: 16 random bytes or more.
	Seed []byte `json:"seed"`
}

// An Execution is one run of a machine: where every branch stands, or how it ended. It marshals to JSON and back
// without loss. Its fields are for storing and reading; only the methods of [Machine] change them.
type Execution struct {
	Origin
	Status  Status          `json:"status"`
	Started time.Time       `json:"started"`
	Stopped time.Time       `json:"stopped,omitzero"`
	Output  json.RawMessage `json:"output,omitempty"` // when it succeeded
	Error   string          `json:"error,omitempty"`  // when it did not
	Cause   string          `json:"cause,omitempty"`

	// Root is the branch of the machine's own level; nil when the execution has ended.
	Root *Branch `json:"root,omitempty"`
	// Deadline is when the execution times out; zero for never.
	Deadline time.Time `json:"deadline,omitzero"`
	// Events counts the history events so far; the last one has this id.
	Events int64 `json:"events"`
	// Drawn counts what was drawn from the seed, Tasks the attempts of tasks.
	Drawn int64 `json:"drawn,omitempty"`
	Tasks int64 `json:"tasks,omitempty"`
}

// A Branch is one strand of control, standing in one state.
type Branch struct {
	State   string          `json:"state"`
	Entered time.Time       `json:"entered"`
	Input   json.RawMessage `json:"input"`
	// Last is the id of the branch's last event.
	Last int64 `json:"last"`
	// Retried holds how often each entry of Retry was used in this state.
	Retried []int `json:"retried,omitempty"`
	// Wake is the end of a Wait state, or when a failed state is tried again.
	Wake time.Time `json:"wake,omitzero"`
	Task *Task     `json:"task,omitempty"`
	Fork *Fork     `json:"fork,omitempty"`
	// Number is the branch's place in its parent's Fork; Item the value that an iteration of a Map is for.
	Number int             `json:"number,omitempty"`
	Item   json.RawMessage `json:"item,omitempty"`

	parent *Branch
}

// A Task is an attempt that has not ended.
type Task struct {
	ID       int64           `json:"id"`
	Function string          `json:"function"`
	Payload  json.RawMessage `json:"payload,omitempty"` // until the function has returned
	// Submitted tells that the function has returned and the token is waited for.
	Submitted bool      `json:"submitted,omitempty"`
	Deadline  time.Time `json:"deadline,omitzero"`
	// Heartbeat is how long the task may be silent, in seconds; Silent when that is too long.
	Heartbeat int64     `json:"heartbeat,omitempty"`
	Silent    time.Time `json:"silent,omitzero"`
}

// A Fork is a Parallel or Map state in progress.
type Fork struct {
	Running []*Branch         `json:"running,omitempty"`
	Results []json.RawMessage `json:"results"`
	Left    int               `json:"left"`            // results that are not there yet
	Items   []json.RawMessage `json:"items,omitempty"` // of a Map, for which no iteration has begun
}

// An Invocation asks the host to invoke a function and to answer with [Machine.Return] or [Machine.Break].
type Invocation struct {
	Task     int64
	Function string // name or ARN
	Payload  json.RawMessage
}

// Wake returns when the execution next wants a [Machine.Tick]; zero for never.
func (x *Execution) Wake() time.Time {
	if x.Root == nil {
		return time.Time{}
	}
	wake := x.Deadline
	for b := range x.branches() {
		wake = earliest(wake, b.due())
	}
	return wake
}

// Unfinished lists the invocations that have been asked for and not answered, to be made again after a crash.
func (x *Execution) Unfinished() []Invocation {
	var list []Invocation
	for b := range x.branches() {
		if b.Task != nil && !b.Task.Submitted {
			list = append(list, b.Task.invocation())
		}
	}
	return list
}

// Awaits reports whether the invocation for a task is still asked for.
func (x *Execution) Awaits(task int64) bool {
	b := x.find(func(t *Task) bool { return t.ID == task })
	return b != nil && !b.Task.Submitted
}

func (t *Task) invocation() Invocation {
	return Invocation{Task: t.ID, Function: t.Function, Payload: t.Payload}
}

func earliest(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

// due returns when something happens to the branch by itself.
func (b *Branch) due() time.Time {
	due := b.Wake
	if b.Task != nil {
		due = earliest(due, earliest(b.Task.Deadline, b.Task.Silent))
	}
	return due
}

// branches yields every branch, parents first, in the order of their numbers' beginning.
func (x *Execution) branches() func(yield func(*Branch) bool) {
	return func(yield func(*Branch) bool) {
		if x.Root != nil {
			x.Root.each(nil, yield)
		}
	}
}

func (b *Branch) each(parent *Branch, yield func(*Branch) bool) bool {
	b.parent = parent
	if !yield(b) {
		return false
	}
	if b.Fork != nil {
		for _, child := range b.Fork.Running {
			if !child.each(b, yield) {
				return false
			}
		}
	}
	return true
}

func (x *Execution) find(wanted func(*Task) bool) *Branch {
	for b := range x.branches() {
		if b.Task != nil && wanted(b.Task) {
			return b
		}
	}
	return nil
}

// randomness draws a generator from the seed; the next one is another.
func (x *Execution) randomness() *rand.Rand {
	x.Drawn++
	return rand.New(rand.NewChaCha8(x.derive("random", x.Drawn)))
}

func (x *Execution) derive(purpose string, n int64) [32]byte {
	h := sha256.New()
	fmt.Fprintf(h, "%s\x00%d\x00", purpose, n)
	h.Write(x.Seed)
	return [32]byte(h.Sum(nil))
}

// token returns the token of a task: its number and a proof of it that only the seed gives.
func (x *Execution) token(task int64) string {
	proof := x.derive("token", task)
	b := binary.BigEndian.AppendUint64(nil, uint64(task))
	b = append(b, proof[:16]...)
	b = append(b, x.ID...)
	return base64.RawURLEncoding.EncodeToString(b)
}

// TokenExecution returns the ID of the execution that a task token belongs to, which says nothing about whether the
// token is right.
func TokenExecution(token string) (id string, ok bool) {
	b, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil || len(b) <= 24 {
		return "", false
	}
	return string(b[24:]), true
}

// Issued reports whether the execution gave out the token, be its task finished or not.
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
