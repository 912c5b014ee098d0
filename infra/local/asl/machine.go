package asl

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// A Machine is a parsed definition. It does not change and may be shared.
type Machine struct {
	Comment string
	top     level
	timeout time.Duration     // 0 is none
	states  map[string]*state // of all levels; names are unique in the whole machine
	order   []string
}

// A level is a set of states with an entrance: the machine itself, a branch or an item processor.
type level struct {
	startAt string
}

// A Problem is one reason why a definition is refused.
type Problem struct {
	State string // "" for the machine itself
	Field string // for example "Retry[0].MaxAttempts"
	Text  string
}

// Error names the state, the field and what is wrong with it.
func (p Problem) Error() string {
	where := "state machine"
	if p.State != "" {
		where = fmt.Sprintf("state %q", p.State)
	}
	if p.Field != "" {
		where += ": " + p.Field
	}
	return where + ": " + p.Text
}

// Problems is what [Parse] refuses a definition with: everything that is wrong with it.
type Problems []Problem

// Error gives each problem a line.
func (p Problems) Error() string {
	lines := make([]string, len(p))
	for i, one := range p {
		lines[i] = one.Error()
	}
	return strings.Join(lines, "\n")
}

// A StateInfo tells what a state is, for tests and pages that show a machine.
type StateInfo struct {
	Name string
	Type string
	// Function is what a Task invokes: the FunctionName or ARN in the definition; "" where it is computed.
	Function string
	// WaitsForToken tells that a Task goes on when its token is sent back.
	WaitsForToken bool
	// Next holds every state that may follow: by Next, Default, a Choice or a Catch.
	Next []string
}

// States lists the states of all levels in the order of the definition.
func (m *Machine) States() []StateInfo {
	infos := make([]StateInfo, 0, len(m.order))
	for _, name := range m.order {
		s := m.states[name]
		infos = append(infos, StateInfo{
			Name: name, Type: s.kind, Function: s.functionName(), WaitsForToken: s.service == invokeAndWait,
			Next: s.successors(),
		})
	}
	return infos
}

// The state types.
const (
	taskState     = "Task"
	choiceState   = "Choice"
	waitState     = "Wait"
	passState     = "Pass"
	succeedState  = "Succeed"
	failState     = "Fail"
	parallelState = "Parallel"
	mapState      = "Map"
)

// A service is the way in which a Task calls its function.
type service string

const (
	plainFunction service = "" // the resource is the function's ARN
	invokeOnly    service = "invoke"
	invokeAndWait service = "invoke.waitForTaskToken"
)

// A state is one parsed state. Which fields are set depends on its kind.
type state struct {
	name, kind string
	next       string // "" ends the level

	input, output     *path // nil is the null path
	result            *path // ResultPath; nil discards the result
	parameters        *template
	selector          *template // ResultSelector
	fixed             any       // Result of a Pass
	hasFixed          bool
	retry             []retrier
	catch             []catcher
	timeout           seconds
	heartbeat         seconds
	service           service
	resource          string
	choices           []rule
	otherwise         string // Default
	until             instant
	failName          text
	failCause         text
	branches          []level
	items             *path
	concurrency       int
	iterationSelector *template
}

// seconds is a literal or computed duration in seconds; zero is none.
type seconds struct {
	literal int64
	path    *path
}

// An instant is what a Wait waits for: a duration, or a point in time.
type instant struct {
	seconds   seconds
	timestamp *time.Time
	path      *path // to a timestamp
}

// A text is a literal or computed string.
type text struct {
	literal  string
	computed *expression
}

// A retrier is one entry of Retry.
type retrier struct {
	errors   []string
	interval float64 // seconds
	backoff  float64
	attempts int
	maxDelay float64 // seconds; 0 is no limit
	jitter   bool
}

// A catcher is one entry of Catch.
type catcher struct {
	errors []string
	next   string
	result *path
}

func (s *state) functionName() string {
	switch {
	case s.kind != taskState:
		return ""
	case s.service == plainFunction:
		return s.resource
	}
	return s.parameters.literalText("FunctionName")
}

func (s *state) successors() []string {
	var names []string
	add := func(name string) {
		if name != "" && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	add(s.next)
	for _, r := range s.choices {
		add(r.next)
	}
	add(s.otherwise)
	for _, c := range s.catch {
		add(c.next)
	}
	return names
}
