// Package bench measures the whole system with filings through the public API, and compares the figures with their aims. It prints
// counts before durations, because counts are the same on every machine. Call [New], then [Bench.Run].
package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"beian/infra/local/clock"
	"beian/infra/local/demo"
	"beian/infra/local/scenario"
	"beian/infra/local/system"
	"beian/shared/filing"
)

// A Bench measures one system after another on the same data folder.
type Bench struct {
	out     io.Writer
	folder  string
	started string // the working directory, which the systems change
	config  system.Config
	system  *system.System

	logged          *byteCounter
	client          *scenario.Client
	reviewer, admin *scenario.User
	next            int // number of the next invented applicant

	mu        sync.Mutex
	durations map[string][]time.Duration // of API requests, by route
}

// New returns a benchmark that keeps its data in a folder and prints its figures to out.
func New(folder string, log *slog.Logger, out io.Writer) *Bench {
	logged := &byteCounter{}
	log = slog.New(slog.NewMultiHandler(log.Handler(), slog.NewJSONHandler(logged, nil))) // as the functions log on AWS
	started, err := os.Getwd()
	if err != nil {
		started = "."
	}
	return &Bench{out: out, folder: folder, started: started, logged: logged, durations: map[string][]time.Duration{}, config: system.Config{
		Clock: clock.StandingAt(demo.Day), Staff: demo.Staff, ReviewDelay: time.Millisecond, Log: log,
		Limits: system.Unlimited,
	}}
}

// A byteCounter counts what is written to it.
type byteCounter struct{ atomic.Int64 }

func (c *byteCounter) Write(b []byte) (int, error) {
	c.Add(int64(len(b)))
	return len(b), nil
}

// A part of the benchmark.
type part struct {
	name    string
	measure func(context.Context) error
}

func (b *Bench) parts() []part {
	return []part{
		{"functions", b.measureFunctions}, {"codec", b.measureCodec}, {"runner", b.measureRunner}, {"judge", b.measureJudge},
		{"reading", b.measureReading}, // before the systems change the working directory
		{"kinds", b.measureKinds}, {"messages", b.measureMessages}, {"filing", b.measureFiling}, {"load", b.measureLoad}, {"steady", b.measureSteady}, {"floor", b.measureFloor}, {"pictures", b.measurePictures}, {"restart", b.measureRestart}, {"queue", b.measureQueue}, {"growth", b.measureGrowth},
		{"access", b.measureAccess}, {"duties", b.measureDuties}, {"sites", b.measureSites}, {"scale", b.printScale},
	}
}

// Run measures one part, or everything if only is "".
func (b *Bench) Run(ctx context.Context, only string) error {
	var names []string
	for _, p := range b.parts() {
		names = append(names, p.name)
	}
	if only != "" && !slices.Contains(names, only) {
		return fmt.Errorf("bench: unknown part %q; use one of %s, or none for all", only, strings.Join(names, ", "))
	}
	for _, p := range b.parts() {
		if only == "" || only == p.name {
			if err := p.measure(ctx); err != nil {
				return fmt.Errorf("%s: %w", p.name, err)
			}
		}
	}
	return nil
}

// filed names the data of the parts "filing" and "load".
const filed = "data"

// start starts a system with data of a name, and logs the staff in.
func (b *Bench) start(ctx context.Context, name string) error {
	var err error
	if b.system, err = b.another(ctx, name); err != nil {
		return err
	}
	b.client = scenario.NewClient(b.system)
	b.admin, b.reviewer, err = demo.LogInStaff(ctx, b.client)
	return err
}

// measureFiling prints what one filing and one event use.
func (b *Bench) measureFiling(ctx context.Context) (err error) {
	if err := b.start(ctx, filed); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, b.system.Close()) }()
	b.system.Traffic.ReportCapacity()
	if err := b.countPerFiling(ctx); err != nil {
		return err
	}
	return b.countPerEvent(ctx)
}

// measureLoad prints how fast a system under load is.
func (b *Bench) measureLoad(ctx context.Context) (err error) {
	if err := b.start(ctx, filed); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, b.system.Close()) }()
	fmt.Fprintln(b.out, "First filings under load, end to end")
	b.client.Observe = b.observeRequest
	for _, load := range []struct{ inFlight, filings int }{{1, 20}, {16, 160}, {64, 320}} {
		if err := b.measureThroughput(ctx, load.inFlight, load.filings); err != nil {
			return err
		}
	}
	b.printDurations()
	b.printMemory()
	if err := b.measurePortal(ctx); err != nil {
		return err
	}
	if err := b.measureImport(ctx); err != nil {
		return err
	}
	return b.measureHottestKeys(ctx) // last, because it has the engine report, which takes time
}

