package dynamo_test

import (
	"testing"
	"time"

	"beian/shared/filing/register"
	"beian/shared/process/sitewatch"
	"beian/shared/rules/domainname"
	"beian/shared/rules/fault"
	"beian/shared/rules/finding"
	"beian/shared/rules/number"
	"beian/shared/rules/observation"
)

// hosted returns a filing with our access.
func (d *fixture) hosted(n int, domains ...domainname.Domain) register.Filing {
	f := d.newFiling(n, "account-1", domains...)
	f.Status = register.Filed
	f.Sites[0].Accesses = []register.Access{{Ours: true}}
	return f
}

// watches: a filing's hosts are watched from its first version with them, each is due once a day, and a check is stored once.
func watches(t *testing.T, d *fixture) {
	f := d.storeFiling(register.Filing{}, d.hosted(1, "a.example.cn", "b.example.cn"))
	due := func(at time.Time) []sitewatch.Key {
		t.Helper()
		var all []sitewatch.Key
		for cursor := ""; ; {
			keys, next, err := d.DueWatches(t.Context(), at, cursor, 1)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, keys...)
			if cursor = next; cursor == "" {
				return all
			}
		}
	}
	tomorrow := d.now().Add(sitewatch.Period)
	if got := due(tomorrow); len(got) != 2 || len(due(d.now().Add(-time.Second))) != 0 {
		t.Fatalf("due are %v", got)
	}
	k := sitewatch.Key{Filing: f.ID, Host: "a.example.cn"}
	w, err := d.Watch(t.Context(), k)
	if err != nil || w.Version != 0 || w.Key != k || w.Since.IsZero() || w.Due.Before(w.Since) || w.Due.After(w.Since.Add(sitewatch.Period)) {
		t.Fatalf("%+v, %v", w, err)
	}

	// A check with an entry, one without, and a second one of the same version.
	seen := observation.Observation{Host: k.Host, At: tomorrow, Visits: []observation.Visit{{Host: k.Host, Resolution: observation.Resolved, Outcome: observation.Answered, Status: 200}}}
	first, changed := w.After(seen, finding.List{finding.New(sitewatch.NumberMissing, "/visits/0")})
	first.Entries = 1
	if err := d.CommitWatch(t.Context(), first, &sitewatch.Entry{Text: "{}"}); err != nil || !changed {
		t.Fatal(err)
	}
	if err := d.CommitWatch(t.Context(), first, &sitewatch.Entry{Text: "{}"}); fault.KindOf(err) != fault.Stale {
		t.Errorf("the first check twice: %v", err)
	}
	stored, err := d.Watch(t.Context(), k)
	if err != nil || stored.Version != 1 || len(stored.Open) != 1 || stored.Open[0].Code != sitewatch.NumberMissing || !stored.Due.Equal(tomorrow.Add(sitewatch.Period)) || !stored.Since.Equal(w.Since) {
		t.Errorf("%+v, %v", stored, err)
	}
	second, _ := stored.After(seen, nil)
	if err := d.CommitWatch(t.Context(), second, nil); err != nil {
		t.Error(err)
	}
	if err := d.CommitWatch(t.Context(), second, nil); fault.KindOf(err) != fault.Stale {
		t.Errorf("a check twice: %v", err)
	}
	if entries, err := d.WatchHistory(t.Context(), k); err != nil || len(entries) != 1 || entries[0].Text != "{}" {
		t.Errorf("%v, %v", entries, err)
	}
	if all, err := d.Watches(t.Context(), f.ID); err != nil || len(all) != 2 || all[0].Version != 2 || all[1].Version != 0 {
		t.Errorf("%+v, %v", all, err)
	}

	// Postponed, checked or not.
	later := tomorrow.Add(100 * time.Hour)
	for host, version := range map[string]int{"a.example.cn": 2, "b.example.cn": 0} {
		k := sitewatch.Key{Filing: f.ID, Host: host}
		for _, v := range []int{version, version + 7} {
			if err := d.PostponeWatch(t.Context(), k, v, later); err != nil {
				t.Error(err)
			}
		}
		if w, err := d.Watch(t.Context(), k); err != nil || !w.Due.Equal(later) || w.Version != version {
			t.Errorf("%+v, %v", w, err)
		}
	}

	// A row that cannot be read is postponed like others, so that it is not the first one for ever.
	broken := sitewatch.Key{Filing: f.ID, Host: "a.example.cn"}
	restore := d.breakRow("FILING#"+string(f.ID), "WATCH#a.example.cn")
	unread, err := d.Watch(t.Context(), broken)
	if err == nil || unread.Version != 2 {
		t.Errorf("%+v, %v", unread, err)
	}
	if err := d.PostponeWatch(t.Context(), broken, unread.Version, later.Add(time.Hour)); err != nil || len(due(later)) != 1 {
		t.Errorf("%v, due are %v", err, due(later))
	}
	d.putRow(restore)

	// A version without a host ends its watch at the next check, unless the host is back.
	without := f
	without.Sites = []register.FiledSite{{Number: f.Sites[0].Number, Domains: f.Sites[0].Domains[:1], Accesses: f.Sites[0].Accesses}}
	without.Private.Sites = f.Private.Sites[:1]
	after := d.storeFiling(f, without)
	gone := sitewatch.Key{Filing: f.ID, Host: "b.example.cn"}
	if err := d.DeleteWatch(t.Context(), gone, f.Version); fault.KindOf(err) != fault.Stale {
		t.Errorf("the watch ends by an old version: %v", err)
	}
	if err := d.DeleteWatch(t.Context(), gone, after.Version); err != nil {
		t.Error(err)
	}
	if _, err := d.Watch(t.Context(), gone); fault.KindOf(err) != fault.NotFound {
		t.Errorf("the watch stays: %v", err)
	}
	if entries, err := d.WatchHistory(t.Context(), k); err != nil || len(entries) != 1 {
		t.Errorf("%v, %v", entries, err)
	}
}

// notWatched: apps, and sites to which we give no access, are not watched.
func notWatched(t *testing.T, d *fixture) {
	d.storeFiling(register.Filing{}, d.newFiling(1, "account-1", "a.example.cn"))
	app := d.hosted(2, "b.example.cn")
	app.Sites[0].Number.Service = number.App
	d.storeFiling(register.Filing{}, app)
	if keys, _, err := d.DueWatches(t.Context(), d.now().AddDate(1, 0, 0), "", 10); err != nil || len(keys) > 0 {
		t.Errorf("%v, %v", keys, err)
	}
}
