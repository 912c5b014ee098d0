package sitewatch_test

import (
	"context"
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	functions "beian/functions/sitewatch"
	"beian/infra/local/inventedweb"
	"beian/infra/local/steptest"
	"beian/shared/filing/register"
	"beian/shared/filing/upkeep"
	"beian/shared/partners/siteprobe"
	"beian/shared/process/duties"
	"beian/shared/process/sitewatch"
	"beian/shared/rules/domainname"
	"beian/shared/rules/fault"
	"beian/shared/rules/finding"
	"beian/shared/rules/number"
	"beian/shared/rules/person"
	"beian/shared/rules/province"
	"beian/shared/rules/workday"
	"beian/shared/setup"
)

// A fixture is the function on the laptop's table and an invented web.
type fixture struct {
	*steptest.Fixture
	web     *inventedweb.Web
	service *sitewatch.Service
	filings map[string]register.Filing // by host
	wanted  map[string]string
}

func newFixture(t *testing.T) *fixture {
	t.Helper()
	f := &fixture{Fixture: steptest.New(t), filings: map[string]register.Filing{}, wanted: map[string]string{}}
	f.Clock.Set(time.Date(2026, 11, 2, 4, 0, 0, 0, time.UTC))
	web, err := inventedweb.Start(f.Clock.Now)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(web.Close)
	f.web = web
	pace := &siteprobe.Pace{Now: f.Clock.Now, Sleep: func(ctx context.Context, _ time.Duration) error { return ctx.Err() }}
	f.service = &sitewatch.Service{Store: f.Store, Filings: f.Store, Upkeeps: f.Store, Orders: f.Service, Keys: f.Store.Encrypter,
		Duties: &duties.Service{Store: f.Store, Now: f.Clock.Now, NewID: setup.NewID, Log: slog.New(slog.DiscardHandler)}, Now: f.Clock.Now, Log: slog.New(slog.DiscardHandler),
		Prober: &siteprobe.Prober{Resolver: web, Dial: web.Dial, Roots: web.Roots(), Contact: "https://provider.example/watch", Now: f.Clock.Now, Pace: pace, Timeout: 2 * time.Second}}
	return f
}

// file stores the n-th filing, of one site with a host at an address.
func (f *fixture) file(n int, code province.Code, host, address string) register.Filing {
	f.T.Helper()
	site, err := number.ParseFiling(fmt.Sprintf("%sICP备%d号-1", code.Province().Abbreviation, 30000000+n))
	if err != nil {
		f.T.Fatal(err)
	}
	filed := register.Filing{ID: register.ID(fmt.Sprintf("01WATCH%04d", n)), Account: "account", SubjectKey: fmt.Sprintf("subject-%d", n), Province: code, Entity: 4,
		Status: register.Filed, MinistryID: fmt.Sprint(4000 + n), Number: site.Subject,
		Sites: []register.FiledSite{{MinistryID: fmt.Sprint(5000 + n), Number: site, Domains: []register.FiledDomain{{Name: domainname.Domain(host)}},
			Accesses: []register.Access{{Ours: true, IPs: []register.IPRange{{First: address, Last: address}}}}}}}
	filed.Private.Subject.Name = person.Name(fmt.Sprintf("示例公司%d", n))
	filed.Private.Sites = []register.Site{{Name: "示例网站", Domains: []domainname.Domain{domainname.Domain(host)}, ServiceContent: []int{8}}}
	return f.store(register.Filing{}, filed)
}

func (f *fixture) store(before, after register.Filing) register.Filing {
	f.T.Helper()
	change, _ := before.Replace(after, register.Source{Kind: register.FromImport, ID: "import"}, f.Clock.Now())
	if err := f.Store.CommitFiling(f.T.Context(), change); err != nil {
		f.T.Fatal(err)
	}
	f.filings[string(after.Sites[0].Domains[0].Name)] = change.After
	return change.After
}

