package asl

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"
)

var (
	// ErrNoTask is returned for a task or token that the execution does not wait for.
	ErrNoTask = errors.New("asl: the execution does not wait for the task")
	// ErrOutput is returned for a result that is not JSON.
	ErrOutput = errors.New("asl: the output is not JSON")
)

// A run applies one event to an execution.
type run struct {
	m    *Machine
	x    *Execution
	now  time.Time
	step Step
	// ready reports whether the current state must be performed: it was entered, or its retry is due.
	ready bool
	// data is the input of the current state; nil if it was not needed yet.
	data *value
}

// Start starts an execution. It returns an error if the input is not JSON.
func (m *Machine) Start(o Origin, now time.Time) (*Execution, Step, error) {
	input, err := compact(o.Input)
	if err != nil {
		return nil, Step{}, fmt.Errorf("asl: the input is not JSON: %w", err)
	}
	o.Input = input
	x := &Execution{Origin: o, Status: Running, Started: now.UTC()}
	r := m.run(x, now)
	r.recordEvent(Event{Type: "ExecutionStarted", Input: input})
	r.enterState(m.startAt, input, decodedValue(mustDecode(input)))
	return x, r.performStates(), nil
}

func (m *Machine) run(x *Execution, now time.Time) *run { return &run{m: m, x: x, now: now.UTC()} }

// CompleteInvocation applies the result of an invocation. A task that waits for its token continues to wait. The error is [ErrNoTask]
// if the invocation is no longer requested.
func (m *Machine) CompleteInvocation(x *Execution, task int64, result []byte, now time.Time) (Step, error) {
	if !x.Awaits(task) {
		return Step{}, ErrNoTask
	}
	r := m.run(x, now)
	r.handleResult(result)
	return r.performStates(), nil
}

// FailInvocation applies the failure of an invocation. The error is [ErrNoTask] if the invocation is no longer requested.
func (m *Machine) FailInvocation(x *Execution, task int64, failure *Failure, now time.Time) (Step, error) {
	if !x.Awaits(task) {
		return Step{}, ErrNoTask
	}
	r := m.run(x, now)
	r.failTask(failure)
	return r.performStates(), nil
}

// SendTaskSuccess completes the task with the token. It returns [ErrNoTask] or [ErrOutput].
func (m *Machine) SendTaskSuccess(x *Execution, token string, output []byte, now time.Time) (Step, error) {
	result, err := decode(output)
	if err != nil {
		return Step{}, ErrOutput
	}
	if !m.waitsFor(x, token) {
		return Step{}, ErrNoTask
	}
	r := m.run(x, now)
	r.completeTask(decodedValue(result))
	return r.performStates(), nil
}

// SendTaskFailure fails the task with the token. It returns [ErrNoTask].
func (m *Machine) SendTaskFailure(x *Execution, token string, failure *Failure, now time.Time) (Step, error) {
	if !m.waitsFor(x, token) {
		return Step{}, ErrNoTask
	}
	r := m.run(x, now)
	r.failTask(failure)
	return r.performStates(), nil
}

// waitsFor reports whether the execution waits for the token.
func (m *Machine) waitsFor(x *Execution, token string) bool {
	task, ok := x.tokenTask(token)
	return ok && x.Position != nil && x.Position.Task != nil && x.Position.Task.ID == task && m.states[x.Position.State].waits()
}

// Tick applies everything that is due at now: ends of waits, retries and timeouts.
func (m *Machine) Tick(x *Execution, now time.Time) Step {
	r := m.run(x, now)
	for {
		wake := x.Wake()
		if wake.IsZero() || wake.After(now) {
			return r.performStates()
		}
		switch s := m.states[x.Position.State]; {
		case x.Position.Task != nil:
			r.failTask(&Failure{Name: ErrorTimeout})
		case s.kind == waitState:
			r.leaveState(s, s.next, r.input())
		default: // a retry
			x.Position.Wake = time.Time{}
			r.step.Transitions++
			r.ready = true
		}
		r.performStates()
	}
}

// Stop aborts a running execution.
func (m *Machine) Stop(x *Execution, failure *Failure, now time.Time) Step {
	r := m.run(x, now)
	if x.Position != nil {
		r.endExecution(Aborted, Event{Type: "ExecutionAborted", Error: failure.Name, Cause: failure.Cause})
	}
	return r.step
}

