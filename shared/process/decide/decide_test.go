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

// toEvidence takes an order and its execution to CollectEvidence.
func (o *system) toEvidence() *filingtest.Walk {
	o.t.Helper()
	w := o.open()
	o.await(filing.VerifyProduct)
	o.decide(w, filingtest.Applicant, filing.ChooseProduct{Product: filingtest.Product()})
	o.await(filing.CollectDetails)
	o.decide(w, filingtest.Applicant, filing.EnterDetails{Subject: w.App.Subject, Sites: w.App.Sites})
	o.await(filing.CollectEvidence)
	return w
}

// submit takes an order from CollectEvidence to the reviewer.
func (o *system) submit(w *filingtest.Walk) {
	o.t.Helper()
	w.At = o.clock.Now()
	o.decide(w, filingtest.Applicant, filing.AcceptEvidence{Accepted: w.RequiredEvidence()})
	w.Store = func(c filing.Change) filing.Order {
		if _, err := o.Store.Commit(o.t.Context(), c, decide.Request{}); err != nil {
			o.t.Fatal(err)
		}
		return o.read(w)
	}
	challenge := w.IssueChallenge(0)
	o.decide(w, filingtest.Applicant, filing.AnswerChallenge{ID: challenge.ID, Passed: true})
	o.decide(w, filingtest.Applicant, filing.Confirm{Digest: w.Order.Summary().Digest})
}

// pass has the reviewer pass an order.
func (o *system) pass(w *filingtest.Walk) {
	o.t.Helper()
	o.decide(w, filingtest.Reviewer, filing.ClaimOrder{})
	o.decide(w, filingtest.Reviewer, filing.Pass{})
}

// answer enters all SMS codes.
func (o *system) answer(w *filingtest.Walk) {
	o.t.Helper()
	for _, sent := range o.read(w).Private.Codes {
		o.decide(w, filingtest.Applicant, filing.AnswerSMS{Mobile: sent.Mobile, Code: sent.Code, CertificateTail: sent.CertificateTail})
	}
}

// approve has the bureau file an order.
func (o *system) approve(w *filingtest.Walk) {
	o.t.Helper()
	o.read(w)
	o.decide(w, filing.TheBureau, filing.Receive{Sequence: 1})
	o.decide(w, filing.TheBureau, w.Approval())
}

// finish takes an order from the initial review to its end.
func (o *system) finish(w *filingtest.Walk) {
	o.t.Helper()
	o.pass(w)
	o.await(filing.VerifySMS)
	o.answer(w)
	o.await(filing.AwaitBureau)
	o.approve(w)
	o.ended(w.Order.ID, w.Order.Round)
	if got := o.read(w); got.Status != filing.Approved || got.Step != filing.Done || len(got.Duties) == 0 {
		o.t.Errorf("the order ended %s at %s", got.Status, got.Step)
	}
}

// TestDecideOn: an order that has changed since the caller read it is read again, unless the caller requires its version.
func TestDecideOn(t *testing.T) {
	o := newSystem(t)
	w := o.toEvidence()
	read := w.Order
	o.decide(w, filingtest.Applicant, filing.AcceptEvidence{Accepted: w.RequiredEvidence()})
	abandon := filing.AskToClose{As: filing.ClosingAbandon}
	_, err := o.DecideOn(t.Context(), read, filingtest.Applicant, abandon, decide.Preconditions{Version: read.Version})
	if fault.KindOf(err) != fault.Stale {
		t.Errorf("with the version that was read: %v", err)
	}
	got, err := o.DecideOn(t.Context(), read, filingtest.Applicant, abandon, decide.Preconditions{})
	if err != nil || got.Version != w.Order.Version+1 || got.Closing != filing.ClosingAbandon || len(got.Evidence) == 0 {
		t.Errorf("version %d, closing %q, %d papers, %v", got.Version, got.Closing, len(got.Evidence), err)
	}
}

