package journeys_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"testing"

	"beian/infra/local/scenario"
	"beian/infra/local/system"
	"beian/shared/bureau/simulator"
	"beian/shared/filing"
	"beian/shared/process/decide"
	"beian/shared/workflow"
)

// TestLateState checks that a state whose order has moved on completes its task, and that one whose order is closed fails it.
func TestLateState(t *testing.T) {
	moved, closed := journeyAt(t, 444, filing.VerifySMS), journeyAt(t, 441, filing.VerifyProduct)
	moved.replySMS()
	moved.awaitApproved()
	closed.must(closed.applicant.Abandon(t.Context(), closed.id))
	closed.awaitStep(filing.Done, filing.Abandoned)
	for _, step := range workflow.Steps {
		if step.WaitsFor == "" {
			continue
		}
		for _, j := range []*journey{moved, closed} {
			execution := fmt.Sprintf("arn:aws:states:%s:%s:execution:%s:%s-1", system.Region, system.Account, system.MachineName, j.id)
			token := base64.RawURLEncoding.EncodeToString(append(make([]byte, 24), execution...)) // of a task that has ended
			input, err := json.Marshal(decide.Input{Order: j.id, Round: 1, Token: token})
			j.must(err)
			_, err = sys.Functions.Invoke(t.Context(), step.Folder(), input)
			j.must(err)
		}
	}
}

// A downMachine is Step Functions while it cannot be reached.
type downMachine struct{}

func (downMachine) Start(context.Context, decide.Input) error {
	return errors.New("not reachable")
}

func (downMachine) CompleteTask(context.Context, string, filing.Outcome) error {
	return errors.New("not reachable")
}

// TestMachineWasNotNotified checks that the sweeper notifies the state machine if the function that decided could not.
func TestMachineWasNotNotified(t *testing.T) {
	ctx, decisions := t.Context(), *sys.Parts.Decisions()
	decisions.Machine = downMachine{}
	decide := func(j *journey, d filing.Decision) {
		t.Helper()
		_, err := decisions.Decide(ctx, j.id, filing.Beian, d)
		j.must(err)
	}
	j := journeyAt(t, 442, filing.VerifySMS)
	order, err := decisions.Order(ctx, j.id)
	j.must(err)
	j.nextBureauAction(simulator.Action{Decision: simulator.Refuse})
	decide(j, filing.AnswerSMS{Mobile: order.Private.Codes[0].Mobile, Code: order.Private.Codes[0].Code, Reply: true})
	j.awaitStep(filing.Done, filing.BureauRejected)
	decide(j, filing.Resubmit{})
	o := j.order()
	j.must(scenario.Poll(ctx, func() (bool, error) {
		path, _ := sys.Path(ctx, j.id, 2) // an error until the sweeper has started the execution
		return len(path) == 2, nil
	}))
	decide(j, filing.AskToClose{As: filing.ClosingAbandon})
	j.awaitStep(filing.Done, filing.Abandoned)
	j.wantPath(2, []string{"Step", string(o.Step), "Abandon", "Closed"})
}
