package bench

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	functions "beian/functions/reminders"
	"beian/infra/local/demo"
	localdynamodb "beian/infra/local/dynamodb"
	"beian/infra/local/scenario"
	"beian/infra/local/system"
	"beian/shared/filing"
	"beian/shared/filing/register"
	"beian/shared/process/decide"
)

const (
	fewOrders, fewFilings = 1_000, 200 // at first: enough to fill each page
	growthRepeats         = 20         // of each call
)

// filedFromEnv returns the number of filings of FILED, at most a million. Without it, there are 100,000, which are seeded in some minutes.
func filedFromEnv() (int, error) {
	text := os.Getenv("FILED")
	if text == "" {
		return 100_000, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < fewFilings || n > 1_000_000 {
		return 0, fmt.Errorf("FILED=%q is not valid; use a number of filings from %d to 1000000", text, fewFilings)
	}
	return n, nil
}

// A growthBench measures the same calls on a table that grows.
type growthBench struct {
	modules             localdynamodb.Modules
	config              system.Config
	engine              *localdynamodb.Engine
	system              *system.System
	applicant, reviewer *scenario.User
	admin               *scenario.User
	filed, open         filing.Order // real ones: their copies fill the table
	login               string       // of the applicant
	orders, filings     int          // copies so far
}

// A growthCall is something that must cost the same however much is stored.
type growthCall struct {
	what string
	do   func(ctx context.Context, i int) error
}

// A growthCost is what a call costs.
type growthCost struct {
	requests    int // to DynamoDB
	read, write float64
	took        time.Duration
}

func (c growthCost) String() string {
	return fmt.Sprintf("%d / %g / %g", c.requests, c.read, c.write)
}

// measureGrowth prints what lists, claims, reminders and look-ups cost with few orders and filings, and with 100,000 open orders and the filings of FILED. Orders and filings are copies of real ones in the rows that these calls read.
func (b *Bench) measureGrowth(ctx context.Context) (err error) {
	most, err := filedFromEnv()
	if err != nil {
		return err
	}
	g := &growthBench{config: b.config}
	if g.modules, err = localdynamodb.FindModules(b.started); err != nil {
		return err
	}
	g.config.Folder = filepath.Join(b.folder, "growth")
	defer func() { err = errors.Join(err, g.stop()) }()
	if err := g.start(ctx); err != nil {
		return err
	}
	if err := g.fileReal(ctx); err != nil {
		return err
	}
	levels := []struct{ orders, filings int }{{fewOrders, fewFilings}, {queuedOrders, most}}
	var calls []growthCall
	costs := map[string][]growthCost{}
	for _, l := range levels {
		started := time.Now()
		rows, err := g.seed(ctx, l.orders, l.filings)
		if err != nil {
			return err
		}
		took := time.Since(started).Seconds()
		fmt.Fprintf(b.out, "\n%d open orders and %d filings: %d rows seeded in %.0f s; the database has %d MB\n", l.orders, l.filings, rows, took, g.databaseMB())
		if calls, err = g.calls(ctx); err != nil {
			return err
		}
		for _, call := range calls {
			cost, err := g.measure(ctx, call)
			if err != nil {
				return fmt.Errorf("%s: %w", call.what, err)
			}
			costs[call.what] = append(costs[call.what], cost)
		}
	}
	fmt.Fprintf(b.out, "Requests to DynamoDB / read units / write units of a call%5s", "")
	for _, l := range levels {
		fmt.Fprintf(b.out, " %7d + %7d", l.orders, l.filings)
	}
	fmt.Fprintf(b.out, "  p50 ms, the last\n")
	for _, call := range calls {
		fmt.Fprintf(b.out, "  %-60s", call.what)
		grows, all := false, costs[call.what]
		for _, c := range all {
			fmt.Fprintf(b.out, " %17s", c)
			grows = grows || c.requests > all[0].requests || c.read > all[0].read || c.write > all[0].write
		}
		fmt.Fprintf(b.out, " %9.1f  %s\n", milliseconds(all[len(all)-1].took), compareWithAim(!grows, "aim: no more than with few"))
	}
	return nil
}

// start starts the engine and the system, and logs people in.
func (g *growthBench) start(ctx context.Context) error {
	var err error
	if g.engine, err = (localdynamodb.Dynoxide{Binary: g.modules.Dynoxide(), File: g.database()}).Start(); err != nil {
		return err
	}
	g.config.Engine = g.engine.Endpoint()
	if g.system, err = system.Start(ctx, g.config); err != nil {
		return err
	}
	g.system.Traffic.ReportCapacity()
	client := scenario.NewClient(g.system)
	if g.admin, g.reviewer, err = demo.LogInStaff(ctx, client); err != nil || g.login == "" {
		return err
	}
	g.applicant, err = client.Login(ctx, g.login)
	return err
}

func (g *growthBench) stop() error {
	var err error
	if g.system != nil {
		err = g.system.Close()
	}
	if g.engine != nil {
		err = errors.Join(err, g.engine.Close())
	}
	g.system, g.engine = nil, nil
	return err
}

func (g *growthBench) database() string { return g.config.Folder + ".db" }

func (g *growthBench) databaseMB() int64 {
	info, err := os.Stat(g.database())
	if err != nil {
		return 0
	}
	return info.Size() / 1_000_000
}

// fileReal files one application, and leaves another at the review.
func (g *growthBench) fileReal(ctx context.Context) error {
	s := g.system
	d, err := demo.New(ctx, s, io.Discard)
	if err != nil {
		return err
	}
	app := scenario.Invented(10_941)
	g.login = app.Login
	if g.applicant, err = d.Client.LoginApplicant(ctx, g.admin, app, s.Clock.Now()); err != nil {
		return err
	}
	id, err := app.AdvanceTo(ctx, g.applicant, g.reviewer, filing.InitialReview)
	if err != nil {
		return err
	}
	if err := g.reviewer.Approve(ctx, id); err != nil {
		return err
	}
	if _, err := g.applicant.AwaitStep(ctx, id, filing.Done); err != nil {
		return err
	}
	if g.filed, err = s.Parts.Store().Order(ctx, id); err != nil {
		return err
	}
	app = scenario.Invented(10_942)
	other, err := d.Client.LoginApplicant(ctx, g.admin, app, s.Clock.Now())
	if err != nil {
		return err
	}
	if id, err = app.AdvanceTo(ctx, other, g.reviewer, filing.InitialReview); err != nil {
		return err
	}
	if g.open, err = s.Parts.Store().Order(ctx, id); err != nil {
		return err
	}
	return scenario.Poll(ctx, func() (bool, error) { // until the new filing was looked at, and is due again much later
		due, _, err := s.Parts.Store().DueFilings(ctx, s.Clock.Now(), "", 1)
		return len(due) == 0, err
	})
}

// calls returns the calls that are measured.
func (g *growthBench) calls(ctx context.Context) ([]growthCall, error) {
	store, log := g.system.Parts.Store(), slog.New(slog.DiscardHandler)
	finder, err := g.system.Parts.Facts()
	if err != nil {
		return nil, err
	}
	duties := g.system.Parts.Duties()
	reminders := functions.Handler{Decisions: &decide.Service{Store: store, Now: g.system.Clock.Now, Log: log}, Orders: store, Filings: store, Duties: duties, Now: g.system.Clock.Now, Log: log}
	numbers, err := store.FilingOf(ctx, g.filed.SubjectKey)
	if err != nil {
		return nil, err
	}
	get := func(user *scenario.User, path string) func(context.Context, int) error {
		return func(ctx context.Context, _ int) error { return user.Call(ctx, http.MethodGet, path, nil, nil) }
	}
	yearLater := g.system.Clock.Now().AddDate(2, 0, 0)
	subject := func(ctx context.Context, account filing.Account, key string, domain filing.Domain) error {
		o := g.open
		o.Account, o.SubjectKey, o.Domains = account, key, []filing.Domain{domain}
		_, _, err := finder.Find(ctx, o)
		return err
	}
	return []growthCall{
		{"list: the reviewers' queue", get(g.reviewer, "/review/orders")},
		{"list: the queue of a province", get(g.reviewer, "/review/orders?province=11")},
		{"list: an applicant's orders", get(g.applicant, "/orders")},
		{"list: an applicant's filings", get(g.applicant, "/filings")},
		{"list: all filings, for staff", get(g.admin, "/register?state=standing")},
		{"claim of an order, and its release", func(ctx context.Context, _ int) error {
			return errors.Join(g.reviewer.Claim(ctx, g.open.ID), g.reviewer.Call(ctx, http.MethodDelete, "/orders/"+string(g.open.ID)+"/claim", nil, nil))
		}},
		{"reminders: a run with nothing due", func(ctx context.Context, _ int) error {
			_, err := reminders.Handle(ctx, functions.Input{})
			return err
		}},
		{"reminders: the first 100 orders that become due", func(ctx context.Context, _ int) error {
			ids, _, err := store.DueOrders(ctx, yearLater, "", 100)
			return errors.Join(err, fullPage(len(ids), 100))
		}},
		{"reminders: the first 100 filings that become due", func(ctx context.Context, _ int) error {
			ids, _, err := store.DueFilings(ctx, yearLater, "", 100)
			return errors.Join(err, fullPage(len(ids), 100))
		}},
		{"look-up of the type: a new subject and domain", func(ctx context.Context, i int) error {
			return subject(ctx, "new-account", fmt.Sprintf("new-subject-%d", i), filing.Domain(fmt.Sprintf("invented-new-%d.cn", i)))
		}},
		{"look-up of the type: a subject and domain that are filed", func(ctx context.Context, i int) error {
			n := i * fewFilings / growthRepeats
			return subject(ctx, filing.Account(copiedAccount(n)), copiedSubject(n), copiedDomain(n))
		}},
		{"check of access: a host that is filed", func(ctx context.Context, i int) error {
			host := string(copiedDomain(i*fewFilings/growthRepeats + 1))
			return g.admin.Call(ctx, http.MethodGet, "/access-checks?"+url.Values{"host": {host}}.Encode(), nil, nil)
		}},
		{"search of staff: a number", func(ctx context.Context, _ int) error {
			found, err := g.admin.SearchRegister(ctx, map[string]string{"number": numbers.Number.String()})
			return errors.Join(err, fullPage(len(found), 1))
		}},
		{"a filing and its versions", func(ctx context.Context, _ int) error {
			_, err := g.applicant.FilingVersions(ctx, register.ID(numbers.ID))
			return err
		}},
	}, nil
}

func fullPage(n, want int) error {
	if n != want {
		return fmt.Errorf("%d were found, want %d", n, want)
	}
	return nil
}

// measure repeats a call. Its cost is that of the call with the fewest requests, because functions in the background make others. The access check and the look-up are
// never asked twice for the same, because the first remembers answers.
func (g *growthBench) measure(ctx context.Context, call growthCall) (growthCost, error) {
	var all []growthCost
	var took []time.Duration
	for i := range growthRepeats {
		traffic := g.system.Traffic
		requests, started := traffic.Reported(), time.Now()
		written, read := traffic.Units()
		if err := call.do(ctx, i); err != nil {
			return growthCost{}, err
		}
		took = append(took, time.Since(started))
		c := growthCost{requests: traffic.Reported() - requests, write: -written, read: -read}
		written, read = traffic.Units()
		c.write, c.read = c.write+written, c.read+read
		all = append(all, c)
	}
	cheapest := slices.MinFunc(all, func(a, b growthCost) int {
		return cmp.Or(cmp.Compare(a.requests, b.requests), cmp.Compare(a.read, b.read), cmp.Compare(a.write, b.write))
	})
	slices.Sort(took)
	cheapest.took = took[len(took)/2]
	return cheapest, nil
}
