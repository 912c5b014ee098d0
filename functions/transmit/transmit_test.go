package transmit_test

import (
	"testing"

	"beian/functions/transmit"
	"beian/infra/local/steptest"
	"beian/shared/bureau/simulator"
	"beian/shared/filing"
	"beian/shared/process/decide"
)

func handle(w *steptest.Fixture) {
	w.T.Helper()
	if _, err := (transmit.Handler{Decisions: w.Service, Facts: w.Facts, Domains: w.Domains, IDs: w.Store}).Handle(w.T.Context(), w.Input()); err != nil {
		w.T.Fatal(err)
	}
}

// uploads counts the records in the upload queue.
func uploads(w *steptest.Fixture) int {
	w.T.Helper()
	entries, err := w.Store.Outbox(w.T.Context(), decide.UploadRecord, 10)
	if err != nil {
		w.T.Fatal(err)
	}
	return len(entries)
}

// TestUploadIsQueuedOnce: a second call has no effect.
func TestUploadIsQueuedOnce(t *testing.T) {
	w := steptest.New(t)
	w.At(filing.Transmit)
	handle(w)
	handle(w)
	if got := w.Order(); got.Step != filing.AwaitBureau || uploads(w) != 1 || w.Decisions()["queue-upload"] != 1 {
		t.Errorf("at %s with %d uploads; decisions %v", got.Step, uploads(w), w.Decisions())
	}
}

// provisional returns an order with a provisional type at Transmit.
func provisional(t *testing.T) *steptest.Fixture {
	w := steptest.New(t)
	w.At(filing.VerifyType)
	w.Do(filing.Beian, filing.DetermineType{Facts: w.Walk.Facts(filing.Facts{}), Provisional: true})
	w.At(filing.Transmit)
	return w
}

// TestTypeHasChanged: an order whose type has changed goes back to the reviewer.
func TestTypeHasChanged(t *testing.T) {
	w := provisional(t)
	w.ApplyScenario(steptest.DomainOfOther)
	handle(w)
	if got := w.Order(); got.Step != filing.InitialReview || !got.Private.Findings.Has(filing.CodeDomainOfOther) || uploads(w) != 0 {
		t.Errorf("at %s with %d uploads", got.Step, uploads(w))
	}
}

// TestBureauDoesNotAnswer: the upload is queued although the bureau does not answer.
func TestBureauDoesNotAnswer(t *testing.T) {
	w := provisional(t)
	w.ApplyScenario(simulator.Scenario{Unavailable: 2})
	handle(w)
	if got := w.Order(); got.Step != filing.AwaitBureau || uploads(w) != 1 {
		t.Errorf("at %s with %d uploads", got.Step, uploads(w))
	}
}
