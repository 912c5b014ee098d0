package filing_test

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"beian/shared/filing"
	"beian/shared/filing/filingtest"
	"beian/shared/rules/evidence"
	"beian/shared/rules/fault"
	"beian/shared/rules/workday"
)

// closedAt returns an order that was closed at a step by a decision.
func closedAt(t *testing.T, step filing.Step, by filing.Actor, d filing.Decision) *filingtest.Walk {
	t.Helper()
	w := filingtest.OpenAt(t, filingtest.IndividualZhejiang(), filingtest.December2019, step)
	if by == filingtest.Reviewer {
		w.Decide(by, filing.ClaimOrder{})
	}
	w.Decide(by, d)
	w.Decide(filing.Beian, filing.Close{})
	return w
}

func abandonedDraft(t *testing.T) *filingtest.Walk {
	return closedAt(t, filing.CollectEvidence, filingtest.Applicant, filing.AskToClose{As: filing.ClosingAbandon})
}

// TestRetention: each category of closed orders has its own period, and is erased on the day after it at the earliest.
func TestRetention(t *testing.T) {
	keep := filing.Retention{Draft: 10, Withdrawn: 20, Rejected: 30, Cancelled: 40}
	abandon := filing.AskToClose{As: filing.ClosingAbandon}
	returned := func(w *filingtest.Walk) *filingtest.Walk {
		w.Decide(filingtest.Reviewer, filing.ClaimOrder{})
		w.Decide(filingtest.Reviewer, filing.Return{Findings: reviewFindings})
		w.Decide(filingtest.Applicant, abandon)
		w.Decide(filing.Beian, filing.Close{})
		return w
	}
	refused := bureauRefused(t)
	refused.Decide(filingtest.Applicant, abandon)
	refused.Decide(filing.Beian, filing.Close{})
	for name, c := range map[string]struct {
		walk     *filingtest.Walk
		category filing.RetentionCategory
		days     int
	}{
		"abandoned draft": {abandonedDraft(t), filing.DraftCategory, 10},
		"withdrawn":       {closedAt(t, filing.InitialReview, filingtest.Applicant, filing.AskToClose{As: filing.ClosingWithdraw}), filing.WithdrawnCategory, 20},
		"returned, then abandoned": {returned(filingtest.OpenAt(t, filingtest.IndividualZhejiang(), filingtest.December2019, filing.InitialReview)),
			filing.WithdrawnCategory, 20},
		"rejected":                              {closedAt(t, filing.InitialReview, filingtest.Reviewer, filing.Reject{Findings: reviewFindings}), filing.RejectedCategory, 30},
		"refused by the bureau, then abandoned": {refused, filing.WithdrawnCategory, filing.UploadDays}, // the bureau may ask for the upload
	} {
		w := c.walk
		closed := workday.DateOf(w.Order.MovedAt)
		if got := w.Order.RetentionCategory(); got != c.category {
			t.Errorf("%s: category %q, want %q", name, got, c.category)
		}
		if reason, until := w.Order.Kept(keep); reason != filing.KeptPeriod || until < closed.AddDays(c.days-1) || until > closed.AddDays(c.days) {
			t.Errorf("%s: kept for %s until %s, want %s", name, reason, until, closed.AddDays(c.days))
		}
		for i, ok := range []bool{false, true} {
			_, until := w.Order.Kept(keep)
			if _, err := w.Order.Apply(filing.Erase{Retention: keep}, filing.Beian, until.AddDays(i-1).Time()); (err == nil) != ok {
				t.Errorf("%s: day %d: %v", name, i, err)
			}
		}
	}
	for step, reason := range map[filing.Step]filing.KeptReason{filing.CollectDetails: filing.KeptOpen, filing.AwaitBureau: filing.KeptOpen, filing.Done: filing.KeptFiled} {
		o := filingtest.OpenAt(t, filingtest.IndividualZhejiang(), filingtest.December2019, step).Order
		if got, until := o.Kept(keep); got != reason || until != "" || o.RetentionCategory() != "" {
			t.Errorf("%s: kept for %q until %q, want %q", step, got, until, reason)
		}
	}
}

