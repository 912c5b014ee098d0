package filing_test

import (
	"slices"
	"testing"
	"time"

	"beian/shared/filing"
	"beian/shared/filing/filingtest"
	"beian/shared/rules/fault"
)

// TestVerdictAsOf: the verdict as of a day is that of the rules of the day, whenever it is asked for.
func TestVerdictAsOf(t *testing.T) {
	beijing := filingtest.OpenAt(t, filingtest.EnterpriseBeijing(), filingtest.December2019, filing.InitialReview).Order
	zhejiang := filingtest.OpenAt(t, filingtest.IndividualZhejiang(), filingtest.December2019, filing.InitialReview).Order
	day := func(month time.Month, day, year int) time.Time {
		return time.Date(year, month, day, 4, 0, 0, 0, time.UTC)
	}
	for _, c := range []struct {
		name  string
		order filing.Order
		at    time.Time
		sms   bool
	}{
		{"Beijing before", beijing, day(12, 25, 2019), false}, {"Beijing on the first day", beijing, day(8, 17, 2020), true},
		{"Beijing now", beijing, day(11, 27, 2026), true}, {"Beijing on the last day before", beijing, day(8, 16, 2020), false},
		{"Zhejiang, a pilot since 2018-09-10", zhejiang, day(12, 25, 2019), true}, {"Zhejiang before the pilot", zhejiang, day(9, 9, 2018), false},
	} {
		if got := c.order.RuleVerdict(c.at); got.SMS != c.sms {
			t.Errorf("%s: SMS %t, want %t", c.name, got.SMS, c.sms)
		}
	}
	changes := beijing.RuleChanges("2019-12-25", "2020-08-17")
	if want := []filing.VerdictChange{{Part: filing.PartSMS, After: "required"}}; !slices.Equal(changes, want) {
		t.Errorf("Beijing, 2019-12-25 to 2020-08-17: %v, want %v", changes, want)
	}
	back := beijing.RuleChanges("2020-08-17", "2019-12-25")
	if want := []filing.VerdictChange{{Part: filing.PartSMS, Before: "required"}}; !slices.Equal(back, want) {
		t.Errorf("Beijing, 2020-08-17 to 2019-12-25: %v, want %v", back, want)
	}
}

// TestVerdictBeforeDetails: an order without details has a verdict on its opening only.
func TestVerdictBeforeDetails(t *testing.T) {
	o := filingtest.OpenAt(t, filingtest.EnterpriseBeijing(), filingtest.December2019, filing.CollectDetails).Order
	if v := o.RuleVerdict(filingtest.December2019); len(v.Documents) > 0 || v.Findings.Blocking() {
		t.Errorf("documents %v, findings %v", v.Documents, v.Findings)
	}
}

// TestAnnounceRules: the applicant is notified once of the same two days, if the rules differ on the order, and not of a closed order.
func TestAnnounceRules(t *testing.T) {
	w := filingtest.OpenAt(t, filingtest.EnterpriseBeijing(), filingtest.December2019, filing.AwaitConfirmation)
	announce := filing.AnnounceRules{From: "2019-12-25", To: "2020-08-17"}
	operator := filing.Actor{Account: "operator", Role: filing.Admin}
	want := filing.Notice{Kind: filing.NoticeRulesChanged, RulesFrom: "2019-12-25", RulesTo: "2020-08-17"}
	step := w.Order.Step
	if c := w.Decide(operator, announce); !slices.Equal(c.Notices, []filing.Notice{want}) || c.Order.Step != step {
		t.Errorf("notices %v at %s, want one at %s", c.Notices, c.Order.Step, step)
	}
	wantError(t, w.Order, operator, announce, filing.ErrNothingToDo)
	wantError(t, w.Order, operator, filing.AnnounceRules{From: "2019-12-25", To: "2019-12-26"}, filing.ErrNothingToDo)
	w.Decide(filingtest.Applicant, filing.AskToClose{As: filing.ClosingAbandon})
	if _, err := w.Order.Apply(announce, operator, w.At); fault.KindOf(err) != fault.Conflict {
		t.Errorf("a closed order: %v, want a conflict", err)
	}
}
