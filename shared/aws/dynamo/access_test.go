package dynamo_test

import (
	"encoding/base64"
	"fmt"
	"net/netip"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"beian/shared/aws/dynamo"
	"beian/shared/filing"
	"beian/shared/filing/register"
	"beian/shared/process/accesscheck"
	"beian/shared/process/exchange"
	"beian/shared/rules/domainname"
	"beian/shared/rules/fault"
	"beian/shared/rules/finding"
	"beian/shared/rules/number"
)

// reasonOf returns the reason of the answer for a domain on an address.
func (d *fixture) reasonOf(name domainname.Domain, address string) finding.Code {
	d.t.Helper()
	facts, err := d.AccessFacts(d.t.Context(), []domainname.Domain{name})
	if err != nil {
		d.t.Fatal(err)
	}
	a, _ := netip.ParseAddr(address)
	reason, _ := facts[name].Decide(name, a)
	return reason
}

// accessFacts: the facts of a domain follow its filing, from the order to the end, and the blacklist.
func accessFacts(t *testing.T, d *fixture) {
	want := func(name domainname.Domain, address string, reason finding.Code) {
		t.Helper()
		if got := d.reasonOf(name, address); got != reason {
			t.Errorf("%s on %q: %s, want %s", name, address, got, reason)
		}
	}
	want("a.cn", "", accesscheck.NotFiled)
	f := d.newFiling(1, "account-1", "a.cn", "www.b.cn")
	f.Sites[0].Accesses = []register.Access{{Ours: true, Server: "server-1", IPs: []register.IPRange{{First: "8.131.1.1", Last: "8.131.1.9"}}}}
	app := register.FiledSite{MinistryID: "6001", Number: f.Sites[0].Number, Domains: []register.FiledDomain{{Name: "app.cn"}, {Name: "a.cn"}},
		Accesses: []register.Access{{Ours: true, IPs: []register.IPRange{{First: "8.132.1.1", Last: "8.132.1.1"}}}}}
	app.Number.Running, app.Number.Service = 2, number.App
	f.Sites = append(f.Sites, app)
	f.Private.Sites = append(f.Private.Sites, register.Site{Name: "示例应用", Domains: []domainname.Domain{"app.cn", "a.cn"}})
	f.Status = register.Filed
	f = d.storeFiling(register.Filing{}, f)
	want("a.cn", "", accesscheck.Filed)
	want("a.cn", "8.131.1.5", accesscheck.Filed)
	want("a.cn", "8.132.1.1", accesscheck.Filed)          // the app's
	want("a.cn", "8.130.1.1", accesscheck.FiledElsewhere) // the server's
	want("a.cn", "8.133.1.1", accesscheck.OtherAddress)
	want("b.cn", "8.131.1.9", accesscheck.Filed) // filed as www.b.cn
	want("app.cn", "8.132.1.1", accesscheck.Filed)
	want("app.cn", "8.131.1.1", accesscheck.OtherAddress)
	for _, e := range []exchange.BlacklistEntry{{Subject: f.SubjectKey}, {Domain: "app.cn"}} {
		for _, listed := range []bool{true, false} {
			if err := d.SetBlacklisted(t.Context(), e, listed); err != nil {
				t.Fatal(err)
			}
			reason := accesscheck.Filed
			if listed {
				reason = map[bool]finding.Code{true: accesscheck.BlackSubject, false: accesscheck.BlackDomain}[e.Subject != ""]
			}
			want("app.cn", "", reason)
		}
	}
	moved := f
	moved.Sites = slices.Clone(f.Sites)
	moved.Sites[0].Accesses = nil
	f = d.storeFiling(f, moved)
	want("b.cn", "", accesscheck.NotOurs)
	shell := f
	shell.Sites, shell.Private.Sites, shell.Status = nil, nil, register.Shell
	f = d.storeFiling(f, shell)
	want("b.cn", "", accesscheck.FilingShell)
	cancelled := f
	cancelled.Status = register.Cancelled
	d.storeFiling(f, cancelled)
	want("a.cn", "", accesscheck.FilingEnded)

	w := d.walkTo(3, filing.InitialReview)
	want(w.Order.Domains[0], "", accesscheck.OrderOpen)

	// Many domains are read in batches.
	var all []domainname.Domain
	many := d.newFiling(4, "account-4")
	for i := range 150 {
		name := domainname.Domain(fmt.Sprintf("many-%d.cn", i))
		all = append(all, name, "not-"+name)
		many.Sites[0].Domains = append(many.Sites[0].Domains, register.FiledDomain{Name: name})
	}
	d.storeFiling(register.Filing{}, many)
	facts, err := d.AccessFacts(t.Context(), all)
	if err != nil {
		t.Fatal(err)
	}
	for i, name := range all {
		if got := len(facts[name].Sites); got != (i+1)%2 {
			t.Errorf("%s: %d sites", name, got)
		}
	}
}

