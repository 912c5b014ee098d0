package web

import (
	"beian/shared/filing"
	"beian/shared/rules/finding"
	"beian/shared/workflow"
)

// Next is the next action of an order: who acts, what to do, and with which operation.
type Next struct {
	Who  string        `json:"who" enum:"applicant,reviewer,bureau,nobody" doc:"who acts next; nobody: the system continues by itself, or the order is finished"`
	What finding.Words `json:"what"`
	Href string        `json:"href,omitempty" doc:"path of the operation"`
}

// nextOf returns the next action of an order: the hint of its step in the table of package workflow. Where the leaders act, it
// names the applicant, because leaders have no account.
func nextOf(o filing.Order) Next {
	hint := workflow.NextActionFor(o)
	if hint.Party == workflow.Leaders {
		hint.Party = workflow.Applicant
	}
	next := Next{Who: string(hint.Party), What: finding.Words{Chinese: hint.Chinese, English: hint.English}}
	if hint.Path != "" {
		next.Href = Prefix + "/orders/" + string(o.ID) + hint.Path
	}
	return next
}
