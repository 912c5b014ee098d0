package late_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"beian/shared/filing"
	"beian/shared/filing/filingtest"
	"beian/shared/process/decide"
	"beian/shared/process/late"
	"beian/shared/rules/fault"
	"beian/shared/rules/finding"
)

// countedMachine counts the starts of executions.
type countedMachine struct {
	decide.Machine
	starts []decide.Input
}

func (m *countedMachine) Start(ctx context.Context, in decide.Input) error {
	m.starts = append(m.starts, in)
	return m.Machine.Start(ctx, in)
}

// loseEntries loses what would start or notify the order's execution.
func (s *system) loseEntries() {
	s.T.Helper()
	s.Lose(decide.StartExecution)
	s.Lose(decide.ResumeExecution)
}

// loseStart loses the start of the order's round, and runs the watch.
func (s *system) loseStart() {
	s.T.Helper()
	s.loseEntries()
	s.Clock.Advance(late.WatchPatience + time.Second)
	s.list()
}

// refuse has the bureau refuse the order at AwaitBureau, which ends its first round.
func (s *system) refuse() {
	s.T.Helper()
	o := s.At(filing.AwaitBureau)
	s.Do(filing.TheBureau, filing.Refuse{Record: o.Bureau.Record, Codes: []int{1002}, Opinion: "示例意见", Findings: finding.List{finding.New(finding.Code("reviewer"), "")}})
	s.Do(filing.Beian, filing.AnnounceResult{})
	s.loseEntries()
}

// TestMissedStart: a process ends between the opening of an order and the start of its execution, which leaves nothing in the outbox: the watch starts it.
func TestMissedStart(t *testing.T) {
	s := newSystem(t)
	s.At(filing.VerifyProduct)
	s.Lose(decide.StartExecution)
	s.Clock.Advance(late.WatchPatience + time.Second)
	for range 2 { // the second run finds it followed
		if items := s.list(); len(items) != 0 {
			t.Errorf("late: %+v", items)
		}
		s.AwaitState("VerifyProduct")
		s.AwaitTask()
	}
	if stalled, err := s.Store.Stalled(t.Context(), 10); err != nil || len(stalled) != 0 {
		t.Errorf("the watch keeps %+v, %v", stalled, err)
	}
	s.wantAbandoned()
}

// unstartable is a machine that starts no execution.
type unstartable struct{ decide.Machine }

func (unstartable) Start(context.Context, decide.Input) error {
	return fault.New(fault.Unavailable, "", "")
}

// TestRefusedStart: an order whose execution the watch cannot start is late, until the watch can.
func TestRefusedStart(t *testing.T) {
	s := newSystem(t)
	s.At(filing.VerifyType)
	s.Lose(decide.StartExecution)
	s.Clock.Advance(late.Grace + time.Minute)
	machine := s.Service.Machine
	s.Service.Machine = unstartable{machine}
	if err := s.Watch.Run(t.Context()); fault.KindOf(err) != fault.Unavailable {
		t.Errorf("the watch returns %v", err)
	}
	items, err := s.Finder.List(t.Context())
	if err != nil || len(items) != 1 || items[0].Action != late.Restart || items[0].Execution.Status != late.NoExecution || !strings.Contains(items[0].Cause.English, "no execution") {
		t.Errorf("%+v, %v", items, err)
	}
	s.Service.Machine = machine
	s.list()
	s.AwaitTask()
	if items := s.list(); len(items) != 0 {
		t.Errorf("still late: %+v", items)
	}
}

// TestMissedStartOfALaterRound: the process ends between a decision that begins another round and the start of its execution.
func TestMissedStartOfALaterRound(t *testing.T) {
	t.Run("resubmitted", func(t *testing.T) {
		s := newSystem(t)
		s.waitForDetails()
		s.refuse()
		s.Do(filingtest.Applicant, filing.Resubmit{})
		s.loseStart()
		s.AwaitTask()
		if e := s.AwaitState(string(s.Order().Step)); e.Round != 2 {
			t.Errorf("%+v", e)
		}
		s.wantAbandoned()
	})
	t.Run("abandoned after the refusal", func(t *testing.T) {
		s := newSystem(t)
		s.waitForDetails()
		s.refuse()
		s.wantAbandoned()
	})
	t.Run("abandoned before the start", func(t *testing.T) {
		s := newSystem(t)
		s.At(filing.VerifyProduct)
		s.Lose(decide.StartExecution)
		s.wantAbandoned()
	})
}

// TestNoStartWithoutNeed: the watch starts nothing for an order that is over, or waits for the applicant after a refusal.
func TestNoStartWithoutNeed(t *testing.T) {
	for name, end := range map[string]func(*system){
		"closed": func(s *system) {
			s.Do(filingtest.Applicant, filing.AskToClose{As: filing.ClosingAbandon})
			s.Do(filing.Beian, filing.Close{})
		},
		"refused by the bureau": (*system).refuse,
	} {
		t.Run(name, func(t *testing.T) {
			s := newSystem(t)
			s.At(filing.VerifyProduct)
			end(s)
			machine := &countedMachine{Machine: s.Service.Machine}
			s.Service.Machine = machine
			s.loseStart()
			if len(machine.starts) > 0 {
				t.Errorf("started %+v", machine.starts)
			}
		})
	}
}

// TestStartedOnce: an order whose round has an execution does not start it again: Step Functions forgets a name 90 days after the execution ended, so that a restarted
// round would have two.
func TestStartedOnce(t *testing.T) {
	s := newSystem(t)
	s.waitForDetails()
	machine := &countedMachine{Machine: s.Service.Machine}
	s.Service.Machine = machine
	s.At(filing.CollectEvidence)
	s.loseStart() // nothing to start; the decision is missed
	s.AwaitTask()
	s.AwaitState("CollectEvidence")
	if len(machine.starts) > 0 {
		t.Errorf("started again: %+v", machine.starts)
	}
}
