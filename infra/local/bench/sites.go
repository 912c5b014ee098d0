package bench

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	functions "beian/functions/sitewatch"
	"beian/infra/local/inventedweb"
	"beian/infra/local/system"
	"beian/shared/filing/register"
	"beian/shared/partners/siteprobe"
	"beian/shared/process/sitewatch"
	"beian/shared/rules/domainname"
	"beian/shared/rules/number"
	"beian/shared/rules/person"
)

const (
	watchedSites   = 10_000
	siteAddresses  = 1_000 // servers on which they are
	sitePageBytes  = 20_000
	siteRunMinutes = 5 // between two runs of the function
)

// measureSites prints what the watch over 10,000 hosts costs in two days: on the first, every page is read; on the second, a tenth has changed. The
// sites are on a loopback server, and the time waited to be polite is counted, not spent.
func (b *Bench) measureSites(ctx context.Context) (err error) {
	s, err := b.another(ctx, "sites")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	s.Traffic.ReportCapacity()
	var now atomic.Int64
	now.Store(time.Date(2026, 11, 2, 0, 0, 0, 0, time.UTC).UnixNano())
	clock := func() time.Time { return time.Unix(0, now.Load()).UTC() }
	web, err := inventedweb.Start(clock)
	if err != nil {
		return err
	}
	defer web.Close()
	m := &siteMeter{}
	for n := range watchedSites {
		if err := b.addSite(ctx, s, web, m, n, clock()); err != nil {
			return err
		}
	}
	pace := &siteprobe.Pace{Now: clock, Sleep: func(ctx context.Context, d time.Duration) error { m.waited.Add(int64(d)); return ctx.Err() }}
	store := s.Parts.Store()
	handler := functions.Handler{Log: s.Parts.Log, Service: &sitewatch.Service{Store: store, Filings: store, Upkeeps: store, Duties: s.Parts.Duties(), Keys: store.Encrypter, Now: clock, Log: s.Parts.Log,
		Prober: &siteprobe.Prober{Resolver: web, Dial: web.Dial, Roots: web.Roots(), Contact: "https://provider.example", Now: clock, Pace: pace}}}

	fmt.Fprintf(b.out, "\nThe watch over %d hosts on %d addresses, pages of %d KB, a run every %d minutes\n", watchedSites, siteAddresses, sitePageBytes/1000, siteRunMinutes)
	for day := 1; day <= 2; day++ {
		m.changed.Store(int64(day))
		if err := m.measureDay(ctx, b, s, handler, day, &now); err != nil {
			return err
		}
	}
	return nil
}

// A siteMeter counts what the sites serve.
type siteMeter struct {
	requests, robots, unmodified, bytes, waited, changed atomic.Int64
}

// addSite stores the filing of the n-th site, and serves it.
func (b *Bench) addSite(ctx context.Context, s *system.System, web *inventedweb.Web, m *siteMeter, n int, at time.Time) error {
	host, address := fmt.Sprintf("site-%05d-example.cn", n), fmt.Sprintf("8.130.%d.%d", n%siteAddresses/250, n%siteAddresses%250+1)
	site, err := number.ParseFiling(fmt.Sprintf("京ICP备%d号-1", 20000000+n))
	if err != nil {
		return err
	}
	f := register.Filing{ID: register.ID(fmt.Sprintf("01SITE%08d", n)), SubjectKey: fmt.Sprintf("subject-%d", n), Province: "11", Entity: 4, Status: register.Filed,
		MinistryID: fmt.Sprint(1_000_000 + n), Number: site.Subject,
		Sites: []register.FiledSite{{MinistryID: fmt.Sprint(2_000_000 + n), Number: site, Domains: []register.FiledDomain{{Name: domainname.Domain(host)}},
			Accesses: []register.Access{{Ours: true, IPs: []register.IPRange{{First: address, Last: address}}}}}}}
	f.Private.Subject.Name = person.Name(fmt.Sprintf("示例公司%d", n))
	f.Private.Sites = []register.Site{{Name: "示例网站", Domains: []domainname.Domain{domainname.Domain(host)}, ServiceContent: []int{8}}}
	change, _ := register.Filing{}.Replace(f, register.Source{Kind: register.FromImport, ID: "bench"}, at)
	if err := s.Parts.Store().CommitFiling(ctx, change); err != nil {
		return err
	}
	page := strings.Repeat("<p>示例 example</p>\n", sitePageBytes/24) + `<a href="https://beian.miit.gov.cn/">` + site.String() + "</a>"
	web.Add(host, address, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		m.requests.Add(1)
		if r.URL.Path == "/robots.txt" {
			m.robots.Add(1)
			http.NotFound(w, r)
			return
		}
		tag := `"1"`
		if n%10 == 0 {
			tag = fmt.Sprintf(`"%d"`, m.changed.Load())
		}
		if r.Header.Get("If-None-Match") == tag {
			m.unmodified.Add(1)
			w.WriteHeader(http.StatusNotModified)
			return
		}
		w.Header().Set("ETag", tag)
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		sent, _ := fmt.Fprint(w, page)
		m.bytes.Add(int64(sent))
	}))
	return nil
}

