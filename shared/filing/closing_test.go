package filing_test

import (
	"testing"
	"time"

	"beian/shared/filing"
	"beian/shared/filing/filingtest"
	"beian/shared/rules/evidence"
	"beian/shared/rules/fault"
)

const day = 24 * time.Hour

// bureauRefused returns an order that the bureau refused.
func bureauRefused(t *testing.T) *filingtest.Walk {
	t.Helper()
	w := filingtest.OpenAt(t, filingtest.IndividualZhejiang(), filingtest.December2019, filing.AwaitBureau)
	w.Decide(filing.TheBureau, filing.Refuse{Record: w.Order.Bureau.Record, Codes: []int{1002}, Opinion: "示例意见", Findings: reviewFindings})
	c := w.Decide(filing.Beian, filing.AnnounceResult{})
	if w.Order.Step != filing.Done || w.Order.Status != filing.BureauRejected || c.Notices[0].Kind != filing.NoticeRefused || len(c.ReleaseLocks) > 0 {
		t.Fatalf("the order is at %s with status %s", w.Order.Step, w.Order.Status)
	}
	return w
}

func TestClosings(t *testing.T) {
	for _, c := range []struct {
		as     filing.Closing
		at     filing.Step
		idle   time.Duration
		status filing.Status
		notice filing.NoticeKind
	}{
		{filing.ClosingWithdraw, filing.InitialReview, 0, filing.Withdrawn, filing.NoticeWithdrawn},
		{filing.ClosingWithdraw, filing.MailDocuments, 0, filing.Withdrawn, filing.NoticeWithdrawn},
		{filing.ClosingWithdraw, filing.VerifySMS, 0, filing.Withdrawn, filing.NoticeWithdrawn},
		{filing.ClosingAbandon, filing.VerifyType, 0, filing.Abandoned, filing.NoticeAbandoned},
		{filing.ClosingAbandon, filing.CollectDetails, 0, filing.Abandoned, filing.NoticeAbandoned},
		{filing.ClosingAbandon, filing.AwaitConfirmation, 0, filing.Abandoned, filing.NoticeAbandoned},
		{filing.ClosingExpire, filing.VerifyProduct, 45 * day, filing.Expired, filing.NoticeExpired},
		{filing.ClosingExpire, filing.MailDocuments, 45 * day, filing.Expired, filing.NoticeExpired},
	} {
		w := filingtest.OpenAt(t, filingtest.IndividualZhejiang(), filingtest.December2019, c.at)
		w.At = w.At.Add(c.idle)
		change := w.Decide(filingtest.Applicant, filing.AskToClose{As: c.as})
		if w.Order.Closing != c.as || !change.ResumeExecution || change.StartExecution || w.Order.StartState() != string(c.as) {
			t.Errorf("%s at %s: closing %q, change %+v", c.as, c.at, w.Order.Closing, change)
		}
		wantError(t, w.Order, filingtest.Applicant, filing.AskToClose{As: c.as}, filing.ErrNothingToDo)
		wantFault(t, w, filingtest.Reviewer, filing.ClaimOrder{}, fault.Conflict, filing.CodeStepOutOfOrder)
		for _, other := range []filing.Closing{filing.ClosingWithdraw, filing.ClosingAbandon, filing.ClosingExpire} {
			if other != c.as {
				wantFault(t, w, filing.Beian, filing.AskToClose{As: other}, fault.Conflict, filing.CodeStepOutOfOrder)
			}
		}
		locks := 4 // of the account, and against others
		if c.at.IsApplicantStep() {
			locks = 2
		}
		change = w.Decide(filing.Beian, filing.Close{})
		if o := w.Order; o.Status != c.status || o.Step != filing.Done || !o.Status.Final() || len(change.ReleaseLocks) != locks ||
			(change.ReleaseSlot != nil) != (o.Product != nil) || len(change.Notices) != 1 || change.Notices[0].Kind != c.notice {
			t.Errorf("%s at %s: status %s, released locks %v, notices %v", c.as, c.at, o.Status, change.ReleaseLocks, change.Notices)
		}
		wantError(t, w.Order, filing.Beian, filing.Close{}, filing.ErrNothingToDo)
		wantError(t, w.Order, filing.Beian, filing.Timeout{}, filing.ErrNothingToDo)
	}
}

