package web

import (
	"time"

	"beian/shared/filing"
	"beian/shared/rules/finding"
	"beian/shared/rules/workday"
)

// An Appeal is the applicant's contest of a rejection by the provider's reviewer, or says until when it is possible.
type Appeal struct {
	Until     workday.Date         `json:"until,omitempty" format:"date" doc:"the last day, Shanghai time, on which the applicant can contest the rejection with POST /orders/{id}/appeal; absent if that is not possible"`
	At        time.Time            `json:"at,omitzero" doc:"when the applicant contested the rejection"`
	DecideBy  workday.Date         `json:"decideBy,omitempty" format:"date" doc:"the day by which another reviewer decides, Shanghai time"`
	Verdict   filing.AppealVerdict `json:"verdict,omitempty" enum:"uphold,overturn,withdraw" doc:"uphold: the rejection stands, finally; overturn: the order is open again; withdraw: the applicant gave the appeal up. Absent while the appeal is not decided"`
	DecidedAt time.Time            `json:"decidedAt,omitzero"`
	Reason    string               `json:"reason,omitempty" doc:"of the applicant"`
	Rejection finding.List         `json:"rejection,omitempty" doc:"the reasons for the rejection"`
	Answer    string               `json:"answer,omitempty" doc:"of the reviewer who decided the appeal"`
	Tasks     []Task               `json:"tasks,omitempty" doc:"of the operator; only staff see them"`
	Note      string               `json:"note,omitempty" doc:"of the operator who closed the task about the rejection; only staff see it"`
}

// A Task is something about an order that an operator has to look after. It has no personal data.
type Task struct {
	Kind     filing.TaskKind `json:"kind" enum:"appeal-overdue,rejection-overturned,check-approval,second-reading,appointment" doc:"second-reading: have another reviewer read the order, or have it decided by one with POST /orders/{id}/single-reading; the verdict closes the task; appointment: of the reviewers, set the time of an appointment or record its outcome, which closes the task; appeal-overdue: have the appeal decided, which closes the task; rejection-overturned: correct the rule or the reason that caused the rejection, then close the task with a note; check-approval: the bureau approved the order, and the register has another filing of the subject, none, or one of another account. Compare it with the bureau's, correct it, then close the task with a note"`
	Order    OrderLink       `json:"order"`
	OpenedAt time.Time       `json:"openedAt"`
	Codes    []finding.Code  `json:"codes,omitempty" doc:"codes of the reasons for the rejection, where reviewer is a reason in the reviewer's own words; for check-approval, what differs: filing-of-another-account, filing-number-differs or filing-not-standing"`
	ClosedAt time.Time       `json:"closedAt,omitzero"`
	ClosedBy filing.Account  `json:"closedBy,omitempty"`
}

// TaskOf returns the JSON of a task.
func TaskOf(t filing.Task) Task {
	return Task{Kind: t.Kind, Order: linkTo(t.Order), OpenedAt: t.OpenedAt, Codes: t.Codes, ClosedAt: t.ClosedAt, ClosedBy: t.ClosedBy.Account}
}

// linkTo returns the link to an order.
func linkTo(id filing.ID) OrderLink {
	return OrderLink{ID: id, Href: Prefix + "/orders/" + string(id)}
}

// appealOf returns the JSON of an order's appeal, for its applicant; nil if there is none and none is possible.
func appealOf(o filing.Order) *Appeal {
	if o.Appeal == nil {
		if until := o.AppealUntil(); until != "" {
			return &Appeal{Until: until}
		}
		return nil
	}
	texts := o.Private.Appeal
	return &Appeal{At: o.Appeal.At, DecideBy: o.Appeal.DecideBy, Verdict: o.Appeal.Verdict, DecidedAt: o.Appeal.DecidedAt,
		Reason: texts.Reason, Rejection: texts.Rejection.Limited(0), Answer: texts.Answer}
}

// addForStaff adds what only staff see.
func (a *Appeal) addForStaff(o filing.Order) {
	if a == nil {
		return
	}
	for _, t := range o.Tasks {
		a.Tasks = append(a.Tasks, TaskOf(t))
	}
	a.Note = o.Private.Appeal.Note
}
