package workflow

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"beian/shared/filing"
)

// A Step is one row of the table.
type Step struct {
	// Name is the name of the state: the step's, or the closing's.
	Name string
	// Comment is the comment of the state in the definition.
	Comment string
	// WaitsFor is who completes the step. If it is "", the function completes it.
	WaitsFor Party
	// Timeout is how long a step waits. When it has passed, the function expire decides how to continue.
	Timeout time.Duration
	// Condition, if not nil, is the condition under which the step is entered.
	Condition *Condition
	// Remind reports whether the applicant is reminded of an order that stays at the step.
	Remind bool
	// NextActions say what has to be done at the step. The first one whose When holds is shown; the last one has no When.
	NextActions []NextAction
	// Variables are the groups of variables that the function reads, besides those for decisions.
	Variables []VariableGroup
	// Operations are the operations that the function may carry out.
	Operations []Operation
}

// A Party is who completes a step.
type Party string

// Parties.
const (
	Applicant Party = "applicant"
	Leaders   Party = "leaders" // the leaders of subject and sites, each by their own phone
	Reviewer  Party = "reviewer"
	Bureau    Party = "bureau"
	Nobody    Party = "nobody" // of a hint: the system is working, or the order is closed
)

// A Condition is a Choice state before a step. The step is entered if Field is true in the output of the step before; if not, the
// machine continues with Else, or without one with the step after.
type Condition struct {
	State, Comment, Field, Else string
}

// A NextAction says who has to do what.
type NextAction struct {
	When             func(filing.Order) bool // nil: always
	Party            Party                   // "": the party that the step waits for
	Chinese, English string
	Path             string // where it is done, below the order in the API; "" if nowhere
}

// VariableGroup is a group of environment variables. infra/stack and package setup say which they are.
type VariableGroup string

// Groups of variables.
const (
	BureauVariables VariableGroup = "bureau" // addresses and credentials of the bureau's interface
)

// An Operation is what a function may do with AWS. infra/stack says which permissions it takes.
type Operation string

// Operations.
const (
	Wait    Operation = "wait"    // read the order, save the task token, complete the task if the order has moved on
	Decide  Operation = "decide"  // store a decision
	Resume  Operation = "resume"  // complete the task that waits for the order, which has moved forward
	Return  Operation = "return"  // fail the task that waits for the order, which has moved back or is being closed
	Release Operation = "release" // release what the order has reserved: locks and a filing slot
	Number  Operation = "number"  // draw numbers from a sequence
	Hash    Operation = "hash"    // compute the keyed hash under which a mobile number is looked up
)

// Folder returns the step's folder in functions/, which is the name of its function too. A step without function has "".
func (s Step) Folder() string {
	if s.Name == string(filing.Done) {
		return ""
	}
	return strings.ToLower(s.Name)
}

// Tasks returns the rows that have a function: all steps but Done, then the closings.
func Tasks() []Step {
	tasks := slices.Concat(Steps, Closings)
	return slices.DeleteFunc(tasks, func(s Step) bool { return s.Folder() == "" })
}

// Of returns the row of a step. It panics if there is none, which TestSteps excludes.
func Of(step filing.Step) Step {
	return Steps[slices.IndexFunc(Steps, func(s Step) bool { return s.Name == string(step) })]
}

// NextActionFor returns what has to be done next for an order. Its Who is never "".
func NextActionFor(o filing.Order) NextAction {
	switch {
	case o.Erasure != nil:
		return erasedAction
	case o.Closing != "" && !o.Status.Final():
		return closingAction
	}
	row := Of(o.Step)
	hint := row.NextActions[slices.IndexFunc(row.NextActions, func(h NextAction) bool { return h.When == nil || h.When(o) })]
	hint.Party = cmp.Or(hint.Party, row.WaitsFor, Nobody)
	return hint
}

// ReminderSteps returns the steps at which applicants are reminded.
func ReminderSteps() []filing.Step {
	var steps []filing.Step
	for _, s := range Steps {
		if s.Remind {
			steps = append(steps, filing.Step(s.Name))
		}
	}
	return steps
}
