package reminders_test

import (
	"log/slog"
	"testing"
	"time"

	"beian/functions/reminders"
	"beian/infra/local/steptest"
	"beian/shared/filing"
	"beian/shared/rules/workday"
)

const day = 24 * time.Hour

// run runs the job days after the last run.
func run(w *steptest.Fixture, days int) reminders.Report {
	w.T.Helper()
	w.Clock.Advance(time.Duration(days) * day)
	h := reminders.Handler{Decisions: w.Service, Orders: w.Store, Now: w.Clock.Now, Log: slog.New(slog.DiscardHandler)}
	report, err := h.Handle(w.T.Context(), struct{}{})
	if err != nil {
		w.T.Fatal(err)
	}
	return report
}

// TestReminders: the applicant is reminded on days 7, 15 and 30, once each, and the order expires on day 45.
func TestReminders(t *testing.T) {
	w := steptest.New(t)
	w.At(filing.CollectEvidence)
	for _, visit := range []struct {
		after int // days since the visit before
		want  reminders.Report
	}{
		{6, reminders.Report{}},
		{1, reminders.Report{Checked: 1, Reminded: 1}},
		{0, reminders.Report{Checked: 1}},
		{8, reminders.Report{Checked: 1, Reminded: 1}},
		{15, reminders.Report{Checked: 1, Reminded: 1}},
		{14, reminders.Report{Checked: 1}},
		{1, reminders.Report{Checked: 1, Expired: 1}},
	} {
		if got := run(w, visit.after); got != visit.want {
			t.Errorf("%d days later: %+v, want %+v", visit.after, got, visit.want)
		}
	}
	if got := w.Order(); got.Closing != filing.ClosingExpire || w.Notices()[filing.NoticeIdle] != 3 {
		t.Errorf("closing %q, notices %v", got.Closing, w.Notices())
	}
}

// TestEntries: an order that waits to be entered at the bureau is reported after two working days, until it is entered.
func TestEntries(t *testing.T) {
	w := steptest.New(t)
	w.At(filing.Transmit)
	w.Do(filing.Beian, filing.QueueUpload{ByHand: true})
	if got := run(w, 1); got != (reminders.Report{}) {
		t.Errorf("after a day: %+v", got)
	}
	if got := run(w, 13); got != (reminders.Report{Checked: 1, Waiting: 1}) {
		t.Errorf("after two weeks: %+v", got)
	}
	w.Do(filing.Actor{Account: "operator-1", Role: filing.Admin}, filing.RecordEntry{On: workday.DateOf(w.Clock.Now())})
	if got := run(w, 10); got != (reminders.Report{}) {
		t.Errorf("after the entry: %+v", got)
	}
}

// TestReviewIsNotReminded: the applicant is not reminded while the reviewer has to act.
func TestReviewIsNotReminded(t *testing.T) {
	w := steptest.New(t)
	w.At(filing.InitialReview)
	if got := run(w, 60); got != (reminders.Report{}) {
		t.Errorf("%+v", got)
	}
}
