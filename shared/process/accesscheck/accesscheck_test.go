package accesscheck_test

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"beian/shared/filing/register"
	"beian/shared/process/accesscheck"
	"beian/shared/rules/domainname"
	"beian/shared/rules/finding"
	"beian/shared/rules/number"
)

var (
	website = mustNumber("京ICP备30000001号-1")
	app     = mustNumber("京ICP备30000001号-2A")
)

func mustNumber(text string) number.Filing {
	n, err := number.ParseFiling(text)
	if err != nil {
		panic(err)
	}
	return n
}

// site returns a filed site that is hosted by us on a range of addresses.
func site(n number.Filing, first, last string, server ...string) accesscheck.Site {
	return accesscheck.SiteOf(register.Filing{Province: "11"}, register.FiledSite{Number: n, Accesses: []register.Access{
		{IPs: []register.IPRange{{First: "8.200.1.1", Last: "8.200.1.1"}}}, // another provider's
		{Ours: true, IPs: []register.IPRange{{First: first, Last: last}}},
	}}, server)
}

func TestDecide(t *testing.T) {
	filed := accesscheck.Facts{Sites: []accesscheck.Site{site(website, "8.130.1.1", "8.130.1.9", "8.131.1.1", "2400:3200::1")}}
	both := accesscheck.Facts{Sites: append(slices.Clone(filed.Sites), site(app, "8.132.1.1", "8.132.1.1"))}
	elsewhere := accesscheck.Facts{Sites: []accesscheck.Site{{Number: website}}}
	unknown := accesscheck.Facts{Sites: []accesscheck.Site{{Number: website, Hosted: true}}}
	damaged := accesscheck.Facts{Sites: []accesscheck.Site{site(website, "8.130.1", "")}}
	black := func(f accesscheck.Facts, domain, subject bool) accesscheck.Facts {
		f.DomainBlacklisted, f.SubjectBlacklisted = domain, subject
		return f
	}
	for _, c := range []struct {
		name    string
		facts   accesscheck.Facts
		address string
		want    finding.Code
		number  number.Filing
	}{
		{"the first address of the range", filed, "8.130.1.1", accesscheck.Filed, website},
		{"the last address of the range", filed, "8.130.1.9", accesscheck.Filed, website},
		{"an address after the range", filed, "8.130.1.10", accesscheck.OtherAddress, website},
		{"another provider's address", filed, "8.200.1.1", accesscheck.OtherAddress, website},
		{"any address", filed, "", accesscheck.Filed, website},
		{"the server's other address", filed, "8.131.1.1", accesscheck.FiledElsewhere, website},
		{"an IPv6 address", filed, "2400:3200::2", accesscheck.IPv6, website},
		{"the server's IPv6 address", filed, "2400:3200::1", accesscheck.IPv6, website},
		{"the address of an app of the domain", both, "8.132.1.1", accesscheck.Filed, app},
		{"hosted by another provider", elsewhere, "8.130.1.1", accesscheck.NotOurs, website},
		{"an access without addresses", unknown, "8.130.1.1", accesscheck.NoAddresses, website},
		{"an access with a damaged range", damaged, "8.130.1.1", accesscheck.NoAddresses, website},
		{"a blacklisted domain", black(filed, true, true), "8.130.1.1", accesscheck.BlackDomain, website},
		{"a blacklisted subject", black(filed, false, true), "8.130.1.1", accesscheck.BlackSubject, website},
		{"a blacklisted domain that is not filed", black(accesscheck.Facts{}, true, false), "", accesscheck.BlackDomain, number.Filing{}},
		{"an open order", accesscheck.Facts{OrderOpen: true, Former: register.Cancelled}, "", accesscheck.OrderOpen, number.Filing{}},
		{"a cancelled filing", accesscheck.Facts{Former: register.Cancelled}, "", accesscheck.FilingEnded, number.Filing{}},
		{"a shell", accesscheck.Facts{Former: register.Shell}, "", accesscheck.FilingShell, number.Filing{}},
		{"a filing without the domain", accesscheck.Facts{Former: register.Filed}, "", accesscheck.DomainEnded, number.Filing{}},
		{"nothing", accesscheck.Facts{}, "8.130.1.1", accesscheck.NotFiled, number.Filing{}},
	} {
		address, _ := netip.ParseAddr(c.address)
		if got, about := c.facts.Decide("example.cn", address); got != c.want || about.Number != c.number {
			t.Errorf("%s: %s about %s, want %s about %s", c.name, got, about.Number, c.want, c.number)
		}
	}
	if got, _ := (accesscheck.Facts{}).Decide("xn--exmple-4nf.cn", netip.Addr{}); got != accesscheck.LooksAlike {
		t.Errorf("a domain with a Cyrillic letter: %s", got)
	}
}