// TestCancelledFiling: the period of a filed order counts from the day on which the bureau cancelled the filing.
func TestCancelledFiling(t *testing.T) {
	w := filingtest.OpenAt(t, filingtest.IndividualZhejiang(), filingtest.December2019, filing.Done)
	approved := workday.DateOf(w.At)
	w.At = approved.AddDays(400).Time()
	for _, wrong := range []workday.Date{"", "2019-13-01", approved.AddDays(-1), approved.AddDays(401)} {
		wantFault(t, w, admin, filing.EndFiling{On: wrong}, fault.Conflict, filing.CodeEraseFilingDate)
	}
	ended := approved.AddDays(390)
	if c := w.Decide(admin, filing.EndFiling{On: ended}); c.Entry.Decision != "end-filing" || c.Entry.Facts["filingEnded"] != string(ended) {
		t.Errorf("the ledger has %v", c.Entry)
	}
	if _, err := w.Order.Apply(filing.EndFiling{On: ended}, admin, w.At); !errors.Is(err, filing.ErrNothingToDo) {
		t.Errorf("recorded twice: %v", err)
	}
	reason, until := w.Order.Kept(filing.DefaultRetention)
	if w.Order.RetentionCategory() != filing.CancelledCategory || reason != filing.KeptPeriod || until != ended.AddDays(filing.DefaultRetention.Cancelled) {
		t.Errorf("category %q, kept for %s until %s", w.Order.RetentionCategory(), reason, until)
	}
	wantFault(t, w, filing.Beian, filing.Erase{Retention: filing.DefaultRetention}, fault.Conflict, filing.CodeEraseTooEarly)
	w.At = until.Time()
	w.Decide(filing.Beian, filing.Erase{Retention: filing.DefaultRetention})
	wantFault(t, abandonedDraft(t), admin, filing.EndFiling{On: ended}, fault.Conflict, filing.CodeEraseNotFiled)
}

// TestRequestedErasure: an applicant may have a draft or a withdrawn application erased at once, other orders when their period is over.
func TestRequestedErasure(t *testing.T) {
	erase := filing.Erase{Retention: filing.DefaultRetention}
	for _, w := range []*filingtest.Walk{abandonedDraft(t), closedAt(t, filing.InitialReview, filingtest.Applicant, filing.AskToClose{As: filing.ClosingWithdraw})} {
		wantFault(t, w, admin, erase, fault.Conflict, filing.CodeEraseTooEarly)
		if c := w.Decide(filingtest.Applicant, erase); !c.ErasePersonalData || c.Entry.By != filingtest.Applicant {
			t.Error("the data are not erased")
		}
	}
	rejected := closedAt(t, filing.InitialReview, filingtest.Reviewer, filing.Reject{Findings: reviewFindings})
	wantFault(t, rejected, filingtest.Applicant, erase, fault.Conflict, filing.CodeEraseTooEarly)
	refused := bureauRefused(t)
	wantFault(t, refused, filingtest.Applicant, erase, fault.Conflict, filing.CodeEraseOpen)
	refused.Decide(filingtest.Applicant, filing.AskToClose{As: filing.ClosingAbandon})
	refused.Decide(filing.Beian, filing.Close{})
	wantFault(t, refused, filingtest.Applicant, erase, fault.Conflict, filing.CodeEraseUploaded)
	wantFault(t, filingtest.OpenAt(t, filingtest.IndividualZhejiang(), filingtest.December2019, filing.Done), filingtest.Applicant, erase, fault.Conflict, filing.CodeEraseFiled)
}

// TestHold: nobody erases the data of a held order. A lifted hold has no effect.
func TestHold(t *testing.T) {
	w := abandonedDraft(t)
	erase := filing.Erase{Retention: filing.DefaultRetention}
	hold := filing.HoldData{Reason: " 示例机关来函 "}
	for _, reason := range []string{"", "  ", strings.Repeat("字", 501)} {
		wantFault(t, w, admin, filing.HoldData{Reason: reason}, fault.Invalid, filing.CodeHoldReason)
		wantFault(t, w, admin, filing.LiftHold{Reason: reason}, fault.Invalid, filing.CodeHoldReason)
	}
	wantError(t, w.Order, admin, filing.LiftHold{Reason: "没有"}, filing.ErrNothingToDo)
	held := w.Decide(admin, hold)
	if held.Entry.Decision != "hold-data" || len(held.Entry.Facts["reason"]) != 64 {
		t.Errorf("the ledger has %v", held.Entry)
	}
	wantError(t, w.Order, admin, hold, filing.ErrNothingToDo)
	wantFault(t, w, admin, filing.HoldData{Reason: "其他原因"}, fault.Conflict, filing.CodeHoldStands)
	w.At = w.At.AddDate(1, 0, 0)
	for _, by := range []filing.Actor{admin, filing.Beian, filingtest.Applicant} {
		wantFault(t, w, by, erase, fault.Conflict, filing.CodeEraseHeld)
	}
	if reason, until := w.Order.Kept(filing.DefaultRetention); reason != filing.KeptHold || until != "" {
		t.Errorf("kept for %s until %s", reason, until)
	}
	w.Decide(admin, filing.LiftHold{Reason: "结案"})
	records := w.Order.Private.Holds
	if len(records) != 1 || records[0].Reason != "示例机关来函" || records[0].LiftReason != "结案" || records[0].LiftedBy != admin.Account || records[0].LiftedAt != w.At {
		t.Errorf("%d records, or a wrong one", len(records))
	}
	for _, verb := range []string{"%v", "%+v", "%#v"} {
		checkNoSecrets(t, fmt.Sprintf(verb, records[0]), []string{"示例机关"}, verb, records[0])
	}
	if c := w.Decide(filing.Beian, erase); !c.ErasePersonalData || len(w.Order.Private.Holds) != 0 {
		t.Error("the data are not erased after the hold")
	}
	open := filingtest.OpenAt(t, filingtest.IndividualZhejiang(), filingtest.December2019, filing.CollectDetails)
	open.Decide(admin, hold)
	open.AdvanceTo(filing.InitialReview) // a hold delays nothing else
}

