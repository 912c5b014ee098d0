package late_test

import (
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"beian/shared/filing"
	"beian/shared/filing/filingtest"
	"beian/shared/process/decide"
	"beian/shared/process/exchange"
	"beian/shared/process/late"
	"beian/shared/rules/fault"
	"beian/shared/rules/workday"
	"beian/shared/workflow"
)

// TestClocks: each step and each kind of outbox entry has one clock, with words in both languages, and each action has words.
func TestClocks(t *testing.T) {
	steps, entries := map[filing.Step]int{}, map[decide.EntryKind]int{}
	for _, c := range late.Clocks(filing.DefaultReviewPromise) {
		steps[c.Step]++
		entries[c.Entry]++
		about := c.Step != "" || c.Entry != ""
		if about && (c.Cause.Chinese == "" || c.Cause.English == "" || c.Help.Chinese == "" || c.Help.English == "") {
			t.Errorf("%s lacks words", c.Name)
		}
		if c.Step != "" && (c.Due == nil || c.Least <= 0) {
			t.Errorf("%s has no time", c.Name)
		}
		if c.Action != late.NoAction && (c.Action.Words().Chinese == "" || c.Action.Words().English == "") {
			t.Errorf("%s has no words", c.Action)
		}
	}
	for _, step := range filing.Steps {
		if want := 1; step != filing.Done && steps[step] != want {
			t.Errorf("%s has %d clocks", step, steps[step])
		}
	}
	for _, kind := range []decide.EntryKind{decide.StartExecution, decide.ResumeExecution, decide.SendNotice, decide.UploadRecord, decide.EraseOrder,
		decide.DropEvidence, decide.SendRegisterNotice, decide.EndOrders, decide.ApplyVerdict, decide.DeadLetter} {
		if entries[kind] != 1 {
			t.Errorf("%s has %d clocks", kind, entries[kind])
		}
	}
}

// TestLateSteps: an order is late at a step when the clock of the step has run out.
func TestLateSteps(t *testing.T) {
	for _, c := range []struct {
		step  filing.Step
		after time.Duration
		clock late.ClockName
	}{
		{filing.CollectDetails, 46*24*time.Hour + time.Minute, "idle-details"},
		{filing.InitialReview, 6 * 24 * time.Hour, "review"},
		{filing.VerifySMS, 26 * time.Hour, "sms"},
		{filing.Transmit, late.Grace + time.Minute, "transmit"},
		{filing.AwaitBureau, 45 * 24 * time.Hour, "bureau"},
	} {
		s := newSystem(t)
		s.At(c.step)
		if c.step == filing.AwaitBureau {
			s.Do(filing.Beian, filing.Receive{Sequence: 1})
		}
		if err := s.Store.SaveTaskToken(t.Context(), s.Walk.Order.ID, decide.WaitingTask{Step: c.step, StepVisit: s.Order().StepVisit, Token: "1"}); err != nil {
			t.Fatal(err)
		}
		if items := s.list(); len(items) != 0 {
			t.Errorf("%s: at once late: %+v", c.step, items)
		}
		s.Clock.Advance(c.after)
		found := slices.ContainsFunc(s.list(), func(i late.Item) bool {
			return i.Order == s.Walk.Order.ID && (i.Clock == c.clock || i.Clock == "execution" && !workflowWaits(c.step))
		})
		if !found {
			t.Errorf("%s is not late after %s", c.step, c.after)
		}
	}
}

// TestReviewPromise: an order at the review is late at the end of the last working day that the provider promises.
func TestReviewPromise(t *testing.T) {
	for _, promise := range []filing.ReviewPromise{1, 5} {
		s := newSystem(t)
		s.Finder.Promise = promise
		s.At(filing.InitialReview)
		s.DeliverAll(decide.StartExecution)
		s.DeliverAll(decide.ResumeExecution)
		s.AwaitTask()
		due := promise.Due(s.Order().MovedAt)
		s.Clock.Advance(due.Sub(s.Clock.Now()) - time.Minute)
		if s.isLate("review") {
			t.Errorf("promise %d: late before it is due", promise)
		}
		s.Clock.Advance(2 * time.Minute)
		if item := s.wantItem("review"); !item.Due.Equal(due) || !strings.Contains(item.Cause.English, strconv.Itoa(int(promise))) {
			t.Errorf("promise %d: %+v", promise, item)
		}
	}
}

