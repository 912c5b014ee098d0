package verifytype_test

import (
	"testing"

	"beian/functions/verifytype"
	"beian/infra/local/steptest"
	"beian/shared/bureau/simulator"
	"beian/shared/filing"
	"beian/shared/process/decide"
	"beian/shared/process/exchange"
)

func handle(w *steptest.Fixture) {
	w.T.Helper()
	if _, err := (verifytype.Handler{Decisions: w.Service, Facts: w.Facts, Domains: w.Domains}).Handle(w.T.Context(), w.Input()); err != nil {
		w.T.Fatal(err)
	}
}

// TestTypeIsDetermined: the type is determined once, though the function is called twice, and the task is completed.
func TestTypeIsDetermined(t *testing.T) {
	w := steptest.New(t)
	w.At(filing.VerifyType)
	handle(w)
	handle(w)
	got := w.Order()
	if got.Type != filing.First || got.Provisional || got.Step != filing.VerifyProduct || w.Decisions()["determine-type"] != 1 {
		t.Errorf("type %s (provisional %v) at %s; decisions %v", got.Type, got.Provisional, got.Step, w.Decisions())
	}
	if len(w.Completed) != 2 || w.Completed[0].Error != "" || w.Task().Token != "" {
		t.Errorf("completed %+v, task %+v", w.Completed, w.Task())
	}
}

// TestBureauDoesNotAnswer: the type is determined from our own records, and is provisional.
func TestBureauDoesNotAnswer(t *testing.T) {
	w := steptest.New(t)
	w.ApplyScenario(simulator.Scenario{Unavailable: 2})
	w.At(filing.VerifyType)
	handle(w)
	if got := w.Order(); got.Type != filing.First || !got.Provisional || got.Step != filing.VerifyProduct {
		t.Errorf("type %s (provisional %v) at %s", got.Type, got.Provisional, got.Step)
	}
}

// TestTypeCannotBeDetermined: the domain is on the blacklist, so the step waits for the applicant.
func TestTypeCannotBeDetermined(t *testing.T) {
	w := steptest.New(t)
	order := w.At(filing.VerifyType)
	if err := w.Store.SetBlacklisted(t.Context(), exchange.BlacklistEntry{Domain: order.Domains[0]}, true); err != nil {
		t.Fatal(err)
	}
	handle(w)
	got := w.Order()
	if !got.Private.Findings.Has(filing.CodeDomainBlacklisted) || got.Step != filing.VerifyType {
		t.Errorf("findings %v at %s", got.Private.Findings, got.Step)
	}
	want := decide.WaitingTask{Step: filing.VerifyType, StepVisit: order.StepVisit, Token: steptest.Token, Round: order.Round}
	if w.Task() != want || len(w.Completed) != 0 {
		t.Errorf("task %+v, completed %+v", w.Task(), w.Completed)
	}
}
