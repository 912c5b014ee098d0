package verifysms_test

import (
	"testing"
	"time"

	"beian/functions/verifysms"
	"beian/infra/local/steptest"
	"beian/shared/filing"
	"beian/shared/filing/filingtest"
	"beian/shared/process/decide"
	"beian/shared/rules/workday"
)

// TestCodesAreIssuedOnce: a second call issues and sends no second code, and the step waits.
func TestCodesAreIssuedOnce(t *testing.T) {
	w := steptest.New(t)
	w.At(filing.VerifySMS)
	h := verifysms.Handler{Decisions: w.Service, NewCode: filingtest.SequentialCodes(), Hours: filing.AnyHour}
	for range 2 {
		if _, err := h.Handle(t.Context(), w.Input()); err != nil {
			t.Fatal(err)
		}
	}
	got := w.Order()
	if n := len(got.Private.Codes); n == 0 || w.Notices()[filing.NoticeSMSCode] != n || w.Decisions()["issue-codes"] != 1 {
		t.Errorf("%d codes, notices %v, decisions %v", n, w.Notices(), w.Decisions())
	}
	want := decide.WaitingTask{Step: filing.VerifySMS, StepVisit: got.StepVisit, Token: steptest.Token, Round: got.Round}
	if w.Task() != want || len(w.Completed) != 0 {
		t.Errorf("task %+v, completed %+v", w.Task(), w.Completed)
	}
}

// TestOrderHasLeftStep: after all codes were answered, the task is completed at once and no code is issued.
func TestOrderHasLeftStep(t *testing.T) {
	w := steptest.New(t)
	w.At(filing.Transmit)
	if _, err := (verifysms.Handler{Decisions: w.Service, NewCode: filingtest.SequentialCodes(), Hours: filing.AnyHour}).Handle(t.Context(), w.Input()); err != nil {
		t.Fatal(err)
	}
	if len(w.Completed) != 1 || w.Completed[0].Error != "" || w.Decisions()["issue-codes"] != 1 {
		t.Errorf("completed %+v, decisions %v", w.Completed, w.Decisions())
	}
}

// TestCodesArePlanned: at night a call plans the codes for the morning, and the step waits for them.
func TestCodesArePlanned(t *testing.T) {
	w := steptest.New(t)
	w.At(filing.VerifySMS)
	w.Clock.Set(workday.Date("2019-12-26").Time().Add(2 * time.Hour))
	h := verifysms.Handler{Decisions: w.Service, NewCode: filingtest.SequentialCodes(), Hours: filing.Daytime}
	for range 2 {
		if _, err := h.Handle(t.Context(), w.Input()); err != nil {
			t.Fatal(err)
		}
	}
	got := w.Order()
	if want := workday.Date("2019-12-26").Time().Add(9 * time.Hour); !got.SMSSendAt.Equal(want) || got.SMS != nil || w.Decisions()["schedule-codes"] != 1 {
		t.Errorf("planned for %s, want %s; decisions %v", got.SMSSendAt, want, w.Decisions())
	}
	if w.Task().Token != steptest.Token || len(w.Completed) != 0 {
		t.Errorf("task %+v, completed %+v", w.Task(), w.Completed)
	}
	w.Clock.Set(got.SMSSendAt) // the machine calls again
	if _, err := h.Handle(t.Context(), w.Input()); err != nil {
		t.Fatal(err)
	}
	if after := w.Order(); after.SMS == nil || len(w.Completed) != 1 || w.Completed[0].Error != filing.ErrorReturned {
		t.Errorf("in the morning: %+v, completed %+v", after.SMS, w.Completed)
	}
}
