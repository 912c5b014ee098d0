package late_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"beian/infra/local/machinetest"
	"beian/infra/local/scenario"
	"beian/shared/filing"
	"beian/shared/filing/filingtest"
	"beian/shared/process/decide"
	"beian/shared/process/late"
)

// A system is one whose late items a test lists and repairs.
type system struct{ *machinetest.System }

func newSystem(t *testing.T) *system { return &system{machinetest.New(t)} }

var admin = filing.Actor{Account: "admin-1", Role: filing.Admin}

// list runs the watch and returns what is late.
func (s *system) list() []late.Item {
	s.T.Helper()
	if err := s.Watch.Run(s.T.Context()); err != nil {
		s.T.Fatal(err)
	}
	items, err := s.Finder.List(s.T.Context())
	if err != nil {
		s.T.Fatal(err)
	}
	return items
}

// wantItem returns the only item of a clock, and fails if there is none.
func (s *system) wantItem(clock late.ClockName) late.Item {
	s.T.Helper()
	items := s.list()
	for _, i := range items {
		if i.Clock == clock {
			return i
		}
	}
	s.T.Fatalf("nothing of the clock %s is late: %+v", clock, items)
	return late.Item{}
}

// repair repairs an item and checks whether something was done.
func (s *system) repair(id string, want bool) {
	s.T.Helper()
	if done, err := s.Finder.Repair(s.T.Context(), id, admin); err != nil || done != want {
		s.T.Fatalf("repair of %s: %t, %v", id, done, err)
	}
}

// restart repairs an item, and requires that a second execution waits at its step.
func (s *system) restart(item late.Item) {
	s.T.Helper()
	s.repair(item.ID, true)
	s.AwaitTask()
	if e := s.AwaitState(string(item.Step)); e.Attempt != 2 {
		s.T.Errorf("%+v", e)
	}
}

// waitForDetails moves the order to CollectDetails, where its execution waits.
func (s *system) waitForDetails() {
	s.T.Helper()
	s.At(filing.CollectDetails)
	s.DeliverAll(decide.StartExecution)
	s.DeliverAll(decide.ResumeExecution)
	s.AwaitTask()
}

// wantRepairs checks that the ledger has repairs by the administrator.
func (s *system) wantRepairs(want ...string) {
	s.T.Helper()
	entries, err := s.Store.Ledger(s.T.Context(), s.Walk.Order.ID)
	if err != nil {
		s.T.Fatal(err)
	}
	var got []string
	for _, e := range entries {
		if e.Decision == "record-repair" && e.By.Account == admin.Account {
			got = append(got, e.Facts["action"]+" "+e.Facts["what"])
		}
	}
	if strings.Join(got, ", ") != strings.Join(want, ", ") {
		s.T.Errorf("the ledger has the repairs %q, want %q", got, want)
	}
}

// TestLostStart: an execution whose start was not delivered is late after the grace period, and delivering its entry starts it.
func TestLostStart(t *testing.T) {
	s := newSystem(t)
	s.At(filing.VerifyType)
	if items := s.list(); len(items) != 0 {
		t.Fatalf("at once late: %+v", items)
	}
	s.Clock.Advance(late.Grace + time.Minute)
	item := s.wantItem("start")
	if item.Action != late.Deliver || item.Order != s.Walk.Order.ID || item.Entry != decide.StartExecution {
		t.Errorf("%+v", item)
	}
	s.repair(item.ID, true)
	s.AwaitTask()
	s.repair(item.ID, false)
	if items := s.list(); len(items) != 0 {
		t.Errorf("still late: %+v", items)
	}
	s.wantRepairs("deliver start")
}

// TestPausedMachine: an order whose step fails in all its retries is found by the watch, and restarted once the cause is gone.
func TestPausedMachine(t *testing.T) {
	s := newSystem(t)
	s.At(filing.VerifyType)
	s.SetFailing(true)
	s.Clock.Advance(late.Grace / 3) // the pause of 15 minutes ends after the grace period
	s.DeliverAll(decide.StartExecution)
	s.AwaitState("Pause")
	s.Clock.Advance(late.Grace*2/3 - time.Minute) // the clock runs, so a minute is for a slow machine
	if items := s.list(); len(items) != 0 {
		t.Fatalf("late within the grace period: %+v", items)
	}
	s.Clock.Advance(2 * time.Minute)
	item := s.wantItem("execution")
	if item.Action != late.Restart || item.Execution.State != "Pause" || !strings.Contains(item.Cause.English, "retries") {
		t.Errorf("%+v", item)
	}
	s.SetFailing(false)
	s.repair(item.ID, true)
	s.AwaitTask()
	s.repair(item.ID, false)
	if e := s.AwaitState("VerifyType"); e.Attempt != 2 {
		t.Errorf("%+v", e)
	}
	if items := s.list(); len(items) != 0 {
		t.Errorf("still late: %+v", items)
	}
	if stalled, err := s.Store.Stalled(t.Context(), 10); err != nil || len(stalled) != 0 {
		t.Errorf("the watch keeps %+v, %v", stalled, err)
	}
	path, err := s.Finder.Machine.Path(t.Context(), late.Execution{Order: s.Walk.Order.ID, Round: 1, Attempt: 1, Status: late.Aborted})
	if err != nil || len(path) != 3 || path[0].State != "Step" || path[1].State != "VerifyType" || path[2].State != "Pause" || path[2].At.IsZero() {
		t.Errorf("%+v, %v", path, err)
	}
	s.wantRepairs("restart RUNNING")
}