// recordEvent appends an event to the history.
func (r *run) recordEvent(e Event) {
	r.x.Events++
	e.ID, e.Time = r.x.Events, r.now
	if e.ID > 2 { // nothing precedes the first state, as on AWS
		e.Previous = e.ID - 1
	}
	if r.step.Events == nil {
		r.step.Events = make([]Event, 0, 8)
	}
	r.step.Events = append(r.step.Events, e)
}

// enterState enters a state. data is its input, and input the text of data in the history.
func (r *run) enterState(name string, input json.RawMessage, data *value) {
	r.x.Position, r.data = &Position{State: name, Entered: r.now, Input: input}, data
	r.step.Transitions++
	r.recordEvent(Event{Type: r.m.states[name].entered, State: name, Input: input})
	r.ready = true
}

// input returns the input of the current state. An execution that was loaded has only its text.
func (r *run) input() *value {
	if r.data == nil {
		if r.data = r.x.Position.input; r.data == nil {
			r.data = decodedValue(mustDecode(r.x.Position.Input))
		}
	}
	return r.data
}

// endExecution ends the execution with its last event.
func (r *run) endExecution(status Status, last Event) {
	r.recordEvent(last)
	r.x.Status, r.x.Stopped, r.x.Position = status, r.now, nil
	r.x.Output, r.x.Error, r.x.Cause = last.Output, last.Error, last.Cause
}

// performStates performs states until the execution waits or has ended.
func (r *run) performStates() Step {
	for r.ready && r.x.Position != nil {
		r.ready = false
		if r.x.Events >= maxEvents {
			r.failState(failuref(ErrorRuntime, "The execution reached the maximum number of history events (%d).", maxEvents))
			continue
		}
		s := r.m.states[r.x.Position.State]
		input := r.input()
		switch s.kind {
		case passState:
			if output, failure := s.parameters.value(input); failure != nil {
				r.failState(failure)
			} else {
				r.leaveState(s, s.next, output)
			}
		case succeedState:
			r.leaveState(s, s.next, input)
		case choiceState:
			r.performChoice(s, input)
		case waitState:
			if s.seconds == 0 {
				r.leaveState(s, s.next, input)
			} else {
				r.x.Position.Wake = r.now.Add(time.Duration(s.seconds) * time.Second)
			}
		case taskState:
			r.scheduleTask(s, input)
		}
	}
	r.step.Invoke = slices.DeleteFunc(r.step.Invoke, func(i Invocation) bool { return !r.x.Awaits(i.Task) })
	return r.step
}

// performChoice continues with the state of the first rule that holds. A path without a value ends the execution, as on AWS.
func (r *run) performChoice(s *state, input *value) {
	next := s.next
	for _, rule := range s.choices {
		value, ok := rule.variable.get(input.get())
		if !ok {
			r.failState(failuref(ErrorRuntime, "Invalid path '%s': The choice state's condition path references an invalid value.", rule.variable.text))
			return
		}
		if value == rule.equals {
			next = rule.next
			break
		}
	}
	r.leaveState(s, next, input)
}

// scheduleTask begins an attempt of a Task.
func (r *run) scheduleTask(s *state, input *value) {
	id, token := r.x.Tasks+1, ""
	if s.waits() {
		token = r.x.token(id)
	}
	arguments, payload, failure := s.arguments(input, token)
	if failure == nil {
		failure = checkSize(arguments, "parameters")
	}
	if failure != nil {
		r.failState(failure)
		return
	}
	r.x.Tasks = id
	task := &Task{ID: id, Function: s.function, Payload: payload}
	if s.seconds > 0 {
		task.Deadline = r.now.Add(time.Duration(s.seconds) * time.Second)
	}
	r.x.Position.Task, r.x.Position.input = task, input
	r.recordEvent(Event{Type: "TaskScheduled", Resource: s.resource, Parameters: arguments, Timeout: s.seconds})
	r.recordEvent(Event{Type: "TaskStarted", Resource: s.resource}) // the host does not report when a worker starts it
	r.step.Invoke = append(r.step.Invoke, r.x.Unfinished()...)
}

// handleResult takes the result of the task's function.
func (r *run) handleResult(result []byte) {
	s := r.m.states[r.x.Position.State]
	if len(result) == 0 {
		result = []byte("null")
	}
	if failure := checkSize(result, "result"); failure != nil {
		r.failTask(failure)
		return
	}
	payload, err := decode(result)
	if err != nil {
		r.failTask(&Failure{Name: "Lambda.Unknown", Cause: "The function's result is not JSON."})
		return
	}
	answer := decodedValue(map[string]any{"ExecutedVersion": "$LATEST", "Payload": payload, "StatusCode": json.Number("200")})
	if !s.waits() {
		r.completeTask(answer)
		return
	}
	r.x.Position.Task.Submitted, r.x.Position.Task.Payload, r.x.Position.input = true, nil, nil
	r.recordEvent(Event{Type: "TaskSubmitted", Resource: s.resource, Output: answer.encoded()})
}

