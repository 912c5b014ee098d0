package filing

import (
	"strconv"
	"time"

	"beian/shared/rules/fault"
	"beian/shared/rules/finding"
	"beian/shared/rules/text"
	"beian/shared/rules/workday"
)

// Periods of an appeal, in working days. No source names them: the appeal is our own offer, beside what the bureau asks. An initial review
// takes one or two working days (icp-filing 3.3).
const (
	// AppealDays is how long after the rejection an applicant can contest it: two weeks, in which a company can get a paper with its seal.
	AppealDays = 10
	// AppealReviewDays is how long the provider takes for an appeal: as long as several initial reviews, because another reviewer reads the
	// whole order and the new papers.
	AppealReviewDays = 5
)

// maxAppealSpan is the number of calendar days that [AppealDays] and the longest public holiday take at most. The data of a rejected order are
// kept at least as long; see [Retention.Check].
const maxAppealSpan = 31

// Findings about appeals.
const (
	CodeAppealReason      finding.Code = "appeal-reason"
	CodeAppealLate        finding.Code = "appeal-late"
	CodeAppealTwice       finding.Code = "appeal-twice"
	CodeAppealNotRejected finding.Code = "appeal-not-rejected"
	CodeAppealOwnVerdict  finding.Code = "appeal-own-verdict"
	CodeAppealAnswer      finding.Code = "appeal-answer"
	CodeAppealNone        finding.Code = "appeal-none"
)

// An Appeal (申诉) is the applicant's contest of a rejection by the provider's reviewer. An order has one at most. Its texts are in [Private].
type Appeal struct {
	At         time.Time     `json:"at"`
	DecideBy   workday.Date  `json:"decideBy"`   // the day by which the provider decides it
	RejectedBy Account       `json:"rejectedBy"` // the reviewer who rejected the application, and may not review the order again
	RejectedAt time.Time     `json:"rejectedAt"`
	Readers    []Account     `json:"readers,omitempty"`  // the other reviewers who read the rejected application, and may not either
	OverdueAt  time.Time     `json:"overdueAt,omitzero"` // when the operator was asked, because DecideBy had passed
	Verdict    AppealVerdict `json:"verdict,omitempty"`
	DecidedAt  time.Time     `json:"decidedAt,omitzero"` // also of an appeal that was withdrawn
}

// An AppealVerdict is the result of an appeal.
type AppealVerdict string

const (
	AppealUpheld     AppealVerdict = "uphold"   // the rejection stands, finally
	AppealOverturned AppealVerdict = "overturn" // the order is open again
	AppealWithdrawn  AppealVerdict = "withdraw" // the applicant gave the appeal up; the rejection stands
)

// AppealTexts are the personal data of an appeal. Rejection is set by [Reject], the others later.
type AppealTexts struct {
	Reason    string       `json:"reason"`           // of the applicant
	Rejection finding.List `json:"rejection"`        // the reasons of the reviewer who rejected the application
	Answer    string       `json:"answer,omitempty"` // of the reviewer who decided the appeal
	Note      string       `json:"note,omitempty"`   // of the operator who closed the task
}

// AppealUntil returns the last day, Shanghai time, on which the applicant can contest the rejection of the order; "" if there is none to
// contest.
func (o Order) AppealUntil() workday.Date {
	if o.Status != InitialRejected || o.Appeal != nil || o.Erasure != nil {
		return ""
	}
	return workday.DateOf(workday.Add(o.MovedAt, AppealDays))
}

// acceptsAppealPapers reports whether the applicant may upload papers for an appeal: before it, and until it is decided.
func (o Order) acceptsAppealPapers(at time.Time) bool {
	return o.Status == Appealed || workday.DateOf(at) <= o.AppealUntil()
}

// ContestRejection contests the rejection of the application. The order takes the account's locks again, so the account has no second order of
// the same subject or domain, but it holds nothing against other accounts. The papers of the order are those that the applicant uploaded up
// to the decision.
type ContestRejection struct{ Reason string }

func (ContestRejection) Name() string { return "appeal" }

func (d ContestRejection) apply(c *Change, _ Actor, at time.Time) error {
	o := &c.Order
	conflict := func(code finding.Code, args ...string) error {
		return fault.WithFindings(fault.Conflict, finding.List{finding.New(code, "", args...)})
	}
	switch until := o.AppealUntil(); {
	case o.Appeal != nil:
		return conflict(CodeAppealTwice)
	case until == "":
		return conflict(CodeAppealNotRejected)
	case workday.DateOf(at) > until:
		return conflict(CodeAppealLate, "until", string(until))
	}
	reason, err := appealText(d.Reason, CodeAppealReason, "/reason")
	if err != nil {
		return err
	}
	o.Appeal = &Appeal{At: at, DecideBy: workday.DateOf(workday.Add(at, AppealReviewDays)), RejectedBy: o.Review.Reviewer, RejectedAt: o.Review.At, Readers: o.Review.Others}
	o.Private.Appeal.Reason = reason
	o.Closing, o.Status, o.MovedAt, o.Unsubmitted = "", Appealed, at, true
	c.AcquireLocks, c.Reopens = o.locks(o.Account), true
	c.setFact("reason", o.keyedDigest([]byte(reason)))
	c.setFact("decideBy", string(o.Appeal.DecideBy))
	c.addNotices(NoticeAppealReceived)
	return nil
}

// WithdrawAppeal gives an appeal up. The rejection is final then, and the applicant can apply anew at once.
type WithdrawAppeal struct{}

func (WithdrawAppeal) Name() string { return "withdraw-appeal" }

func (WithdrawAppeal) apply(c *Change, by Actor, at time.Time) error {
	if c.Order.Appeal != nil && c.Order.Appeal.Verdict == AppealWithdrawn {
		return ErrNothingToDo
	}
	if err := c.Order.checkAppealed(); err != nil {
		return err
	}
	c.endAppeal(AppealWithdrawn, by, at)
	c.rejectAgain(at)
	return nil
}

// checkAppealed returns a fault of kind Conflict unless the order has an appeal to decide.
func (o Order) checkAppealed() error {
	if o.Status == Appealed {
		return nil
	}
	return fault.WithFindings(fault.Conflict, finding.List{finding.New(CodeAppealNone, "")})
}

// endAppeal records the result of the appeal, and closes the operator's task about its delay.
func (c *Change) endAppeal(v AppealVerdict, by Actor, at time.Time) {
	o := &c.Order
	o.Appeal.Verdict, o.Appeal.DecidedAt, o.Claim = v, at, nil
	c.closeTask(TaskAppealOverdue, by, at)
	c.setFact("verdict", string(v))
}

// rejectAgain closes an order whose rejection stands. It has no filing slot: the rejection released it.
func (c *Change) rejectAgain(at time.Time) {
	c.closeOrder(ClosingReject, InitialRejected, at)
	c.ReleaseSlot = nil
}

// appealText returns a text without surplus spaces, or a fault if it is empty or too long.
func appealText(given string, code finding.Code, pointer string) (string, error) {
	if !validExplanation(given) {
		return "", fault.WithFindings(fault.Invalid, finding.List{finding.New(code, pointer, "max", strconv.Itoa(ExplanationLimit))})
	}
	return text.Normalize(given), nil
}