func TestDecideCompletesTasks(t *testing.T) {
	o := newSystem(t)
	w := o.toEvidence()
	o.submit(w)
	o.await(filing.InitialReview)
	o.finish(w)
	for _, kind := range []decide.EntryKind{decide.StartExecution, decide.ResumeExecution} {
		if left := o.entries(kind); len(left) != 0 {
			t.Errorf("%d of %s are left", len(left), kind)
		}
	}
	want := "verifytype verifyproduct collectdetails collectevidence verifyauthenticity awaitconfirmation initialreview verifysms transmit awaitbureau announce followup"
	if got := strings.Join(o.walked(), " "); got != want {
		t.Errorf("the machine went %s", got)
	}
}

// TestDecideWhileMachineIsDown: the sweeper completes the task after several decisions.
func TestDecideWhileMachineIsDown(t *testing.T) {
	o := newSystem(t)
	w := o.toEvidence()
	o.machine.cut("SendTaskSuccess", "SendTaskFailure")
	o.submit(w)
	o.decide(w, filingtest.Reviewer, filing.ClaimOrder{})
	o.decide(w, filingtest.Reviewer, filing.Return{Findings: finding.List{finding.New(filing.CodeAddressMissing, "/subject/address")}})
	if got := o.walked(); got[len(got)-1] != "collectevidence" {
		t.Errorf("the machine woke: %v", got)
	}
	if len(o.entries(decide.ResumeExecution)) == 0 {
		t.Fatal("nothing is left for the sweeper")
	}
	o.machine.restore()
	o.sweep()
	o.await(filing.CollectDetails)
	if left := o.entries(decide.ResumeExecution); len(left) != 0 {
		t.Errorf("%d entries are left", len(left))
	}
	w.At = o.clock.Now()
	o.decide(w, filingtest.Applicant, filing.EnterDetails{Subject: w.App.Subject, Sites: w.App.Sites})
	o.await(filing.AwaitConfirmation)
	o.decide(w, filingtest.Applicant, filing.Confirm{Digest: w.Order.Summary().Digest})
	o.await(filing.InitialReview)
	o.finish(w)
}

// TestCloseWhileMachineIsDown: the task at which the order is closed is not the one that waits.
func TestCloseWhileMachineIsDown(t *testing.T) {
	o := newSystem(t)
	w := o.toEvidence()
	o.submit(w)
	o.await(filing.InitialReview)
	o.machine.cut("SendTaskFailure")
	o.decide(w, filingtest.Reviewer, filing.ClaimOrder{})
	o.decide(w, filingtest.Reviewer, filing.Return{Findings: finding.List{finding.New(filing.CodeAddressMissing, "/subject/address")}})
	o.decide(w, filingtest.Applicant, filing.AskToClose{As: filing.ClosingAbandon})
	o.machine.restore()
	o.sweep()
	o.ended(w.Order.ID, 1)
	if got := o.read(w); got.Status != filing.Abandoned {
		t.Errorf("the order is %s", got.Status)
	}
	if slot, err := o.store.Server(t.Context(), "server-1"); err != nil || slot.Used != 0 {
		t.Errorf("%d slots are used, %v", slot.Used, err)
	}
}

// TestLostResponse: a task whose completion was not confirmed is completed again, without effect.
func TestLostResponse(t *testing.T) {
	o := newSystem(t)
	lose := func(action, _ string) error {
		if strings.Contains(action, "SendTask") || strings.Contains(action, "StartExecution") {
			return errCut
		}
		return nil
	}
	o.machine.set(nil, lose)
	w := o.toEvidence()
	o.machine.restore()
	if len(o.entries(decide.ResumeExecution)) == 0 || len(o.entries(decide.StartExecution)) != 1 {
		t.Fatal("nothing is left for the sweeper")
	}
	o.sweep()
	o.submit(w)
	o.await(filing.InitialReview)
	o.finish(w)
	if got := o.walked(); len(got) != 12 {
		t.Errorf("the machine went %v", got)
	}
}

