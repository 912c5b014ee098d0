package followup_test

import (
	"testing"

	"beian/functions/followup"
	"beian/infra/local/steptest"
	"beian/shared/filing"
)

// TestHandle: the duties are recorded once, though the function is called twice.
func TestHandle(t *testing.T) {
	w := steptest.New(t)
	w.At(filing.FollowUp)
	for range 2 {
		if _, err := (followup.Handler{Decisions: w.Service, History: w.Store}).Handle(t.Context(), w.Input()); err != nil {
			t.Fatal(err)
		}
	}
	got := w.Order()
	if got.Step != filing.Done || got.Status != filing.Approved || len(got.Duties) == 0 || w.Decisions()["set-duties"] != 1 {
		t.Errorf("the order is %s at %s with %d duties; decisions %v", got.Status, got.Step, len(got.Duties), w.Decisions())
	}
}
