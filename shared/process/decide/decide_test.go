package decide_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"

	"beian/shared/aws/dynamo"
	"beian/shared/filing"
	"beian/shared/filing/filingtest"
	"beian/shared/process/decide"
	"beian/shared/rules/fault"
	"beian/shared/rules/finding"
)

// advanceToEvidence opens an order and advances it and its execution to CollectEvidence.
func (o *system) advanceToEvidence() *filingtest.Walk {
	o.t.Helper()
	w := o.openOrder()
	o.waitForState(filing.VerifyProduct)
	o.decide(w, filingtest.Applicant, filing.ChooseProduct{Product: filingtest.Product()})
	o.waitForState(filing.CollectDetails)
	o.decide(w, filingtest.Applicant, filing.EnterDetails{Subject: w.App.Subject, Sites: w.App.Sites})
	o.waitForState(filing.CollectEvidence)
	return w
}

// submit advances an order from CollectEvidence to InitialReview.
func (o *system) submit(w *filingtest.Walk) {
	o.t.Helper()
	w.At = o.clock.Now()
	o.decide(w, filingtest.Applicant, filing.AcceptEvidence{Accepted: w.RequiredEvidence()})
	w.Store = func(c filing.Change) filing.Order {
		if _, err := o.Store.Commit(o.t.Context(), c, decide.Request{}); err != nil {
			o.t.Fatal(err)
		}
		return o.reload(w)
	}
	challenge := w.IssueChallenge(0)
	o.decide(w, filingtest.Applicant, filing.AnswerChallenge{ID: challenge.ID, Passed: true})
	o.decide(w, filingtest.Applicant, filing.Confirm{Digest: w.Order.Summary().Digest})
}

// passReview claims an order and passes its initial review.
func (o *system) passReview(w *filingtest.Walk) {
	o.t.Helper()
	o.decide(w, filingtest.Reviewer, filing.ClaimOrder{})
	o.decide(w, filingtest.Reviewer, filing.Pass{})
}

// enterCodes enters all SMS codes.
func (o *system) enterCodes(w *filingtest.Walk) {
	o.t.Helper()
	for _, sent := range o.reload(w).Private.Codes {
		o.decide(w, filingtest.Applicant, filing.AnswerSMS{Mobile: sent.Mobile, Code: sent.Code, CertificateTail: sent.CertificateTail})
	}
}

// approveOrder records the bureau's receipt and approval of an order.
func (o *system) approveOrder(w *filingtest.Walk) {
	o.t.Helper()
	o.reload(w)
	o.decide(w, filing.TheBureau, filing.Receive{Sequence: 1})
	o.decide(w, filing.TheBureau, w.Approval())
}

// finishOrder advances an order from the initial review to Done.
func (o *system) finishOrder(w *filingtest.Walk) {
	o.t.Helper()
	o.passReview(w)
	o.waitForState(filing.VerifySMS)
	o.enterCodes(w)
	o.waitForState(filing.AwaitBureau)
	o.approveOrder(w)
	o.waitForEnd(w.Order.ID, w.Order.Round)
	if got := o.reload(w); got.Status != filing.Approved || got.Step != filing.Done || len(got.Duties) == 0 {
		o.t.Errorf("the order has status %s at %s", got.Status, got.Step)
	}
}

// TestDecideOn: DecideOn reads an order again that has changed since the caller read it, unless the caller requires the version.
func TestDecideOn(t *testing.T) {
	o := newSystem(t)
	w := o.advanceToEvidence()
	read := w.Order
	o.decide(w, filingtest.Applicant, filing.AcceptEvidence{Accepted: w.RequiredEvidence()})
	abandon := filing.AskToClose{As: filing.ClosingAbandon}
	_, err := o.DecideOn(t.Context(), read, filingtest.Applicant, abandon, decide.Preconditions{Version: read.Version})
	if fault.KindOf(err) != fault.Stale {
		t.Errorf("with the version that was read: %v", err)
	}
	got, err := o.DecideOn(t.Context(), read, filingtest.Applicant, abandon, decide.Preconditions{})
	if err != nil || got.Version != w.Order.Version+1 || got.Closing != filing.ClosingAbandon || len(got.Evidence) == 0 {
		t.Errorf("version %d, closing %q, %d documents, %v", got.Version, got.Closing, len(got.Evidence), err)
	}
}

