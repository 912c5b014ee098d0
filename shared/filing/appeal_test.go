package filing_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"beian/shared/filing"
	"beian/shared/filing/filingtest"
	"beian/shared/rules/evidence"
	"beian/shared/rules/fault"
	"beian/shared/rules/workday"
)

var (
	second   = filing.Actor{Account: "reviewer-2", Role: filing.Reviewer}
	operator = filing.Actor{Account: "operator-1", Role: filing.Admin}
	contest  = filing.ContestRejection{Reason: "驳回的理由与材料不符"}
)

// rejectedOrder returns an order that the reviewer rejected, and that is closed.
func rejectedOrder(t *testing.T) *filingtest.Walk {
	t.Helper()
	w := claimedOrder(t, filingtest.EnterpriseBeijing())
	w.Decide(filingtest.Reviewer, filing.Reject{Findings: reviewFindings})
	w.Decide(filing.Beian, filing.Close{})
	return w
}

// appealedOrder returns an order whose rejection the applicant has contested. Another reviewer has claimed it.
func appealedOrder(t *testing.T) *filingtest.Walk {
	t.Helper()
	w := rejectedOrder(t)
	w.Decide(filingtest.Applicant, contest)
	w.Decide(second, filing.ClaimOrder{})
	return w
}

// addPaper uploads another paper.
func addPaper(w *filingtest.Walk) filing.Change {
	slot := evidence.SiteSlot(0, evidence.SiteOtherDocument)
	return w.Decide(filingtest.Applicant, filing.AcceptEvidence{Accepted: map[evidence.Slot]filing.Evidence{
		slot: {Key: evidence.NewKey(string(w.Order.ID), slot, w.At), SHA256: strings.Repeat("a", 64), CopySHA256: strings.Repeat("b", 64)}}})
}

// TestAppealUpheld: another reviewer decides an appeal, gives an answer, and closes the order again. It cannot be contested a second time.
func TestAppealUpheld(t *testing.T) {
	w := rejectedOrder(t)
	c := w.Decide(filingtest.Applicant, contest)
	if o := w.Order; o.Status != filing.Appealed || o.Closing != "" || len(c.AcquireLocks) != 2 || !c.Reopens || c.ReserveSlot != nil || c.StartExecution ||
		o.Appeal.DecideBy != workday.DateOf(workday.Add(w.At, filing.AppealReviewDays)) || c.Notices[0].Kind != filing.NoticeAppealReceived {
		t.Errorf("%s, locks %v, %+v", o.Status, c.AcquireLocks, o.Appeal)
	}
	if strings.Contains(c.Entry.Facts["reason"], contest.Reason) || c.Entry.Facts["reason"] == "" {
		t.Errorf("facts %v", c.Entry.Facts)
	}
	wantFault(t, w, filingtest.Applicant, contest, fault.Conflict, filing.CodeAppealTwice)
	wantFault(t, w, filingtest.Reviewer, filing.ClaimOrder{}, fault.Forbidden, filing.CodeAppealOwnVerdict)
	uphold := filing.UpholdRejection{Answer: "授权书没有公章"}
	wantFault(t, w, filingtest.Reviewer, uphold, fault.Forbidden, filing.CodeAppealOwnVerdict)
	wantFault(t, w, second, uphold, fault.Conflict, filing.CodeNotClaimed)
	w.Decide(second, filing.ClaimOrder{})
	for _, answer := range []string{"", "  ", strings.Repeat("字", filing.ExplanationLimit+1)} {
		wantFault(t, w, second, filing.UpholdRejection{Answer: answer}, fault.Invalid, filing.CodeAppealAnswer)
		wantFault(t, w, second, filing.OverturnRejection{Answer: answer}, fault.Invalid, filing.CodeAppealAnswer)
	}
	for _, d := range []filing.Decision{filing.Pass{}, filing.Return{Findings: reviewFindings}, filing.Reject{Findings: reviewFindings}} {
		wantFault(t, w, second, d, fault.Conflict, filing.CodeStepOutOfOrder)
	}
	if w.Order.RetentionCategory() != "" {
		t.Error("the data of an order with an appeal have a period of retention")
	}
	c = w.Decide(second, uphold)
	if o := w.Order; o.Status != filing.InitialRejected || o.Closing != filing.ClosingReject || len(c.ReleaseLocks) != 2 || c.ReleaseSlot != nil || o.Claim != nil ||
		c.Notices[0].Kind != filing.NoticeAppealUpheld || o.AppealUntil() != "" || o.RetentionCategory() != filing.RejectedCategory {
		t.Errorf("%s, released %v, %v", o.Status, c.ReleaseLocks, c.ReleaseSlot)
	}
	wantFault(t, w, filingtest.Applicant, contest, fault.Conflict, filing.CodeAppealTwice)
}

