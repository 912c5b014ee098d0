package sweeper_test

import (
	"testing"
	"time"

	"beian/functions/sweeper"
	"beian/infra/local/steptest"
	"beian/shared/filing"
	"beian/shared/filing/filingtest"
	"beian/shared/process/decide"
	"beian/shared/process/people"
	"beian/shared/rules/finding"
)

// giveVerdict claims an order at the review, and rejects it with ten seconds to take that back.
func giveVerdict(w *steptest.Fixture) filing.Order {
	w.T.Helper()
	reject := filing.GivenVerdict{Verdict: filing.VerdictReject, Findings: finding.List{finding.New(filing.CodeAddressMissing, "/subject/address")}}
	var after filing.Order
	for _, d := range []filing.Decision{filing.ClaimOrder{}, filing.RecordVerdict{Verdict: reject, Undo: filing.MaxUndo}} {
		var err error
		if after, err = w.Service.Decide(w.T.Context(), w.Walk.Order.ID, filingtest.Reviewer, d); err != nil {
			w.T.Fatal(err)
		}
	}
	return after
}

// TestVerdictOfLocked: a verdict that waits does not take effect if its reviewer is locked out meanwhile. Another reviewer gets the order.
func TestVerdictOfLocked(t *testing.T) {
	w := steptest.New(t)
	w.At(filing.InitialReview)
	giveVerdict(w)
	register := &people.Register{Store: w.Store, Now: w.Clock.Now}
	if _, err := register.Change(t.Context(), "operator-1", filingtest.Reviewer.Account, 0, people.Edit{Disabled: new(true)}); err != nil {
		t.Fatal(err)
	}
	w.Clock.Advance(filing.MaxUndo + sweeper.MinEntryAge)
	h := handler(w, &carrier{})
	h.People = register
	if _, err := h.Handle(t.Context(), sweeper.Input{}); err != nil {
		t.Fatal(err)
	}
	o := w.Order()
	if o.Closing != "" || o.Waiting != nil || o.Claim != nil || o.Step != filing.InitialReview || len(entries(w, decide.ApplyVerdict)) != 0 {
		t.Errorf("%s, closing %q, waiting %+v, claim %+v", o.Step, o.Closing, o.Waiting, o.Claim)
	}
	if _, err := w.Service.Decide(t.Context(), o.ID, filing.Actor{Account: "reviewer-2", Role: filing.Reviewer}, filing.ClaimOrder{}); err != nil {
		t.Error(err)
	}
}

// TestVerdictTakesEffect: a verdict takes effect after its ten seconds, once, although nobody is at a browser. One that was taken back does not.
func TestVerdictTakesEffect(t *testing.T) {
	w := steptest.New(t)
	w.At(filing.InitialReview)
	giveVerdict(w)
	if _, err := w.Service.Decide(t.Context(), w.Walk.Order.ID, filingtest.Reviewer, filing.UndoVerdict{}); err != nil {
		t.Fatal(err)
	}
	w.Clock.Advance(3 * time.Second)
	second := giveVerdict(w).Waiting
	state := func() filing.Order {
		t.Helper()
		if err := sweep(w, &carrier{}); err != nil {
			t.Fatal(err)
		}
		o, err := w.Store.OrderState(t.Context(), w.Walk.Order.ID)
		if err != nil {
			t.Fatal(err)
		}
		return o
	}
	if o := state(); o.Closing != "" || o.Waiting == nil {
		t.Fatalf("at once: closing %q", o.Closing)
	}
	w.Clock.Advance(8 * time.Second) // the first one's time is over
	if o := state(); o.Closing != "" || o.Waiting == nil || o.Waiting.Seq != second.Seq {
		t.Fatalf("after the verdict that was taken back: closing %q", o.Closing)
	}
	w.Clock.Advance(sweeper.MinEntryAge)
	first := state()
	if first.Closing != filing.ClosingReject || first.Review.Reviewer != filingtest.Reviewer.Account {
		t.Errorf("afterwards: closing %q, review %+v", first.Closing, first.Review)
	}
	if again := state(); again.LastSeq != first.LastSeq || len(entries(w, decide.ApplyVerdict)) != 0 {
		t.Errorf("%d ledger entries, then %d; %d entries left", first.LastSeq, again.LastSeq, len(entries(w, decide.ApplyVerdict)))
	}
}
