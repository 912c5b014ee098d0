package decide_test

import (
	"testing"
	"time"

	"beian/shared/filing"
	"beian/shared/filing/filingtest"
)

const day = 24 * time.Hour

// TestTimers: a timer of the machine fires, and the state of the order determines the effect.
func TestTimers(t *testing.T) {
	t.Run("an idle applicant", func(t *testing.T) {
		o := newSystem(t)
		w := o.advanceToEvidence()
		o.clock.Advance(filing.MaxIdleDays * day)
		o.waitForEnd(w.Order.ID, 1)
		if got := o.reload(w); got.Status != filing.Expired {
			t.Errorf("the order is %s", got.Status)
		}
	})
	t.Run("an applicant who acted before the timeout", func(t *testing.T) {
		o := newSystem(t)
		w := o.advanceToEvidence()
		o.clock.Advance(30 * day)
		form := w.RequiredEvidence()
		for slot := range form {
			if len(form) > 1 {
				delete(form, slot)
			}
		}
		o.decide(w, filingtest.Applicant, filing.AcceptEvidence{Accepted: form})
		o.clock.Advance(15 * day)
		o.waitForState("Expire")
		o.waitForState(filing.CollectEvidence)
		if got := o.reload(w); got.Closing != "" {
			t.Errorf("the order is closed: %s", got.Closing)
		}
		o.submit(w)
		o.waitForState(filing.InitialReview)
		o.finishOrder(w)
	})
	t.Run("no answer to the SMS", func(t *testing.T) {
		o := newSystem(t)
		w := o.advanceToEvidence()
		o.submit(w)
		o.waitForState(filing.InitialReview)
		o.passReview(w)
		o.waitForState(filing.VerifySMS)
		o.clock.Advance(filing.SMSHours * time.Hour)
		o.waitForState(filing.InitialReview)
		if got := o.reload(w); !got.Private.Findings.Has(filing.CodeSMSExpired) || got.Step != filing.InitialReview {
			t.Errorf("the order is at %s", got.Step)
		}
		o.finishOrder(w) // the reviewer passes it unchanged, and new codes are sent
	})
	t.Run("a late bureau", func(t *testing.T) {
		o := newSystem(t)
		w := o.advanceToEvidence()
		o.submit(w)
		o.waitForState(filing.InitialReview)
		o.passReview(w)
		o.waitForState(filing.VerifySMS)
		o.enterCodes(w)
		o.waitForState(filing.AwaitBureau)
		o.decide(w, filing.TheBureau, filing.Receive{Sequence: 1})
		o.clock.Advance(31 * day)
		o.waitForState(filing.AwaitBureau)
		if got := o.reload(w); !got.Bureau.Overdue || got.Step != filing.AwaitBureau {
			t.Errorf("overdue %v at %s", got.Bureau.Overdue, got.Step)
		}
		o.decide(w, filing.TheBureau, w.Approval())
		o.waitForEnd(w.Order.ID, 1)
	})
}
