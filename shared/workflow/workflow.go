// Package workflow holds the state machine of a filing as the one text that AWS and the laptop both run:
// filing.asl.json, in the Amazon States Language.
//
// Its states carry the names of the seed's steps, in the seed's order. A step that waits for a person or for the bureau
// is a task with a task token: the function leaves the token with the order, and the decision that moves the order
// ends the task. Success goes on to the next state; the error Returned goes back to the step in its cause; the errors
// Withdraw, Abandon, Expire and Reject go to the states that close the order. Package filing decides all of that.
//
// The text has placeholders: ${Partition} and, for each state of type Task, ${<state>}, the ARN of its function.
package workflow

import (
	_ "embed"
	"strings"
)

// Definition is the text of filing.asl.json, with its placeholders.
//
//go:embed filing.asl.json
var Definition string

// Tasks are the states of type Task, each of which has a function of the same name in lower case in functions/.
var Tasks = []string{
	"VerifyType", "VerifyProduct", "CollectDetails", "CollectEvidence", "VerifyAuthenticity", "AwaitConfirmation",
	"InitialReview", "MailDocuments", "VerifySMS", "Transmit", "AwaitBureau", "Announce", "FollowUp",
	"Withdraw", "Abandon", "Reject", "Expire",
}

// Folder is the name of a task's folder in functions/, and of its function.
func Folder(task string) string { return strings.ToLower(task) }

// Filled returns the definition with its placeholders filled: arn names the function of a task.
func Filled(partition string, arn func(task string) string) string {
	pairs := []string{"${Partition}", partition}
	for _, task := range Tasks {
		pairs = append(pairs, "${"+task+"}", arn(task))
	}
	return strings.NewReplacer(pairs...).Replace(Definition)
}