func TestCloseAfterRefusal(t *testing.T) {
	for _, as := range []filing.Closing{filing.ClosingAbandon, filing.ClosingExpire} {
		w := bureauRefused(t)
		if as == filing.ClosingExpire {
			wantFault(t, w, filing.Beian, filing.AskToClose{As: as}, fault.Conflict, filing.CodeStepOutOfOrder)
			w.At = w.At.Add(45 * day)
		}
		c := w.Decide(filing.Beian, filing.AskToClose{As: as})
		if !c.StartExecution || c.ResumeExecution || w.Order.Round != 2 || w.Order.StartState() != string(as) {
			t.Errorf("%s: round %d", as, w.Order.Round)
		}
		for _, other := range []filing.Closing{filing.ClosingAbandon, filing.ClosingExpire} {
			if other != as {
				wantFault(t, w, filing.Beian, filing.AskToClose{As: other}, fault.Conflict, filing.CodeStepOutOfOrder)
			}
		}
		wantFault(t, w, filingtest.Applicant, filing.Resubmit{}, fault.Conflict, filing.CodeStepOutOfOrder)
		w.Decide(filing.Beian, filing.Close{})
	}
	w := bureauRefused(t)
	old := w.Order.Bureau.Record
	c := w.Decide(filingtest.Applicant, filing.Resubmit{})
	if !c.StartExecution || c.ResumeExecution || w.Order.Round != 2 || w.Order.Step != filing.CollectDetails || w.Order.Status != filing.Returned || w.Order.Bureau != nil {
		t.Fatalf("round %d at %s", w.Order.Round, w.Order.Step)
	}
	w.AdvanceTo(filing.AwaitBureau)
	if w.Order.Bureau.Record == old {
		t.Error("the record of the second round is that of the first")
	}
	approval := w.Approval()
	approval.Record = old
	wantFault(t, w, filing.TheBureau, approval, fault.Conflict, filing.CodeStepOutOfOrder)
	w.AdvanceTo(filing.Done)
	wantFault(t, w, filingtest.Applicant, filing.Resubmit{}, fault.Conflict, filing.CodeStepOutOfOrder)
}

func TestReminders(t *testing.T) {
	w := filingtest.OpenAt(t, filingtest.EnterpriseBeijing(), filingtest.December2019, filing.CollectDetails)
	begin := w.At
	for _, c := range []struct {
		days   int
		remind bool
	}{{6, false}, {7, true}, {8, false}, {14, false}, {15, true}, {29, false}, {30, true}, {44, false}} {
		w.At = begin.Add(time.Duration(c.days) * day)
		if got := w.Order.DaysIdle(w.At); got != c.days {
			t.Errorf("DaysIdle = %d on day %d", got, c.days)
		}
		if !c.remind {
			wantNothingToDo(t, w, filing.Remind{})
			wantNothingToDo(t, w, filing.Timeout{})
			continue
		}
		if change := w.Decide(filing.Beian, filing.Remind{}); len(change.Notices) != 1 || w.Order.LastReminder != c.days {
			t.Errorf("day %d: notices %v, last reminder %d", c.days, change.Notices, w.Order.LastReminder)
		}
	}
	w.At = begin.Add(45*day - time.Second)
	w.Decide(filing.Beian, filing.Timeout{}) // the timer of a state may fire slightly early
	if w.Order.Closing != filing.ClosingExpire {
		t.Errorf("closing %q", w.Order.Closing)
	}
}

// TestUntil: an order says until when it waits for its applicant, the answers to the codes and the bureau.
func TestUntil(t *testing.T) {
	at := func(step filing.Step) *filingtest.Walk {
		return filingtest.OpenAt(t, filingtest.IndividualZhejiang(), filingtest.December2019, step)
	}
	w := at(filing.CollectDetails)
	if got, want := w.Order.Until(), w.Order.MovedAt.AddDate(0, 0, filing.MaxIdleDays); !got.Equal(want) {
		t.Errorf("the applicant: until %v, want %v", got, want)
	}
	if got := at(filing.InitialReview).Order.Until(); !got.IsZero() {
		t.Errorf("the reviewer: until %v", got)
	}
	w, _ = orderWithCodes(t, filingtest.IndividualZhejiang())
	if got := w.Order.Until(); !got.Equal(w.Order.SMS.ExpiresAt) {
		t.Errorf("the codes: until %v", got)
	}
	w = at(filing.AwaitBureau)
	if got := w.Order.Until(); got.IsZero() != w.Order.Bureau.Deadline.IsZero() || !got.Equal(w.Order.Bureau.Deadline) {
		t.Errorf("the bureau: until %v", got)
	}
	w.AdvanceTo(filing.Done)
	if got := w.Order.Until(); !got.IsZero() {
		t.Errorf("the end: until %v", got)
	}
}

