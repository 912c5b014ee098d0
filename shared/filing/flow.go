package filing

import (
	"slices"

	"beian/shared/rules/finding"
	"beian/shared/rules/province"
)

// A FlowEvent is something that is counted of applications, by day; see package figures.
type FlowEvent string

const (
	FlowOpened   FlowEvent = "opened"
	FlowEntered  FlowEvent = "entered"  // reached the initial review, also again: after a correction, a failed SMS check or an appeal
	FlowPassed   FlowEvent = "passed"   // passed the initial review
	FlowReturned FlowEvent = "returned" // to the applicant, by a reviewer or by the checks before transmission
	FlowRejected FlowEvent = "rejected" // by a reviewer

	FlowSent     FlowEvent = "sent" // received by the bureau, or entered there by hand
	FlowApproved FlowEvent = "approved"
	FlowRefused  FlowEvent = "refused" // by the bureau or its interface

	FlowWithdrawn FlowEvent = "withdrawn"
	FlowAbandoned FlowEvent = "abandoned"
	FlowExpired   FlowEvent = "expired"

	FlowFirst     FlowEvent = "first"      // received by the bureau for the first time
	FlowFirstPass FlowEvent = "first-pass" // of them, those that were never returned or rejected

	FlowSMSSent       FlowEvent = "sms-sent"       // an SMS check began
	FlowSMSAnswered   FlowEvent = "sms-answered"   // all leaders have answered
	FlowSMSUnanswered FlowEvent = "sms-unanswered" // the time was over
	FlowSMSWrong      FlowEvent = "sms-wrong"      // too many wrong codes
)

// FlowEvents lists every event.
var FlowEvents = []FlowEvent{FlowOpened, FlowEntered, FlowPassed, FlowReturned, FlowRejected, FlowSent, FlowApproved, FlowRefused, FlowWithdrawn, FlowAbandoned, FlowExpired,
	FlowFirst, FlowFirstPass, FlowSMSSent, FlowSMSAnswered, FlowSMSUnanswered, FlowSMSWrong}

// A Refuser is who returned, rejected or refused an application.
type Refuser string

const (
	RefusedByReviewer Refuser = "reviewer"
	RefusedByChecks   Refuser = "checks" // before transmission, or because the bureau's interface cannot carry the application
	RefusedByBureau   Refuser = "bureau"
)

// Flow is what is counted of a decision. It has no personal data.
type Flow struct {
	Events   []FlowEvent    `json:"events"`
	Type     Type           `json:"type,omitempty"` // "" if it was not determined
	Province province.Code  `json:"province"`
	Refuser  Refuser        `json:"refuser,omitempty"` // of FlowReturned, FlowRejected and FlowRefused
	Codes    []finding.Code `json:"codes,omitempty"`   // its reasons, each once; "reviewer" is a reason in own words
}

// closedAs has the events of the statuses with which an order ends.
var closedAs = map[Status]FlowEvent{Withdrawn: FlowWithdrawn, Abandoned: FlowAbandoned, Expired: FlowExpired, Approved: FlowApproved, BureauRejected: FlowRefused}

// recordFlow sets what is counted of the change, and counts in the order how often it was returned, and received by the bureau.
func (c *Change) recordFlow(before Order) {
	o := &c.Order
	var f Flow
	add := func(e FlowEvent) { f.Events = append(f.Events, e) }
	moved := o.StepVisit != before.StepVisit
	if before.ID == "" {
		add(FlowOpened)
	}
	c.addVerdictFlow(&f, before)
	if moved && o.Step == InitialReview {
		add(FlowEntered)
	}
	if o.receivedByBureau() && !before.receivedByBureau() {
		add(FlowSent)
		if o.Received++; o.Received == 1 {
			add(FlowFirst)
			if o.Returns == 0 {
				add(FlowFirstPass)
			}
		}
	}
	if event, closes := closedAs[o.Status]; closes && o.Status != before.Status {
		add(event)
		if event == FlowRefused {
			f.Refuser, f.Codes = RefusedByBureau, codeSet(o.Private.Findings)
			if !o.receivedByBureau() {
				f.Refuser = RefusedByChecks
			}
		}
	}
	switch {
	case o.SMS != nil && before.SMS == nil:
		add(FlowSMSSent)
	case before.SMS == nil || before.Step != VerifySMS || !moved:
	case o.Step == Transmit:
		add(FlowSMSAnswered)
	case o.Step == InitialReview && o.Private.Findings.Has(CodeSMSExpired):
		add(FlowSMSUnanswered)
	case o.Step == InitialReview:
		add(FlowSMSWrong)
	}
	if len(f.Events) > 0 {
		f.Type, f.Province = o.Type, o.Province
		c.Flow = &f
	}
}

// addVerdictFlow adds that an application passed the review, was returned or rejected.
func (c *Change) addVerdictFlow(f *Flow, before Order) {
	o := &c.Order
	switch {
	case c.Verdict != nil && c.Verdict.Verdict == VerdictPass:
		f.Events = append(f.Events, FlowPassed)
		return
	case c.Verdict != nil && c.Verdict.Verdict == VerdictReject:
		f.Events, f.Refuser, f.Codes = append(f.Events, FlowRejected), RefusedByReviewer, slices.Clone(c.Verdict.Codes)
	case c.Verdict != nil:
		f.Events, f.Refuser, f.Codes = append(f.Events, FlowReturned), RefusedByReviewer, slices.Clone(c.Verdict.Codes)
	case before.Step == Transmit && o.Step.IsApplicantStep():
		f.Events, f.Refuser, f.Codes = append(f.Events, FlowReturned), RefusedByChecks, codeSet(o.Private.Findings)
	default:
		return
	}
	o.Returns++
}

// receivedByBureau reports whether the bureau has received the order in this round.
func (o Order) receivedByBureau() bool { return o.Bureau != nil && !o.Bureau.AcceptedAt.IsZero() }
