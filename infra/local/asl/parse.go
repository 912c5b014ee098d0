package asl

import (
	"encoding/json"
	"fmt"
	"regexp"
	"unicode/utf8"
)

// Limits of a definition, as on AWS.
const (
	maxName    = 80 // characters of a state's name
	maxSeconds = 99999999
)

// serviceARN is the resource of an integrated service.
var serviceARN = regexp.MustCompile(`^arn:aws[a-z-]*:states:::(.*)$`)

// Parse reads a definition. It returns [Problems] if the definition contains something that is not implemented, names a state that
// does not exist, or has a state that cannot be reached.
func Parse(definition []byte) (*Machine, error) {
	p := &parser{m: &Machine{states: map[string]*state{}}}
	o := p.object("", "", definition)
	if len(p.problems) == 0 {
		p.m.Comment = o.text("Comment")
		p.m.startAt = o.required("StartAt")
		p.states(o)
		o.reportUnread()
	}
	if len(p.problems) > 0 {
		return nil, p.problems
	}
	return p.m, nil
}

type parser struct {
	m        *Machine
	problems Problems
}

func (p *parser) problem(state, field, text string) {
	p.problems = append(p.problems, Problem{State: state, Field: field, Text: text})
}

func (p *parser) states(o *object) {
	raw := o.raw("States")
	if raw == nil {
		o.problem("States", "is missing")
		return
	}
	states := p.object("", "States", raw)
	if len(states.order) == 0 {
		o.problem("States", "must contain at least one state")
	}
	for _, name := range states.order {
		if name == "" || utf8.RuneCountInString(name) > maxName {
			p.problem(name, "", fmt.Sprintf("a name must have 1 to %d characters", maxName))
		}
		s := &state{name: name}
		p.m.states[name] = s
		p.m.order = append(p.m.order, name)
		p.state(s, states.fields[name])
	}
	p.checkReachable(o)
}

// checkReachable reports names of states that do not exist, and states that cannot be reached.
func (p *parser) checkReachable(o *object) {
	if p.m.startAt == "" {
		return
	}
	if p.m.states[p.m.startAt] == nil {
		o.problem("StartAt", "there is no state %q", p.m.startAt)
		return
	}
	reached := map[string]bool{p.m.startAt: true}
	for todo := []string{p.m.startAt}; len(todo) > 0; todo = todo[1:] {
		s := p.m.states[todo[0]]
		for _, next := range s.successors() {
			if p.m.states[next] == nil {
				p.problem(s.name, "Next", fmt.Sprintf("there is no state %q", next))
			} else if !reached[next] {
				reached[next] = true
				todo = append(todo, next)
			}
		}
	}
	for _, name := range p.m.order {
		if !reached[name] {
			p.problem(name, "", "cannot be reached")
		}
	}
}

func (p *parser) state(s *state, raw json.RawMessage) {
	o := p.object(s.name, "", raw)
	s.kind = o.required("Type")
	s.entered, s.exited = s.kind+"StateEntered", s.kind+"StateExited"
	o.text("Comment")
	switch s.kind {
	case taskState:
		p.task(s, o)
		if !o.ends() {
			s.next = o.required("Next")
		}
	case passState:
		s.parameters = o.template("Parameters", false)
		s.next = o.required("Next")
	case waitState:
		if !o.has("Seconds") {
			o.problem("Seconds", "is missing")
		}
		s.seconds = o.integer("Seconds", 0, 0, maxSeconds)
		s.next = o.required("Next")
	case choiceState:
		p.choice(s, o)
	case succeedState:
	case "":
	default:
		o.problem("Type", "the state type %q is not implemented", s.kind)
		return
	}
	o.reportUnread()
}

