// Package bench measures the whole system with the load of real filings, through the public API, and says where it stands
// against each aim. Counts come before seconds: they say the same on every machine.
package bench

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"beian/infra/local/clock"
	"beian/infra/local/demo"
	"beian/infra/local/scenario"
	"beian/infra/local/system"
	"beian/shared/filing"
)

// A Bench measures.
type Bench struct {
	Out     io.Writer
	Start   func(context.Context, system.Config) (*system.System, error)
	World   func(*system.System) *scenario.Client
	Config  system.Config
	Open    int // executions that are open at the restart
	Filings map[int]int

	calls calls
	next  int
}

// calls are how long each kind of API call took.
type calls struct {
	mu   sync.Mutex
	took map[string][]time.Duration
}

func (c *calls) observe(method, route string, took time.Duration, _ int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.took[method+" "+route] = append(c.took[method+" "+route], took)
}

// New makes a bench that keeps its data in a folder.
func New(folder string, config system.Config, world func(*system.System) *scenario.Client, out io.Writer) *Bench {
	config.Folder, config.Clock, config.Staff = filepath.Join(folder, "data"), clock.StandingAt(demo.Day), demo.Staff
	config.ReviewDelay = time.Millisecond
	return &Bench{
		Out: out, Start: system.Start, World: world, Config: config, Open: 10_000,
		Filings: map[int]int{1: 20, 16: 160, 64: 320}, calls: calls{took: map[string][]time.Duration{}},
	}
}

// Run measures everything in turn.
func (b *Bench) Run(ctx context.Context) error {
	if err := b.functions(ctx); err != nil {
		return err
	}
	if err := b.codecs(ctx); err != nil {
		return err
	}
	s, err := b.Start(ctx, b.Config)
	if err != nil {
		return err
	}
	defer func() { _ = s.Close() }()
	s.Traffic.Weigh()
	world := b.World(s)
	staff, err := b.staff(ctx, world)
	if err != nil {
		return err
	}
	fmt.Fprintln(b.Out, "First filings (an individual in Beijing on 26 December 2019: no SMS check), end to end")
	if err := b.perFiling(ctx, s, world, staff); err != nil {
		return err
	}
	world.Observe = b.calls.observe
	for _, inFlight := range []int{1, 16, 64} {
		if err := b.throughput(ctx, s, world, staff, inFlight); err != nil {
			return err
		}
	}
	b.latencies()
	b.memory(s)
	if err := s.Close(); err != nil {
		return err
	}
	return b.restart(ctx)
}

// staff are the reviewer and the operator.
type staff struct{ reviewer, admin *scenario.User }

func (b *Bench) staff(ctx context.Context, w *scenario.Client) (staff, error) {
	reviewer, err := w.Login(ctx, demo.ReviewerLogin)
	if err != nil {
		return staff{}, err
	}
	admin, err := w.Login(ctx, demo.AdminLogin)
	return staff{reviewer, admin}, err
}

// file takes one invented applicant from the log-in to the number.
func (b *Bench) file(ctx context.Context, s *system.System, w *scenario.Client, staff staff, n int) error {
	app := scenario.Invented(n)
	person, err := w.Login(ctx, app.Login)
	if err != nil {
		return err
	}
	now := s.Clock.Now()
	if err := staff.admin.ListServer(ctx, app.Server, person.Account(), now.AddDate(0, -1, 0), now.AddDate(1, 0, 0)); err != nil {
		return err
	}
	id, err := app.AdvanceTo(ctx, person, staff.reviewer, filing.InitialReview)
	if err != nil {
		return err
	}
	if err := staff.reviewer.Approve(ctx, id); err != nil {
		return err
	}
	order, err := person.AwaitStep(ctx, id, filing.Done)
	if err != nil {
		return err
	}
	if order.Status != filing.Approved {
		return fmt.Errorf("filing %d ended as %s", n, order.Status)
	}
	return nil
}

// throughput measures filings per second with some in flight.
func (b *Bench) throughput(ctx context.Context, s *system.System, w *scenario.Client, staff staff, inFlight int) error {
	count, first := b.Filings[inFlight], b.next
	b.next += count
	begun := time.Now()
	var all errgroup.Group
	all.SetLimit(inFlight)
	for i := range count {
		all.Go(func() error { return b.file(ctx, s, w, staff, first+i) })
	}
	if err := all.Wait(); err != nil {
		return err
	}
	rate := float64(count) / time.Since(begun).Seconds()
	aim := ""
	if inFlight > 1 {
		aim = against(rate >= 40, "aim: at least 40")
	}
	fmt.Fprintf(b.Out, "  %3d in flight   %6.1f filings/s   %s\n", inFlight, rate, aim)
	return nil
}

func against(met bool, aim string) string {
	if met {
		return "met      (" + aim + ")"
	}
	return "NOT MET  (" + aim + ")"
}

// latencies prints what each call took while the system was under load.
func (b *Bench) latencies() {
	fmt.Fprintf(b.Out, "\nAPI calls under that load   %8s %8s %8s %8s\n", "calls", "p50 ms", "p95 ms", "p99 ms")
	var routes []string
	for route := range b.calls.took {
		routes = append(routes, route)
	}
	slices.Sort(routes)
	for _, route := range routes {
		took := b.calls.took[route]
		slices.Sort(took)
		at := func(q float64) float64 { return took[int(q*float64(len(took)-1))].Seconds() * 1000 }
		aim := ""
		if route[:3] == "GET" {
			aim = against(at(.99) < 25, "aim for a read: p99 under 25")
		}
		fmt.Fprintf(b.Out, "  %-40s %8d %8.1f %8.1f %8.1f  %s\n", route, len(took), at(.5), at(.95), at(.99), aim)
	}
}

// restart measures how long a start takes with many filings open.
func (b *Bench) restart(ctx context.Context) error {
	s, err := b.Start(ctx, b.Config)
	if err != nil {
		return err
	}
	open, err := b.fill(ctx, s)
	if err != nil {
		return err
	}
	if err := s.Close(); err != nil {
		return err
	}
	begun := time.Now()
	s, err = b.Start(ctx, b.Config)
	if err != nil {
		return err
	}
	took := time.Since(begun)
	fmt.Fprintf(b.Out, "\nRestart with %d open executions   %.2f s   %s\n", open, took.Seconds(), against(took < 3*time.Second, "aim: under 3 s"))
	if s.Machine.Stats().Open < b.Open {
		return fmt.Errorf("after the restart %d executions are open, not %d", s.Machine.Stats().Open, b.Open)
	}
	return s.Close()
}

// fill opens orders until enough wait, without the portal between.
func (b *Bench) fill(ctx context.Context, s *system.System) (int, error) {
	var all errgroup.Group
	all.SetLimit(32)
	for i := range b.Open {
		all.Go(func() error { return openOrder(ctx, s, 1_000_000+i) })
	}
	if err := all.Wait(); err != nil {
		return 0, err
	}
	err := scenario.Poll(ctx, func() (bool, error) { return s.Machine.Stats().Open >= b.Open, nil })
	return s.Machine.Stats().Open, err
}

// memory prints what the process and its child hold.
func (b *Bench) memory(s *system.System) {
	own, child := resident(os.Getpid()), resident(s.EnginePid())
	total := own + child
	fmt.Fprintf(b.Out, "\nResident memory   %d MB: %d MB here (load generator included), %d MB in the engine   %s\n",
		total, own, child, against(total < 300, "aim: under 300 MB"))
}
