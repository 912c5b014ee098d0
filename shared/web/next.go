package web

import (
	"beian/shared/filing"
	"beian/shared/rules/finding"
	"beian/shared/workflow"
)

// Next is the next action of an order: who acts, what, and where.
type Next struct {
	Who  string        `json:"who" enum:"applicant,reviewer,bureau,nobody" doc:"nobody: the system is at work, or all is done"`
	What finding.Words `json:"what"`
	Href string        `json:"href,omitempty" doc:"where it is done"`
}

// nextOf returns the next action of an order, from the table of package workflow. The applicant acts for
// the leaders too, because the applicant's account is the one that asks.
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
