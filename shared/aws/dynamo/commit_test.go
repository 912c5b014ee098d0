package dynamo_test

import (
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"beian/shared/aws/dynamo"
	"beian/shared/filing"
	"beian/shared/filing/filingtest"
	"beian/shared/filing/register"
	"beian/shared/process/decide"
	"beian/shared/process/limits"
	"beian/shared/rules/fault"
	"beian/shared/rules/finding"
	"beian/shared/rules/number"
)

// wholeFiling stores every change of a filing, from its opening to its numbers, and reads the order after each.
func wholeFiling(t *testing.T, d *fixture) {
	w := d.walkTo(1, filing.VerifyType)
	w.Store = func(c filing.Change) filing.Order {
		stored := d.commit(c)
		diff := cmp.Diff(c.Order, stored, equal)
		if diff != "" {
			t.Errorf("the order read after %s differs (-want +got):\n%s", c.Entry.Decision, diff)
		}
		return stored
	}
	w.AdvanceTo(filing.MailDocuments)
	w.AdvanceTo(filing.Done)
	entries, err := d.Ledger(t.Context(), w.Order.ID)
	if err != nil {
		t.Fatal(err)
	}
	if len(entries) != w.Order.Version || !filing.VerifyLedger(entries, w.Order) {
		t.Errorf("%d entries for version %d", len(entries), w.Order.Version)
	}
}

// equal compares orders as they are stored.
var equal = cmp.Options{cmpopts.EquateEmpty(), cmp.AllowUnexported(number.Subject{})}

// staleChange: a change of an old version fails and writes nothing.
func staleChange(t *testing.T, d *fixture) {
	w := d.walkTo(1, filing.VerifyProduct)
	old := w.Order
	w.AdvanceTo(filing.CollectDetails)
	product := filingtest.Product()
	product.Server = "server-2"
	d.putServer("server-2", 1)
	_, err := d.Commit(t.Context(), d.apply(old, filingtest.Applicant, filing.ChooseProduct{Product: product}), decide.Request{})
	d.wantFault(err, fault.Stale, "")
	s, err := d.Server(t.Context(), "server-2")
	if err != nil || s.Used != 0 {
		t.Errorf("%d slots are used, %v", s.Used, err)
	}
	if o := d.order(old.ID); o.Version != w.Order.Version || o.LastHash != w.Order.LastHash {
		t.Errorf("version %d, want %d", o.Version, w.Order.Version)
	}
	_, err = d.Commit(t.Context(), d.opening(1), decide.Request{})
	d.wantFault(err, fault.Stale, "")
}

// orderLocks: a subject and a domain have one open order of an account, until it is closed; that order can be changed.
func orderLocks(t *testing.T, d *fixture) {
	w := d.walkTo(1, filing.VerifyType)

	subject := d.opening(2)
	subject.Order.SubjectKey, subject.AcquireLocks[0].Key = w.Order.SubjectKey, w.Order.SubjectKey
	_, err := d.Commit(t.Context(), subject, decide.Request{})
	d.wantFault(err, fault.Conflict, dynamo.CodeSubjectLocked)
	if f := fault.Of(err); len(f.Findings) != 1 || f.Findings[0].Pointer != "/certificate/number" || f.Findings[0].Order != string(w.Order.ID) {
		t.Errorf("findings %v", f.Findings)
	}

	domain := d.opening(3)
	domain.AcquireLocks[1].Key = string(w.Order.Domains[0])
	_, err = d.Commit(t.Context(), domain, decide.Request{})
	d.wantFault(err, fault.Conflict, dynamo.CodeDomainLocked)
	if f := fault.Of(err); len(f.Findings) != 1 || f.Findings[0].Order != string(w.Order.ID) {
		t.Errorf("findings %v", f.Findings)
	}

	// The applicant reads the domain in its own script.
	for n, want := range []string{"", "例子.中国"} {
		chinese := d.opening(5 + n)
		chinese.AcquireLocks[1].Key = "xn--fsqu00a.xn--fiqs8s"
		if _, err := d.Commit(t.Context(), chinese, decide.Request{}); want != "" && !strings.Contains(fault.Of(err).Findings[0].Message.Chinese, want) {
			t.Errorf("findings %v", fault.Of(err).Findings)
		}
	}

	both := d.opening(4)
	both.AcquireLocks[0].Key, both.AcquireLocks[1].Key = w.Order.SubjectKey, string(w.Order.Domains[0])
	_, err = d.Commit(t.Context(), both, decide.Request{})
	d.wantFault(err, fault.Conflict, dynamo.CodeSubjectLocked)
	d.wantFault(err, fault.Conflict, dynamo.CodeDomainLocked)
	for _, c := range []filing.Change{subject, domain, both} {
		if _, err := d.Order(t.Context(), c.Order.ID); fault.KindOf(err) != fault.NotFound {
			t.Errorf("a refused order: %v", err)
		}
	}

	// If the order gets other domains, the old one is free.
	opening := w.App.Opening
	opening.Domains = []string{"another-example.cn"}
	w.Decide(filing.Beian, filing.DetermineType{Facts: w.Facts(filing.Facts{DomainBlacklisted: true})})
	w.Decide(filingtest.Applicant, filing.CorrectType{Opening: opening, SubjectKey: w.Order.SubjectKey})
	d.commit(domain)

	w.Decide(filingtest.Applicant, filing.AskToClose{As: filing.ClosingAbandon})
	w.Decide(filing.Beian, filing.Close{})
	d.commit(subject)
}

