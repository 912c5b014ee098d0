package retention_test

import (
	"testing"
	"time"

	"beian/functions/retention"
	"beian/shared/filing"
	"beian/shared/filing/register"
	"beian/shared/rules/workday"
)

// TestCancelledFiling: the personal data of a filing are erased when its period is over, once, and not while an order of it is held. Its number
// stays.
func TestCancelledFiling(t *testing.T) {
	j := newJob(t)
	keep := filing.DefaultRetention
	j.At(filing.Done)
	admin := filing.Actor{Account: "operator", Role: filing.Admin}
	j.run(retention.Report{})
	if _, err := j.Service.Decide(t.Context(), j.Order().ID, admin, filing.EndFiling{On: workday.DateOf(j.Clock.Now())}); err != nil {
		t.Fatal(err)
	}
	filed := func() register.Filing {
		t.Helper()
		f, err := j.Store.Filing(t.Context(), register.ID(j.Order().ID))
		if err != nil {
			t.Fatal(err)
		}
		return f
	}
	if f := filed(); f.Status != register.Cancelled || f.Version != 2 || f.Private.Subject.Name == "" {
		t.Errorf("the filing is %s in version %d", f.Status, f.Version)
	}
	if f, err := j.Store.FilingOf(t.Context(), j.Order().SubjectKey); err != nil || f.Version != 0 {
		t.Errorf("the subject cannot file anew: %s, %v", f.ID, err)
	}
	j.Do(admin, filing.HoldData{Reason: "示例"})
	j.Clock.Advance(time.Duration(keep.Cancelled+1) * day)
	j.run(retention.Report{})
	if filed().Erased {
		t.Error("a held filing is erased")
	}
	j.Do(admin, filing.LiftHold{Reason: "示例"})
	j.run(retention.Report{Orders: 1, Filings: 1})
	j.run(retention.Report{})
	f := filed()
	if !f.Erased || f.Private.Subject.Name != "" || f.SubjectKey != "" || f.Number.String() == "" {
		t.Errorf("erased %t, number %s", f.Erased, f.Number)
	}
	if again, err := j.Store.FilingByNumber(t.Context(), f.Number); err != nil || again.ID != f.ID {
		t.Errorf("the number finds %q, %v", again.ID, err)
	}
	if versions, err := j.Store.FilingVersions(t.Context(), f.ID); err != nil || register.VerifyLedger(versions, f.LastHash) != 0 || len(versions) != 2 {
		t.Errorf("ledger of %d versions, %v", len(versions), err)
	}
}