// wantNothingToDo checks that a decision returns ErrNothingToDo.
func wantNothingToDo(t *testing.T, w *filingtest.Walk, d filing.Decision) {
	t.Helper()
	if _, err := w.Order.Apply(d, filing.Beian, w.At); err != filing.ErrNothingToDo {
		t.Errorf("%s on %s: %v", d.Name(), w.At, err)
	}
}

// TestRemindersRestart: an earlier reminder does not prevent the reminders of a later wait.
func TestRemindersRestart(t *testing.T) {
	w := filingtest.OpenAt(t, filingtest.EnterpriseBeijing(), filingtest.December2019, filing.MailDocuments)
	w.At = w.At.Add(15 * day)
	w.Decide(filing.Beian, filing.Remind{})
	w.Decide(filingtest.Reviewer, filing.ClaimOrder{})
	w.Decide(filingtest.Reviewer, filing.Return{Findings: reviewFindings})
	wantNothingToDo(t, w, filing.Remind{})
	w.At = w.At.Add(7 * day)
	if w.Decide(filing.Beian, filing.Remind{}); w.Order.LastReminder != 7 {
		t.Errorf("last reminder %d, want 7", w.Order.LastReminder)
	}
	w.Decide(filingtest.Applicant, filing.EnterDetails{Subject: w.App.Subject, Sites: w.App.Sites})
	if w.Order.DaysIdle(w.At) != 0 || w.Order.LastReminder != 0 {
		t.Error("the order is idle although the applicant has acted")
	}
}

// TestTimeout: the effect of a timeout depends on the step.
func TestTimeout(t *testing.T) {
	for _, step := range filing.Steps {
		if step == filing.VerifySMS {
			continue // see TestSMSExpiry
		}
		w := filingtest.OpenAt(t, filingtest.EnterpriseBeijing(), filingtest.December2019, step)
		w.At = w.At.Add(46 * day)
		before := w.Order
		c, err := w.Order.Apply(filing.Timeout{}, filing.Beian, w.At)
		waitsForApplicant := step.IsApplicantStep() || step == filing.MailDocuments
		if (err == nil) != waitsForApplicant || waitsForApplicant && c.Order.Closing != filing.ClosingExpire {
			t.Errorf("at %s: %v", step, err)
		}
		if c, err = before.Apply(filing.AskToClose{As: filing.ClosingExpire}, filing.Beian, w.At); (err == nil) != waitsForApplicant {
			t.Errorf("AskToClose at %s: %v, closing %q", step, err, c.Order.Closing)
		}
	}
	w := filingtest.OpenAt(t, filingtest.EnterpriseBeijing(), filingtest.December2019, filing.AwaitBureau)
	w.At = w.At.Add(100 * day)
	wantNothingToDo(t, w, filing.Timeout{}) // not uploaded yet
	w.At = filingtest.December2019
	w.Decide(filing.TheBureau, filing.Receive{Sequence: 1})
	w.At = w.Order.Bureau.Deadline.Add(-2 * time.Minute)
	wantNothingToDo(t, w, filing.Timeout{})
	w.At = w.Order.Bureau.Deadline
	w.Decide(filing.Beian, filing.Timeout{})
	if !w.Order.Bureau.Overdue || w.Order.Step != filing.AwaitBureau {
		t.Errorf("overdue %v at %s", w.Order.Bureau.Overdue, w.Order.Step)
	}
	wantNothingToDo(t, w, filing.Timeout{})
	w.Decide(filing.TheBureau, w.Approval())
	if w.Order.Bureau.Overdue {
		t.Error("the bureau is still overdue after its decision")
	}
}

// TestRulesOnTheDayOfConfirmation: documents are required by the rules of the day of confirmation (Jiangsu's notice since 2021-06-01) (S15).
func TestRulesOnTheDayOfConfirmation(t *testing.T) {
	w := filingtest.OpenAt(t, filingtest.EnterpriseJiangsu(), time.Date(2021, 5, 31, 1, 0, 0, 0, time.UTC), filing.AwaitConfirmation)
	w.At = w.At.Add(2 * day)
	w.Decide(filingtest.Applicant, filing.Confirm{Digest: w.Order.Summary().Digest})
	if w.Order.Step != filing.CollectEvidence || w.Order.Confirmation != nil {
		t.Fatalf("the order is at %s", w.Order.Step)
	}
	w.AdvanceTo(filing.InitialReview)
	if _, given := w.Order.Evidence[evidence.Slot(evidence.ResponsibilityNotice)]; !given {
		t.Error("the notice is missing")
	}
}
