package filing_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"beian/infra/local/asl"
	"beian/shared/filing"
	"beian/shared/filing/filingtest"
	"beian/shared/rules/evidence"
	"beian/shared/rules/fault"
	"beian/shared/rules/finding"
	"beian/shared/workflow"
)

// A simulation is an order and its state machine, which may miss notifications of decisions.
type simulation struct {
	t       *testing.T
	machine *asl.Machine
	walk    *filingtest.Walk
	run     *asl.Execution
	round   int
	// step, visit and token are those of the waiting task of the newest execution; token is "" if none waits.
	step  filing.Step
	visit int
	token string
	// history lists the decisions and moves, for the message of a failure.
	history []string
}

func newSimulation(t *testing.T, machine *asl.Machine) *simulation {
	w := &simulation{t: t, machine: machine, walk: filingtest.Open(t, inTianjin(), filingtest.December2019)}
	w.startExecution()
	return w
}

func (w *simulation) logHistory(format string, args ...any) {
	w.history = append(w.history, fmt.Sprintf(format, args...))
}

func (w *simulation) startExecution() {
	o := w.walk.Order
	w.round = o.Round
	input := fmt.Sprintf(`{"order": %q, "round": %d, "step": %q}`, o.ID, o.Round, o.StartState())
	run, step, err := w.machine.Start(asl.Origin{ID: "arn", Name: "one", Input: json.RawMessage(input), Seed: []byte("sixteen bytes of")}, w.walk.At)
	if err != nil {
		w.t.Fatal(err)
	}
	w.run, w.token = run, ""
	w.callFunctions(step)
}

// decide applies a decision if it is possible, and notifies the machine unless it misses the notification.
func (w *simulation) decide(by filing.Actor, d filing.Decision, missed bool) {
	c, err := w.walk.Order.Apply(d, by, w.walk.At)
	if err != nil {
		if k := fault.KindOf(err); err != filing.ErrNothingToDo && k != fault.Conflict && k != fault.Invalid && k != fault.TooMany && k != fault.NotFound {
			w.t.Fatalf("%s: %v", d.Name(), err)
		}
		return
	}
	w.walk.Order = c.Order
	w.logHistory("%s → %s", d.Name(), c.Order.Step)
	if c.StartExecution {
		w.startExecution() // never missed: the outbox contains it
	}
	if c.ResumeExecution && !missed {
		w.notifyMachine()
	}
}

// notifyMachine completes the machine's task if the order has moved on, as decide.Service does.
func (w *simulation) notifyMachine() {
	if w.token == "" {
		return
	}
	outcome, ok := w.walk.Order.Outcome(w.step, w.visit)
	if !ok {
		return
	}
	w.completeTask(outcome)
}

func (w *simulation) completeTask(outcome filing.Outcome) {
	token := w.token
	w.token = ""
	var step asl.Step
	var err error
	if outcome.Error != "" {
		step, err = w.machine.SendTaskFailure(w.run, token, &asl.Failure{Name: outcome.Error, Cause: outcome.Cause}, w.walk.At)
	} else {
		output, merr := json.Marshal(outcome.Output)
		if merr != nil {
			w.t.Fatal(merr)
		}
		step, err = w.machine.SendTaskSuccess(w.run, token, output, w.walk.At)
	}
	if err != nil {
		w.t.Fatal(err)
	}
	w.callFunctions(step)
}

// callFunctions does what the functions of the states do.
func (w *simulation) callFunctions(step asl.Step) {
	for _, i := range step.Invoke {
		w.logHistory("machine: %s", i.Function)
		var in struct{ Token string }
		if err := json.Unmarshal(i.Payload, &in); err != nil {
			w.t.Fatal(err)
		}
		var output any = struct{}{}
		switch i.Function {
		case "VerifyType":
			w.decide(filing.Beian, filing.DetermineType{Facts: w.walk.Facts(filing.Facts{})}, true)
		case "VerifySMS":
			w.decide(filing.Beian, filing.IssueCodes{NewCode: filingtest.SequentialCodes()}, true)
		case "Transmit":
			w.decide(filing.Beian, filing.QueueUpload{FirstID: 1}, true)
		case "Announce":
			w.decide(filing.Beian, filing.AnnounceResult{}, true)
		case "FollowUp":
			w.decide(filing.Beian, filing.SetDuties{}, true)
		case "Withdraw", "Abandon", "Reject":
			w.decide(filing.Beian, filing.Close{}, true)
		case "Expire":
			w.decide(filing.Beian, filing.Timeout{}, true)
			if w.walk.Order.Closing == filing.ClosingExpire {
				w.decide(filing.Beian, filing.Close{}, true)
			}
			output = map[string]any{"order": w.walk.Order.ID, "round": w.round, "step": w.walk.Order.Step}
		}
		result, err := json.Marshal(output)
		if err != nil {
			w.t.Fatal(err)
		}
		if in.Token != "" { // as decide.Service.Wait
			w.step, w.visit, w.token = filing.Step(i.Function), w.walk.Order.StepVisit, in.Token
		}
		next, err := w.machine.CompleteInvocation(w.run, i.Task, result, w.walk.At)
		if err != nil {
			w.t.Fatal(err)
		}
		w.callFunctions(next)
		if in.Token != "" {
			w.notifyMachine()
		}
	}
}