// TestAbortedExecution: an execution that was stopped while it waited is found, and restarted where the order is.
func TestAbortedExecution(t *testing.T) {
	s := newSystem(t)
	s.waitForDetails()
	s.StopExecution()
	s.Clock.Advance(late.Grace + time.Minute)
	item := s.wantItem("execution")
	if item.Execution.Status != late.Aborted || item.Step != filing.CollectDetails {
		t.Errorf("%+v", item)
	}
	s.restart(item)
	s.repair(item.ID, false)
	if items := s.list(); len(items) != 0 {
		t.Errorf("still late: %+v", items)
	}
}

// TestMissedDecision: a process ends between the decision and the notification of the machine, which leaves nothing in the outbox: the watch notifies it.
func TestMissedDecision(t *testing.T) {
	s := newSystem(t)
	s.leaveBehind()
	s.Clock.Advance(late.WatchPatience / 2) // the clock runs, so the other half is for a slow machine
	s.list()
	if e := s.AwaitState("VerifyProduct"); e.Status != late.Running {
		t.Errorf("while a process may still notify it: %+v", e)
	}
	s.Clock.Advance(late.WatchPatience/2 + time.Second)
	if items := s.list(); len(items) != 0 {
		t.Errorf("late: %+v", items)
	}
	s.AwaitState("CollectDetails")
	s.AwaitTask()
	s.wantAbandoned()
}

// TestLostTask: an order whose execution waits with a task that the table does not have is found, and restarted where it is.
func TestLostTask(t *testing.T) {
	s := newSystem(t)
	s.At(filing.VerifyProduct)
	s.DeliverAll(decide.StartExecution)
	s.AwaitTask()
	s.LoseTask()
	s.At(filing.CollectDetails)
	s.Lose(decide.ResumeExecution)
	s.Clock.Advance(late.Grace + time.Minute)
	item := s.wantItem("execution")
	if item.Execution.State != "VerifyProduct" || item.Step != filing.CollectDetails {
		t.Errorf("%+v", item)
	}
	s.repair(item.ID, true)
	s.AwaitTask()
	s.AwaitState("CollectDetails")
	if items := s.list(); len(items) != 0 {
		t.Errorf("still late: %+v", items)
	}
	s.Do(filingtest.Applicant, filing.AskToClose{As: filing.ClosingAbandon})
	s.Clock.Advance(late.Grace + time.Minute)
	if item := s.wantItem("resume"); item.Order != s.Walk.Order.ID {
		t.Errorf("%+v", item)
	}
}

// TestClockMovedBack: an order that moves after the clock was moved back, by the operator of a laptop or by a time server, is notified, too.
func TestClockMovedBack(t *testing.T) {
	s := newSystem(t)
	s.At(filing.VerifyType)
	s.DeliverAll(decide.StartExecution)
	s.AwaitTask()
	s.Clock.Advance(24 * time.Hour)
	s.At(filing.VerifyProduct)
	s.Lose(decide.ResumeExecution)
	s.Clock.Advance(late.WatchPatience + time.Second)
	s.list() // reads the step up to here
	s.AwaitTask()
	s.Clock.Advance(-20 * time.Hour)
	s.wantAbandoned()
}

// A busyStore has three full pages of orders that have ended since they entered a step, before those of the table.
type busyStore struct{ late.WatchStore }

func (b busyStore) EnteredBefore(ctx context.Context, step filing.Step, after string, before time.Time, limit int) ([]filing.Order, string, error) {
	if step != filing.CollectDetails || after > "3" {
		return b.WatchStore.EnteredBefore(ctx, step, after, before, limit)
	}
	if after == "3" {
		return b.WatchStore.EnteredBefore(ctx, step, "", before, limit)
	}
	return slices.Repeat([]filing.Order{{ID: "ended", Status: filing.Withdrawn}}, limit), map[string]string{"": "1", "1": "2", "2": "3"}[after], nil
}

// TestBusyWatch: an order is notified within the usual time, even if more orders entered its step before than a run reads at a time.
func TestBusyWatch(t *testing.T) {
	s := newSystem(t)
	s.Watch.Store = busyStore{s.Store}
	s.leaveBehind()
	s.Clock.Advance(late.WatchPatience + time.Second)
	s.list()
	s.AwaitState("CollectDetails")
}

// leaveBehind moves the order from VerifyProduct, where its execution waits, to CollectDetails, and loses the notification.
func (s *system) leaveBehind() {
	s.T.Helper()
	s.At(filing.VerifyProduct)
	s.DeliverAll(decide.StartExecution)
	s.AwaitTask()
	s.At(filing.CollectDetails)
	s.Lose(decide.ResumeExecution)
}

// wantAbandoned abandons the order, loses the notification, and requires that the order is closed after a run of the watch.
func (s *system) wantAbandoned() {
	s.T.Helper()
	s.Do(filingtest.Applicant, filing.AskToClose{As: filing.ClosingAbandon})
	s.loseStart()
	if err := scenario.Poll(s.T.Context(), func() (bool, error) { return s.Order().Status == filing.Abandoned, nil }); err != nil {
		s.T.Errorf("%v; the order is %s", err, s.Order().Status)
	}
}