// TestAppealOverturned: an order whose confirmation covers it goes to the review, in a new round. The reviewer who rejected it stays excluded.
func TestAppealOverturned(t *testing.T) {
	w := appealedOrder(t)
	round, server := w.Order.Round, w.Order.Product.Server
	c := w.Decide(second, filing.OverturnRejection{Answer: "理由不成立"})
	if o := w.Order; o.Step != filing.InitialReview || o.Status != filing.Submitted || o.Round != round+1 || !c.StartExecution || c.ResumeExecution ||
		c.ReserveSlot == nil || c.ReserveSlot.Server != server || len(c.AcquireLocks) != 3 || len(o.Private.Findings) != 0 || o.StartState() != string(filing.InitialReview) {
		t.Errorf("%s, %s, round %d, locks %v, slot %v", o.Step, o.Status, o.Round, c.AcquireLocks, c.ReserveSlot)
	}
	if len(c.Tasks) != 1 || c.Tasks[0].Kind != filing.TaskRejectionOverturned || !slices.Contains(c.Tasks[0].Codes, reviewFindings[0].Code) {
		t.Errorf("tasks %+v", c.Tasks)
	}
	// The function of the state Reject may be called late.
	if _, err := w.Order.Apply(filing.Close{}, filing.Beian, w.At); err != filing.ErrNothingToDo {
		t.Errorf("a late Close: %v", err)
	}
	wantFault(t, w, filingtest.Reviewer, filing.ClaimOrder{}, fault.Forbidden, filing.CodeAppealOwnVerdict)
	w.Decide(second, filing.ClaimOrder{})
	w.Decide(second, filing.Reject{Findings: reviewFindings[:1]})
	w.Decide(filing.Beian, filing.Close{})
	wantFault(t, w, filingtest.Applicant, contest, fault.Conflict, filing.CodeAppealTwice)
	if !slices.Equal(w.Order.Private.Appeal.Rejection, reviewFindings) {
		t.Errorf("the reasons of the first rejection are %v", w.Order.Private.Appeal.Rejection)
	}
}

// TestAppealPapers: papers are accepted until the decision. If they changed the application, the applicant confirms it again.
func TestAppealPapers(t *testing.T) {
	w := rejectedOrder(t)
	if c := addPaper(w); c.ResumeExecution || w.Order.Status != filing.InitialRejected {
		t.Errorf("%s", w.Order.Status)
	}
	w.Decide(filingtest.Applicant, contest)
	w.At = w.At.Add(time.Hour)
	addPaper(w)
	w.Decide(second, filing.ClaimOrder{})
	w.Decide(second, filing.OverturnRejection{Answer: "新材料有效"})
	if o := w.Order; o.Step != filing.AwaitConfirmation || o.Status != filing.Returned || o.Confirmation != nil || !o.Unsubmitted {
		t.Errorf("%s, %s", o.Step, o.Status)
	}
	w.Decide(filingtest.Applicant, filing.Confirm{Digest: w.Order.Summary().Digest})

	w = appealedOrder(t)
	if c := w.Decide(second, filing.OverturnRejection{Answer: "换服务器", ChooseServer: true}); w.Order.Step != filing.VerifyProduct || c.ReserveSlot != nil {
		t.Errorf("%s, %v", w.Order.Step, c.ReserveSlot)
	}
}

