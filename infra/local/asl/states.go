package asl

import (
	"encoding/json"
	"fmt"
	"time"
)

// performState does what the state that the branch has entered (or retries) is for.
func (r *run) performState(b *Branch) {
	if r.x.Events >= maxEvents {
		r.fail(b, &Failure{Name: ErrorRuntime, Cause: fmt.Sprintf(
			"The execution reached the maximum number of history events (%d).", maxEvents)})
		return
	}
	s := r.m.states[b.State]
	sc, failure := r.inputOf(b, s)
	if failure != nil {
		r.fail(b, failure)
		return
	}
	switch s.kind {
	case passState:
		r.pass(b, s, sc)
	case succeedState:
		r.leave(b, s, sc.input, true)
	case choiceState:
		r.choose(b, s, sc)
	case waitState:
		r.wait(b, s, sc)
	case failState:
		r.failExecution(b, s, sc)
	case taskState:
		r.schedule(b, s, sc)
	case parallelState:
		r.forkBranches(b, s, sc)
	case mapState:
		r.forkItems(b, s, sc)
	}
}

// inputOf applies InputPath to the state's raw input.
func (r *run) inputOf(b *Branch, s *state) (*scope, *Failure) {
	raw, err := decode(b.Input)
	if err != nil {
		return nil, &Failure{Name: ErrorRuntime, Cause: "the state's input is not JSON"}
	}
	sc := r.scope(b, raw)
	if s.kind == failState {
		return sc, nil
	}
	input, failure := filter(sc, s.input, "InputPath")
	if failure != nil {
		return nil, failure
	}
	return sc.at(input), nil
}

// filter applies InputPath or OutputPath; the null path gives an empty object.
func filter(sc *scope, p *path, field string) (any, *Failure) {
	if p == nil {
		return map[string]any{}, nil
	}
	v, ok := sc.find(*p)
	if !ok {
		return nil, &Failure{Name: ErrorRuntime, Cause: fmt.Sprintf("Invalid path '%s' in %s.", p.text, field)}
	}
	return v, nil
}

// parameters applies a payload template, if the state has one.
func parameters(sc *scope, t *template) (any, *Failure) {
	if t == nil {
		return sc.input, nil
	}
	return t.value(sc)
}

func (r *run) pass(b *Branch, s *state, sc *scope) {
	result, failure := parameters(sc, s.parameters)
	if s.hasFixed {
		result = s.fixed
	}
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

// combine puts the result into the state's raw input, as ResultPath says.
func combine(input json.RawMessage, p *path, result any) (any, *Failure) {
	if p != nil && len(p.parts) == 0 {
		return result, nil
	}
	raw, err := decode(input)
	if err != nil {
		return nil, &Failure{Name: ErrorRuntime, Cause: "the state's input is not JSON"}
	}
	if p == nil {
		return raw, nil
	}
	output, err := p.put(raw, result)
	if err != nil {
		return nil, &Failure{Name: ErrorResultPath, Cause: fmt.Sprintf(
			"Unable to apply step '%s' to the input: %v", p.text, err)}
	}
	return output, nil
}

func (r *run) choose(b *Branch, s *state, sc *scope) {
	next := s.otherwise
	for i := range s.choices {
		ok, failure := s.choices[i].holds(sc)
		if failure != nil {
			r.fail(b, failure)
			return
		}
		if ok {
			next = s.choices[i].next
			break
		}
	}
	if next == "" {
		r.fail(b, &Failure{Name: ErrorNoChoiceMatched, Cause: fmt.Sprintf(
			"No choice of the state '%s' matched, and it has no Default.", s.name)})
		return
	}
	output, failure := filter(sc, s.output, "OutputPath")
	if failure != nil {
		r.fail(b, failure)
		return
	}
	r.exit(b, next, output)
}

func (r *run) wait(b *Branch, s *state, sc *scope) {
	until, failure := s.until.after(sc, r.now)
	if failure != nil {
		r.fail(b, failure)
		return
	}
	if until.After(r.now) {
		b.Wake = until
		return
	}
	r.leave(b, s, sc.input, true)
}

// after returns the instant to wait for.
func (i instant) after(sc *scope, now time.Time) (time.Time, *Failure) {
	switch {
	case i.timestamp != nil:
		return *i.timestamp, nil
	case i.path != nil:
		v, _ := sc.find(*i.path)
		t, ok := timestamp(v)
		if !ok {
			return time.Time{}, &Failure{Name: ErrorRuntime, Cause: fmt.Sprintf(
				"The TimestampPath '%s' does not lead to a timestamp.", i.path.text)}
		}
		return t, nil
	}
	n, failure := i.seconds.value(sc, "SecondsPath", 0)
	return now.Add(time.Duration(n) * time.Second), failure
}

// value returns the seconds that are written down or that the path leads to; 0 is none.
func (s seconds) value(sc *scope, field string, least int64) (int64, *Failure) {
	if s.path == nil {
		return s.literal, nil
	}
	v, _ := sc.find(*s.path)
	n, ok := integer(v)
	if !ok || n < least || n > maxSeconds {
		return 0, &Failure{Name: ErrorRuntime, Cause: fmt.Sprintf(
			"The %s '%s' does not lead to a whole number between %d and %d.", field, s.path.text, least, maxSeconds)}
	}
	return n, nil
}

func (r *run) failExecution(b *Branch, s *state, sc *scope) {
	name, failure := s.failName.value(sc, "ErrorPath")
	if failure != nil {
		r.fail(b, failure)
		return
	}
	cause, failure := s.failCause.value(sc, "CausePath")
	if failure != nil {
		r.fail(b, failure)
		return
	}
	r.fail(b, &Failure{Name: name, Cause: cause})
}

func (t text) value(sc *scope, field string) (string, *Failure) {
	if t.computed == nil {
		return t.literal, nil
	}
	v, failure := t.computed.value(sc, field)
	if failure != nil {
		return "", &Failure{Name: ErrorRuntime, Cause: failure.Cause}
	}
	s, ok := v.(string)
	if !ok {
		return "", &Failure{Name: ErrorRuntime, Cause: "The " + field + " does not lead to a string."}
	}
	return s, nil
}

// leave ends the state with output, to which OutputPath applies. Without a known output it is the effective input.
func (r *run) leave(b *Branch, s *state, output any, known bool) {
	if !known {
		sc, failure := r.inputOf(b, s)
		if failure != nil {
			r.fail(b, failure)
			return
		}
		output = sc.input
	}
	output, failure := filter(r.scope(b, output), s.output, "OutputPath")
	if failure != nil {
		r.fail(b, failure)
		return
	}
	r.exit(b, s.next, output)
}

// exit records that the state is left, and goes to the next one or ends the branch.
func (r *run) exit(b *Branch, next string, output any) {
	text := encode(output)
	if failure := oversize(text, "output"); failure != nil {
		r.fail(b, failure)
		return
	}
	s := r.m.states[b.State]
	r.record(b, Event{Type: s.kind + "StateExited", State: s.name, Output: text})
	switch {
	case next != "":
		r.enter(b, next, text)
	case b.parent != nil:
		r.join(b, text)
	default:
		r.end(Succeeded, Event{Type: "ExecutionSucceeded", Output: text})
	}
}

func oversize(text json.RawMessage, what string) *Failure {
	if len(text) <= PayloadLimit {
		return nil
	}
	return &Failure{Name: ErrorDataLimitExceeded, Cause: fmt.Sprintf(
		"The state/task returned a result with a size exceeding the maximum number of bytes service limit (%s).", what)}
}
