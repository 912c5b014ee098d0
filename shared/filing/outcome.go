package filing

// An Outcome is the result that completes a waiting task of the machine.
type Outcome struct {
	// Error is the name that the state's Catch matches: [ErrorReturned], a [Closing], or an optional step that is next; "" for success.
	Error string
	// Cause is the step to return to if Error is ErrorReturned.
	Cause string
	// Output is the state's result on success.
	Output Output
}

// Output is what the machine's Choice states read in an execution that started before definition 2.
type Output struct {
	Documents bool `json:"documents"` // the reviewer requires originals by mail
	SMS       bool `json:"sms"`       // province and date require the SMS verification
	Approved  bool `json:"approved"`  // the bureau approved the application
}

// ErrorReturned is the error name that sends the machine to an earlier step, or into the same step again.
const ErrorReturned = "Returned"

// Outcome returns the result for an execution that waits at step and entered it at the given visit. ok is false if the execution
// has to continue waiting.
//
// The result depends only on the order's current state. A late or repeated resume is therefore harmless, and an execution that
// missed several decisions continues until it has caught up.
func (o Order) Outcome(step Step, visit int) (outcome Outcome, ok bool) {
	switch {
	case o.Closing != "":
		return Outcome{Error: string(o.Closing)}, true
	case o.Step == step && o.StepVisit == visit:
		return Outcome{}, false
	case step.Before(o.Step):
		outcome = Outcome{Output: o.Output()}
		if o.Step.Before(step.Next()) {
			outcome.Error = string(o.Step)
		}
		return outcome, true
	default:
		return Outcome{Error: ErrorReturned, Cause: string(o.Step)}, true
	}
}

// Output returns what an execution that started before definition 2 reads.
func (o Order) Output() Output {
	return Output{
		Documents: o.Originals != nil,
		SMS:       o.Step == VerifySMS || o.SMS != nil,
		Approved:  o.Bureau != nil && o.Bureau.Approved,
	}
}

// StartState returns the name of the state at which a new execution starts: the order's closing if it has one, else its step.
func (o Order) StartState() string {
	if o.Closing != "" {
		return string(o.Closing)
	}
	return string(o.Step)
}
