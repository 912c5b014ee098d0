package expire_test

import (
	"testing"
	"time"

	"beian/functions/expire"
	"beian/infra/local/steptest"
	"beian/shared/filing"
	"beian/shared/filing/filingtest"
)

const day = 24 * time.Hour

// handle calls the function and returns the step at which the machine continues.
func handle(w *steptest.Fixture) string {
	w.T.Helper()
	out, err := expire.Handler{Decisions: w.Service}.Handle(w.T.Context(), w.Input())
	if err != nil || out.Order != w.Walk.Order.ID || out.Round != w.Walk.Order.Round {
		w.T.Fatalf("%+v, %v", out, err)
	}
	return out.Step
}

func TestIdleOrderIsClosed(t *testing.T) {
	w := steptest.New(t)
	w.At(filing.CollectEvidence)
	w.Clock.Advance(filing.MaxIdleDays * day)
	for range 2 {
		if step := handle(w); step != string(filing.Done) {
			t.Errorf("the machine continues at %s", step)
		}
	}
	if got := w.Order(); got.Status != filing.Expired || w.Decisions()["close"] != 1 {
		t.Errorf("the order is %s; decisions %v", got.Status, w.Decisions())
	}
}

// TestErasedOrder: an open order with a missing key is erased, which closes it. The machine ends.
func TestErasedOrder(t *testing.T) {
	w := steptest.New(t)
	w.At(filing.AwaitBureau)
	if err := w.Store.Encrypter.DeleteKey(t.Context(), string(w.Walk.Order.ID)); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Service.Decide(t.Context(), w.Walk.Order.ID, filing.Actor{Account: "operator", Role: filing.Admin}, filing.Erase{}); err != nil {
		t.Fatal(err)
	}
	if step := handle(w); step != string(filing.Done) {
		t.Errorf("the machine continues at %s", step)
	}
}

// TestActiveOrder: the task timed out, but the applicant acted less than 45 days ago.
func TestActiveOrder(t *testing.T) {
	w := steptest.New(t)
	w.At(filing.CollectEvidence)
	w.Clock.Advance((filing.MaxIdleDays - 1) * day)
	if step := handle(w); step != string(filing.CollectEvidence) {
		t.Errorf("the machine continues at %s", step)
	}
	if got := w.Order(); got.Closing != "" {
		t.Errorf("the order is closed: %s", got.Closing)
	}
}

func TestUnansweredSMSCheck(t *testing.T) {
	w := steptest.New(t)
	w.At(filing.VerifySMS)
	w.Do(filing.Beian, filing.IssueCodes{NewCode: filingtest.SequentialCodes()})
	w.Clock.Advance(filing.SMSHours * time.Hour)
	if step := handle(w); step != string(filing.InitialReview) {
		t.Errorf("the machine continues at %s", step)
	}
	if got := w.Order(); !got.Private.Findings.Has(filing.CodeSMSExpired) {
		t.Error("the reviewer does not see that the check expired")
	}
}

// TestLateBureau: the delay of the bureau is recorded once, and the machine waits again.
func TestLateBureau(t *testing.T) {
	w := steptest.New(t)
	w.At(filing.AwaitBureau)
	w.Do(filing.TheBureau, filing.Receive{Sequence: 1})
	w.Clock.Advance(31 * day)
	for range 2 {
		if step := handle(w); step != string(filing.AwaitBureau) {
			t.Errorf("the machine continues at %s", step)
		}
	}
	if got := w.Order(); !got.Bureau.Overdue || w.Decisions()[filing.Timeout{}.Name()] != 1 {
		t.Errorf("overdue %v; decisions %v", got.Bureau.Overdue, w.Decisions())
	}
}
