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
	// Name is the name of the state: that of the step or of the closing.
	Name string
	// Comment is the comment of the state in filing.asl.json.
	Comment string
	// WaitsFor is the party that completes the step. If it is "", the function completes it.
	WaitsFor Party
	// Timeout is how long the step waits. After it, the function expire decides how to continue.
	Timeout time.Duration
	// Remind reports whether the applicant is reminded of an order that stays at the step.
	Remind bool
	// NextActions say what has to be done at the step. The first one whose When holds applies. The last one has no When.
	NextActions []NextAction
	// Variables are the groups of variables that the function reads, besides those for decisions.
	Variables []VariableGroup
	// Operations are the operations that the function is permitted to carry out.
	Operations []Operation
}

// A Party completes a step.
type Party string

const (
	Applicant Party = "applicant"
	Leaders   Party = "leaders" // the leaders of subject and sites, each on their own phone
	Reviewer  Party = "reviewer"
	Operator  Party = "operator" // in a NextAction: of the provider, who files by hand
	Bureau    Party = "bureau"
	Nobody    Party = "nobody" // in a NextAction: no party has to act
)

// A NextAction says which party has to do what. The API shows it to the applicant.
type NextAction struct {
	When  func(filing.Order) bool // the condition; nil if it always applies
	Party Party                   // "": the party that the step waits for
	// The text. {service} stands for what the order files, a site or an app, {business} for what it is about; see [filing.Order.Business],
	// and {codesAt} for when the SMS codes will be sent.
	Chinese, English string
	Path             string // path of the operation below the order in the API; "" if there is none
}

// A VariableGroup is a group of environment variables. infra/stack and package setup list the variables of each group.
type VariableGroup string

const (
	BureauVariables VariableGroup = "bureau"  // addresses and credentials of the bureau's interface
	DomainVariables VariableGroup = "domains" // address and credentials of the provider's registrar system
)

// An Operation is what a function does with AWS. infra/stack grants the permissions for it.
type Operation string

const (
	Wait    Operation = "wait"    // read the order, save the task token, complete the task if the order has left the step
	Decide  Operation = "decide"  // store a decision
	Advance Operation = "advance" // store a decision that leaves the personal data sealed
	Return  Operation = "return"  // fail the task that waits for an order that has moved back or is being closed
	Reserve Operation = "reserve" // reserve a filing slot of a server
	Release Operation = "release" // release the locks and the filing slot of the order
	Unlock  Operation = "unlock"  // release the locks of an order that goes back to the applicant
	Number  Operation = "number"  // allocate numbers of a sequence
	Find    Operation = "find"    // look up which filings an account has
	LookUp  Operation = "look-up" // look up domains, many in one request
	Check   Operation = "check"   // require in the transaction that the register is as the decision read it
	Open    Operation = "open"    // open the next order of a plan, and start its execution
	Count   Operation = "count"   // read the ledger, and count how long the order was at each step
	Hash    Operation = "hash"    // compute the keyed hash under which a mobile number is looked up
)

// Folder returns the step's folder in functions/, which is also the name of its function; "" for a step without function.
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

// Of returns the row of a step. It panics if there is none; TestSteps checks that each step has one.
func Of(step filing.Step) Step {
	return Steps[slices.IndexFunc(Steps, func(s Step) bool { return s.Name == string(step) })]
}

// NextActionFor returns what has to be done next for an order. Its Party is never "".
func NextActionFor(o filing.Order) NextAction {
	switch {
	case o.Erasure != nil:
		return erasedAction
	case o.Closing != "" && !o.Status.Final():
		return closingAction
	}
	row := Of(o.Step)
	action := row.NextActions[slices.IndexFunc(row.NextActions, func(h NextAction) bool { return h.When == nil || h.When(o) })]
	action.Party = cmp.Or(action.Party, row.WaitsFor, Nobody)
	service := o.ServiceWords()
	codesAt := o.CodesPlannedAt()
	action.Chinese = strings.NewReplacer("{service}", service.Chinese, "{business}", o.Business().Chinese, "{codesAt}", codesAt.Chinese).Replace(action.Chinese)
	action.English = strings.NewReplacer("{service}", service.English, "{codesAt}", codesAt.English).Replace(action.English)
	return action
}

// ReminderSteps returns the steps whose applicants are reminded.
func ReminderSteps() []filing.Step {
	var steps []filing.Step
	for _, s := range Steps {
		if s.Remind {
			steps = append(steps, filing.Step(s.Name))
		}
	}
	return steps
}