// openedOn stores the day on which the site of a filing opened.
func (f *fixture) openedOn(filed register.Filing, day workday.Date) {
	f.T.Helper()
	before, err := f.Store.Upkeep(f.T.Context(), filed.ID)
	if err != nil {
		f.T.Fatal(err)
	}
	after := before
	after.Followed, after.Sites = filed.Version, map[string]upkeep.Site{filed.Sites[0].Number.String(): {OpenedOn: day}}
	if err := f.Store.CommitUpkeep(f.T.Context(), duties.Change{Before: before, After: after, At: f.Clock.Now()}); err != nil {
		f.T.Fatal(err)
	}
}

// owed returns the findings that the upkeep has of a host.
func (f *fixture) owed(host string) string {
	f.T.Helper()
	u, err := f.Store.Upkeep(f.T.Context(), f.filings[host].ID)
	if err != nil {
		f.T.Fatal(err)
	}
	var codes []string
	for _, s := range u.Sites {
		for _, one := range s.Findings {
			codes = append(codes, string(one.Code))
		}
	}
	return strings.Join(codes, " ")
}

// run runs the function.
func (f *fixture) run() sitewatch.Report {
	f.T.Helper()
	report, err := functions.Handler{Service: f.service, Log: f.service.Log}.Handle(f.T.Context(), struct{}{})
	if err != nil {
		f.T.Fatal(err)
	}
	return report
}

// checkAll moves the clock until a number of hosts were checked.
func (f *fixture) checkAll(n int) (all sitewatch.Report) {
	f.T.Helper()
	for range 27 {
		f.Clock.Advance(time.Hour)
		r := f.run()
		all.Checked, all.Unchanged, all.Changed = all.Checked+r.Checked, all.Unchanged+r.Unchanged, all.Changed+r.Changed
		if r.Failed > 0 || r.Left > 0 {
			f.T.Fatalf("%+v", r)
		}
		if all.Checked >= n {
			return all
		}
	}
	f.T.Fatalf("%d of %d hosts were checked", all.Checked, n)
	return all
}

func (f *fixture) key(host string) sitewatch.Key {
	return sitewatch.Key{Filing: f.filings[host].ID, Host: host}
}

// open returns the codes of the findings that stand about a host.
func (f *fixture) open(host string) string {
	f.T.Helper()
	w, err := f.Store.Watch(f.T.Context(), f.key(host))
	if err != nil {
		f.T.Fatal(err)
	}
	var codes []string
	for _, one := range w.Open {
		codes = append(codes, string(one.Code))
	}
	return strings.Join(codes, " ")
}

// page serves HTML at every path but robots.txt, with an ETag.
func page(html string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		tag := fmt.Sprintf(`"%d"`, len(html))
		switch {
		case r.URL.Path == "/robots.txt":
			http.NotFound(w, r)
		case r.Header.Get("If-None-Match") == tag:
			w.WriteHeader(http.StatusNotModified)
		default:
			w.Header().Set("ETag", tag)
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			fmt.Fprint(w, html)
		}
	}
}

const host, address = "example.cn", "8.130.1.1"

const footer = `<a href="https://beian.miit.gov.cn/">京ICP备30000000号-1</a>`