func TestParseAddress(t *testing.T) {
	for text, want := range map[string]finding.Code{
		"8.130.1.1": "", "::ffff:8.130.1.1": "", "2400:3200::1": "",
		"": accesscheck.AddressForm, "8.130.1": accesscheck.AddressForm, "8.130.1.1:80": accesscheck.AddressForm, "08.130.1.1": accesscheck.AddressForm,
		"8.130.1.1/32": accesscheck.AddressForm, "fe80::1%eth0": accesscheck.AddressForm, " 8.130.1.1": accesscheck.AddressForm,
		"10.0.0.1": accesscheck.AddressPrivate, "127.0.0.1": accesscheck.AddressPrivate, "169.254.169.254": accesscheck.AddressPrivate, "::1": accesscheck.AddressPrivate,
		"0.0.0.0": accesscheck.AddressPrivate, "224.0.0.1": accesscheck.AddressPrivate, "100.64.0.1": accesscheck.AddressPrivate, "255.255.255.255": accesscheck.AddressPrivate,
		"::ffff:10.0.0.1": accesscheck.AddressPrivate, "fc00::1": accesscheck.AddressPrivate,
	} {
		if a, got := accesscheck.ParseAddress(text); got != want || a.IsValid() != (want == "") || a.Is4In6() {
			t.Errorf("%q: %v %q, want %q", text, a, got, want)
		}
	}
}

// readings is a store that counts what is read.
type readings struct {
	facts map[domainname.Domain]accesscheck.Facts
	reads []string
	err   error
}

func (r *readings) AccessFacts(_ context.Context, domains []domainname.Domain) (map[domainname.Domain]accesscheck.Facts, error) {
	for _, d := range domains {
		r.reads = append(r.reads, string(d))
	}
	return r.facts, r.err
}

// TestChecker: answers have the order of the questions, each domain is read once in two seconds, and what is malformed is not read.
func TestChecker(t *testing.T) {
	now := time.Date(2020, 3, 2, 9, 0, 0, 0, time.UTC)
	store := &readings{facts: map[domainname.Domain]accesscheck.Facts{"example.cn": {Sites: []accesscheck.Site{site(website, "8.130.1.1", "8.130.1.1")}}}}
	checker := &accesscheck.Checker{Store: store, Wall: func() time.Time { return now }}
	questions := []accesscheck.Question{
		{Host: "www.Example.cn.:443", Address: "8.130.1.1"}, {Host: "not a host"}, {Host: "m.example.cn", Address: "8.130.1.2"}, {Host: "8.130.1.1"},
		{Host: "other.cn"}, {Host: "example.cn", Address: "x"},
	}
	ask := func() (reasons []string) {
		t.Helper()
		answers, err := checker.Check(t.Context(), questions)
		if err != nil {
			t.Fatal(err)
		}
		for i, a := range answers {
			reasons = append(reasons, string(a.Reason.Code))
			if wait := a.Until.Sub(now); a.Question != questions[i] || a.Allowed() != (wait == accesscheck.AllowedFor) || !a.Allowed() && wait != accesscheck.DeniedFor {
				t.Errorf("%+v may be cached for %s", a.Question, wait)
			}
		}
		return reasons
	}
	want := []string{"access-filed", "host-malformed", "access-other-address", "host-is-ip", "access-not-filed", "access-address-malformed"}
	if diff := cmp.Diff(want, ask()); diff != "" {
		t.Errorf("answers:\n%s", diff)
	}
	ask()
	if diff := cmp.Diff([]string{"example.cn", "other.cn"}, store.reads); diff != "" {
		t.Errorf("reads in one moment:\n%s", diff)
	}
	now = now.Add(accesscheck.MaxAge)
	if ask(); len(store.reads) != 4 {
		t.Errorf("reads after two seconds: %q", store.reads)
	}
	now = now.Add(-time.Hour) // a clock that jumps back
	if ask(); len(store.reads) != 6 {
		t.Errorf("reads after the clock jumped back: %q", store.reads)
	}
	now, store.err = now.Add(time.Hour), errors.New("no table")
	if _, err := checker.Check(t.Context(), questions); err == nil {
		t.Error("no error without a table")
	}
}