// submittedLocks: of several orders of one subject and domain, the first that is submitted keeps the others from being submitted, until it
// returns to its applicant.
func submittedLocks(t *testing.T, d *fixture) {
	const rivals = 4
	var walks []*filingtest.Walk
	for n := range rivals {
		walks = append(walks, d.walkTo(n+1, filing.AwaitConfirmation))
	}
	submit := func(w *filingtest.Walk) error {
		c, err := w.Order.Apply(filing.Confirm{Digest: w.Order.Summary().Digest}, filingtest.Applicant, w.At)
		if err == nil {
			c.AcquireLocks[0].Key, c.AcquireLocks[1].Key = "one-subject", "one-example.cn"
			c.Order.AgentFor = "01FILED0001" // an agency submits for several subjects
			_, err = d.Commit(t.Context(), c, decide.Request{})
		}
		return err
	}
	winner := -1
	for i, err := range concurrently(rivals, func(i int) error { return submit(walks[i]) }) {
		if err == nil && winner >= 0 {
			t.Errorf("both %d and %d are submitted", winner, i)
		} else if err == nil {
			winner = i
		} else {
			d.wantFault(err, fault.Conflict, dynamo.CodeSubjectTaken)
			d.wantFault(err, fault.Conflict, dynamo.CodeDomainTaken)
		}
	}
	if drafts, err := d.CountDrafts(t.Context(), filingtest.Applicant.Account); err != nil || drafts != rivals-1 {
		t.Errorf("%d orders are not submitted, want %d: %v", drafts, rivals-1, err)
	}
	for limit, want := range map[int]fault.Kind{rivals - 1: fault.TooMany, rivals: ""} {
		limiter := limits.Limiter{Store: d.Store, Settings: limits.Settings{Drafts: limit}}
		if err := limiter.CheckDrafts(t.Context(), filingtest.Applicant.Account); fault.KindOf(err) != want {
			t.Errorf("with a limit of %d drafts: %v", limit, err)
		}
	}
	w := walks[winner]
	var err error
	if w.Order, err = d.Order(t.Context(), w.Order.ID); err != nil {
		t.Fatal(err)
	}
	w.Decide(filingtest.Reviewer, filing.ClaimOrder{})
	c := d.apply(w.Order, filingtest.Reviewer, filing.Return{Findings: finding.List{finding.New(filing.CodeAddressMissing, "/subject/address")}})
	c.ReleaseLocks[0].Key, c.ReleaseLocks[1].Key = "one-subject", "one-example.cn"
	d.commit(c)
	if err := submit(walks[(winner+1)%rivals]); err != nil {
		t.Errorf("after the return, another order is refused: %v", err)
	}
}

// submittedSubjects: of several orders of one account for different subjects, submitted at once, one is. Another can be submitted when it has returned.
func submittedSubjects(t *testing.T, d *fixture) {
	const rivals = 4
	var walks []*filingtest.Walk
	for n := range rivals {
		walks = append(walks, d.walkTo(n+1, filing.AwaitConfirmation))
	}
	submit := func(i int) (err error) {
		for range rivals { // a stale decision is made again, as package decide does
			w := walks[i]
			c := d.apply(w.Order, filingtest.Applicant, filing.Confirm{Digest: w.Order.Summary().Digest})
			if _, err = d.Commit(t.Context(), c, decide.Request{}); fault.KindOf(err) != fault.Stale {
				break
			}
		}
		return err
	}
	winner := -1
	for i, err := range concurrently(rivals, submit) {
		if err != nil {
			d.wantFault(err, fault.Conflict, register.CodeAccountHasOrder)
		} else if winner >= 0 {
			t.Errorf("both %d and %d are submitted", winner, i)
		} else {
			winner = i
		}
	}
	other := (winner + 1) % rivals
	d.wantFault(submit(other), fault.Conflict, register.CodeAccountHasOrder)
	w := walks[winner]
	w.Order = d.order(w.Order.ID)
	w.Decide(filingtest.Reviewer, filing.ClaimOrder{})
	w.Decide(filingtest.Reviewer, filing.Return{Findings: finding.List{finding.New(filing.CodeAddressMissing, "/subject/address")}})
	if err := submit(other); err != nil {
		t.Errorf("after the return, another order is refused: %v", err)
	}
}