// checkSameStep notifies the machine, and fails the test unless it is at the step of the order.
func (w *simulation) checkSameStep() {
	w.t.Helper()
	w.notifyMachine()
	o := w.walk.Order
	switch {
	case o.Step == filing.Done:
		if w.run.Status != asl.Succeeded {
			w.t.Fatalf("the order is at Done (%s), the machine is %s at %s\n%s", o.Status, w.run.Status, w.step, strings.Join(w.history, "\n"))
		}
	case w.run.Status != asl.Running || w.token == "" || w.step != o.Step || w.visit != o.StepVisit:
		w.t.Fatalf("the order is at %s (visit %d), the machine is %s at %s (visit %d)\n%s", o.Step, o.StepVisit, w.run.Status, w.step, w.visit,
			strings.Join(w.history, "\n"))
	}
}

// decideRandomly makes a random decision.
func (w *simulation) decideRandomly(random *rand.Rand, missed bool) {
	o := w.walk.Order
	pointers := []string{"", "/product", "/subject", "/sites/0/name", "/evidence", "/authenticity"}
	found := finding.List{finding.New(filing.CodeAddressMissing, pointers[random.IntN(len(pointers))])}
	decide := func(by filing.Actor, d filing.Decision) { w.decide(by, d, missed) }
	switch n := random.IntN(100); {
	case n < 50:
		w.decideAsExpected(missed)
	case n < 56:
		decide(filingtest.Reviewer, filing.ClaimOrder{})
		decide(filingtest.Reviewer, filing.Return{Findings: found})
	case n < 59:
		decide(filingtest.Reviewer, filing.ClaimOrder{})
		decide(filingtest.Reviewer, filing.Pass{Documents: []evidence.Slot{evidence.SiteSlot(0, evidence.VerificationForm)}})
	case n < 60:
		decide(filingtest.Reviewer, filing.ClaimOrder{})
		decide(filingtest.Reviewer, filing.Reject{Findings: found})
	case n < 66:
		product := filingtest.Product()
		product.Server = fmt.Sprint("server-", random.IntN(3))
		decide(filingtest.Applicant, filing.ChooseProduct{Product: product})
	case n < 72:
		app := inTianjin()
		if random.IntN(2) == 0 {
			app.Sites[0].Leader.Certificate.Number = filingtest.ResidentID("11010119870303000")
		}
		decide(filingtest.Applicant, filing.EnterDetails{Subject: app.Subject, Sites: app.Sites})
	case n < 74:
		decide(filingtest.Applicant, filing.AskToClose{As: []filing.Closing{filing.ClosingWithdraw, filing.ClosingAbandon}[random.IntN(2)]})
	case n < 80 && o.SMS != nil:
		wrong := correctAnswer(w.walk, random.IntN(len(o.SMS.Codes)))
		wrong.Code = "000000"
		decide(filingtest.Applicant, wrong)
	case n < 86 && o.Bureau != nil:
		decide(filing.TheBureau, filing.Refuse{Record: o.Bureau.Record, Codes: []int{1002}, Findings: found})
	case n < 90:
		decide(filingtest.Applicant, filing.Resubmit{})
	case n < 94:
		w.walk.At = w.walk.At.Add(time.Duration(random.IntN(50)) * day)
		decide(filing.Beian, filing.Remind{})
		decide(filing.Beian, filing.AskToClose{As: filing.ClosingExpire})
	case n < 97:
		w.walk.At = w.walk.At.Add(time.Duration(random.IntN(50)) * day)
		w.fireTimer()
	default:
		w.notifyMachine()
	}
}

// fireTimer fires a timer of the machine.
func (w *simulation) fireTimer() {
	if w.token != "" && !w.run.Wake().After(w.walk.At) {
		w.token = ""
		w.callFunctions(w.machine.Tick(w.run, w.walk.At))
	}
}

