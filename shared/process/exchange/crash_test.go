package exchange_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"beian/shared/aws/dynamo"
	"beian/shared/bureau/document"
	"beian/shared/bureau/simulator"
	"beian/shared/filing"
	"beian/shared/filing/register"
	"beian/shared/process/exchange"
)

// seeds is the number of random histories. EXCHANGE_SEEDS sets another number; `make test` sets 1,000.
const seeds = 10

// TestCrashes ends the process, or fails one call, at calls to the table, the bucket and the bureau, before or after the call
// arrived. Then it runs new processes without faults, and checks that the bureau has each record once, under numbers without
// gaps, that each order has its answer once, and that each filing of a full copy is in the register once.
func TestCrashes(t *testing.T) {
	l := startLaptop(t)
	count := seeds
	if text := os.Getenv("EXCHANGE_SEEDS"); text != "" {
		var err error
		if count, err = strconv.Atoi(text); err != nil {
			t.Fatal(err)
		}
	}
	var total figures
	calls := runParallel(t, l, &total, "without faults", 1, func(w *system, _ int) figures { return w.runWithFault(&crash{callsBefore: -1}) }).calls
	// A crash before a call has the same effect as a crash after the previous call.
	runParallel(t, l, &total, "crash after call", calls, func(w *system, n int) figures {
		return w.runWithFault(&crash{callsBefore: n, after: true})
	})
	runParallel(t, l, &total, "history", count, func(w *system, seed int) figures { return w.runHistory(uint64(seed)) })
	t.Logf("%d histories, %d crashes, %d failed calls, %d records in %d files, %d calls; no gap, no duplicate, nothing lost",
		total.histories, total.crashes, total.failedCalls, total.records, total.files, total.calls)
}

type figures struct{ histories, crashes, failedCalls, records, files, calls int }

func (f *figures) add(g figures) {
	f.histories += g.histories
	f.crashes += g.crashes
	f.failedCalls += g.failedCalls
	f.records += g.records
	f.files += g.files
	f.calls += g.calls
}

// workers is the number of systems that run at a time. They wait for the engines most of the time.
const workers = 8

// runParallel runs count subtests, each with a new system, adds their figures to total and returns their sum.
func runParallel(t *testing.T, l *laptop, total *figures, name string, count int, test func(w *system, n int) figures) figures {
	t.Helper()
	var sum figures
	var mu sync.Mutex
	var all sync.WaitGroup
	numbers := make(chan int)
	for range workers {
		all.Go(func() {
			for n := range numbers {
				t.Run(fmt.Sprintf("%s %d", name, n), func(t *testing.T) {
					result := test(l.newSystem(t, limitTo64KB), n)
					mu.Lock()
					defer mu.Unlock()
					sum.add(result)
				})
			}
		})
	}
	for n := range count {
		numbers <- n
	}
	close(numbers)
	all.Wait()
	total.add(sum)
	return sum
}

// runWithFault runs one process with a crash and four orders to send, and then runs until idle. One of the orders cannot be
// written in GBK, one is too large for the bureau.
func (w *system) runWithFault(f *crash) figures {
	w.t.Helper()
	w.page = 1
	w.offerCopies(2)
	orders := []filing.ID{w.queueOrder(1, nil), w.queueOrder(2, outsideGBK), w.queueOrder(3, tooLarge), w.queueOrder(4, nil)}
	result := w.runProcess(f)
	result.add(w.runUntilIdle(orders))
	return result
}

// runProcess runs one process until it ends or crashes.
func (w *system) runProcess(f *crash) figures {
	_, _ = w.newExchange(f).Run(w.t.Context()) // only the stored state matters
	result := figures{calls: f.calls}
	switch {
	case f.crashed:
		result.crashes = 1
	case f.once && f.calls > f.callsBefore:
		result.failedCalls = 1
	}
	w.advanceClock(dynamo.LinkLease + time.Second)
	return result
}

// runHistory runs a random sequence of orders, decisions of the bureau, and faults.
func (w *system) runHistory(seed uint64) figures {
	w.t.Helper()
	random := rand.New(rand.NewPCG(seed, 8))
	w.max, w.page = 1+random.IntN(3), 1+random.IntN(3)
	w.applyScenario(randomScenario(random))
	var result figures
	var orders []filing.ID
	for range 1 + random.IntN(3) {
		w.offerCopies(random.IntN(5))
		for range 1 + random.IntN(3) {
			kind := []func(*filing.Order){nil, nil, nil, outsideGBK, tooLarge}[random.IntN(5)]
			orders = append(orders, w.queueOrder(len(orders), kind))
		}
		result.add(w.runProcess(&crash{callsBefore: random.IntN(90), after: random.IntN(2) == 0, once: random.IntN(3) == 0}))
	}
	result.add(w.runUntilIdle(orders))
	if w.copied > 0 {
		w.cancelled = w.registered(firstCopied).ID
		w.offerCancellation(w.registered(firstCopied))
		result.add(w.runProcess(&crash{callsBefore: random.IntN(30), after: random.IntN(2) == 0}))
		result.add(w.runUntilIdle(orders))
	}
	return result
}