func TestDecideCompletesTasks(t *testing.T) {
	o := newSystem(t)
	w := o.advanceToEvidence()
	o.submit(w)
	o.waitForState(filing.InitialReview)
	o.finishOrder(w)
	for _, kind := range []decide.EntryKind{decide.StartExecution, decide.ResumeExecution} {
		if left := o.entries(kind); len(left) != 0 {
			t.Errorf("%d outbox entries of kind %s are left", len(left), kind)
		}
	}
	want := "verifytype verifyproduct collectdetails collectevidence verifyauthenticity awaitconfirmation initialreview verifysms transmit awaitbureau announce followup"
	if got := strings.Join(o.visitedStates(), " "); got != want {
		t.Errorf("the machine visited %s", got)
	}
}

// TestDecideWhileMachineIsDown: the sweeper completes the task after several decisions.
func TestDecideWhileMachineIsDown(t *testing.T) {
	o := newSystem(t)
	w := o.advanceToEvidence()
	o.machine.failCalls("SendTaskSuccess", "SendTaskFailure")
	o.submit(w)
	o.decide(w, filingtest.Reviewer, filing.ClaimOrder{})
	o.decide(w, filingtest.Reviewer, filing.Return{Findings: finding.List{finding.New(filing.CodeAddressMissing, "/subject/address")}})
	if got := o.visitedStates(); got[len(got)-1] != "collectevidence" {
		t.Errorf("the machine was notified: it visited %v", got)
	}
	if len(o.entries(decide.ResumeExecution)) == 0 {
		t.Fatal("the outbox has no entry for the sweeper")
	}
	o.machine.removeHooks()
	o.sweep()
	o.waitForState(filing.CollectDetails)
	if left := o.entries(decide.ResumeExecution); len(left) != 0 {
		t.Errorf("%d entries are left", len(left))
	}
	w.At = o.clock.Now()
	o.decide(w, filingtest.Applicant, filing.EnterDetails{Subject: w.App.Subject, Sites: w.App.Sites})
	o.waitForState(filing.AwaitConfirmation)
	o.decide(w, filingtest.Applicant, filing.Confirm{Digest: w.Order.Summary().Digest})
	o.waitForState(filing.InitialReview)
	o.finishOrder(w)
}

// TestCloseWhileMachineIsDown: the order is closed at a later step than the one at which the machine waits.
func TestCloseWhileMachineIsDown(t *testing.T) {
	o := newSystem(t)
	w := o.advanceToEvidence()
	o.submit(w)
	o.waitForState(filing.InitialReview)
	o.machine.failCalls("SendTaskFailure")
	o.decide(w, filingtest.Reviewer, filing.ClaimOrder{})
	o.decide(w, filingtest.Reviewer, filing.Return{Findings: finding.List{finding.New(filing.CodeAddressMissing, "/subject/address")}})
	o.decide(w, filingtest.Applicant, filing.AskToClose{As: filing.ClosingAbandon})
	o.machine.removeHooks()
	o.sweep()
	o.waitForEnd(w.Order.ID, 1)
	if got := o.reload(w); got.Status != filing.Abandoned {
		t.Errorf("the order is %s", got.Status)
	}
	if slot, err := o.store.Server(t.Context(), "server-1"); err != nil || slot.Used != 0 {
		t.Errorf("%d slots are used, %v", slot.Used, err)
	}
}

// TestLostResponse: if the response to the completion of a task is lost, the sweeper completes the task again, without effect.
func TestLostResponse(t *testing.T) {
	o := newSystem(t)
	lose := func(action, _ string) error {
		if strings.Contains(action, "SendTask") || strings.Contains(action, "StartExecution") {
			return errCallFailed
		}
		return nil
	}
	o.machine.setHooks(nil, lose)
	w := o.advanceToEvidence()
	o.machine.removeHooks()
	if len(o.entries(decide.ResumeExecution)) == 0 || len(o.entries(decide.StartExecution)) != 1 {
		t.Fatal("the outbox has no entry for the sweeper")
	}
	o.sweep()
	o.submit(w)
	o.waitForState(filing.InitialReview)
	o.finishOrder(w)
	if got := o.visitedStates(); len(got) != 12 {
		t.Errorf("the machine visited %v", got)
	}
}

