// Package workflow has the table of steps of a filing, and the state machine that is generated from it.
//
// Start with [Steps]: it has one row for each step, in the order in which a filing passes through them. [Closings] has one row for each
// way in which an order is closed. A row has the name of the state, the party that completes it, its time limit, the next actions that
// the applicant reads, and the operations that its function is permitted to carry out.
//
//	row := workflow.Of(filing.MailDocuments)
//	row.Folder() // "maildocuments": the folder in functions/ and the name of the function
//	row.WaitsFor // workflow.Applicant
//
// # The state machine
//
// filing.asl.json is the state machine in the Amazon States Language. AWS and the laptop run the same text, [Definition]. It is
// generated from the table; do not edit it. After a change of the table run
//
//	go generate ./shared/workflow
//
// A step that waits is a task with a task token. Its function saves the token with the order, and the decision that moves the
// order completes the task. After a success the machine enters the next state that is not optional, and after an error with the name of an optional step
// that step. After the error Returned it enters the step in the
// error's cause, and after the errors Withdraw, Abandon, Expire and Reject the state that closes the order. Order.Outcome of package
// filing decides between them. After any other error the machine pauses for 15 minutes, and then enters the step at which the execution
// started. The input of a state contains only ids, never personal data.
//
// # Adding a step
//
//  1. Package filing: add the step's constant to filing.Steps, its status, and the decisions that enter and complete it.
//  2. This package: add its row to [Steps], then run go generate.
//  3. functions/<name>: add the handler with its test, and lambda/main.go.
//  4. infra/local/system/functions.go: add the line that makes the handler for the laptop, which runs all functions in one process.
//  5. Add events/<name>/first-round.json, the sample input, and the step's line in .github/docs/steps.md.
//
// TestSteps of this package fails with the place that is missing; filingtest.Walk and infra/local/demo also pass through the step. The functions and roles on AWS, the states and their
// errors, the next action in the API and the reminders need no change, because they are made from the row. For an operation or a group
// of variables that no step has used so far, add a constant here and its permissions or variables in infra/stack.
package workflow

import (
	_ "embed"
	"strings"
)

//go:generate go test -run TestDefinition -update

// Definition is the text of filing.asl.json. It has the placeholder ${Partition} and, for each task, a placeholder ${<state>} for
// the ARN of its function; see [Render].
//
//go:embed filing.asl.json
var Definition string

// Render returns [Definition] with its placeholders replaced. arn must return the ARN of a task's function.
func Render(partition string, arn func(Step) string) string {
	pairs := []string{"${Partition}", partition}
	for _, s := range Tasks() {
		pairs = append(pairs, "${"+s.Name+"}", arn(s))
	}
	return strings.NewReplacer(pairs...).Replace(Definition)
}
