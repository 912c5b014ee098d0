package asl

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"
)

var (
	// ErrNoTask is returned for a task or token that is not (or no longer) waited for.
	ErrNoTask = errors.New("asl: the task is not waited for")
	// ErrOutput is returned for a result that is not JSON.
	ErrOutput = errors.New("asl: the output is not JSON")
)

// A run carries one happening through the execution.
type run struct {
	m     *Machine
	x     *Execution
	now   time.Time
	step  Step
	ready []*Branch // have entered a state that is to be performed
}

// Start begins an execution. It returns an error if the input is not JSON.
func (m *Machine) Start(o Origin, now time.Time) (*Execution, Step, error) {
	now = now.UTC()
	input, err := compact(o.Input)
	if err != nil {
		return nil, Step{}, fmt.Errorf("asl: the input is not JSON: %w", err)
	}
	o.Input = input
	x := &Execution{Origin: o, Status: Running, Started: now, Root: &Branch{}}
	if m.timeout > 0 {
		x.Deadline = now.Add(m.timeout)
	}
	r := &run{m: m, x: x, now: now}
	r.record(&Branch{}, Event{Type: "ExecutionStarted", Input: input})
	r.enter(x.Root, m.top.startAt, input)
	return x, r.settle(), nil
}

// Return answers an invocation with what the function returned. A task that waits for its token goes on waiting.
// It returns [ErrNoTask] if the answer is no longer waited for.
func (m *Machine) Return(x *Execution, task int64, result []byte, now time.Time) (Step, error) {
	return m.answer(x, task, now, func(r *run, b *Branch) {
		r.returned(b, result)
	})
}

// Break answers an invocation that failed. It returns [ErrNoTask] if the answer is no longer waited for.
func (m *Machine) Break(x *Execution, task int64, failure *Failure, now time.Time) (Step, error) {
	return m.answer(x, task, now, func(r *run, b *Branch) {
		r.taskFailed(b, failure)
	})
}

func (m *Machine) answer(x *Execution, task int64, now time.Time, move func(*run, *Branch)) (Step, error) {
	b := x.find(func(t *Task) bool { return t.ID == task })
	if b == nil || b.Task.Submitted {
		return Step{}, ErrNoTask
	}
	return m.move(x, b, now, move)
}

// Succeed ends the task that gave out the token. It returns [ErrNoTask] or [ErrOutput].
func (m *Machine) Succeed(x *Execution, token string, output []byte, now time.Time) (Step, error) {
	value, err := decode(output)
	if err != nil {
		return Step{}, ErrOutput
	}
	return m.withToken(x, token, now, func(r *run, b *Branch) { r.taskSucceeded(b, value) })
}

// Fail fails the task that gave out the token. It returns [ErrNoTask].
func (m *Machine) Fail(x *Execution, token string, failure *Failure, now time.Time) (Step, error) {
	return m.withToken(x, token, now, func(r *run, b *Branch) { r.taskFailed(b, failure) })
}

// Heartbeat tells that the task which gave out the token is alive. It returns [ErrNoTask].
func (m *Machine) Heartbeat(x *Execution, token string, now time.Time) (Step, error) {
	return m.withToken(x, token, now, func(r *run, b *Branch) { b.Task.beat(r.now) })
}

func (m *Machine) withToken(x *Execution, token string, now time.Time, move func(*run, *Branch)) (Step, error) {
	task, ok := x.tokenTask(token)
	if !ok {
		return Step{}, ErrNoTask
	}
	b := x.find(func(t *Task) bool { return t.ID == task })
	if b == nil || m.states[b.State].service != invokeAndWait {
		return Step{}, ErrNoTask
	}
	return m.move(x, b, now, move)
}

func (m *Machine) move(x *Execution, b *Branch, now time.Time, move func(*run, *Branch)) (Step, error) {
	r := &run{m: m, x: x, now: now.UTC()}
	move(r, b)
	return r.settle(), nil
}

// Tick does everything that is due by now: waits that end, retries, timeouts.
func (m *Machine) Tick(x *Execution, now time.Time) Step {
	r := &run{m: m, x: x, now: now.UTC()}
	for x.Root != nil {
		wake := x.Wake()
		if wake.IsZero() || wake.After(now) {
			break
		}
		if wake.Equal(x.Deadline) {
			r.end(TimedOut, Event{Type: "ExecutionTimedOut", Error: ErrorTimeout})
			break
		}
		for b := range x.branches() {
			if b.due().Equal(wake) {
				r.fire(b, wake)
				break
			}
		}
		r.perform()
	}
	return r.settle()
}