// TestFailedStart: the sweeper starts an execution that could not be started, once.
func TestFailedStart(t *testing.T) {
	o := newSystem(t)
	o.machine.failCalls("StartExecution")
	w := o.openOrder()
	starts := o.entries(decide.StartExecution)
	if len(starts) != 1 {
		t.Fatalf("%d starts are left", len(starts))
	}
	o.machine.removeHooks()
	o.sweep()
	o.waitForState(filing.VerifyProduct)
	for range 2 {
		if err := o.Deliver(t.Context(), starts[0]); err != nil {
			t.Errorf("a second start of the round: %v", err)
		}
	}
	list, err := o.sfn.ListExecutions(t.Context(), &sfn.ListExecutionsInput{StateMachineArn: aws.String(o.host.MachineARN(machineName))})
	if err != nil || len(list.Executions) != 1 {
		t.Errorf("%d executions, %v", len(list.Executions), err)
	}
	if o.reload(w).Type != filing.First {
		t.Error("the type is not determined")
	}
	if err := o.Deliver(t.Context(), decide.OutboxEntry{Kind: decide.SendNotice}); err == nil {
		t.Error("Deliver accepts a notice")
	}
}

// TestFunctionsCalledTwice: every function runs twice for each state; each effect happens once.
func TestFunctionsCalledTwice(t *testing.T) {
	o := newSystem(t)
	o.calls = 2
	w := o.advanceToEvidence()
	o.submit(w)
	o.waitForState(filing.InitialReview)
	o.finishOrder(w)
	entries, err := o.store.Ledger(t.Context(), w.Order.ID)
	if err != nil {
		t.Fatal(err)
	}
	times := map[string]int{}
	for _, e := range entries {
		times[e.Decision]++
	}
	for _, once := range []string{"determine-type", "issue-codes", "queue-upload", "announce", "set-duties"} {
		if times[once] != 1 {
			t.Errorf("%s is %d times in the ledger", once, times[once])
		}
	}
	if uploads := o.entries(decide.UploadRecord); len(uploads) != 1 {
		t.Errorf("%d uploads", len(uploads))
	}
	kinds := map[filing.Notice]int{}
	for _, e := range o.entries(decide.SendNotice) {
		if kinds[e.Notice]++; kinds[e.Notice] > 1 {
			t.Errorf("the notice %s is in the outbox twice", e.Notice.Kind)
		}
	}
}

// TestDecideDuringWait: a decision is stored while Wait stores the token, before or after. The sweeper is not needed.
func TestDecideDuringWait(t *testing.T) {
	for name, hook := range map[string]func(*hookedTransport, func(action, body string) error){
		"before the token is stored": func(w *hookedTransport, do func(string, string) error) { w.setHooks(do, nil) },
		"after the token is stored":  func(w *hookedTransport, do func(string, string) error) { w.setHooks(nil, do) },
	} {
		t.Run(name, func(t *testing.T) {
			o := newSystem(t)
			w := o.openOrder()
			o.waitForState(filing.VerifyProduct)
			var once sync.Once
			decided := make(chan struct{})
			hook(o.table, func(action, body string) error {
				if strings.HasSuffix(action, ".PutItem") && strings.Contains(body, `"CollectDetails"`) {
					once.Do(func() {
						defer close(decided)
						o.decide(w, filingtest.Applicant, filing.EnterDetails{Subject: w.App.Subject, Sites: w.App.Sites})
					})
				}
				return nil
			})
			if _, err := o.Decide(t.Context(), w.Order.ID, filingtest.Applicant, filing.ChooseProduct{Product: filingtest.Product()}); err != nil {
				t.Fatal(err)
			}
			o.waitForState(filing.CollectEvidence)
			<-decided
			o.table.removeHooks()
			if left := o.entries(decide.ResumeExecution); len(left) != 0 {
				t.Errorf("%d entries are left", len(left))
			}
			o.reload(w)
			o.submit(w)
			o.waitForState(filing.InitialReview)
			o.finishOrder(w)
		})
	}
}

