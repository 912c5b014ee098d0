package filing

// An Outcome is what a waiting state of the machine is told.
type Outcome struct {
	// Error is the name that the state's Catch matches: "" for success, [ErrorReturned], or a [Closing].
	Error string
	// Cause is the step to go back to, with ErrorReturned.
	Cause string
	// Output is the state's result on success.
	Output Output
}

// Output is what the machine's Choice states look at.
type Output struct {
	Documents bool `json:"documents"` // originals are to come by mail
	SMS       bool `json:"sms"`       // province and date require the SMS verification
	Approved  bool `json:"approved"`  // by the bureau
}

// ErrorReturned is the error name that sends the machine to an earlier step, or into the same one anew.
const ErrorReturned = "Returned"

// Outcome says what a machine that entered step at the order's given visit has to do; ok is false while it has to wait.
//
// It looks only at where the order stands, not at how it came there. So a resume can be late or doubled, and a
// machine that slept through several decisions walks on until it has caught up.
func (o Order) Outcome(step Step, visit int) (outcome Outcome, ok bool) {
	switch {
	case o.Closing != "":
		return Outcome{Error: string(o.Closing)}, true
	case o.Step == step && o.StepVisit == visit:
		return Outcome{}, false
	case step.Before(o.Step):
		return Outcome{Output: o.Output()}, true
	default:
		return Outcome{Error: ErrorReturned, Cause: string(o.Step)}, true
	}
}

// Output is what the Choice states are to see of the order.
func (o Order) Output() Output {
	return Output{
		Documents: o.Originals != nil,
		SMS:       o.Step == VerifySMS || o.SMS != nil,
		Approved:  o.Bureau != nil && o.Bureau.Approved,
	}
}

// Begins is the state at which an execution that is started now begins: where the order stands, or its closing.
func (o Order) Begins() string {
	if o.Closing != "" {
		return string(o.Closing)
	}
	return string(o.Step)
}