// randomScenario returns the bureau's behaviour in a history.
func randomScenario(random *rand.Rand) simulator.Scenario {
	s := simulator.Scenario{LostAnswers: random.IntN(3), Unavailable: random.IntN(3)}
	for n := range 9 {
		var then simulator.Action
		switch random.IntN(4) {
		case 0:
			then.Decision, then.Codes = simulator.Refuse, []int64{1041}
		case 1:
			then.Twice = true
		case 2:
			then.Delay = simulator.Duration(time.Duration(random.IntN(5)) * time.Hour)
		}
		s.Rules = append(s.Rules, simulator.Rule{Match: simulator.Match{Domain: string(inventedDomain(n))}, Then: then})
	}
	return s
}

// runUntilIdle runs processes without faults until nothing is left to do, and checks the result.
func (w *system) runUntilIdle(orders []filing.ID) figures {
	w.t.Helper()
	total := figures{histories: 1}
	for idle, rounds := 0, 0; idle < 2 && rounds < 20; rounds++ {
		w.advanceClock(dynamo.LinkLease + 3*time.Hour)
		report := w.runExchange()
		if report.Busy {
			w.t.Error("the link is held for longer than a lease")
		}
		if idle++; report != (exchange.Report{}) {
			idle = 0
		}
	}
	sent := w.uploadedRecords()
	total.records = len(sent)
	total.files = w.checkNumbers(sent)
	w.checkOrders(orders, sent)
	w.checkCopies()
	return total
}

// checkNumbers compares the bureau's records with our state of the link. It returns the number of files.
func (w *system) checkNumbers(sent []simulator.Record) int {
	w.t.Helper()
	files, marks := map[int64]bool{}, map[string]bool{}
	for _, r := range sent {
		if marks[r.Mark] {
			w.t.Errorf("record %s was uploaded twice", r.Mark)
		}
		marks[r.Mark], files[r.Sequence] = true, true
	}
	status, err := w.bureau.Status()
	if err != nil {
		w.t.Fatal(err)
	}
	last := status.Sequences[w.provider]
	for n := range last {
		if !files[n+1] {
			w.t.Errorf("no records have the number %d of %d", n+1, last)
		}
	}
	ours := w.status()
	expected := []string{exchange.IssueReconciliation, exchange.IssueFilingChanged} // a copy may be older than an order's filing, and one is cancelled
	issues := slices.DeleteFunc(issueKinds(ours), func(kind string) bool { return slices.Contains(expected, kind) })
	if ours.LastSequence != last || ours.Flight != nil || ours.Waiting != 0 || ours.Stopped || len(ours.Poison) > 0 || len(issues) > 0 {
		w.t.Errorf("our state is %+v, the bureau's last number %d", ours, last)
	}
	if left := status.Downloads[w.provider]; left != 0 {
		w.t.Errorf("%d files are not acknowledged", left)
	}
	return len(files)
}

// firstCopied is the number of the first invented person in the copies.
const firstCopied = 100

// offerCopies makes the bureau offer a full copy with more filings that the register lacks, and all those of the copies before.
func (w *system) offerCopies(more int) {
	w.t.Helper()
	if w.copied += more; w.copied == 0 {
		return
	}
	var filings []document.FiledData
	for n := range w.copied {
		filings = append(filings, w.filedElsewhere(firstCopied+n))
	}
	w.offerCopy(filings...)
}

// checkCopies checks that the register has each filing of the copies once, and no open difference about one.
func (w *system) checkCopies() {
	w.t.Helper()
	open := w.differences(false)
	for n := range w.copied {
		f := w.registered(firstCopied + n)
		if n == 0 && w.cancelled != "" {
			ended, err := w.store.Filing(w.t.Context(), w.cancelled)
			if err != nil || ended.Version != 2 || ended.Status != register.Cancelled || f.Version != 0 {
				w.t.Errorf("the cancelled filing: version %d, %s, %v; another stands: %t", ended.Version, ended.Status, err, f.Version != 0)
			}
			continue
		}
		if f.Version != 1 || f.Status != register.Filed {
			w.t.Errorf("filing %d of the copies: version %d, %s", n, f.Version, f.Status)
		}
		for _, d := range open {
			if strings.HasSuffix(d, " "+f.Number.String()) {
				w.t.Errorf("open after all copies: %s", d)
			}
		}
	}
}