// TestSecondRound: a resubmitted order has a new execution. The execution of an earlier round does not affect it.
func TestSecondRound(t *testing.T) {
	o := newSystem(t)
	w := o.advanceToEvidence()
	o.submit(w)
	o.waitForState(filing.InitialReview)
	o.passReview(w)
	o.waitForState(filing.VerifySMS)
	o.enterCodes(w)
	o.waitForState(filing.AwaitBureau)
	record := o.reload(w).Bureau.Record
	o.decide(w, filing.TheBureau, filing.Refuse{Record: record, Codes: []int{1002},
		Findings: finding.List{finding.New(filing.CodeAddressMissing, "/subject/address")}})
	o.waitForEnd(w.Order.ID, 1)
	o.reload(w)
	o.decide(w, filingtest.Applicant, filing.Resubmit{})
	o.waitForState(filing.CollectDetails)
	waiting, err := o.Store.WaitingTask(t.Context(), w.Order.ID)
	if err != nil || waiting.Step != filing.CollectDetails {
		t.Fatalf("%+v, %v", waiting, err)
	}
	_, err = o.sfn.StartExecution(t.Context(), &sfn.StartExecutionInput{StateMachineArn: aws.String(o.host.MachineARN(machineName)),
		Name: aws.String("a-ghost-0"), Input: aws.String(fmt.Sprintf(`{"order": %q, "round": 1, "step": "VerifyType"}`, w.Order.ID))})
	if err != nil {
		t.Fatal(err)
	}
	o.waitForEnd("a-ghost", 0)
	if after, err := o.Store.WaitingTask(t.Context(), w.Order.ID); err != nil || after != waiting {
		t.Errorf("the execution of an earlier round has replaced the waiting task: %+v, %v", after, err)
	}
	w.At = o.clock.Now()
	o.reload(w)
	o.decide(w, filingtest.Applicant, filing.EnterDetails{Subject: w.App.Subject, Sites: w.App.Sites})
	o.waitForState(filing.AwaitConfirmation)
	o.decide(w, filingtest.Applicant, filing.Confirm{Digest: w.Order.Summary().Digest})
	o.waitForState(filing.InitialReview)
	o.finishOrder(w)
	if w.Order.Round != 2 {
		t.Errorf("round %d", w.Order.Round)
	}
}

// TestPreconditions: version, owner and idempotency key.
func TestPreconditions(t *testing.T) {
	o := newSystem(t)
	w := o.advanceToEvidence()
	abandon := filing.AskToClose{As: filing.ClosingAbandon}
	decideWith := func(d decide.Preconditions) (filing.Order, error) {
		return o.DecideWith(t.Context(), w.Order.ID, filingtest.Applicant, abandon, d)
	}
	if _, err := decideWith(decide.Preconditions{Version: w.Order.Version - 1}); fault.KindOf(err) != fault.Stale {
		t.Errorf("an outdated version: %v", err)
	}
	if _, err := decideWith(decide.Preconditions{Owner: "account-2"}); fault.KindOf(err) != fault.NotFound {
		t.Errorf("the order of another account: %v", err)
	}
	request := decide.Request{Account: "account-1", Key: "key", Hash: "hash"}
	first, err := decideWith(decide.Preconditions{Version: w.Order.Version, Owner: "account-1", Request: request})
	if err != nil || first.Closing != filing.ClosingAbandon {
		t.Fatalf("%s, %v", first.Closing, err)
	}
	o.waitForEnd(w.Order.ID, 1)
	again, err := decideWith(decide.Preconditions{Version: w.Order.Version, Owner: "account-1", Request: request})
	if err != nil || again.Status != filing.Abandoned {
		t.Errorf("repeated: %s, %v", again.Status, err)
	}
	if _, err := decideWith(decide.Preconditions{Owner: "account-2", Request: request}); fault.KindOf(err) != fault.NotFound {
		t.Errorf("repeated by another account: %v", err)
	}
	request.Hash = "another"
	if _, err := decideWith(decide.Preconditions{Request: request}); !fault.Of(err).Findings.Has(dynamo.CodeKeyReused) {
		t.Errorf("another request with the same key: %v", err)
	}
}

// TestConcurrentDecisions: concurrent decisions are applied one after the other.
func TestConcurrentDecisions(t *testing.T) {
	o := newSystem(t)
	w := o.advanceToEvidence()
	o.submit(w)
	o.waitForState(filing.InitialReview)
	var group sync.WaitGroup
	claimed := make([]bool, 6)
	for i := range claimed {
		reviewer := filing.Actor{Account: filing.Account(fmt.Sprint("reviewer-", i)), Role: filing.Reviewer}
		group.Go(func() {
			_, err := o.Decide(t.Context(), w.Order.ID, reviewer, filing.ClaimOrder{})
			if claimed[i] = err == nil; err != nil && fault.KindOf(err) != fault.Conflict {
				t.Errorf("%v", err)
			}
		})
	}
	group.Wait()
	if n := len(slices.DeleteFunc(claimed, func(claimed bool) bool { return !claimed })); n != 1 {
		t.Errorf("%d reviewers have claimed the order, want 1", n)
	}
}
