package web

import (
	"time"

	"beian/shared/filing"
	"beian/shared/rules/finding"
	"beian/shared/workflow"
)

// Next is the next action of an order: who acts, what to do, and with which operation.
type Next struct {
	Who  string        `json:"who" enum:"applicant,reviewer,operator,bureau,nobody" doc:"who acts next; nobody: the system continues by itself, or the order is finished"`
	What finding.Words `json:"what"`
	// Until is not set for actions of the provider, who sets its own time.
	Until time.Time `json:"until,omitzero" doc:"until when: the order expires without its applicant, the codes of the leaders expire, the bureau must have decided; absent if there is no such time"`
	Href  string    `json:"href,omitempty" doc:"path of the operation"`
}

// NextOf returns the next action of an order, from the table of package workflow. Where the leaders act, it names the applicant,
// because leaders have no account.
func NextOf(o filing.Order) Next {
	action := workflow.NextActionFor(o)
	if action.Party == workflow.Leaders {
		action.Party = workflow.Applicant
	}
	next := Next{Who: string(action.Party), What: finding.Words{Chinese: action.Chinese, English: action.English}}
	if action.Party == workflow.Applicant || action.Party == workflow.Bureau {
		next.Until = o.Until()
	}
	if action.Path != "" {
		next.Href = Prefix + "/orders/" + string(o.ID) + action.Path
	}
	return next
}
