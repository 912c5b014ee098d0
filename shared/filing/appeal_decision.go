package filing

import (
	"slices"
	"time"

	"beian/shared/rules/fault"
	"beian/shared/rules/finding"
	"beian/shared/rules/workday"
)

// checkImpartial returns a fault of kind Forbidden if the reviewer rejected the order before, or read it for the rejection: another reviewer decides the appeal, and reviews
// the order if it is open again.
func (o Order) checkImpartial(by Actor) error {
	if o.Appeal != nil && (o.Appeal.RejectedBy == by.Account || slices.Contains(o.Appeal.Readers, by.Account)) {
		return fault.WithFindings(fault.Forbidden, finding.List{finding.New(CodeAppealOwnVerdict, "")})
	}
	return nil
}

// UpholdRejection decides an appeal: the rejection stands, finally. The applicant reads the answer.
type UpholdRejection struct{ Answer string }

func (UpholdRejection) Name() string { return "uphold-rejection" }

func (d UpholdRejection) apply(c *Change, by Actor, at time.Time) error {
	if err := c.answerAppeal(AppealUpheld, d.Answer, by, at); err != nil {
		return err
	}
	c.rejectAgain(at)
	c.addNotices(NoticeAppealUpheld)
	return nil
}

// OverturnRejection decides an appeal: the order is open again, in a new round. It continues at the initial review if nothing
// has changed since the applicant's confirmation, else at the first step that the applicant has to do again, with status [Returned]. The operator gets a task
// about the reasons of the rejection. The error is a fault of kind Conflict if another order has the subject, a domain or the last slot of the
// server.
type OverturnRejection struct {
	Answer string // for the applicant and the operator: which reason was wrong
	// ChooseServer has the applicant choose a server again, because the former one has no free slot.
	ChooseServer bool
}

func (OverturnRejection) Name() string { return "overturn-rejection" }

func (d OverturnRejection) apply(c *Change, by Actor, at time.Time) error {
	o := &c.Order
	if err := c.answerAppeal(AppealOverturned, d.Answer, by, at); err != nil {
		return err
	}
	if d.ChooseServer {
		o.Product = nil
	}
	c.ReserveSlot = o.reserved()
	o.Round++
	o.Review, o.Notified, o.Private.Findings = nil, nil, nil
	if o.Confirmation != nil && o.Confirmation.Digest != o.Summary().Digest {
		o.Confirmation = nil
	}
	c.enterStep(o.nextRequiredStep(at), at)
	if o.Step.IsApplicantStep() {
		o.Status = Returned
	}
	c.ResumeExecution, c.StartExecution, c.IndexLeaders, c.Reopens = false, true, true, true
	c.openTask(TaskRejectionOverturned, o.rejectionCodes(), at)
	c.setFact("findings", codesOf(o.Private.Appeal.Rejection))
	c.addNotices(NoticeAppealOverturned)
	return nil
}

// answerAppeal records the verdict of a reviewer who has claimed the order.
func (c *Change) answerAppeal(v AppealVerdict, answer string, by Actor, at time.Time) error {
	o := &c.Order
	if err := o.checkAppealed(); err != nil {
		return err
	}
	if err := o.checkImpartial(by); err != nil {
		return err
	}
	if err := o.CheckClaim(by, at); err != nil {
		return err
	}
	answer, err := appealText(answer, CodeAppealAnswer, "/answer")
	if err != nil {
		return err
	}
	o.Private.Appeal.Answer = answer
	c.setFact("answer", o.keyedDigest([]byte(answer)))
	c.endAppeal(v, by, at)
	return nil
}

// EscalateAppeal opens a task of the operator for an appeal that was not decided in time.
type EscalateAppeal struct{}

func (EscalateAppeal) Name() string { return "escalate-appeal" }

func (EscalateAppeal) apply(c *Change, _ Actor, at time.Time) error {
	o := &c.Order
	if !o.AppealOverdue(at) || !o.Appeal.OverdueAt.IsZero() {
		return ErrNothingToDo
	}
	o.Appeal.OverdueAt = at
	c.openTask(TaskAppealOverdue, o.rejectionCodes(), at)
	return nil
}

// AppealOverdue reports whether the order has an appeal that the provider should have decided before.
func (o Order) AppealOverdue(at time.Time) bool {
	return o.Status == Appealed && workday.DateOf(at) > o.Appeal.DecideBy
}

// rejectionCodes returns the codes of the reasons for the rejection that an appeal contests.
func (o Order) rejectionCodes() []finding.Code {
	var codes []finding.Code
	for _, f := range o.Private.Appeal.Rejection {
		codes = append(codes, f.Code)
	}
	return codes
}