// TestDroppedEvidence: a replaced document, and those of a removed site, are to be deleted; others are not.
func TestDroppedEvidence(t *testing.T) {
	w := filingtest.OpenAt(t, filingtest.IndividualZhejiang(), filingtest.December2019, filing.CollectEvidence)
	required := w.RequiredEvidence()
	if c := w.Decide(filingtest.Applicant, filing.AcceptEvidence{Accepted: required}); len(c.DropEvidence) != 0 {
		t.Errorf("the first upload deletes %v", c.DropEvidence)
	}
	again := filing.AcceptEvidence{Accepted: map[evidence.Slot]filing.Evidence{}}
	for slot, e := range required {
		before := e.Key
		e.Key += "-again"
		again.Accepted[slot] = e
		if c := w.Decide(filingtest.Applicant, again); !slices.Equal(c.DropEvidence, []evidence.Key{before}) {
			t.Errorf("another scan deletes %v, want %s", c.DropEvidence, before)
		}
		return
	}
}

// TestHeldEvidence: a document that the applicant replaces during a hold is kept until the hold is lifted. Then the decisions delete a limited
// number at a time.
func TestHeldEvidence(t *testing.T) {
	w := filingtest.OpenAt(t, filingtest.IndividualZhejiang(), filingtest.December2019, filing.CollectEvidence)
	w.Decide(filingtest.Applicant, filing.AcceptEvidence{Accepted: w.RequiredEvidence()})
	w.Decide(admin, filing.HoldData{Reason: "示例机关来函"})
	slot := slices.Sorted(maps.Keys(w.Order.Evidence))[0]
	var replaced []evidence.Key
	for i := range 25 {
		e := w.Order.Evidence[slot]
		replaced = append(replaced, e.Key)
		e.Key += evidence.Key(fmt.Sprint("-", i))
		if c := w.Decide(filingtest.Applicant, filing.AcceptEvidence{Accepted: map[evidence.Slot]filing.Evidence{slot: e}}); len(c.DropEvidence) != 0 {
			t.Fatalf("a hold stands, and %v is deleted", c.DropEvidence)
		}
	}
	c := w.Decide(admin, filing.LiftHold{Reason: "结案"})
	deleted := c.DropEvidence
	if len(deleted) == 0 || len(deleted) == len(replaced) {
		t.Errorf("lifting the hold deletes %d documents at once", len(deleted))
	}
	c = w.Decide(filingtest.Applicant, filing.AskToClose{As: filing.ClosingAbandon})
	if deleted = append(deleted, c.DropEvidence...); !slices.Equal(deleted, replaced) || len(w.Order.HeldEvidence) != 0 {
		t.Errorf("deleted %v, want %v", deleted, replaced)
	}
}

// TestRetentionCheck: periods that a law or the interface forbids are refused, each by its name.
func TestRetentionCheck(t *testing.T) {
	if err := filing.DefaultRetention.Check(); err != nil {
		t.Error(err)
	}
	err := filing.Retention{}.Check()
	for _, name := range []string{"draftDays", "withdrawnDays", "rejectedDays", "cancelledDays", "bureauFileDays"} {
		if err == nil || !strings.Contains(err.Error(), name+": must be at least") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