// TestReadingOverdue: an order that was read once is late when no other reviewer has read it for two working days, also if the review itself is not late.
func TestReadingOverdue(t *testing.T) {
	s := newSystem(t)
	s.Finder.Promise = 10
	s.At(filing.InitialReview)
	s.DeliverAll(decide.StartExecution)
	s.DeliverAll(decide.ResumeExecution)
	s.AwaitTask()
	s.Do(filingtest.Reviewer, filing.ClaimOrder{})
	s.Do(filingtest.Reviewer, filing.RecordVerdict{Verdict: filing.GivenVerdict{Verdict: filing.VerdictPass}, Readings: filing.SecondReadings{Percent: 100}})
	due := filing.ReviewPromise(filing.SecondReadingDays).Due(s.Order().Readings[0].At)
	s.Clock.Advance(due.Sub(s.Clock.Now()) - time.Minute)
	if s.isLate("second-reading") || s.isLate("review") {
		t.Error("late before it is due")
	}
	s.Clock.Advance(2 * time.Minute)
	item := s.wantItem("second-reading")
	if item.Action != late.NoAction || item.Order != s.Walk.Order.ID || !item.Due.Equal(due) || item.Cause.Chinese == "" || item.Help.Chinese == "" {
		t.Errorf("%+v", item)
	}
	s.Do(filing.Beian, filing.EscalateReading{})
	s.Do(admin, filing.DecideByOne{Note: "其他审核员都在休假"})
	if s.isLate("second-reading") || s.isLate("review") {
		t.Error("still late")
	}
}

// TestNotEntered: an order that operators file by hand is late if nobody has entered it in time, or the bureau has not decided in time since.
func TestNotEntered(t *testing.T) {
	s := newSystem(t)
	s.At(filing.Transmit)
	s.Do(filing.Beian, filing.QueueUpload{ByHand: true})
	o := s.Order()
	if err := s.Store.SaveTaskToken(t.Context(), o.ID, decide.WaitingTask{Step: o.Step, StepVisit: o.StepVisit, Token: "1"}); err != nil {
		t.Fatal(err)
	}
	due := workday.Add(o.MovedAt, filing.EntryDays)
	s.Clock.Advance(due.Sub(s.Clock.Now()) - time.Minute)
	if s.isLate("by-hand") {
		t.Error("late before it is due")
	}
	s.Clock.Advance(2 * time.Minute)
	if item := s.wantItem("by-hand"); item.Action != late.NoAction || s.isLate("bureau") {
		t.Errorf("%+v", item)
	}
	s.Do(admin, filing.RecordEntry{On: workday.DateOf(s.Clock.Now())})
	if s.isLate("by-hand") {
		t.Error("late although it is entered")
	}
	s.Clock.Advance(60 * 24 * time.Hour)
	s.wantItem("by-hand")
}

// isLate reports whether something is late by a clock.
func (s *system) isLate(clock late.ClockName) bool {
	s.T.Helper()
	return slices.ContainsFunc(s.list(), func(i late.Item) bool { return i.Clock == clock })
}

// TestReviewByPerson: an order that waits for a reviewer has no action, and its execution stays.
func TestReviewByPerson(t *testing.T) {
	s := newSystem(t)
	s.At(filing.InitialReview)
	s.DeliverAll(decide.StartExecution)
	s.DeliverAll(decide.ResumeExecution)
	s.AwaitTask()
	s.Clock.Advance(6 * 24 * time.Hour)
	item := s.wantItem("review")
	if item.Action != late.NoAction {
		t.Errorf("%+v", item)
	}
	if _, err := s.Finder.Repair(t.Context(), item.ID, admin); fault.KindOf(err) != fault.Conflict {
		t.Errorf("error %v", err)
	}
	if e := s.AwaitState("InitialReview"); e.Attempt != 1 {
		t.Errorf("%+v", e)
	}
}