// measureDay runs the function for a day, and prints what it cost.
func (m *siteMeter) measureDay(ctx context.Context, b *Bench, s *system.System, h functions.Handler, day int, now *atomic.Int64) error {
	before, start := countsOf(s), time.Now()
	m.requests.Store(0)
	m.robots.Store(0)
	m.unmodified.Store(0)
	m.bytes.Store(0)
	m.waited.Store(0)
	var total sitewatch.Report
	runs, busiest := 0, 0
	var took []time.Duration
	for range 24 * 60 / siteRunMinutes {
		now.Add(int64(siteRunMinutes * time.Minute))
		begin := time.Now()
		r, err := h.Handle(ctx, struct{}{})
		if err != nil {
			return err
		}
		took = append(took, time.Since(begin))
		runs++
		busiest = max(busiest, r.Checked)
		total.Checked, total.Unchanged, total.Changed, total.Failed, total.Left = total.Checked+r.Checked, total.Unchanged+r.Unchanged, total.Changed+r.Changed, total.Failed+r.Failed, total.Left+r.Left
	}
	slices.Sort(took)
	after := countsOf(s)
	var memory runtime.MemStats
	runtime.ReadMemStats(&memory)
	hosts := float64(total.Checked)
	fmt.Fprintf(b.out, "  day %d   %6d hosts checked %s, %d not modified, %d with other findings\n", day, total.Checked,
		compareWithAim(total.Checked >= watchedSites*99/100 && total.Failed == 0 && total.Left == 0, "aim: all, none failed or left"), total.Unchanged, total.Changed)
	fmt.Fprintf(b.out, "          %6d invocations, at most %d hosts in one %s\n", runs, busiest, compareWithAim(busiest < sitewatch.MaxHosts, fmt.Sprintf("aim: below %d", sitewatch.MaxHosts)))
	fmt.Fprintf(b.out, "          %6.2f requests per host, of which %.2f for robots.txt and %.2f answered as not modified; %.1f KB of pages per host\n",
		float64(m.requests.Load())/hosts, float64(m.robots.Load())/hosts, float64(m.unmodified.Load())/hosts, float64(m.bytes.Load())/hosts/1000)
	fmt.Fprintf(b.out, "          %6.2f write units and %.2f read units of DynamoDB per host\n", (after.written-before.written)/hosts, (after.read-before.read)/hosts)
	fmt.Fprintf(b.out, "          %6.2f s waited per host to be polite\n", time.Duration(m.waited.Load()).Seconds()/hosts)
	fmt.Fprintf(b.out, "          %6.1f s for all, %.1f ms per host; a run took %.2f s at the median, %.2f s at most; heap %d MB\n", time.Since(start).Seconds(),
		time.Since(start).Seconds()*1000/hosts, took[len(took)/2].Seconds(), took[len(took)-1].Seconds(), memory.HeapSys>>20)
	return nil
}