// decideAsExpected makes the decision that the step waits for.
func (w *simulation) decideAsExpected(missed bool) {
	o := w.walk.Order
	decide := func(by filing.Actor, d filing.Decision) { w.decide(by, d, missed) }
	switch o.Step {
	case filing.VerifyProduct:
		decide(filingtest.Applicant, filing.ChooseProduct{Product: filingtest.Product()})
	case filing.CollectDetails:
		decide(filingtest.Applicant, filing.EnterDetails{Subject: w.walk.App.Subject, Sites: w.walk.App.Sites})
	case filing.CollectEvidence:
		decide(filingtest.Applicant, filing.AcceptEvidence{Accepted: w.walk.RequiredEvidence()})
	case filing.VerifyAuthenticity:
		if o.Closing == "" && len(o.Challenges) < filing.ChallengesPerDay {
			id := w.walk.IssueChallenge(0).ID
			decide(filingtest.Applicant, filing.AnswerChallenge{ID: id, Passed: true})
		}
	case filing.AwaitConfirmation:
		decide(filingtest.Applicant, filing.Confirm{Digest: o.Summary().Digest})
	case filing.InitialReview:
		decide(filingtest.Reviewer, filing.ClaimOrder{})
		decide(filingtest.Reviewer, filing.Pass{})
	case filing.MailDocuments:
		decide(filingtest.Reviewer, filing.ClaimOrder{})
		decide(filingtest.Reviewer, filing.ReceivePapers{})
	case filing.VerifySMS:
		for i := range o.Private.Codes {
			if w.walk.Order.SMS != nil {
				decide(filingtest.Applicant, correctAnswer(w.walk, i))
			}
		}
	case filing.AwaitBureau:
		decide(filing.TheBureau, filing.Receive{Sequence: 1})
		decide(filing.TheBureau, w.walk.Approval())
	}
}

// TestMachineFollowsOrder makes random decisions while the machine misses notifications and its timers fire. After the next
// notification the machine is at the step of the order, without entering the state Pause.
func TestMachineFollowsOrder(t *testing.T) {
	machine, err := asl.Parse([]byte(workflow.Render("aws", func(s workflow.Step) string { return s.Name })))
	if err != nil {
		t.Fatal(err)
	}
	ends := map[filing.Status]int{}
	for seed := range uint64(150) {
		random := rand.New(rand.NewPCG(seed, 1))
		w := newSimulation(t, machine)
		w.logHistory("seed %d", seed)
		for range 60 {
			w.decideRandomly(random, random.IntN(3) > 0)
			if random.IntN(8) == 0 {
				w.checkSameStep()
			}
		}
		w.checkSameStep()
		ends[w.walk.Order.Status]++
	}
	for _, s := range []filing.Status{filing.Approved, filing.Withdrawn, filing.Abandoned, filing.Expired, filing.InitialRejected} {
		if ends[s] == 0 {
			t.Errorf("no random history ended with status %s: %v", s, ends)
		}
	}
}

// TestOutcome checks Outcome for every pair of steps.
func TestOutcome(t *testing.T) {
	for i, at := range filing.Steps {
		o := filing.Order{Step: at, StepVisit: 3}
		for k, waits := range filing.Steps {
			outcome, ok := o.Outcome(waits, 3)
			entered := "" // the machine enters by itself what every filing passes through
			if at.Optional() && !slices.ContainsFunc(filing.Steps[k+1:max(i, k+1)], func(s filing.Step) bool { return !s.Optional() }) {
				entered = string(at)
			}
			switch {
			case i == k && ok, i > k && (!ok || outcome.Error != entered), i < k && (outcome.Error != filing.ErrorReturned || outcome.Cause != string(at)):
				t.Errorf("waiting at %s, the order at %s: %+v", waits, at, outcome)
			}
			o.Closing = filing.ClosingAbandon
			if outcome, ok = o.Outcome(waits, 3); !ok || outcome.Error != "Abandon" {
				t.Errorf("closing: %+v", outcome)
			}
			o.Closing = ""
		}
		if outcome, ok := o.Outcome(at, 2); !ok || outcome.Error != filing.ErrorReturned || outcome.Cause != string(at) {
			t.Errorf("an earlier visit to %s: %+v", at, outcome)
		}
	}
	if !slices.IsSortedFunc(filing.Steps, func(a, b filing.Step) int {
		if a.Before(b) {
			return -1
		}
		return 1
	}) {
		t.Error("Before does not sort filing.Steps")
	}
}
