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

// nextOf returns the next action of an order: the hint of its step in the table of package workflow. The applicant acts for
// the leaders too, because the applicant's account is the one that asks.
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