// TestFailedStart: the sweeper starts an execution that could not be started, once.
func TestFailedStart(t *testing.T) {
	o := newSystem(t)
	o.machine.cut("StartExecution")
	w := o.open()
	starts := o.entries(decide.StartExecution)
	if len(starts) != 1 {
		t.Fatalf("%d starts are left", len(starts))
	}
	o.machine.restore()
	o.sweep()
	o.await(filing.VerifyProduct)
	for range 2 {
		if err := o.Deliver(t.Context(), starts[0]); err != nil {
			t.Errorf("once more: %v", err)
		}
	}
	list, err := o.sfn.ListExecutions(t.Context(), &sfn.ListExecutionsInput{StateMachineArn: aws.String(o.host.MachineARN(machineName))})
	if err != nil || len(list.Executions) != 1 {
		t.Errorf("%d executions, %v", len(list.Executions), err)
	}
	if o.read(w).Type != filing.First {
		t.Error("the type is not determined")
	}
	if err := o.Deliver(t.Context(), decide.OutboxEntry{Kind: decide.SendNotice}); err == nil {
		t.Error("a notice was delivered to the machine")
	}
}

// TestFunctionsCalledTwice: every function runs twice for each state; each effect happens once.
func TestFunctionsCalledTwice(t *testing.T) {
	o := newSystem(t)
	o.calls = 2
	w := o.toEvidence()
	o.submit(w)
	o.await(filing.InitialReview)
	o.finish(w)
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
			t.Errorf("%s goes out twice", e.Notice.Kind)
		}
	}
}

// TestDecideDuringWait: a decision is stored while Wait stores the token, before or after. The sweeper is not needed.
func TestDecideDuringWait(t *testing.T) {
	for name, hook := range map[string]func(*wire, func(action, body string) error){
		"before the token is stored": func(w *wire, do func(string, string) error) { w.set(do, nil) },
		"after the token is stored":  func(w *wire, do func(string, string) error) { w.set(nil, do) },
	} {
		t.Run(name, func(t *testing.T) {
			o := newSystem(t)
			w := o.open()
			o.await(filing.VerifyProduct)
			var once sync.Once
			hook(o.table, func(action, body string) error {
				if strings.HasSuffix(action, ".PutItem") && strings.Contains(body, `"CollectDetails"`) {
					once.Do(func() {
						o.decide(w, filingtest.Applicant, filing.EnterDetails{Subject: w.App.Subject, Sites: w.App.Sites})
					})
				}
				return nil
			})
			if _, err := o.Decide(t.Context(), w.Order.ID, filingtest.Applicant, filing.ChooseProduct{Product: filingtest.Product()}); err != nil {
				t.Fatal(err)
			}
			o.await(filing.CollectEvidence)
			o.table.restore()
			if left := o.entries(decide.ResumeExecution); len(left) != 0 {
				t.Errorf("%d entries are left", len(left))
			}
			o.read(w)
			o.submit(w)
			o.await(filing.InitialReview)
			o.finish(w)
		})
	}
}