// another starts another system, with data of its name.
func (b *Bench) another(ctx context.Context, name string) (*system.System, error) {
	config := b.config
	config.Folder = filepath.Join(b.folder, name)
	return system.Start(ctx, config)
}

func (b *Bench) observeRequest(method, route string, took time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.durations[method+" "+route] = append(b.durations[method+" "+route], took)
}

// fileApplication files the application of an invented applicant, from the log-in to the filing number.
func (b *Bench) fileApplication(ctx context.Context, n int) error {
	app := scenario.Invented(n)
	applicant, err := b.client.LoginApplicant(ctx, b.admin, app, b.system.Clock.Now())
	if err != nil {
		return err
	}
	id, err := app.AdvanceTo(ctx, applicant, b.reviewer, filing.InitialReview)
	if err != nil {
		return err
	}
	if err := b.reviewer.Approve(ctx, id); err != nil {
		return err
	}
	order, err := applicant.AwaitStep(ctx, id, filing.Done)
	if err != nil {
		return err
	}
	if order.Status != filing.Approved {
		return fmt.Errorf("filing %d ended as %s", n, order.Status)
	}
	return nil
}

// inParallel calls do for 0 to count-1, at most limit at a time.
func inParallel(count, limit int, do func(int) error) error {
	var group errgroup.Group
	group.SetLimit(limit)
	for i := range count {
		group.Go(func() error { return do(i) })
	}
	return group.Wait()
}

// fileApplications files applications of the next invented applicants, some of them at a time.
func (b *Bench) fileApplications(ctx context.Context, inFlight, filings int) error {
	first := b.next
	b.next += filings
	return inParallel(filings, inFlight, func(i int) error { return b.fileApplication(ctx, first+i) })
}

// measureThroughput prints the filings per second with a number of them in flight.
func (b *Bench) measureThroughput(ctx context.Context, inFlight, filings int) error {
	started := time.Now()
	if err := b.fileApplications(ctx, inFlight, filings); err != nil {
		return err
	}
	rate := float64(filings) / time.Since(started).Seconds()
	aim := ""
	if inFlight > 1 {
		aim = compareWithAim(rate >= 40, "aim: at least 40")
	}
	fmt.Fprintf(b.out, "  %3d in flight   %6.1f filings/s   %s\n", inFlight, rate, aim)
	return nil
}

func compareWithAim(met bool, aim string) string {
	if met {
		return "met      (" + aim + ")"
	}
	return "NOT MET  (" + aim + ")"
}

// printDurations prints the durations of API requests under load.
func (b *Bench) printDurations() {
	fmt.Fprintf(b.out, "\nAPI requests under that load   %8s %8s %8s %8s\n", "requests", "p50 ms", "p95 ms", "p99 ms")
	for _, route := range slices.Sorted(maps.Keys(b.durations)) {
		sorted := slices.Sorted(slices.Values(b.durations[route]))
		at := func(q float64) float64 { return sorted[int(q*float64(len(sorted)-1))].Seconds() * 1000 }
		aim := ""
		if strings.HasPrefix(route, "GET") {
			aim = compareWithAim(at(.99) < 25, "aim for a read: p99 under 25")
		}
		fmt.Fprintf(b.out, "  %-40s %8d %8.1f %8.1f %8.1f  %s\n", route, len(sorted), at(.5), at(.95), at(.99), aim)
	}
}

// printMemory prints the resident memory of the process and its child.
func (b *Bench) printMemory() {
	own, engine := memoryMB(os.Getpid(), "VmRSS"), memoryMB(b.system.EnginePid(), "VmRSS")
	fmt.Fprintf(b.out, "\nResident memory   %d MB: %d MB in this process (load generator included), %d MB in the engine   %s\n",
		own+engine, own, engine, compareWithAim(own+engine < 300, "aim: under 300 MB"))
}

// memoryMB returns a field of /proc/<pid>/status in MB, or 0 if the file does not exist.
func memoryMB(pid int, field string) int {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	_, after, _ := strings.Cut(string(text), field+":")
	var kb int
	if _, err := fmt.Sscanf(after, "%d kB", &kb); err != nil {
		return 0
	}
	return kb / 1000
}
