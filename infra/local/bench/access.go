package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"slices"
	"time"

	"beian/functions/accesscheck"
	"beian/infra/local/demo"
	"beian/infra/local/system"
	"beian/shared/filing/register"
	"beian/shared/rules/domainname"
	"beian/shared/rules/number"
	"beian/shared/rules/person"
)

const (
	accessHosts   = 2000 // that are filed
	accessRepeats = 2000
	accessBatch   = 1000
)

// measureAccess prints the reads and durations of checks whether a host may be served, over HTTP: of hosts that were not asked for before, of one host again
// and again, and of batches.
func (b *Bench) measureAccess(ctx context.Context) (err error) {
	s, err := b.another(ctx, "access")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	d, err := demo.New(ctx, s, io.Discard)
	if err != nil {
		return err
	}
	admin, _, err := demo.LogInStaff(ctx, d.Client)
	if err != nil {
		return err
	}
	for i := range accessHosts {
		if err := fileHost(ctx, s, i); err != nil {
			return err
		}
	}
	check := func(i int) error {
		var c accesscheck.AccessCheck
		err := admin.Call(ctx, "GET", "/access-checks?"+url.Values{"host": {"www." + hostOf(i)}, "address": {"8.130.1.1"}}.Encode(), nil, &c)
		if err == nil && !c.Allowed {
			err = fmt.Errorf("bench: %s is not allowed: %s", hostOf(i), c.Reason)
		}
		return err
	}
	batch := func(i int) error {
		var questions accesscheck.AccessQuestions
		for n := range accessBatch {
			questions.Items = append(questions.Items, accesscheck.AccessQuestion{Host: hostOf((i%2)*accessBatch + n), Address: "8.130.1.1"})
		}
		return admin.Call(ctx, "POST", "/access-checks", questions, nil)
	}
	s.Traffic.ReportCapacity()
	fmt.Fprintf(b.out, "\nChecks of access over HTTP, %d hosts filed   %8s %8s %8s %8s %8s\n", accessHosts, "reads", "units", "p50 ms", "p95 ms", "p99 ms")
	for _, m := range []struct {
		name  string
		times int
		aim   time.Duration
		ask   func(i int) error
	}{
		{"a host that was not asked for before", accessHosts, 10 * time.Millisecond, check},
		{"one host again and again", accessRepeats, 10 * time.Millisecond, func(int) error { return check(0) }},
		{fmt.Sprintf("a batch of %d hosts", accessBatch), 20, time.Second, batch},
	} {
		before := countsOf(s)
		took := make([]time.Duration, m.times)
		for i := range took {
			started := time.Now()
			if err := m.ask(i); err != nil {
				return err
			}
			took[i] = time.Since(started)
		}
		reads, after := 0, countsOf(s)
		for _, operation := range []string{"dynamodb:BatchGetItem", "dynamodb:GetItem", "dynamodb:Query"} {
			reads += after.calls[operation] - before.calls[operation]
		}
		slices.Sort(took)
		at := func(q float64) float64 { return milliseconds(took[int(q*float64(len(took)-1))]) }
		fmt.Fprintf(b.out, "  %-42s %8.2f %8.2f %8.1f %8.1f %8.1f  %s\n", m.name, float64(reads)/float64(m.times), (after.read-before.read)/float64(m.times), at(.5), at(.95), at(.99),
			compareWithAim(at(.99) < milliseconds(m.aim), fmt.Sprintf("aim: p99 under %s", m.aim)))
	}
	return nil
}

func hostOf(n int) string { return fmt.Sprintf("invented-access-%d.cn", n) }

// fileHost files a host without an order.
func fileHost(ctx context.Context, s *system.System, n int) error {
	running, err := number.ParseFiling(fmt.Sprintf("京ICP备%d号-1", 30_000_000+n))
	if err != nil {
		return err
	}
	f := register.Filing{ID: register.ID(fmt.Sprintf("01ACCESS%018d", n)), SubjectKey: fmt.Sprintf("access-%d", n), Province: "11", Status: register.Filed, Number: running.Subject,
		Sites: []register.FiledSite{{Number: running, Domains: []register.FiledDomain{{Name: domainname.Domain(hostOf(n))}},
			Accesses: []register.Access{{Ours: true, Server: "ecs-access", IPs: []register.IPRange{{First: "8.130.1.1", Last: "8.130.1.9"}}}}}}}
	f.Private.Subject.Name, f.Private.Sites = person.Name("示例公司"), []register.Site{{Name: "示例网站"}}
	change, _ := register.Filing{}.Replace(f, register.Source{Kind: register.FromImport, ID: "bench"}, s.Clock.Now())
	return s.Parts.Store().CommitFiling(ctx, change)
}