// completeTask ends the attempt with its result.
func (r *run) completeTask(result *value) {
	s := r.m.states[r.x.Position.State]
	text := result.encoded()
	if failure := checkSize(text, "result"); failure != nil {
		r.failTask(failure)
		return
	}
	r.recordEvent(Event{Type: "TaskSucceeded", Resource: s.resource, Output: text})
	result, failure := s.selector.value(result)
	if failure != nil {
		r.failState(failure)
		return
	}
	output, failure := r.applyResultPath(s.result, result)
	if failure != nil {
		r.failState(failure)
		return
	}
	if len(s.output.names) > 0 {
		filtered, ok := s.output.get(output.get())
		if !ok {
			r.failState(failuref(ErrorRuntime, "Invalid path '%s' in OutputPath.", s.output.text))
			return
		}
		output = decodedValue(filtered)
	}
	r.leaveState(s, s.next, output)
}

// applyResultPath puts a result into the state's input, as ResultPath says.
func (r *run) applyResultPath(p *path, result *value) (*value, *Failure) {
	if p == nil {
		return r.input(), nil
	}
	if len(p.names) == 0 {
		return result, nil
	}
	output, err := p.put(r.input().get(), result.get())
	if err != nil {
		return nil, failuref(ErrorResultPath, "Unable to apply step '%s' to the input: %v", p.text, err)
	}
	return decodedValue(output), nil
}

// failTask ends the attempt with a failure.
func (r *run) failTask(f *Failure) {
	ending := "TaskFailed"
	if f.Name == ErrorTimeout {
		ending = "TaskTimedOut"
	}
	r.recordEvent(Event{Type: ending, Resource: r.m.states[r.x.Position.State].resource, Error: f.Name, Cause: f.Cause})
	r.failState(f)
}

// failState handles a failure of the state: by a Retry, by a Catch, or by failing the execution.
func (r *run) failState(f *Failure) {
	s := r.m.states[r.x.Position.State]
	r.input() // a retry or a Catch uses it
	r.x.Position.Task, r.x.Position.Wake, r.x.Position.input = nil, time.Time{}, nil
	if r.scheduleRetry(s, f) {
		return
	}
	for _, c := range s.catch {
		if !f.matches(c.errors) {
			continue
		}
		output, failure := r.applyResultPath(c.result, decodedValue(map[string]any{"Error": f.Name, "Cause": f.Cause}))
		if failure != nil {
			f = failure
			break
		}
		text := output.encoded()
		r.recordEvent(Event{Type: s.exited, State: s.name, Output: text})
		r.enterState(c.next, text, output)
		return
	}
	r.endExecution(Failed, Event{Type: "ExecutionFailed", Error: f.Name, Cause: f.Cause})
}

// scheduleRetry sets the time of the next retry. It returns false if no Retry applies.
func (r *run) scheduleRetry(s *state, f *Failure) bool {
	for i, retry := range s.retry {
		if !f.matches(retry.errors) {
			continue
		}
		at := r.x.Position
		if at.Retried == nil {
			at.Retried = make([]int, len(s.retry))
		}
		if at.Retried[i] >= retry.attempts {
			return false
		}
		delay := retry.interval * math.Pow(retry.backoff, float64(at.Retried[i]))
		if retry.maxDelay > 0 {
			delay = min(delay, retry.maxDelay)
		}
		delay = min(delay, maxSeconds)
		if retry.jitter {
			delay *= r.x.random()
		}
		at.Retried[i]++
		at.Wake = r.now.Add(time.Duration(delay * float64(time.Second)))
		return true
	}
	return false
}

// leaveState ends the state, and continues with the next one or ends the execution.
func (r *run) leaveState(s *state, next string, output *value) {
	text := output.encoded()
	if failure := checkSize(text, "output"); failure != nil {
		r.failState(failure)
		return
	}
	r.recordEvent(Event{Type: s.exited, State: s.name, Output: text})
	if next != "" {
		r.enterState(next, text, output)
		return
	}
	r.endExecution(Succeeded, Event{Type: "ExecutionSucceeded", Output: text})
}