// TestDeadLetter: a dead letter goes back to the outbox, also that of an order whose personal data are erased.
func TestDeadLetter(t *testing.T) {
	s := newSystem(t)
	s.At(filing.Done)
	entries, err := s.Store.Outbox(t.Context(), decide.SendNotice, 1)
	if err != nil || len(entries) == 0 {
		t.Fatal(entries, err)
	}
	entries[0].Failure = "OptedOut"
	if err := s.Store.MoveToDeadLetters(t.Context(), entries[0]); err != nil {
		t.Fatal(err)
	}
	item := s.wantItem("dead")
	if item.Entry != decide.SendNotice || !strings.Contains(item.Cause.English, "OptedOut") || !strings.Contains(item.Cause.Chinese, "OptedOut") {
		t.Errorf("%+v", item)
	}
	s.repair(item.ID, true)
	s.repair(item.ID, false)
	if e, known, err := s.Store.OutboxEntry(t.Context(), entries[0].ID); err != nil || !known || e.Failure != "" {
		t.Errorf("it is not in the outbox as before: %t, %q (%v)", known, e.Failure, err)
	}
	s.wantRepairs("deliver notice")
	s.Clock.Advance(late.Grace + time.Minute)
	if notice := s.wantItem("notice"); notice.Action != late.NoAction {
		t.Errorf("%+v", notice)
	} else if _, err := s.Finder.Repair(t.Context(), notice.ID, admin); fault.KindOf(err) != fault.Conflict {
		t.Errorf("error %v", err)
	}
}

// TestUnknownItems: an id that was never listed is refused, and changes nothing.
func TestUnknownItems(t *testing.T) {
	s := newSystem(t)
	for _, id := range []string{"", "x", "order~01NONE", "sent~x", "other~1"} {
		if done, err := s.Finder.Repair(t.Context(), id, admin); done || fault.KindOf(err) != fault.NotFound {
			t.Errorf("%q: %t, %v", id, done, err)
		}
	}
	for _, id := range []string{"entry~notice~1", "sent~7", "file~none"} {
		s.repair(id, false)
	}
}

// TestFiles: the exchange is late if it has stopped, if the bureau lacks a file, or if one is unusable.
func TestFiles(t *testing.T) {
	s := newSystem(t)
	at := s.Clock.Now()
	link := s.Finder.Bureau.Link
	if _, err := s.Store.AcquireLink(t.Context(), link, "test"); err != nil {
		t.Fatal(err)
	}
	err := s.Store.ReleaseLink(t.Context(), link, "test", exchange.LinkState{Next: 8, Missing: []int64{5}, Flight: &exchange.Sent{Sequence: 7},
		Upload: exchange.LinkResponse{Code: 6, Since: at}, Download: exchange.LinkResponse{Code: 6, Since: at}})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Store.PutReceived(t.Context(), link, exchange.Received{ID: "a.xml-1", Name: "a.xml", State: exchange.Poison, At: at}); err != nil {
		t.Fatal(err)
	}
	got := map[string]late.Action{}
	for _, i := range s.list() {
		got[i.ID] = i.Action
	}
	for id, action := range map[string]late.Action{"sent~7": late.Resend, "downloads~stopped": late.NoAction, "sent~5": late.Resend, "file~a.xml-1": late.Replay} {
		if found, ok := got[id]; !ok || found != action {
			t.Errorf("%s: %q; all are %v", id, found, got)
		}
	}
	s.Finder.Bureau.ByHand = true
	if items := s.list(); len(items) != 0 {
		t.Errorf("without a link: %+v", items)
	}
}

// workflowWaits reports whether the machine waits at a step.
func workflowWaits(step filing.Step) bool { return workflow.Of(step).WaitsFor != "" }
