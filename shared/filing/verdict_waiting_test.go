package filing_test

import (
	"testing"
	"time"

	"beian/shared/filing"
	"beian/shared/filing/filingtest"
	"beian/shared/rules/fault"
)

// waiting returns a verdict that can be taken back for ten seconds.
func waiting(v filing.GivenVerdict) filing.RecordVerdict {
	return filing.RecordVerdict{Verdict: v, Undo: filing.MaxUndo}
}

var rejects = filing.GivenVerdict{Verdict: filing.VerdictReject, Findings: reviewFindings}

// TestVerdictWaits: nothing follows from a verdict in its first seconds. It then takes effect once, as its reviewer's decision.
func TestVerdictWaits(t *testing.T) {
	w := claimedOrder(t, filingtest.EnterpriseBeijing())
	c := w.Decide(filingtest.Reviewer, waiting(rejects))
	if o := w.Order; o.Closing != "" || o.Review != nil || len(c.Notices) > 0 || c.ResumeExecution || c.ApplyVerdictAfter != filing.MaxUndo || len(o.Private.Appeal.Rejection) > 0 {
		t.Fatalf("closing %q, notices %v, after %s", o.Closing, c.Notices, c.ApplyVerdictAfter)
	}
	if c.Entry.Decision != "record-verdict" || c.Entry.Facts["findings"] != "" {
		t.Errorf("entry %+v", c.Entry)
	}
	wantFault(t, w, filingtest.Reviewer, waiting(rejects), fault.Conflict, filing.CodeVerdictWaits)
	wantFault(t, w, filingtest.Reviewer, filing.ReleaseClaim{}, fault.Conflict, filing.CodeVerdictWaits)
	w.At = w.At.Add(time.Hour) // the sweeper is late, and the claim is over
	wantFault(t, w, second, filing.ClaimOrder{}, fault.Conflict, filing.CodeVerdictOfOther)
	seq := w.Order.Waiting.Seq
	wantError(t, w.Order, filing.Beian, filing.ApplyVerdict{Seq: seq + 1}, filing.ErrNothingToDo)
	c = w.Decide(filing.Beian, filing.ApplyVerdict{Seq: seq})
	if o := w.Order; o.Closing != filing.ClosingReject || o.Review.Reviewer != filingtest.Reviewer.Account || !c.ResumeExecution || o.Waiting != nil || o.Private.Waiting != nil {
		t.Errorf("closing %q, review %+v", o.Closing, o.Review)
	}
	if c.Entry.Decision != "reject" || c.Entry.By.Account != filingtest.Reviewer.Account || c.Entry.By.Role != filing.Reviewer {
		t.Errorf("entry %+v", c.Entry)
	}
	wantError(t, w.Order, filing.Beian, filing.ApplyVerdict{Seq: seq}, filing.ErrNothingToDo)
}

// TestVerdictUndone: its reviewer takes a verdict back and has the order claimed as before; what was taken back never takes effect.
func TestVerdictUndone(t *testing.T) {
	w := claimedOrder(t, filingtest.EnterpriseBeijing())
	wantFault(t, w, filingtest.Reviewer, filing.UndoVerdict{}, fault.Conflict, filing.CodeVerdictNotWaits)
	w.Decide(filingtest.Reviewer, waiting(rejects))
	first := w.Order.Waiting.Seq
	wantFault(t, w, second, filing.UndoVerdict{}, fault.Forbidden, filing.CodeVerdictOfOther)
	c := w.Decide(filingtest.Reviewer, filing.UndoVerdict{})
	if o := w.Order; o.Waiting != nil || o.Private.Waiting != nil || !o.IsClaimedBy(filingtest.Reviewer.Account, w.At) || c.Entry.Facts["recorded"] == "" {
		t.Errorf("claim %+v, facts %v", o.Claim, c.Entry.Facts)
	}
	wantError(t, w.Order, filing.Beian, filing.ApplyVerdict{Seq: first}, filing.ErrNothingToDo)
	w.Decide(filingtest.Reviewer, waiting(filing.GivenVerdict{Verdict: filing.VerdictPass}))
	wantError(t, w.Order, filing.Beian, filing.ApplyVerdict{Seq: first}, filing.ErrNothingToDo)
	w.Decide(filing.Beian, filing.ApplyVerdict{Seq: w.Order.Waiting.Seq})
	if w.Order.Step == filing.InitialReview {
		t.Error("the second verdict took no effect")
	}
}

// TestVerdictWithdrawn: the applicant's withdrawal wins over a verdict that waits.
func TestVerdictWithdrawn(t *testing.T) {
	w := claimedOrder(t, filingtest.EnterpriseBeijing())
	w.Decide(filingtest.Reviewer, waiting(rejects))
	seq := w.Order.Waiting.Seq
	w.Decide(filingtest.Applicant, filing.AskToClose{As: filing.ClosingWithdraw})
	wantError(t, w.Order, filing.Beian, filing.ApplyVerdict{Seq: seq}, filing.ErrNothingToDo)
	wantFault(t, w, filingtest.Reviewer, filing.UndoVerdict{}, fault.Conflict, filing.CodeVerdictNotWaits)
	w.Decide(filing.Beian, filing.Close{})
	if w.Order.Status != filing.Withdrawn {
		t.Errorf("status %s", w.Order.Status)
	}
}

// TestVerdictDropped: a verdict that the store refuses is dropped, and the order waits for a reviewer again.
func TestVerdictDropped(t *testing.T) {
	w := appealedOrder(t)
	w.Decide(second, waiting(filing.GivenVerdict{Appeal: filing.AppealOverturned, Answer: "理由不成立"}))
	c := w.Decide(filing.Beian, filing.ApplyVerdict{Seq: w.Order.Waiting.Seq, Drop: true})
	if o := w.Order; o.Waiting != nil || o.Claim != nil || o.Status != filing.Appealed || c.Entry.Decision != "apply-verdict" || c.Entry.Facts["dropped"] == "" {
		t.Errorf("%s, claim %v, entry %+v", o.Status, o.Claim, c.Entry)
	}
	w.Decide(second, filing.ClaimOrder{})
	w.Decide(second, waiting(filing.GivenVerdict{Appeal: filing.AppealOverturned, Answer: "理由不成立"}))
	w.Decide(filing.Beian, filing.ApplyVerdict{Seq: w.Order.Waiting.Seq})
	if o := w.Order; o.Status != filing.Submitted || o.Appeal.Verdict != filing.AppealOverturned {
		t.Errorf("%s, %+v", o.Status, o.Appeal)
	}
}