// accessChanges: each change of a filing or of the blacklist is in the feed once it has settled, in its order, and for 30 days.
func accessChanges(t *testing.T, d *fixture) {
	read := func(cursor string, limit int) (changes []string, next string) {
		t.Helper()
		sets, next, err := d.AccessChanges(t.Context(), cursor, limit)
		if err != nil {
			t.Fatal(err)
		}
		for _, set := range sets {
			for _, c := range set.Changes {
				changes = append(changes, string(c.Domain)+" "+string(c.Kind))
			}
		}
		return changes, next
	}
	_, start := read("", 10)
	f := d.newFiling(1, "account-1", "a.cn", "b.cn")
	f.Sites[0].Accesses = []register.Access{{Ours: true, IPs: []register.IPRange{{First: "8.131.1.1", Last: "8.131.1.9"}}}}
	f = d.storeFiling(register.Filing{}, f)
	if got, next := read(start, 10); len(got) > 0 || next == "" {
		t.Errorf("a change shows before it has settled: %q", got)
	}
	d.advanceClock(accesscheck.ChangesSettle * 2)
	renamed := f
	renamed.Private.Subject.Name = "示例公司改名"
	f = d.storeFiling(f, renamed) // changes no answer
	change := func(to func(*register.Filing)) {
		after := f
		after.Sites = slices.Clone(f.Sites)
		to(&after)
		f = d.storeFiling(f, after)
		d.advanceClock(accesscheck.ChangesSettle * 2)
	}
	change(func(f *register.Filing) { f.Sites[0].Domains = f.Sites[0].Domains[:1] })
	change(func(f *register.Filing) { f.Sites[0].Accesses = nil })
	for range 2 { // repeated, as the exchange may
		if err := d.SetBlacklisted(t.Context(), exchange.BlacklistEntry{Subject: f.SubjectKey}, true); err != nil {
			t.Fatal(err)
		}
	}
	change(func(f *register.Filing) { f.Status = register.Cancelled })
	want := []string{"a.cn filed", "b.cn filed", "b.cn ended", "a.cn access-ended", "a.cn blacklisted", "a.cn ended"}
	all, end := read(start, 100)
	if diff := cmp.Diff(want, all); diff != "" {
		t.Errorf("changes (-want +got):\n%s", diff)
	}
	var paged []string
	for cursor := ""; ; {
		page, next := read(cursor, 1)
		if len(page) == 0 {
			break
		}
		paged, cursor = append(paged, page...), next
	}
	if diff := cmp.Diff(all, paged); diff != "" {
		t.Errorf("pages of one:\n%s", diff)
	}
	if more, _ := read(end, 10); len(more) > 0 {
		t.Errorf("after the end: %q", more)
	}
	for _, cursor := range []string{"x", "%", base64.RawURLEncoding.EncodeToString([]byte("ORDER#1"))} {
		_, _, err := d.AccessChanges(t.Context(), cursor, 10)
		d.wantFault(err, fault.Invalid, dynamo.CodeCursor)
	}
	d.advanceClock(accesscheck.ChangesKept)
	if old, _ := read("", 10); len(old) > 0 {
		t.Errorf("after 30 days: %q", old)
	}
	_, _, err := d.AccessChanges(t.Context(), start, 10)
	d.wantFault(err, fault.Invalid, accesscheck.CodeCursorExpired)
}
