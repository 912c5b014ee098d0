package asl

import (
	"fmt"
	"slices"
	"strings"
)

// A Machine is a parsed definition. It is immutable and safe for concurrent use.
type Machine struct {
	Comment string
	startAt string
	states  map[string]*state
	order   []string
}

// A Problem is one error in a definition.
type Problem struct {
	State string // "" for the machine itself
	Field string // for example "Retry[0].MaxAttempts"
	Text  string
}

// Error returns the state, the field and the problem.
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

// Problems is the error of [Parse]: all problems of a definition.
type Problems []Problem

// Error has one line for each problem.
func (p Problems) Error() string {
	lines := make([]string, len(p))
	for i, one := range p {
		lines[i] = one.Error()
	}
	return strings.Join(lines, "\n")
}

// A StateInfo describes a state, for tests and pages that show a machine.
type StateInfo struct {
	Name          string
	Type          string
	Function      string   // the FunctionName of a Task
	WaitsForToken bool     // the Task is completed by its token
	Next          []string // every state that may follow: by Next, Default, a Choice or a Catch
}

// States lists the states in the order of the definition.
func (m *Machine) States() []StateInfo {
	infos := make([]StateInfo, 0, len(m.order))
	for _, name := range m.order {
		s := m.states[name]
		infos = append(infos, StateInfo{Name: name, Type: s.kind, Function: s.function, WaitsForToken: s.waits(), Next: s.successors()})
	}
	return infos
}

// The state types.
const (
	taskState    = "Task"
	choiceState  = "Choice"
	waitState    = "Wait"
	passState    = "Pass"
	succeedState = "Succeed"
)

// Resources of a Task, as the history names them.
const (
	invoke        = "invoke"
	invokeAndWait = "invoke.waitForTaskToken"
)

// A state is one parsed state. Which fields are set depends on its kind.
type state struct {
	name, kind string
	next       string // of a Choice its Default
	// entered and exited are the types of the state's events.
	entered, exited string

	choices    []rule
	seconds    int64 // of a Wait, or the TimeoutSeconds of a Task; 0 is none
	parameters *template

	resource string // invoke or invokeAndWait
	function string
	selector *template // ResultSelector
	result   *path     // ResultPath; nil discards the result
	output   path      // OutputPath
	retry    []retrier
	catch    []catcher
}

// A rule of a Choice compares the value at a path with a string or a boolean.
type rule struct {
	variable path
	equals   any
	next     string
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

func (s *state) waits() bool { return s.resource == invokeAndWait }

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
	for _, c := range s.catch {
		add(c.next)
	}
	return names
}