// concurrentLocks opens eight orders of one subject: one succeeds, the others fail with a finding.
func concurrentLocks(t *testing.T, d *fixture) {
	const rivals = 8
	changes := make([]filing.Change, rivals)
	for i := range changes {
		changes[i] = d.opening(i + 1)
		changes[i].AcquireLocks[0].Key = "one-subject"
	}
	failed := concurrently(rivals, func(i int) error {
		_, err := d.Commit(t.Context(), changes[i], decide.Request{})
		return err
	})
	won := 0
	for i, err := range failed {
		_, missing := d.Order(t.Context(), changes[i].Order.ID)
		if err == nil {
			won++
			continue
		}
		d.wantFault(err, fault.Conflict, dynamo.CodeSubjectLocked)
		d.wantFault(missing, fault.NotFound, "")
	}
	if won != 1 {
		t.Errorf("%d orders were opened, want 1", won)
	}
}

// concurrentDecisions commits eight decisions on the same version: one succeeds.
func concurrentDecisions(t *testing.T, d *fixture) {
	w := d.walkTo(1, filing.VerifyProduct)
	change := d.apply(w.Order, filingtest.Applicant, filing.ChooseProduct{Product: filingtest.Product()})
	won := 0
	for _, err := range concurrently(8, func(int) error { _, err := d.Commit(t.Context(), change, decide.Request{}); return err }) {
		if err == nil {
			won++
		} else if kind := fault.KindOf(err); kind != fault.Stale && kind != fault.Unavailable {
			t.Errorf("%v", err)
		}
	}
	s, err := d.Server(t.Context(), "server-1")
	if err != nil || won != 1 || s.Used != 1 {
		t.Errorf("%d decisions succeeded, want 1; %d slots are used, %v", won, s.Used, err)
	}
	entries, err := d.Ledger(t.Context(), w.Order.ID)
	if err != nil || len(entries) != d.order(w.Order.ID).Version {
		t.Errorf("%d entries, %v", len(entries), err)
	}
}

// concurrently makes n concurrent calls and returns their errors.
func concurrently(n int, do func(int) error) []error {
	failed := make([]error, n)
	ready := make(chan struct{})
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() {
			<-ready
			failed[i] = do(i)
		})
	}
	close(ready)
	all.Wait()
	return failed
}

// idempotencyKeys: a repeated request returns the order; keys belong to an account and are remembered for a day.
func idempotencyKeys(t *testing.T, d *fixture) {
	request := decide.Request{Account: "account-1", Key: "key-1", Hash: "hash-1"}
	if err := d.CheckRepeated(t.Context(), request); err != nil {
		t.Fatal(err)
	}
	if err := d.CheckRepeated(t.Context(), decide.Request{}); err != nil {
		t.Fatal(err)
	}
	c := d.opening(1)
	if _, err := d.Commit(t.Context(), c, request); err != nil {
		t.Fatal(err)
	}
	again := func(r decide.Request) {
		t.Helper()
		for _, err := range []error{d.CheckRepeated(t.Context(), r), func() error { _, err := d.Commit(t.Context(), d.opening(2), r); return err }()} {
			if order, ok := repeatedOrder(err); !ok || order != c.Order.ID {
				t.Errorf("%v", err)
			}
		}
	}
	again(request)
	d.advanceClock(time.Hour)
	again(request)
	_, err := d.Commit(t.Context(), c, request)
	if order, ok := repeatedOrder(err); !ok || order != c.Order.ID {
		t.Errorf("the whole call again: %v", err)
	}
	other := request
	other.Hash = "hash-2"
	d.wantFault(d.CheckRepeated(t.Context(), other), fault.Invalid, dynamo.CodeKeyReused)
	_, err = d.Commit(t.Context(), d.opening(2), other)
	d.wantFault(err, fault.Invalid, dynamo.CodeKeyReused)
	other = request
	other.Account = "account-2"
	if err := d.CheckRepeated(t.Context(), other); err != nil {
		t.Errorf("another account's key: %v", err)
	}
	won := 0
	fresh := decide.Request{Account: "account-1", Key: "key-2", Hash: "hash"}
	changes := []filing.Change{d.opening(3), d.opening(4), d.opening(5), d.opening(6)}
	for _, err := range concurrently(len(changes), func(i int) error { _, err := d.Commit(t.Context(), changes[i], fresh); return err }) {
		if _, ok := repeatedOrder(err); err == nil {
			won++
		} else if !ok {
			t.Errorf("at once: %v", err)
		}
	}
	if won != 1 {
		t.Errorf("%d of the repeated requests succeeded, want 1", won)
	}
}
