package decide_test

import (
	"testing"
	"time"

	"beian/shared/filing"
	"beian/shared/filing/filingtest"
)

const day = 24 * time.Hour

// TestTimers: a timeout of the machine fires, and the order decides on its effect.
func TestTimers(t *testing.T) {
	t.Run("an idle applicant", func(t *testing.T) {
		o := newSystem(t)
		w := o.toEvidence()
		o.clock.Advance(filing.MaxIdleDays * day)
		o.ended(w.Order.ID, 1)
		if got := o.read(w); got.Status != filing.Expired {
			t.Errorf("the order is %s", got.Status)
		}
	})
	t.Run("an applicant who was there meanwhile", func(t *testing.T) {
		o := newSystem(t)
		w := o.toEvidence()
		o.clock.Advance(30 * day)
		form := w.RequiredEvidence()
		for slot := range form {
			if len(form) > 1 {
				delete(form, slot)
			}
		}
		o.decide(w, filingtest.Applicant, filing.AcceptEvidence{Accepted: form})
		o.clock.Advance(15 * day)
		o.await("Expire")
		o.await(filing.CollectEvidence)
		if got := o.read(w); got.Closing != "" {
			t.Errorf("the order is closed: %s", got.Closing)
		}
		o.submit(w)
		o.await(filing.InitialReview)
		o.finish(w)
	})
	t.Run("no answer to the SMS", func(t *testing.T) {
		o := newSystem(t)
		w := o.toEvidence()
		o.submit(w)
		o.await(filing.InitialReview)
		o.pass(w)
		o.await(filing.VerifySMS)
		o.clock.Advance(filing.SMSHours * time.Hour)
		o.await(filing.InitialReview)
		if got := o.read(w); !got.Private.Findings.Has(filing.CodeSMSExpired) || got.Step != filing.InitialReview {
			t.Errorf("the order is at %s", got.Step)
		}
		o.finish(w) // sent on as it is, with new codes
	})
	t.Run("a late bureau", func(t *testing.T) {
		o := newSystem(t)
		w := o.toEvidence()
		o.submit(w)
		o.await(filing.InitialReview)
		o.pass(w)
		o.await(filing.VerifySMS)
		o.answer(w)
		o.await(filing.AwaitBureau)
		o.decide(w, filing.TheBureau, filing.Receive{Sequence: 1})
		o.clock.Advance(31 * day)
		o.await(filing.AwaitBureau)
		if got := o.read(w); !got.Bureau.Overdue || got.Step != filing.AwaitBureau {
			t.Errorf("overdue %v at %s", got.Bureau.Overdue, got.Step)
		}
		o.decide(w, filing.TheBureau, w.Approval())
		o.ended(w.Order.ID, 1)
	})
}