// checkOrders compares each order with the bureau's records, and checks that the order's ledger has each answer once.
func (w *system) checkOrders(orders []filing.ID, sent []simulator.Record) {
	w.t.Helper()
	records := map[string]simulator.Record{}
	for _, r := range sent {
		records[r.Mark] = r
	}
	for _, id := range orders {
		o := w.readOrder(id)
		mark := strconv.FormatInt(o.Bureau.FirstID, 10)
		r, uploaded := records[mark]
		delete(records, mark)
		if !uploaded {
			w.checkUnsent(o)
			continue
		}
		want := map[string]filing.Status{"approve": filing.Approved, "refuse": filing.BureauRejected}[r.Decision]
		if o.Status != want || o.Bureau.Sequence != int(r.Sequence) {
			w.t.Errorf("order: %s, file %d; bureau: %q, file %d", o.Status, o.Bureau.Sequence, r.Decision, r.Sequence)
		}
		if want == filing.Approved && fmt.Sprint(o.Bureau.Sites[0].Number) != r.Numbers[0] {
			w.t.Errorf("order has %v, bureau gave %v", o.Bureau.Sites, r.Numbers)
		}
		entries, err := w.store.Ledger(w.t.Context(), id)
		if err != nil {
			w.t.Fatal(err)
		}
		counts := map[string]int{}
		for _, e := range entries {
			counts[e.Decision]++
		}
		if counts["receive"] != 1 || counts["approve"]+counts["refuse"] != 1 {
			w.t.Errorf("decisions in the ledger: %v", counts)
		}
	}
	if len(records) > 0 {
		w.t.Errorf("%d records belong to no order", len(records))
	}
}

// checkUnsent checks that an order without a record at the bureau was refused because it cannot be sent.
func (w *system) checkUnsent(o filing.Order) {
	w.t.Helper()
	if o.Status != filing.BureauRejected || !o.Private.Findings.Has(filing.CodeCharacter) && !o.Private.Findings.Has(exchange.CodeRejected) {
		w.t.Errorf("an order is not at the bureau, and is %s with %v", o.Status, o.Private.Findings)
	}
	if o.Bureau.Sequence != 0 || o.Bureau.DecidedAt.IsZero() {
		w.t.Errorf("bureau %+v", o.Bureau)
	}
}

// A dyingStore ends the process when the state of the link is stored without a file in flight, which is the first time after a file was accepted.
type dyingStore struct {
	*dynamo.Store
	dead bool
}

func (s *dyingStore) SaveLink(ctx context.Context, link, holder string, state exchange.LinkState) error {
	if s.dead = s.dead || state.Flight == nil && state.Next > 1; s.dead {
		return errCrashed
	}
	return s.Store.SaveLink(ctx, link, holder, state)
}

func (s *dyingStore) ReleaseLink(ctx context.Context, link, holder string, state exchange.LinkState) error {
	return errCrashed
}

// secondRoundAfterCrash: the process ends after the bureau has refused an order, and before it has stored that the order's file is settled. The next run comes
// after the order was corrected: it settles the file without an alarm, and uploads the second round.
func secondRoundAfterCrash(w *system) {
	w.applyScenario(simulator.Scenario{Rules: []simulator.Rule{{Times: 1, Then: simulator.Action{Decision: simulator.Refuse}}}})
	id, waiting := w.queueOrder(1, nil), w.queueOrder(2, nil)
	dies := *w.reliableExchange()
	dies.Store = &dyingStore{Store: w.store}
	_, _ = dies.Run(w.t.Context()) // only the stored state matters
	o := w.checkStatus(id, filing.BureauRejected)
	o.Status, o.Step, o.Round, o.Bureau = filing.InitialPassed, filing.Transmit, 2, nil
	w.putOrder(o)
	w.queueUpload(id)
	w.advanceClock(dynamo.LinkLease + time.Second)
	w.runExchange()
	w.checkStatus(id, filing.Approved)
	w.checkStatus(waiting, filing.Approved)
	if sent := w.uploadedRecords(); len(sent) != 3 || w.alarms() != 0 {
		w.t.Errorf("uploaded %d records, %d alarms", len(sent), w.alarms())
	}
}