func (p *parser) choice(s *state, o *object) {
	choices := o.list("Choices")
	if len(choices) == 0 {
		o.problem("Choices", "must contain at least one rule")
	}
	for i, raw := range choices {
		c := p.object(s.name, fmt.Sprintf("Choices[%d]", i), raw)
		r := rule{next: c.required("Next")}
		if variable := c.path("Variable"); variable != nil && c.has("Variable") {
			r.variable = *variable
		} else {
			c.problem("Variable", "is missing")
		}
		var flag bool
		switch {
		case c.has("StringEquals") == c.has("BooleanEquals"):
			c.problem("", "must have either StringEquals or BooleanEquals; other comparisons are not implemented")
		case c.has("StringEquals"):
			r.equals = c.text("StringEquals")
		default:
			c.decodeField("BooleanEquals", &flag, "true or false")
			r.equals = flag
		}
		c.reportUnread()
		s.choices = append(s.choices, r)
	}
	s.next = o.required("Default")
}

func (p *parser) task(s *state, o *object) {
	resource := o.required("Resource")
	integration := serviceARN.FindStringSubmatch(resource)
	switch {
	case resource == "":
	case integration == nil:
		o.problem("Resource", "%q is not implemented: use arn:aws:states:::lambda:invoke", resource)
	case integration[1] == "lambda:"+invoke:
		s.resource = invoke
	case integration[1] == "lambda:"+invokeAndWait:
		s.resource = invokeAndWait
	default:
		o.problem("Resource", "the integration %q is not implemented", integration[1])
	}
	p.invocation(s, o)
	s.seconds = o.integer("TimeoutSeconds", 0, 1, maxSeconds)
	s.selector = o.template("ResultSelector", false)
	s.result = o.path("ResultPath")
	if output := o.path("OutputPath"); output != nil {
		s.output = *output
	} else {
		o.problem("OutputPath", "null is not implemented")
	}
	retries := o.list("Retry")
	for i, raw := range retries {
		s.retry = append(s.retry, p.retrier(p.object(s.name, fmt.Sprintf("Retry[%d]", i), raw), i == len(retries)-1))
	}
	catches := o.list("Catch")
	for i, raw := range catches {
		c := p.object(s.name, fmt.Sprintf("Catch[%d]", i), raw)
		s.catch = append(s.catch, catcher{errors: c.errorEquals(i == len(catches)-1), next: c.required("Next"), result: c.path("ResultPath")})
		c.reportUnread()
	}
}

// invocation reads the Parameters of a task.
func (p *parser) invocation(s *state, o *object) {
	s.parameters = o.template("Parameters", s.waits())
	if s.parameters == nil {
		o.problem("Parameters", "must be an object with FunctionName")
		return
	}
	for _, f := range s.parameters.fields {
		if f.name != "FunctionName" && f.name != "Payload" {
			o.problem("Parameters."+f.name, "is not implemented")
		}
	}
	name, _ := s.parameters.field("FunctionName")
	if name.nested != nil {
		s.function, _ = name.nested.literal.(string)
	}
	if s.function == "" {
		o.problem("Parameters.FunctionName", "must be a string")
	}
}

func (p *parser) retrier(o *object, last bool) retrier {
	r := retrier{
		errors:   o.errorEquals(last),
		interval: float64(o.integer("IntervalSeconds", 1, 1, maxSeconds)),
		backoff:  o.decimal("BackoffRate", 2, 1),
		attempts: int(o.integer("MaxAttempts", 3, 0, maxSeconds)),
		maxDelay: float64(o.integer("MaxDelaySeconds", 0, 1, 31622399)),
	}
	if r.maxDelay > 0 && r.maxDelay <= r.interval {
		o.problem("MaxDelaySeconds", "must be above IntervalSeconds")
	}
	switch strategy := o.text("JitterStrategy"); {
	case strategy == "FULL":
		r.jitter = true
	case o.has("JitterStrategy") && strategy != "NONE":
		o.problem("JitterStrategy", "must be FULL or NONE")
	}
	o.reportUnread()
	return r
}