// TestYearOfASite: a finding opens once and closes once, a moment's failure opens none, and the history proves it.
func TestYearOfASite(t *testing.T) {
	f := newFixture(t)
	f.openedOn(f.file(0, "11", host, address), workday.DateOf(f.Clock.Now()))
	set := func(h http.Handler) { f.web.Add(host, address, h) }
	police := "京公网安备11010502030123号"

	set(page("没有备案号"))
	if r := f.checkAll(1); r.Changed != 1 || f.open(host) != "watch-number-missing" || f.owed(host) != "watch-number-missing" {
		t.Errorf("%+v, %s", r, f.open(host))
	}
	if r := f.checkAll(1); r.Changed != 0 || r.Unchanged != 1 { // the same page, by a conditional request
		t.Errorf("%+v", r)
	}
	down := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) })
	set(down)
	if r := f.checkAll(1); r.Changed != 0 || f.open(host) != "watch-number-missing" { // the page could not be read
		t.Errorf("%+v, %s", r, f.open(host))
	}
	set(page(footer))
	if r := f.checkAll(1); r.Changed != 1 || f.open(host) != "" || f.owed(host) != "" {
		t.Errorf("%+v, %s", r, f.open(host))
	}
	set(down)
	f.checkAll(2)
	if f.open(host) != "watch-status" { // an hour later too
		t.Error(f.open(host))
	}
	set(page(footer + " "))
	f.checkAll(1)
	f.Clock.Advance(30 * 24 * time.Hour)
	if r := f.checkAll(1); r.Unchanged != 1 || f.open(host) != "watch-public-security-missing" { // its day came, the page stayed
		t.Errorf("%+v, %s", r, f.open(host))
	}
	set(page(footer + police))
	f.checkAll(1)
	if f.open(host) != "" {
		t.Error(f.open(host))
	}

	entries, err := f.Store.WatchHistory(t.Context(), f.key(host))
	if err != nil {
		t.Fatal(err)
	}
	file, err := json.Marshal(sitewatch.NewHistory(entries))
	if err != nil {
		t.Fatal(err)
	}
	private, err := f.Store.Encrypter.SigningKey(t.Context(), sitewatch.SigningPurpose)
	if err != nil {
		t.Fatal(err)
	}
	statements, err := sitewatch.Verify(file, private.Public().(ed25519.PublicKey))
	if err != nil {
		t.Fatal(err)
	}
	var told []string
	for _, s := range statements {
		text := "none"
		if len(s.Findings) > 0 {
			text = string(s.Findings[0].Code)
		}
		told = append(told, text)
	}
	want := []string{"watch-number-missing", "none", "watch-status", "none", "watch-public-security-missing", "none"}
	if !slices.Equal(told, want) {
		t.Errorf("%q, want %q", told, want)
	}
	if strings.Contains(string(file), "示例") {
		t.Error("the history names the subject or the site")
	}
}

// TestEnds: a host that the filing has no more, or a cancelled filing, is not visited and not watched.
func TestEnds(t *testing.T) {
	for name, change := range map[string]func(*register.Filing){
		"cancelled": func(f *register.Filing) { f.Status, f.CancelledOn = register.Cancelled, "2026-11-02" },
		"moved away": func(f *register.Filing) {
			f.Sites = slices.Clone(f.Sites)
			f.Sites[0].Accesses = []register.Access{{Provider: 7}}
		},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			told := &recorder{Duties: f.service.Duties}
			f.service.Duties = told
			before := f.file(0, "11", host, address)
			f.web.Add(host, address, page("没有备案号"))
			f.checkAll(1)
			after := before
			change(&after)
			f.store(before, after)
			dialled := len(f.web.Dialled())
			f.Clock.Advance(25 * time.Hour)
			if r := f.run(); r != (sitewatch.Report{Ended: 1}) {
				t.Errorf("%+v", r)
			}
			if _, err := f.Store.Watch(t.Context(), f.key(host)); fault.KindOf(err) != fault.NotFound {
				t.Errorf("%v", err)
			}
			if len(f.web.Dialled()) != dialled || !slices.Equal(told.recorded, []string{"[watch-number-missing]", "[]"}) {
				t.Errorf("told %v", told.recorded)
			}
		})
	}
}

// A recorder notes the findings that are recorded.
type recorder struct {
	sitewatch.Duties
	recorded []string
	fail     error // of the next call
}

func (r *recorder) RecordSite(ctx context.Context, k sitewatch.Key, open []sitewatch.OpenFinding, at time.Time) error {
	if err := r.fail; err != nil {
		r.fail = nil
		return err
	}
	codes := []finding.Code{}
	for _, one := range open {
		codes = append(codes, one.Code)
	}
	r.recorded = append(r.recorded, fmt.Sprint(codes))
	return r.Duties.RecordSite(ctx, k, open, at)
}

// TestFails: a check that fails half-way is repeated an hour later, and others go on.
func TestFails(t *testing.T) {
	f := newFixture(t)
	told := &recorder{Duties: f.service.Duties, fail: fault.Wrap(fault.Unavailable, errors.New("the table is busy"))}
	f.service.Duties = told
	f.file(0, "11", host, address)
	f.web.Add(host, address, page("没有备案号"))
	f.Clock.Advance(25 * time.Hour)
	if r := f.run(); r != (sitewatch.Report{Failed: 1}) {
		t.Errorf("%+v", r)
	}
	if r := f.run(); r != (sitewatch.Report{}) {
		t.Errorf("at once: %+v", r)
	}
	f.Clock.Advance(sitewatch.Recheck)
	if r := f.run(); r != (sitewatch.Report{Checked: 1, Changed: 1}) || !slices.Equal(told.recorded, []string{"[watch-number-missing]"}) {
		t.Errorf("%+v, told %v", r, told.recorded)
	}
}