// TestSecondRound: a resubmitted order has a new execution. One of an earlier round does not affect it.
func TestSecondRound(t *testing.T) {
	o := newSystem(t)
	w := o.toEvidence()
	o.submit(w)
	o.await(filing.InitialReview)
	o.pass(w)
	o.await(filing.VerifySMS)
	o.answer(w)
	o.await(filing.AwaitBureau)
	record := o.read(w).Bureau.Record
	o.decide(w, filing.TheBureau, filing.Refuse{Record: record, Codes: []int{1002},
		Findings: finding.List{finding.New(filing.CodeAddressMissing, "/subject/address")}})
	o.ended(w.Order.ID, 1)
	o.read(w)
	o.decide(w, filingtest.Applicant, filing.Resubmit{})
	o.await(filing.CollectDetails)
	waiting, err := o.Store.WaitingTask(t.Context(), w.Order.ID)
	if err != nil || waiting.Step != filing.CollectDetails {
		t.Fatalf("%+v, %v", waiting, err)
	}
	_, err = o.sfn.StartExecution(t.Context(), &sfn.StartExecutionInput{StateMachineArn: aws.String(o.host.MachineARN(machineName)),
		Name: aws.String("a-ghost-0"), Input: aws.String(fmt.Sprintf(`{"order": %q, "round": 1, "step": "VerifyType"}`, w.Order.ID))})
	if err != nil {
		t.Fatal(err)
	}
	o.ended("a-ghost", 0)
	if after, err := o.Store.WaitingTask(t.Context(), w.Order.ID); err != nil || after != waiting {
		t.Errorf("the execution of an earlier round has taken over: %+v, %v", after, err)
	}
	w.At = o.clock.Now()
	o.read(w)
	o.decide(w, filingtest.Applicant, filing.EnterDetails{Subject: w.App.Subject, Sites: w.App.Sites})
	o.await(filing.AwaitConfirmation)
	o.decide(w, filingtest.Applicant, filing.Confirm{Digest: w.Order.Summary().Digest})
	o.await(filing.InitialReview)
	o.finish(w)
	if w.Order.Round != 2 {
		t.Errorf("round %d", w.Order.Round)
	}
}

// TestPreconditions: version, owner and idempotency key.
func TestPreconditions(t *testing.T) {
	o := newSystem(t)
	w := o.toEvidence()
	claim := filing.AskToClose{As: filing.ClosingAbandon}
	do := func(d decide.Preconditions) (filing.Order, error) {
		return o.DecideWith(t.Context(), w.Order.ID, filingtest.Applicant, claim, d)
	}
	if _, err := do(decide.Preconditions{Version: w.Order.Version - 1}); fault.KindOf(err) != fault.Stale {
		t.Errorf("an old version: %v", err)
	}
	if _, err := do(decide.Preconditions{Owner: "account-2"}); fault.KindOf(err) != fault.NotFound {
		t.Errorf("another's order: %v", err)
	}
	request := decide.Request{Account: "account-1", Key: "key", Hash: "hash"}
	first, err := do(decide.Preconditions{Version: w.Order.Version, Owner: "account-1", Request: request})
	if err != nil || first.Closing != filing.ClosingAbandon {
		t.Fatalf("%s, %v", first.Closing, err)
	}
	o.ended(w.Order.ID, 1)
	again, err := do(decide.Preconditions{Version: w.Order.Version, Owner: "account-1", Request: request})
	if err != nil || again.Status != filing.Abandoned {
		t.Errorf("repeated: %s, %v", again.Status, err)
	}
	if _, err := do(decide.Preconditions{Owner: "account-2", Request: request}); fault.KindOf(err) != fault.NotFound {
		t.Errorf("repeated by another: %v", err)
	}
	request.Hash = "another"
	if _, err := do(decide.Preconditions{Request: request}); !fault.Of(err).Findings.Has(dynamo.CodeKeyReused) {
		t.Errorf("another request with the key: %v", err)
	}
}

// TestConcurrentDecisions: concurrent decisions are applied one after the other.
func TestConcurrentDecisions(t *testing.T) {
	o := newSystem(t)
	w := o.toEvidence()
	o.submit(w)
	o.await(filing.InitialReview)
	var all sync.WaitGroup
	won := make([]bool, 6)
	for i := range won {
		reviewer := filing.Actor{Account: filing.Account(fmt.Sprint("reviewer-", i)), Role: filing.Reviewer}
		all.Go(func() {
			_, err := o.Decide(t.Context(), w.Order.ID, reviewer, filing.ClaimOrder{})
			if won[i] = err == nil; err != nil && fault.KindOf(err) != fault.Conflict {
				t.Errorf("%v", err)
			}
		})
	}
	all.Wait()
	if n := len(slices.DeleteFunc(won, func(claimed bool) bool { return !claimed })); n != 1 {
		t.Errorf("%d reviewers have the order", n)
	}
}
