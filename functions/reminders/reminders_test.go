package reminders_test

import (
	"log/slog"
	"testing"
	"time"

	"beian/functions/reminders"
	"beian/infra/local/steptest"
	"beian/shared/filing"
	"beian/shared/filing/filingtest"
	"beian/shared/process/bureautask"
	"beian/shared/rules/workday"
)

const day = 24 * time.Hour

// run runs the job days after the last run.
func run(w *steptest.Fixture, days int) reminders.Report {
	w.T.Helper()
	w.Clock.Advance(time.Duration(days) * day)
	h := reminders.Handler{Decisions: w.Service, Orders: w.Store, Filings: w.Store, Now: w.Clock.Now, Log: slog.New(slog.DiscardHandler)}
	report, err := h.Handle(w.T.Context(), reminders.Input{})
	if err != nil {
		w.T.Fatal(err)
	}
	return report
}

// TestReminders: the applicant is reminded on days 7, 15 and 30, once each, and the order expires on day 45. Day 30 is the Saturday at which the Spring Festival
// of 2020 begins; its reminder waits for the next working day.
func TestReminders(t *testing.T) {
	w := steptest.New(t)
	w.At(filing.CollectEvidence)
	for _, visit := range []struct {
		after int // days since the visit before
		want  reminders.Report
	}{
		{6, reminders.Report{}},
		{1, reminders.Report{Due: 1, Reminded: 1}},
		{0, reminders.Report{}},
		{8, reminders.Report{Due: 1, Reminded: 1}},
		{15, reminders.Report{}},
		{8, reminders.Report{}},
		{1, reminders.Report{Due: 1, Reminded: 1}},
		{5, reminders.Report{}},
		{1, reminders.Report{Due: 1, Expired: 1}},
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
	if got := run(w, 13); got != (reminders.Report{Due: 1, Waiting: 1}) {
		t.Errorf("after two weeks: %+v", got)
	}
	w.Do(filing.Actor{Account: "operator-1", Role: filing.Admin}, filing.RecordEntry{On: workday.DateOf(w.Clock.Now())})
	if got := run(w, 10); got != (reminders.Report{}) {
		t.Errorf("after the entry: %+v", got)
	}
}

// TestTasksOfTheBureau: operators are alerted in the morning of the last day, and each morning after it until the task is done.
func TestTasksOfTheBureau(t *testing.T) {
	w := steptest.New(t)
	task := bureautask.NewTask(bureautask.Illegal, bureautask.About{}, w.Clock.Now(), nil)
	task.ID = "task-1"
	if _, err := w.Store.PutBureauTask(t.Context(), task); err != nil {
		t.Fatal(err)
	}
	w.Clock.Set(task.NextAlert(w.Clock.Now()).Add(-time.Second))
	for i, want := range []int{0, 1, 0, 1} {
		if i == 1 || i == 3 {
			w.Clock.Advance(time.Duration(i/2)*day + time.Second)
		}
		if got := run(w, 0); got != (reminders.Report{Tasks: want}) {
			t.Errorf("run %d: %+v, want %d tasks", i+1, got, want)
		}
	}
	closed, err := task.Close("已处理", "operator-1", w.Clock.Now())
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Store.SaveBureauTask(t.Context(), closed, false); err != nil {
		t.Fatal(err)
	}
	if got := run(w, 2); got != (reminders.Report{}) {
		t.Errorf("after it is closed: %+v", got)
	}
}

// TestBureauIsLate: the day on which the bureau should have decided is noticed on that day, once, holidays included.
func TestBureauIsLate(t *testing.T) {
	w := steptest.New(t)
	w.At(filing.AwaitBureau)
	w.Do(filing.TheBureau, filing.Receive{Sequence: 1})
	deadline := w.Order().Bureau.Deadline
	w.Clock.Set(deadline.Add(-time.Minute))
	if got := run(w, 0); got != (reminders.Report{Due: 1}) || w.Order().Bureau.Overdue {
		t.Errorf("earlier on that day: %+v", got)
	}
	if got := run(w, 0); got != (reminders.Report{}) {
		t.Errorf("earlier on that day, again: %+v", got)
	}
	w.Clock.Set(deadline.Add(time.Minute))
	if got := run(w, 0); got != (reminders.Report{Due: 1, Bureau: 1}) || !w.Order().Bureau.Overdue {
		t.Errorf("%+v", got)
	}
	if got := run(w, 10); got != (reminders.Report{}) {
		t.Errorf("ten days later: %+v", got)
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

// TestLeaders: the codes of an order that reached the SMS check at night are sent in the morning, and leaders who do not answer are reminded, each time once.
func TestLeaders(t *testing.T) {
	w := steptest.New(t)
	w.At(filing.InitialReview)
	night := workday.Date("2021-03-02").Time().Add(22 * time.Hour)
	w.Clock.Set(night)
	w.Do(filingtest.Reviewer, filing.ClaimOrder{})
	w.Do(filingtest.Reviewer, filing.Pass{})
	h := reminders.Handler{Decisions: w.Service, Orders: w.Store, Filings: w.Store, Now: w.Clock.Now, Log: slog.New(slog.DiscardHandler),
		NewCode: filingtest.SequentialCodes(), Hours: filing.Daytime}
	check := func(after time.Duration, want reminders.Report) {
		t.Helper()
		w.Clock.Set(night.Add(after))
		for range 2 {
			got, err := h.Handle(t.Context(), reminders.Input{})
			if err != nil || got != want {
				t.Errorf("%s after the review: %+v, %v, want %+v", after, got, err, want)
			}
			want = reminders.Report{}
		}
	}
	check(0, reminders.Report{}) // the function of the step plans the hour
	w.Do(filing.Beian, filing.ScheduleCodes{Hours: filing.Daytime})
	check(10*time.Hour, reminders.Report{})
	check(11*time.Hour+time.Second, reminders.Report{Due: 1, Issued: 1})
	check(14*time.Hour, reminders.Report{})
	check(15*time.Hour+time.Minute, reminders.Report{Due: 1, Leaders: 1})
	check(22*time.Hour+time.Minute, reminders.Report{Due: 1, Leaders: 1})
	check(25*time.Hour, reminders.Report{}) // night
	codes := len(w.Order().SMS.Codes)
	sent := w.Order().Private.Codes[0]
	w.Do(filingtest.Applicant, filing.AnswerSMS{Mobile: sent.Mobile, Code: sent.Code, CertificateTail: sent.CertificateTail})
	check(34*time.Hour+time.Minute, reminders.Report{Due: 1, Leaders: 1})
	check(35*time.Hour+time.Minute, reminders.Report{})
	if got := w.Notices(); codes != 2 || got[filing.NoticeSMSCode] != codes || got[filing.NoticeSMSReminder] != 5 {
		t.Errorf("%d codes, notices %v", codes, got)
	}
}

// TestCodesAfterOutage: codes that were not sent at their time, because the job did not run, are not sent at night.
func TestCodesAfterOutage(t *testing.T) {
	w := steptest.New(t)
	w.At(filing.VerifySMS)
	w.Clock.Set(workday.Date("2021-03-02").Time().Add(10 * time.Hour))
	w.Do(filingtest.Applicant, filing.ChooseSMSHour{Hour: new(15), Hours: filing.Daytime})
	w.Do(filing.Beian, filing.ScheduleCodes{Hours: filing.Daytime})
	h := reminders.Handler{Decisions: w.Service, Orders: w.Store, Filings: w.Store, Now: w.Clock.Now, Log: slog.New(slog.DiscardHandler),
		NewCode: filingtest.SequentialCodes(), Hours: filing.Daytime}
	for _, c := range []struct {
		hour int
		want reminders.Report
	}{{22, reminders.Report{Due: 1}}, {24 + 8, reminders.Report{}}, {24 + 9, reminders.Report{Due: 1, Issued: 1}}} {
		w.Clock.Set(workday.Date("2021-03-02").Time().Add(time.Duration(c.hour) * time.Hour))
		if got, err := h.Handle(t.Context(), reminders.Input{}); err != nil || got != c.want {
			t.Errorf("at %d o'clock: %+v, %v", c.hour, got, err)
		}
	}
}

// TestCounts: a run that counts stores the counts of open orders and what happened on the days before, once, and sends no reminder.
func TestCounts(t *testing.T) {
	w := steptest.New(t)
	w.At(filing.InitialReview)
	opened := workday.DateOf(w.Clock.Now())
	w.Clock.Advance(20 * day)
	h := reminders.Handler{Decisions: w.Service, Orders: w.Store, Filings: w.Store, Now: w.Clock.Now, Log: slog.New(slog.DiscardHandler), Promise: filing.DefaultReviewPromise}
	for range 2 {
		if report, err := h.Handle(t.Context(), reminders.Input{Counts: true}); err != nil || report != (reminders.Report{Counted: 1}) {
			t.Fatalf("%+v, %v", report, err)
		}
	}
	c, err := w.Store.Counts(t.Context())
	if err != nil || c.Steps[filing.InitialReview] != 1 || c.Late != 1 {
		t.Errorf("%+v, %v", c, err)
	}
	today := c.Day()
	if days, err := w.Store.DailyCounts(t.Context(), today.AddDays(-1), today); err != nil || len(days) != 1 {
		t.Errorf("%d days, %v", len(days), err)
	}
	if days, err := w.Store.DailyCounts(t.Context(), today.AddDays(1), today.AddDays(2)); err != nil || len(days) != 0 {
		t.Errorf("%d later days, %v", len(days), err)
	}
	days, err := w.Store.Days(t.Context(), opened, today)
	if err != nil || len(days) != 1 || days[0].Day != opened || days[0].Total()[filing.FlowOpened] != 1 || days[0].Total()[filing.FlowEntered] != 1 {
		t.Errorf("%+v, %v", days, err)
	}
}