// TestPanics: a page that makes its reader panic ends its own check only, and is not tried again at once.
func TestPanics(t *testing.T) {
	f := newFixture(t)
	f.file(0, "11", "panics-example.cn", "8.130.1.2")
	f.file(1, "11", host, address)
	f.web.Add("panics-example.cn", "8.130.1.2", page(""))
	f.web.Add(host, address, page(""))
	f.service.Renderer = panics{}
	f.web.Add("panics-example.cn", "8.130.1.2", page("<script></script>"))
	f.Clock.Advance(25 * time.Hour)
	if r := f.run(); r != (sitewatch.Report{Checked: 1, Changed: 1, Failed: 1}) {
		t.Errorf("%+v", r)
	}
	if r := f.run(); r != (sitewatch.Report{}) {
		t.Errorf("%+v", r)
	}
}

type panics struct{}

func (panics) Render(context.Context, string) (string, error) { panic("a defect") }

// TestRendered: where a renderer is, it decides about pages that only scripts complete.
func TestRendered(t *testing.T) {
	for html, want := range map[string]string{footer: "", "<p>": "watch-number-missing", "error": "watch-not-seen"} {
		f := newFixture(t)
		f.file(0, "11", host, address)
		f.web.Add(host, address, page("<script src=/app.js></script>"))
		f.service.Renderer = rendered(html)
		f.checkAll(1)
		if got := f.open(host); got != want {
			t.Errorf("%s: %q, want %q", html, got, want)
		}
		if r := f.checkAll(1); r.Unchanged != 1 || f.open(host) != want { // a page that was rendered and has not changed
			t.Errorf("%s, again: %+v, %q", html, r, f.open(host))
		}
	}
}

type rendered string

func (r rendered) Render(_ context.Context, url string) (string, error) {
	if r == "error" || url != "https://example.cn/" {
		return "", errors.New("the page was not rendered")
	}
	return string(r), nil
}

// TestOff: where sites are not visited, the function does nothing.
func TestOff(t *testing.T) {
	f := newFixture(t)
	f.file(0, "11", host, address)
	f.service.Prober = nil
	f.Clock.Advance(25 * time.Hour)
	if r := f.run(); r != (sitewatch.Report{}) {
		t.Errorf("%+v", r)
	}
}

// TestSimulator: every word of a host has its finding.
func TestSimulator(t *testing.T) {
	f := newFixture(t)
	f.service.Prober = siteprobe.Simulator{Now: f.Clock.Now, Site: func(_ context.Context, name string) (string, netip.Addr, error) {
		filed, ok := sitewatch.FiledOf(f.filings[name], name, nil)
		if !ok {
			return "", netip.Addr{}, errors.New("no such site")
		}
		return filed.Page(f.Clock.Now()), filed.Addresses[0].First, nil
	}}
	hosts := map[string]string{"as-it-should-be.cn": "", "site-gone.cn": "watch-not-resolved", "site-elsewhere.cn": "watch-resolves-elsewhere", "site-down.cn": "watch-unreachable",
		"site-expired.cn": "watch-certificate", "no-number.cn": "watch-number-missing watch-title-differs", "other-number.cn": "watch-number-other watch-title-differs",
		"hidden-number.cn": "watch-number-hidden", "unlinked-number.cn": "watch-link-missing", "script-number.cn": "watch-not-seen", "other-title.cn": "watch-title-differs"}
	n := 0
	for name := range hosts {
		f.file(n, "33", name, fmt.Sprintf("8.130.3.%d", n+1))
		n++
	}
	f.Clock.Advance(25 * time.Hour)
	f.run()
	f.Clock.Advance(sitewatch.Recheck)
	f.run()
	for name, want := range hosts {
		if got := f.open(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}
