// Package workflow is the table of steps of a filing, and the state machine that follows from it.
//
// Start with [Steps]: one row for each step, in the order in which a filing passes through them, and [Closings]: one row for each
// way in which an order is closed. A row names the state, who completes it, its time limit, the words that the applicant reads
// and what its function may do.
//
//	row := workflow.Of(filing.MailDocuments)
//	row.Folder() // "maildocuments": the folder in functions/, and the function
//	row.WaitsFor // workflow.Applicant
//
// # The state machine
//
// filing.asl.json is the machine in the Amazon States Language. AWS and the laptop run the same text, [Definition]. It is
// generated from the table; never edit it. After a change of the table run
//
//	go generate ./shared/workflow
//
// A step that waits is a task with a task token. Its function saves the token with the order, and the decision that moves the
// order completes the task: success continues with the next state, the error Returned goes back to the step in its cause, and the
// errors Withdraw, Abandon, Expire and Reject go to the states that close the order. Package filing decides which of them. Any
// other error pauses for 15 minutes, and then continues at the step where the execution began. Only ids are in the input of a
// state, never personal data.
//
// # Adding a step
//
//  1. Package filing: the step's constant in filing.Steps, its status, and the decisions that enter and complete it.
//  2. Here: its row in [Steps], then go generate.
//  3. functions/<name>: the handler with its test, and lambda/main.go.
//  4. infra/local/system/functions.go: the line that makes the handler for the laptop, which runs all functions in one process.
//  5. events/<name>/first-round.json, its sample input, and its line in .github/docs/steps.md.
//
// TestSteps of this package names whichever of these places is missing. The functions and roles on AWS, the states and their
// errors, the next action in the API and the reminders need no change: they are made from the row. A step that needs an
// operation or a group of variables that no step has used so far adds a constant here, and infra/stack says what it stands for.
package workflow

import (
	_ "embed"
	"strings"
)

//go:generate go test -run TestDefinition -update

// Definition is the text of filing.asl.json. It has the placeholder ${Partition} and, for each task, the placeholder ${<state>} for
// the ARN of its function.
//
//go:embed filing.asl.json
var Definition string

// Render returns the definition with its placeholders replaced. arn returns the ARN of a task's function.
func Render(partition string, arn func(Step) string) string {
	pairs := []string{"${Partition}", partition}
	for _, s := range Tasks() {
		pairs = append(pairs, "${"+s.Name+"}", arn(s))
	}
	return strings.NewReplacer(pairs...).Replace(Definition)
}
