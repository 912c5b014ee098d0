package web

import (
	"beian/shared/filing"
	"beian/shared/rules/finding"
	"beian/shared/workflow"
)

// Next is the next action of an order: who acts, what to do, and with which operation.
type Next struct {
	Who  string        `json:"who" enum:"applicant,reviewer,operator,bureau,nobody" doc:"who acts next; nobody: the system continues by itself, or the order is finished"`
	What finding.Words `json:"what"`
	Href string        `json:"href,omitempty" doc:"path of the operation"`
}

// nextOf returns the next action of an order, from the table of package workflow. Where the leaders act, it names the applicant,
// because leaders have no account.
func nextOf(o filing.Order) Next {
	action := workflow.NextActionFor(o)
	if action.Party == workflow.Leaders {
		action.Party = workflow.Applicant
	}
	next := Next{Who: string(action.Party), What: finding.Words{Chinese: action.Chinese, English: action.English}}
	if action.Path != "" {
		next.Href = Prefix + "/orders/" + string(o.ID) + action.Path
	}
	return next
}