// Stop aborts an execution that runs.
func (m *Machine) Stop(x *Execution, failure *Failure, now time.Time) Step {
	r := &run{m: m, x: x, now: now.UTC()}
	if x.Root != nil {
		r.end(Aborted, Event{Type: "ExecutionAborted", Error: failure.Name, Cause: failure.Cause})
	}
	return r.settle()
}

// fire does what is due for the branch at the instant.
func (r *run) fire(b *Branch, due time.Time) {
	s := r.m.states[b.State]
	switch {
	case b.Task != nil && b.Task.Deadline.Equal(due):
		r.taskFailed(b, &Failure{Name: ErrorTimeout})
	case b.Task != nil:
		r.taskFailed(b, &Failure{Name: ErrorHeartbeatTimeout})
	case s.kind == waitState:
		b.Wake = time.Time{}
		r.leave(b, s, nil, false)
	default: // a retry
		b.Wake = time.Time{}
		r.step.Transitions++
		r.ready = append(r.ready, b)
	}
}

// settle performs what is ready and returns the step.
func (r *run) settle() Step {
	r.perform()
	r.step.Invoke = slices.DeleteFunc(r.step.Invoke, func(i Invocation) bool { return !r.x.Awaits(i.Task) })
	return r.step
}

func (r *run) perform() {
	for len(r.ready) > 0 && r.x.Root != nil {
		b := r.ready[0]
		r.ready = r.ready[1:]
		if r.attached(b) {
			r.performState(b)
		}
	}
	r.ready = nil
}

// attached reports whether no failure elsewhere has cut the branch off.
func (r *run) attached(b *Branch) bool {
	for ; b.parent != nil; b = b.parent {
		if b.parent.Fork == nil || !slices.Contains(b.parent.Fork.Running, b) {
			return false
		}
	}
	return b == r.x.Root
}

// record appends an event to the history and makes it the branch's last.
func (r *run) record(b *Branch, e Event) {
	if r.x.Status != Running {
		return
	}
	r.x.Events++
	e.ID, e.Previous, e.Time = r.x.Events, b.Last, r.now
	if e.Type != "ExecutionStarted" {
		b.Last = e.ID
	}
	r.step.Events = append(r.step.Events, e)
}

func (r *run) enter(b *Branch, name string, input json.RawMessage) {
	*b = Branch{State: name, Entered: r.now, Input: input, Last: b.Last, Number: b.Number, Item: b.Item, parent: b.parent}
	r.step.Transitions++
	r.record(b, Event{Type: r.m.states[name].kind + "StateEntered", State: name, Input: input})
	r.ready = append(r.ready, b)
}

// end ends the execution with its last event.
func (r *run) end(status Status, last Event) {
	b := &Branch{}
	if r.x.Root != nil {
		b = r.x.Root
	}
	r.record(b, last)
	r.x.Status, r.x.Stopped, r.x.Root, r.x.Deadline = status, r.now, nil, time.Time{}
	r.x.Output, r.x.Error, r.x.Cause = last.Output, last.Error, last.Cause
}

// scope makes what expressions in the branch's state can see; input is the state's effective input.
func (r *run) scope(b *Branch, input any) *scope {
	var made map[string]any
	return &scope{
		input: input,
		context: func() any {
			if made == nil {
				made = r.contextObject(b)
			}
			return made
		},
		random: func() *rand.Rand { return r.x.randomness() },
	}
}

// contextObject makes the object behind $$.
func (r *run) contextObject(b *Branch) map[string]any {
	input, err := decode(r.x.Input)
	if err != nil {
		input = map[string]any{}
	}
	retries := 0
	for _, n := range b.Retried {
		retries += n
	}
	object := map[string]any{
		"Execution": map[string]any{
			"Id": r.x.ID, "Name": r.x.Name, "Input": input, "StartTime": formatTime(r.x.Started),
		},
		"State": map[string]any{
			"Name": b.State, "EnteredTime": formatTime(b.Entered), "RetryCount": number(int64(retries)),
		},
		"StateMachine": map[string]any{"Id": r.x.MachineID, "Name": r.x.MachineName},
	}
	if r.m.states[b.State].service == invokeAndWait {
		task := r.x.Tasks + 1 // about to be scheduled
		if b.Task != nil {
			task = b.Task.ID
		}
		object["Task"] = map[string]any{"Token": r.x.token(task)}
	}
	for up := b; up != nil; up = up.parent {
		if up.Item != nil {
			object["Map"] = mapContext(up.Number, up.Item)
			break
		}
	}
	return object
}

func mapContext(index int, item json.RawMessage) map[string]any {
	value, err := decode(item)
	if err != nil {
		value = nil
	}
	return map[string]any{"Item": map[string]any{"Index": number(int64(index)), "Value": value}}
}