// TestCheckerIsBounded: a checker forgets domains that were asked for long ago, and keeps the newest.
func TestCheckerIsBounded(t *testing.T) {
	now := time.Date(2020, 3, 2, 9, 0, 0, 0, time.UTC)
	store := &readings{}
	checker := &accesscheck.Checker{Store: store, Wall: func() time.Time { return now }}
	ask := func(host string) (read bool) {
		t.Helper()
		before := len(store.reads)
		if _, err := checker.Check(t.Context(), []accesscheck.Question{{Host: host}}); err != nil {
			t.Fatal(err)
		}
		return len(store.reads) > before
	}
	for i := range 10_000 {
		ask(fmt.Sprintf("a%d.cn", i))
	}
	if ask("a9999.cn") || !ask("a0.cn") {
		t.Error("the newest domain is read again, or the oldest is still kept")
	}
}

func TestChanges(t *testing.T) {
	before := register.Filing{Status: register.Filed, Sites: []register.FiledSite{
		{Number: website, Domains: domains("a.cn", "b.cn"), Accesses: []register.Access{{Ours: true, Server: "server-1", IPs: []register.IPRange{{First: "8.130.1.1", Last: "8.130.1.1"}}}}},
		{Number: app, Domains: domains("b.cn", "www.c.cn"), Accesses: []register.Access{{Ours: true}}},
	}}
	for name, c := range map[string]struct {
		change func(*register.Filing)
		want   string
	}{
		"nothing":         {func(*register.Filing) {}, ""},
		"another account": {func(f *register.Filing) { f.Account, f.MinistryID = "account-2", "1" }, ""},
		"another provider's": {func(f *register.Filing) {
			f.Sites[0].Accesses = append(f.Sites[0].Accesses, register.Access{Provider: 7})
		}, ""},
		"an address":            {func(f *register.Filing) { f.Sites[0].Accesses[0].IPs = nil }, "a.cn changed, b.cn changed"},
		"our access of the app": {func(f *register.Filing) { f.Sites[1].Accesses = nil }, "b.cn changed, c.cn access-ended"},
		"a domain":              {func(f *register.Filing) { f.Sites[0].Domains = domains("b.cn", "d.cn") }, "a.cn ended, d.cn filed"},
		"the site":              {func(f *register.Filing) { f.Sites = f.Sites[1:] }, "a.cn ended, b.cn changed"},
		"the filing":            {func(f *register.Filing) { f.Status = register.Cancelled }, "a.cn ended, b.cn ended, c.cn ended"},
	} {
		after := before
		after.Sites = slices.Clone(before.Sites)
		for i := range after.Sites {
			after.Sites[i].Accesses = slices.Clone(after.Sites[i].Accesses)
		}
		c.change(&after)
		var got []string
		for _, one := range accesscheck.Changes(before, after) {
			got = append(got, string(one.Domain)+" "+string(one.Kind))
		}
		if text := strings.Join(got, ", "); text != c.want {
			t.Errorf("%s: %q, want %q", name, text, c.want)
		}
	}
	if first := accesscheck.Changes(register.Filing{}, before); len(first) != 3 || first[0].Kind != accesscheck.BecameFiled {
		t.Errorf("a new filing: %v", first)
	}
}

func domains(names ...domainname.Domain) (all []register.FiledDomain) {
	for _, name := range names {
		all = append(all, register.FiledDomain{Name: name})
	}
	return all
}

func FuzzCheck(f *testing.F) {
	f.Add("www.example.cn", "8.130.1.1")
	f.Add("*.例子.中国:80", "::ffff:8.130.1.1")
	f.Fuzz(func(t *testing.T, host, address string) {
		checker := &accesscheck.Checker{Store: &readings{}, Wall: time.Now}
		answers, err := checker.Check(t.Context(), []accesscheck.Question{{Host: host, Address: address}})
		if err != nil || len(answers) != 1 || answers[0].Allowed() || answers[0].Reason.Message.Chinese == "" {
			t.Errorf("%q on %q: %+v, %v", host, address, answers, err)
		}
	})
}
