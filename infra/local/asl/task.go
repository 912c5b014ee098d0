package asl

import (
	"encoding/json"
	"time"
)

// schedule begins an attempt of a Task.
func (r *run) schedule(b *Branch, s *state, sc *scope) {
	arguments, failure := parameters(sc, s.parameters)
	if failure != nil {
		r.fail(b, failure)
		return
	}
	timeout, failure := s.timeout.value(sc, "TimeoutSecondsPath", 1)
	if failure != nil {
		r.fail(b, failure)
		return
	}
	heartbeat, failure := s.heartbeat.value(sc, "HeartbeatSecondsPath", 1)
	if failure != nil {
		r.fail(b, failure)
		return
	}
	text := encode(arguments)
	if failure := oversize(text, "parameters"); failure != nil {
		r.fail(b, failure)
		return
	}
	task := &Task{Function: s.resource, Payload: text, Heartbeat: heartbeat}
	if s.service != plainFunction {
		fields := arguments.(map[string]any) // parsed as an object
		name, ok := fields["FunctionName"].(string)
		if !ok || name == "" {
			r.fail(b, &Failure{Name: ErrorRuntime, Cause: "The parameter FunctionName is not a string."})
			return
		}
		task.Function = name
		task.Payload = json.RawMessage("{}")
		if payload, ok := fields["Payload"]; ok {
			task.Payload = encode(payload)
		}
	}
	r.x.Tasks++
	task.ID = r.x.Tasks
	if timeout > 0 {
		task.Deadline = r.now.Add(time.Duration(timeout) * time.Second)
	}
	task.beat(r.now)
	b.Task = task
	r.recordScheduled(b, s, text, timeout)
	r.step.Invoke = append(r.step.Invoke, task.invocation())
}

// recordScheduled records that the attempt is scheduled, and that it has started: the host does not tell when a
// worker takes it.
func (r *run) recordScheduled(b *Branch, s *state, arguments json.RawMessage, timeout int64) {
	if s.service == plainFunction {
		r.record(b, Event{Type: "LambdaFunctionScheduled", Resource: s.resource, Input: arguments, Timeout: timeout})
		r.record(b, Event{Type: "LambdaFunctionStarted"})
		return
	}
	r.record(b, Event{
		Type: "TaskScheduled", Resource: string(s.service), Parameters: arguments,
		Timeout: timeout, Heartbeat: b.Task.Heartbeat,
	})
	r.record(b, Event{Type: "TaskStarted", Resource: string(s.service)})
}

// beat sets when the task will have been silent for too long.
func (t *Task) beat(now time.Time) {
	if t.Heartbeat > 0 {
		t.Silent = now.Add(time.Duration(t.Heartbeat) * time.Second)
	}
}

// returned takes the result of the task's function.
func (r *run) returned(b *Branch, result []byte) {
	s := r.m.states[b.State]
	if len(result) == 0 {
		result = []byte("null")
	}
	if failure := oversize(result, "result"); failure != nil {
		r.taskFailed(b, failure)
		return
	}
	payload, err := decode(result)
	if err != nil {
		r.taskFailed(b, &Failure{Name: "Lambda.Unknown", Cause: "The function's result is not JSON."})
		return
	}
	if s.service == plainFunction {
		r.taskSucceeded(b, payload)
		return
	}
	answer := map[string]any{
		"ExecutedVersion": "$LATEST", "Payload": payload, "StatusCode": json.Number("200"),
	}
	if s.service == invokeOnly {
		r.taskSucceeded(b, answer)
		return
	}
	b.Task.Submitted, b.Task.Payload = true, nil
	r.record(b, Event{Type: "TaskSubmitted", Resource: string(s.service), Output: encode(answer)})
}

// taskSucceeded ends the attempt with its result.
func (r *run) taskSucceeded(b *Branch, result any) {
	s := r.m.states[b.State]
	text := encode(result)
	if failure := oversize(text, "result"); failure != nil {
		r.taskFailed(b, failure)
		return
	}
	if s.service == plainFunction {
		r.record(b, Event{Type: "LambdaFunctionSucceeded", Output: text})
	} else {
		r.record(b, Event{Type: "TaskSucceeded", Resource: string(s.service), Output: text})
	}
	r.finish(b, s, result)
}

// taskFailed ends the attempt with a failure.
func (r *run) taskFailed(b *Branch, f *Failure) {
	s := r.m.states[b.State]
	ending := "Failed"
	if f.Name == ErrorTimeout || f.Name == ErrorHeartbeatTimeout {
		ending = "TimedOut"
	}
	if s.service == plainFunction {
		r.record(b, Event{Type: "LambdaFunction" + ending, Error: f.Name, Cause: f.Cause})
	} else {
		r.record(b, Event{Type: "Task" + ending, Resource: string(s.service), Error: f.Name, Cause: f.Cause})
	}
	r.fail(b, f)
}

// finish takes the result of a Task, Parallel or Map through ResultSelector and ResultPath.
func (r *run) finish(b *Branch, s *state, result any) {
	result, failure := parameters(r.scope(b, result), s.selector)
	if failure != nil {
		r.fail(b, failure)
		return
	}
	output, failure := combine(b.Input, s.result, result)
	if failure != nil {
		r.fail(b, failure)
		return
	}
	r.leave(b, s, output, true)
}