// TestAppealRefused: an appeal needs a reason, a rejection, and the time.
func TestAppealRefused(t *testing.T) {
	for _, step := range []filing.Step{filing.CollectDetails, filing.InitialReview, filing.AwaitBureau} {
		w := filingtest.OpenAt(t, filingtest.EnterpriseBeijing(), filingtest.December2019, step)
		wantFault(t, w, filingtest.Applicant, contest, fault.Conflict, filing.CodeAppealNotRejected)
	}
	w := rejectedOrder(t)
	for _, reason := range []string{"", " \n", strings.Repeat("字", filing.ExplanationLimit+1)} {
		wantFault(t, w, filingtest.Applicant, filing.ContestRejection{Reason: reason}, fault.Invalid, filing.CodeAppealReason)
	}
	until := w.Order.AppealUntil()
	w.At = until.AddDays(1).Time().Add(-time.Second)
	if _, err := w.Order.Apply(contest, filingtest.Applicant, w.At); err != nil {
		t.Errorf("on the last day: %v", err)
	}
	w.At = until.AddDays(1).Time()
	wantFault(t, w, filingtest.Applicant, contest, fault.Conflict, filing.CodeAppealLate)
	wantFault(t, w, filingtest.Applicant, filing.AcceptEvidence{}, fault.Conflict, filing.CodeStepOutOfOrder)
}

// TestAppealWithdrawn: the applicant gives the appeal up, and the order is closed again.
func TestAppealWithdrawn(t *testing.T) {
	w := rejectedOrder(t)
	wantFault(t, w, filingtest.Applicant, filing.WithdrawAppeal{}, fault.Conflict, filing.CodeAppealNone)
	w.Decide(filingtest.Applicant, contest)
	w.Decide(second, filing.ClaimOrder{})
	c := w.Decide(filingtest.Applicant, filing.WithdrawAppeal{})
	if o := w.Order; o.Status != filing.InitialRejected || o.Appeal.Verdict != filing.AppealWithdrawn || len(c.ReleaseLocks) != 2 || len(c.Notices) != 0 {
		t.Errorf("%s, %v", o.Status, c.ReleaseLocks)
	}
	if _, err := w.Order.Apply(filing.WithdrawAppeal{}, filingtest.Applicant, w.At); err != filing.ErrNothingToDo {
		t.Errorf("again: %v", err)
	}
}

// TestTasks: an appeal that is late is escalated once; its decision closes the task. The operator closes the other with a note, and the
// erasure closes what is open.
func TestTasks(t *testing.T) {
	w := appealedOrder(t)
	if _, err := w.Order.Apply(filing.EscalateAppeal{}, filing.Beian, w.At); err != filing.ErrNothingToDo {
		t.Errorf("in time: %v", err)
	}
	w.At = w.Order.Appeal.DecideBy.AddDays(1).Time()
	w.Decide(filing.Beian, filing.EscalateAppeal{})
	if _, err := w.Order.Apply(filing.EscalateAppeal{}, filing.Beian, w.At); err != filing.ErrNothingToDo {
		t.Errorf("again: %v", err)
	}
	wantFault(t, w, operator, filing.CloseTask{Note: "无"}, fault.Conflict, filing.CodeTaskNone)
	w.Decide(second, filing.ClaimOrder{})
	c := w.Decide(second, filing.OverturnRejection{Answer: "理由不成立"})
	if len(c.Tasks) != 2 || c.Tasks[0].Kind != filing.TaskAppealOverdue || c.Tasks[0].ClosedBy.Account != second.Account || !c.Tasks[1].ClosedAt.IsZero() {
		t.Errorf("tasks %+v", c.Tasks)
	}
	wantFault(t, w, operator, filing.CloseTask{}, fault.Invalid, filing.CodeTaskNote)
	w.Decide(operator, filing.CloseTask{Note: "已改正"})
	if _, err := w.Order.Apply(filing.CloseTask{Note: "已改正"}, operator, w.At); err != filing.ErrNothingToDo {
		t.Errorf("again: %v", err)
	}
	wantFault(t, w, operator, filing.CloseTask{Note: "另一个"}, fault.Conflict, filing.CodeTaskNone)

	w = appealedOrder(t)
	w.Decide(second, filing.OverturnRejection{Answer: "理由不成立"})
	w.Decide(filingtest.Applicant, filing.AskToClose{As: filing.ClosingWithdraw})
	w.Decide(filing.Beian, filing.Close{})
	w.At = w.At.AddDate(1, 0, 0)
	if c := w.Decide(operator, filing.Erase{Retention: filing.DefaultRetention}); len(c.Tasks) != 1 || c.Tasks[0].ClosedAt.IsZero() || w.Order.Private.Appeal.Reason != "" {
		t.Errorf("tasks %+v", c.Tasks)
	}
}
