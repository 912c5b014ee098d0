package sitewatch_test

import (
	"context"
	"fmt"
	"net/http"
	"testing"
	"time"

	"beian/shared/filing"
	"beian/shared/rules/observation"
)

// TestUnapproved: the site of a submitted order is visited once a day until its result. That it is open becomes one message, and the watch ends with the order's
// locks.
func TestUnapproved(t *testing.T) {
	f := newFixture(t)
	o := f.At(filing.InitialReview)
	host := string(o.Domains[0])
	f.web.Add(host, address, page("<p>即将上线"))
	f.web.Add("www."+host, "8.130.1.2", page("<p>即将上线"))
	if r := f.checkAll(1); r.Checked != 1 || r.Changed != 1 {
		t.Errorf("%+v", r)
	}
	if got := f.Order(); got.OpenSites[o.Domains[0]].IsZero() || f.Notices()[filing.NoticeSiteOpen] != 1 {
		t.Errorf("open %v, notices %v", got.OpenSites, f.Notices())
	}
	version := f.Order().Version
	if r := f.run(); r.Checked != 0 { // before its day
		t.Errorf("%+v", r)
	}
	if r := f.checkAll(1); r.Changed != 0 || f.Order().Version != version || f.Notices()[filing.NoticeSiteOpen] != 1 {
		t.Errorf("%+v, %d versions", r, f.Order().Version-version)
	}
	unsure := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "User-agent: *\nDisallow: /") })
	f.web.Add(host, address, unsure)
	f.web.Add("www."+host, "8.130.1.2", unsure)
	if r := f.checkAll(1); r.Changed != 0 || len(f.Order().OpenSites) != 1 { // it could not be seen
		t.Errorf("%+v", r)
	}
	f.web.Add(host, address, http.NotFoundHandler())
	f.web.Add("www."+host, "8.130.1.2", http.NotFoundHandler())
	if r := f.checkAll(1); r.Changed != 1 || len(f.Order().OpenSites) != 0 || f.Notices()[filing.NoticeSiteOpen] != 1 {
		t.Errorf("%+v", r)
	}

	f.Walk.Order, f.Walk.At = f.Order(), f.Clock.Now()
	f.At(filing.Done) // approved: the watch of the filing follows
	for range 48 {
		f.Clock.Advance(time.Hour)
		f.run()
	}
	if id, err := f.Store.UnapprovedOrder(t.Context(), o.Domains[0]); err != nil || id != "" {
		t.Errorf("%q has the domain: %v", id, err)
	}
	if due, err := f.Store.DueUnapproved(t.Context(), f.Clock.Now().AddDate(1, 0, 0), 10); err != nil || len(due) != 0 {
		t.Errorf("due %v: %v", due, err)
	}
}

// TestUnapprovedPanic: a site that makes its reader panic is visited again after an hour.
func TestUnapprovedPanic(t *testing.T) {
	f := newFixture(t)
	f.At(filing.InitialReview)
	f.service.Prober = panics{}
	var failed int
	for range 26 {
		f.Clock.Advance(time.Hour)
		failed += f.run().Failed
	}
	if failed < 2 || len(f.Order().OpenSites) != 0 {
		t.Errorf("%d failed", failed)
	}
}

func (panics) Probe(context.Context, string, *observation.Observation) (observation.Observation, error) {
	panic("a defect")
}
