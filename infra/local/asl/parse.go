package asl

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"
)

// Limits of a definition, as on AWS.
const (
	maxName    = 80 // characters of a state's name
	maxSeconds = 99999999
	// maxLevels is how deep Parallel and Map states may be nested here.
	maxLevels = 16
)

// functionARN is the resource of a plain Lambda task.
var functionARN = regexp.MustCompile(
	`^arn:aws[a-z-]*:lambda:[a-z0-9-]+:[0-9]{12}:function:` +
		`[A-Za-z0-9-_]+(:[A-Za-z0-9-_$]+)?$`)

// serviceARN is the resource of an integrated service, of which Lambda is implemented.
var serviceARN = regexp.MustCompile(`^arn:aws[a-z-]*:states:::(.*)$`)

// Parse reads a definition. It refuses, with [Problems], whatever this package would not run as AWS does: unknown
// fields and state types, QueryLanguage JSONata, integrations other than Lambda, wrong paths and intrinsic functions,
// names that lead nowhere, and states that cannot be reached.
func Parse(definition []byte) (*Machine, error) {
	p := &parser{m: &Machine{states: map[string]*state{}}}
	o := p.object("", "", definition)
	if len(p.problems) == 0 {
		p.m.Comment = o.text("Comment")
		if version := o.text("Version"); o.has("Version") && version != "1.0" {
			o.problem("Version", `must be "1.0"`)
		}
		p.m.timeout = time.Duration(o.integer("TimeoutSeconds", 0, 1, maxSeconds)) * time.Second
		p.m.top = p.level(o, 1)
		p.queryLanguage(o)
		o.done()
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

func (p *parser) queryLanguage(o *object) {
	if language := o.text("QueryLanguage"); o.has("QueryLanguage") && language != "JSONPath" {
		o.problem("QueryLanguage", "only JSONPath is implemented")
	}
}

// level reads StartAt and States of the machine, a branch or an item processor, and follows every way through them.
func (p *parser) level(o *object, depth int) level {
	l := level{startAt: o.required("StartAt")}
	raw := o.raw("States")
	if raw == nil {
		o.problem("States", "is missing")
		return l
	}
	if depth > maxLevels {
		o.problem("States", "levels are nested more than %d deep", maxLevels)
		return l
	}
	states := p.object(o.state, o.place("States"), raw)
	if len(states.order) == 0 {
		o.problem("States", "must hold at least one state")
	}
	local := map[string]*state{}
	for _, name := range states.order {
		switch _, twice := p.m.states[name]; {
		case twice:
			p.problem(name, "", "the name is used twice in the machine")
			continue
		case name == "" || utf8.RuneCountInString(name) > maxName:
			p.problem(name, "", fmt.Sprintf("a name has 1 to %d characters", maxName))
		}
		s := &state{name: name}
		p.m.states[name], local[name] = s, s
		p.m.order = append(p.m.order, name)
		p.state(s, states.fields[name], depth)
	}
	p.reach(o, l.startAt, states.order, local)
	return l
}

// reach reports names that are no state of the level, and states that no way leads to.
func (p *parser) reach(o *object, startAt string, order []string, local map[string]*state) {
	if startAt == "" {
		return
	}
	if local[startAt] == nil {
		o.problem("StartAt", "there is no state %q here", startAt)
		return
	}
	reached := map[string]bool{startAt: true}
	for todo := []string{startAt}; len(todo) > 0; todo = todo[1:] {
		s := local[todo[0]]
		for _, next := range s.successors() {
			if local[next] == nil {
				p.problem(s.name, "Next", fmt.Sprintf("there is no state %q here", next))
			} else if !reached[next] {
				reached[next] = true
				todo = append(todo, next)
			}
		}
	}
	for _, name := range order {
		if local[name] != nil && !reached[name] {
			p.problem(name, "", "cannot be reached")
		}
	}
}

func (p *parser) state(s *state, raw json.RawMessage, depth int) {
	o := p.object(s.name, "", raw)
	s.kind = o.required("Type")
	o.text("Comment")
	p.queryLanguage(o)
	switch s.kind {
	case taskState:
		p.flow(s, o)
		p.task(s, o)
		p.recovery(s, o)
	case passState:
		p.flow(s, o)
		if fixed := o.raw("Result"); fixed != nil {
			s.fixed, _ = decode(fixed)
			s.hasFixed = true
		}
		s.parameters = o.template("Parameters")
		s.result = o.path("ResultPath", parseResultPath)
	case waitState:
		p.flow(s, o)
		p.wait(s, o)
	case choiceState:
		p.inOut(s, o)
		p.choice(s, o)
	case succeedState:
		p.inOut(s, o)
	case failState:
		s.failName = p.textOrPath(o, "Error", "ErrorPath")
		s.failCause = p.textOrPath(o, "Cause", "CausePath")
	case parallelState:
		p.flow(s, o)
		p.parallel(s, o, depth)
		p.recovery(s, o)
	case mapState:
		p.flow(s, o)
		p.mapping(s, o, depth)
		p.recovery(s, o)
	case "":
	default:
		o.problem("Type", "there is no state type %q", s.kind)
		return
	}
	o.done()
}

func (p *parser) inOut(s *state, o *object) {
	s.input = o.path("InputPath", parsePath)
	s.output = o.path("OutputPath", parsePath)
}

// flow reads the paths, and Next or End.
func (p *parser) flow(s *state, o *object) {
	p.inOut(s, o)
	s.next = o.text("Next")
	var end bool
	o.into("End", &end, "true or false")
	switch {
	case o.has("Next") && end:
		o.problem("End", "stands beside Next")
	case o.has("Next") && s.next == "":
		o.problem("Next", "must name a state")
	case !o.has("Next") && !end:
		o.problem("Next", "is missing, and End is not true")
	}
}

// parseResultPath parses a reference path into the input; the context object cannot be written.
func parseResultPath(text string) (path, error) {
	p, err := parseReference(text)
	if err == nil && p.context {
		err = fmt.Errorf("path %q: the context object cannot be written", text)
	}
	return p, err
}

// recovery reads what Task, Parallel and Map have in common.
func (p *parser) recovery(s *state, o *object) {
	s.result = o.path("ResultPath", parseResultPath)
	s.selector = o.template("ResultSelector")
	if s.selector != nil && s.selector.kind != objectTemplate {
		o.problem("ResultSelector", "must be an object")
	}
	retries := o.list("Retry")
	for i, raw := range retries {
		s.retry = append(s.retry, p.retrier(p.object(s.name, fmt.Sprintf("Retry[%d]", i), raw), i == len(retries)-1))
	}
	catches := o.list("Catch")
	for i, raw := range catches {
		c := p.object(s.name, fmt.Sprintf("Catch[%d]", i), raw)
		c.text("Comment")
		s.catch = append(s.catch, catcher{
			errors: c.errorEquals(i == len(catches)-1),
			next:   c.required("Next"),
			result: c.path("ResultPath", parseResultPath),
		})
		c.done()
	}
}

func (p *parser) retrier(o *object, last bool) retrier {
	o.text("Comment")
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
	switch strategy := o.text("JitterStrategy"); strategy {
	case "", "NONE":
	case "FULL":
		r.jitter = true
	default:
		o.problem("JitterStrategy", "must be FULL or NONE")
	}
	o.done()
	return r
}

// secondsOrPath reads a duration that is written down, or found by a reference path.
func (p *parser) secondsOrPath(o *object, field string, least int64) seconds {
	s := seconds{literal: o.integer(field, 0, least, maxSeconds)}
	if !o.has(field + "Path") {
		return s
	}
	if o.has(field) {
		o.problem(field+"Path", "stands beside %s", field)
	}
	s.path = o.requiredPath(field+"Path", parseReference)
	return s
}

func (p *parser) textOrPath(o *object, field, pathField string) text {
	t := text{literal: o.text(field)}
	if !o.has(pathField) {
		return t
	}
	if o.has(field) {
		o.problem(pathField, "stands beside %s", field)
	}
	e, err := parseExpression(o.required(pathField))
	if err != nil {
		o.problem(pathField, "%v", err)
	}
	t.computed = &e
	return t
}

func (p *parser) task(s *state, o *object) {
	s.parameters = o.template("Parameters")
	s.timeout = p.secondsOrPath(o, "TimeoutSeconds", 1)
	s.heartbeat = p.secondsOrPath(o, "HeartbeatSeconds", 1)
	if s.timeout.literal > 0 && s.heartbeat.literal >= s.timeout.literal {
		o.problem("HeartbeatSeconds", "must be below TimeoutSeconds")
	}
	s.resource = o.required("Resource")
	if functionARN.MatchString(s.resource) {
		return
	}
	integration := serviceARN.FindStringSubmatch(s.resource)
	switch {
	case s.resource == "":
		return
	case integration == nil:
		o.problem("Resource", "%q is neither a function's ARN nor arn:aws:states:::lambda:invoke", s.resource)
		return
	case integration[1] == "lambda:invoke":
		s.service = invokeOnly
	case integration[1] == "lambda:invoke.waitForTaskToken":
		s.service = invokeAndWait
	default:
		o.problem("Resource", "the integration %q is not implemented", integration[1])
		return
	}
	if s.parameters == nil || s.parameters.kind != objectTemplate {
		o.problem("Parameters", "must be an object with FunctionName")
		s.parameters = &template{kind: objectTemplate}
		return
	}
	for _, f := range s.parameters.fields {
		switch f.name {
		case "FunctionName", "Payload":
		case "InvocationType":
			if s.parameters.literalText(f.name) != "RequestResponse" {
				o.problem("Parameters.InvocationType", "only RequestResponse is implemented")
			}
		default:
			o.problem("Parameters."+f.name, "is unknown here or not implemented")
		}
	}
	if f, ok := s.parameters.field("FunctionName"); !ok {
		o.problem("Parameters.FunctionName", "is missing")
	} else if f.computed == nil && s.parameters.literalText("FunctionName") == "" {
		o.problem("Parameters.FunctionName", "must be a string")
	}
}

func (p *parser) wait(s *state, o *object) {
	given := 0
	for _, field := range []string{"Seconds", "SecondsPath", "Timestamp", "TimestampPath"} {
		if o.has(field) {
			given++
		}
	}
	if given != 1 {
		o.problem("Seconds", "a Wait has one of Seconds, SecondsPath, Timestamp and TimestampPath")
	}
	s.until.seconds = p.secondsOrPath(o, "Seconds", 0)
	if o.has("Timestamp") {
		t, err := parseTime(o.text("Timestamp"))
		if err != nil || strings.ContainsAny(o.text("Timestamp"), "tz") {
			o.problem("Timestamp", "must be a time such as 2016-08-18T17:33:00Z")
		}
		s.until.timestamp = &t
	}
	if o.has("TimestampPath") {
		s.until.path = o.requiredPath("TimestampPath", parseReference)
	}
}
