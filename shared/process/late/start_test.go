package late_test

import (
	"context"
	"testing"
	"time"

	"beian/infra/local/scenario"
	"beian/shared/filing"
	"beian/shared/filing/filingtest"
	"beian/shared/process/decide"
	"beian/shared/process/late"
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

// loseStart loses the start of the order's round, and runs the watch.
func (s *system) loseStart() {
	s.T.Helper()
	s.Lose(decide.StartExecution)
	s.Lose(decide.ResumeExecution)
	s.Clock.Advance(late.WatchPatience + time.Second)
	s.list()
}

// refuse has the bureau refuse the order at AwaitBureau, which ends its first round.
func (s *system) refuse() {
	s.T.Helper()
	o := s.At(filing.AwaitBureau)
	s.Do(filing.TheBureau, filing.Refuse{Record: o.Bureau.Record, Codes: []int{1002}, Opinion: "示例意见", Findings: finding.List{finding.New(finding.Code("reviewer"), "")}})
	s.Do(filing.Beian, filing.AnnounceResult{})
	s.Lose(decide.StartExecution)
	s.Lose(decide.ResumeExecution)
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
		s.wantAbandonedAfter(func() { s.Do(filingtest.Applicant, filing.AskToClose{As: filing.ClosingAbandon}) })
	})
	t.Run("abandoned before the start", func(t *testing.T) {
		s := newSystem(t)
		s.At(filing.VerifyProduct)
		s.Lose(decide.StartExecution)
		s.wantAbandonedAfter(func() { s.Do(filingtest.Applicant, filing.AskToClose{As: filing.ClosingAbandon}) })
	})
}

func (s *system) wantAbandonedAfter(decide func()) {
	s.T.Helper()
	decide()
	s.loseStart()
	if err := scenario.Poll(s.T.Context(), func() (bool, error) { return s.Order().Status == filing.Abandoned, nil }); err != nil {
		s.T.Errorf("%v: it is %s", err, s.Order().Status)
	}
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
