package filing_test

import (
	"encoding/json"
	"reflect"
	"testing"

	"beian/shared/filing"
	"beian/shared/filing/filingtest"
	"beian/shared/rules/fault"
	"beian/shared/rules/finding"
	"beian/shared/rules/workday"
)

var admin = filing.Actor{Account: "operator", Role: filing.Admin}

func TestErase(t *testing.T) {
	const stands = -1000
	keep := filing.Retention{Closed: 92, Filed: 30}
	withdrawn := func() *filingtest.Walk {
		w := filingtest.OpenAt(t, filingtest.IndividualZhejiang(), filingtest.December2019, filing.InitialReview)
		w.Decide(filingtest.Applicant, filing.AskToClose{As: filing.ClosingWithdraw})
		w.Decide(filing.Beian, filing.Close{})
		return w
	}
	approved := func() *filingtest.Walk {
		return filingtest.OpenAt(t, filingtest.IndividualZhejiang(), filingtest.December2019, filing.Done)
	}
	for name, c := range map[string]struct {
		walk  func() *filingtest.Walk
		later int          // days
		ended int          // days from the approval to the cancellation; stands: not cancelled
		code  finding.Code // "": erased
	}{
		"open":                      {func() *filingtest.Walk { return bureauRefused(t) }, 400, stands, filing.CodeEraseOpen},
		"closed, the day before":    {withdrawn, 91, stands, filing.CodeEraseTooEarly},
		"closed, in time":           {withdrawn, 92, stands, ""},
		"closed, and never filed":   {withdrawn, 92, 1, filing.CodeEraseNotFiled},
		"filed, and not cancelled":  {approved, 4000, stands, filing.CodeEraseFiled},
		"ended before the approval": {approved, 400, -1, filing.CodeEraseFilingDate},
		"ends in the future":        {approved, 10, 11, filing.CodeEraseFilingDate},
		"ended, the day before":     {approved, 129, 100, filing.CodeEraseTooEarly},
		"ended, in time":            {approved, 130, 100, ""},
		"ended on the same day":     {approved, 30, 0, ""},
	} {
		w := c.walk()
		erase := filing.Erase{Retention: keep}
		if c.ended != stands {
			erase.FilingEnded = workday.DateOf(w.At).AddDays(c.ended)
		}
		w.At = w.At.AddDate(0, 0, c.later)
		if c.code != "" {
			wantFault(t, w, admin, erase, fault.Conflict, c.code)
			continue
		}
		before := w.Order
		change := w.Decide(admin, erase)
		o := w.Order
		if !reflect.ValueOf(o.Private).IsZero() || o.SubjectKey != "" || o.SMS != nil || o.Confirmation != nil || !change.ErasePersonalData {
			t.Errorf("%s: personal data or the subject key remain, or the change does not erase them", name)
		}
		if o.Status != before.Status || o.Province != before.Province || o.LastSeq != before.LastSeq+1 || len(o.Domains) == 0 || !o.Erasure.At.Equal(w.At) {
			t.Errorf("%s: other data than personal data changed", name)
		}
		if change.Entry.Facts["filingEnded"] != string(erase.FilingEnded) {
			t.Errorf("%s: the ledger says %q, want %q", name, change.Entry.Facts["filingEnded"], erase.FilingEnded)
		}
		if change.Entry.Decision != "erase" || change.Entry.By != admin || change.Entry.Sum() != change.Entry.Hash {
			t.Errorf("%s: the ledger has no entry", name)
		}
		wantError(t, o, admin, erase, filing.ErrNothingToDo)
		wantFault(t, w, filingtest.Reviewer, filing.ClaimOrder{}, fault.Conflict, filing.CodeErased)
		wantError(t, o, filing.Beian, filing.Timeout{}, filing.ErrNothingToDo) // a late timer of the machine
		wantError(t, o, filing.Beian, filing.Close{}, filing.ErrNothingToDo)
	}
}

// TestEraseRestoredOrder: an order from a backup, whose key is deleted, is erased without waiting for the period, and closed if open.
func TestEraseRestoredOrder(t *testing.T) {
	w := filingtest.OpenAt(t, filingtest.IndividualZhejiang(), filingtest.December2019, filing.VerifySMS)
	w.Order = w.Order.Erased(filing.Erasure{})
	wantFault(t, w, filingtest.Reviewer, filing.ReleaseClaim{}, fault.Conflict, filing.CodeErased)
	wantFault(t, w, filing.Beian, filing.Timeout{}, fault.Conflict, filing.CodeErased)
	step, visit := w.Order.Step, w.Order.StepVisit
	if change := w.Decide(admin, filing.Erase{Retention: filing.Retention{Closed: 92, Filed: 92}}); !change.ErasePersonalData || w.Order.Erasure.At.IsZero() {
		t.Error("the erasure is not recorded")
	} else if w.Order.Status != filing.Expired || w.Order.Step != filing.Done || len(change.ReleaseLocks) != 2 || change.ReleaseLocks[0].Key == "" ||
		change.ReleaseSlot == nil || !change.ResumeExecution || change.Entry.Facts["closing"] != "Expire" {
		t.Errorf("an open order is not closed: %v", change.Entry)
	}
	if outcome, ok := w.Order.Outcome(step, visit); !ok || outcome.Error != string(filing.ClosingExpire) {
		t.Errorf("the outcome for the waiting execution is %v, want Expire", outcome)
	}
	for _, d := range []filing.Decision{filing.Timeout{}, filing.Close{}} {
		wantError(t, w.Order, filing.Beian, d, filing.ErrNothingToDo)
	}
	if doc, err := json.Marshal(w.Order); err != nil || !json.Valid(doc) {
		t.Error(err)
	}
}
