package exchange_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"sync"
	"testing"
	"time"

	"beian/shared/aws/dynamo"
	"beian/shared/bureau/simulator"
	"beian/shared/filing"
	"beian/shared/process/exchange"
)

// seeds is how many random histories the test goes through; EXCHANGE_SEEDS sets another number, `make test` 1,000.
const seeds = 40

// TestCrashes lets the process die, or lose one answer, at calls to the table, the bucket and the bureau, before or after
// the call got there, and starts it again until it lives. Whatever happened: the bureau has every record once, under
// numbers without gaps, and every order has its answer once.
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
	calls := together(t, l, &total, "life without faults", 1, func(w *system, _ int) figures { return w.lives(&fuse{left: -1}) }).calls
	// To die before a call leaves behind what dying after the one before it does.
	together(t, l, &total, "death after each call", calls, func(w *system, n int) figures {
		return w.lives(&fuse{left: n, after: true})
	})
	together(t, l, &total, "history", count, func(w *system, seed int) figures { return w.history(uint64(seed)) })
	t.Logf("%d histories, %d processes that died, %d answers lost, %d records in %d files, %d calls; no gap, no double, nothing lost",
		total.histories, total.deaths, total.glitches, total.records, total.files, total.calls)
}

type figures struct{ histories, deaths, glitches, records, files, calls int }

func (f *figures) add(g figures) {
	f.histories += g.histories
	f.deaths += g.deaths
	f.glitches += g.glitches
	f.records += g.records
	f.files += g.files
	f.calls += g.calls
}

// workers is how many systems live at a time. They wait for the engines more than they compute.
const workers = 8

// together lives through count histories, each a subtest with a system of its own, adds them to total and returns their sum.
func together(t *testing.T, l *laptop, total *figures, name string, count int, live func(w *system, n int) figures) figures {
	t.Helper()
	var sum figures
	var mu sync.Mutex
	var all sync.WaitGroup
	numbers := make(chan int)
	for range workers {
		all.Go(func() {
			for n := range numbers {
				t.Run(fmt.Sprintf("%s %d", name, n), func(t *testing.T) {
					lived := live(l.system(t, narrow), n)
					mu.Lock()
					defer mu.Unlock()
					sum.add(lived)
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

// lives lets one process live, with four orders to send, and others after it until all is quiet. One of the orders cannot
// be written in GBK, one is too large for the bureau.
func (w *system) lives(f *fuse) figures {
	w.t.Helper()
	orders := []filing.ID{w.queueOrder(1, nil), w.queueOrder(2, rare), w.queueOrder(3, large), w.queueOrder(4, nil)}
	lived := w.life(f)
	lived.add(w.recover(orders))
	return lived
}

// life is one process, from its start to its end or death.
func (w *system) life(f *fuse) figures {
	_, _ = w.exchange(f).Run(w.t.Context()) // what it says does not matter, only what it leaves behind
	lived := figures{calls: f.calls}
	switch {
	case f.dead:
		lived.deaths = 1
	case f.glitch && f.calls > f.left:
		lived.glitches = 1
	}
	w.pass(dynamo.LinkLease + time.Second)
	return lived
}

// history is one random sequence of orders, decisions of the bureau, and faults.
func (w *system) history(seed uint64) figures {
	w.t.Helper()
	random := rand.New(rand.NewPCG(seed, 8))
	w.max = 1 + random.IntN(3)
	w.steer(weather(random))
	var lived figures
	var orders []filing.ID
	for range 1 + random.IntN(3) {
		for range 1 + random.IntN(3) {
			kind := []func(*filing.Order){nil, nil, nil, rare, large}[random.IntN(5)]
			orders = append(orders, w.queueOrder(len(orders), kind))
		}
		lived.add(w.life(&fuse{left: random.IntN(90), after: random.IntN(2) == 0, glitch: random.IntN(3) == 0}))
	}
	lived.add(w.recover(orders))
	return lived
}

// weather is how the bureau behaves in a history.
func weather(random *rand.Rand) simulator.Scenario {
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
		s.Rules = append(s.Rules, simulator.Rule{Match: simulator.Match{Domain: string(domain(n))}, Then: then})
	}
	return s
}

// recover starts processes to which nothing happens until all is quiet, and checks what has come of it all.
func (w *system) recover(orders []filing.ID) figures {
	w.t.Helper()
	total := figures{histories: 1}
	for quiet, rounds := 0, 0; quiet < 2 && rounds < 20; rounds++ {
		w.pass(dynamo.LinkLease + 3*time.Hour)
		report := w.run()
		if report.Busy {
			w.t.Error("the link is held for longer than a lease")
		}
		if quiet++; report != (exchange.Report{}) {
			quiet = 0
		}
	}
	sent := w.uploaded()
	total.records = len(sent)
	total.files = w.checkNumbers(sent)
	w.checkOrders(orders, sent)
	return total
}

// checkNumbers holds the bureau's ledger against ours, and counts the files.
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
			w.t.Errorf("no records came with number %d of %d", n+1, last)
		}
	}
	ours := w.status()
	if ours.LastSequence != last || ours.Flight != nil || ours.Waiting != 0 || ours.Stopped || len(ours.Poison) > 0 || len(ours.Issues) > 0 {
		w.t.Errorf("we stand at %+v, the bureau at %d", ours, last)
	}
	if left := status.Downloads[w.provider]; left != 0 {
		w.t.Errorf("%d files are not acknowledged", left)
	}
	return len(files)
}

// checkOrders holds each order against the bureau's ledger, and its own ledger against saying anything twice.
func (w *system) checkOrders(orders []filing.ID, sent []simulator.Record) {
	w.t.Helper()
	records := map[string]simulator.Record{}
	for _, r := range sent {
		records[r.Mark] = r
	}
	for _, id := range orders {
		o := w.order(id)
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
		said := map[string]int{}
		for _, e := range entries {
			said[e.Decision]++
		}
		if said["receive"] != 1 || said["approve"]+said["refuse"] != 1 {
			w.t.Errorf("the ledger says %v", said)
		}
	}
	if len(records) > 0 {
		w.t.Errorf("%d records are of no order", len(records))
	}
}

// checkUnsent holds that an order which is not at the bureau is one that cannot go there, and says so.
func (w *system) checkUnsent(o filing.Order) {
	w.t.Helper()
	if o.Status != filing.BureauRejected || !o.Private.Findings.Has(exchange.CodeCharacter) && !o.Private.Findings.Has(exchange.CodeRejected) {
		w.t.Errorf("an order is not at the bureau, and is %s with %v", o.Status, o.Private.Findings)
	}
	if o.Bureau.Sequence != 0 || o.Bureau.DecidedAt.IsZero() {
		w.t.Errorf("bureau %+v", o.Bureau)
	}
}
