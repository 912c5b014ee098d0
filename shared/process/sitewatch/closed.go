package sitewatch

import (
	"context"
	"time"

	"beian/shared/filing"
	"beian/shared/process/decide"
	"beian/shared/rules/observation"
)

// An Unapproved domain is one of an order that is submitted, and whose site has to be closed until it is approved.
type Unapproved struct {
	Domain filing.Domain
	Order  filing.ID
}

// Orders reads orders, and decides on them. decide.Service implements it.
type Orders interface {
	Order(ctx context.Context, id filing.ID) (filing.Order, error)
	DecideOn(ctx context.Context, o filing.Order, by filing.Actor, d filing.Decision, pre decide.Preconditions) (filing.Order, error)
}

// checkOneUnapproved checks a site that has to be closed.
func (s *Service) checkOneUnapproved(ctx context.Context, d filing.Domain) Report {
	u := Unapproved{Domain: d}
	return s.contain(ctx, "domain", string(d), func() (report Report, err error) {
		if u.Order, err = s.Store.UnapprovedOrder(ctx, d); err != nil || u.Order == "" {
			return Report{}, err // the order ended, and its watch with it
		}
		return s.checkUnapproved(ctx, u)
	}, func(at time.Time) error { return s.Store.PostponeUnapproved(ctx, u, at) })
}

// checkUnapproved visits a site that has to be closed, and records in its order whether it is open. What could not be seen changes nothing. Everything may
// happen again: the order records a change once.
func (s *Service) checkUnapproved(ctx context.Context, u Unapproved) (Report, error) {
	o, err := s.Orders.Order(ctx, u.Order)
	if err != nil {
		return Report{}, err
	}
	if !o.WatchesPages() {
		return Report{Ended: 1}, s.Store.PostponeUnapproved(ctx, u, time.Time{})
	}
	seen, err := s.Prober.Probe(ctx, string(u.Domain), nil)
	if err != nil {
		return Report{}, err
	}
	report := Report{Checked: 1}
	open := Judge(Filed{Host: string(u.Domain), BeforeApproval: true}, seen).Has(OpenBeforeApproval)
	if _, known := o.OpenSites[u.Domain]; open != known && (open || seenClosed(seen)) {
		report.Changed = 1
		if _, err := s.Orders.DecideOn(ctx, o, filing.Beian, filing.RecordPage{Domain: u.Domain, Open: open}, decide.Preconditions{}); err != nil {
			return Report{}, err
		}
	}
	return report, s.Store.PostponeUnapproved(ctx, u, seen.At.Add(Period))
}

// seenClosed reports whether every visit shows for certain what a visitor gets.
func seenClosed(seen observation.Observation) bool {
	for _, v := range seen.Visits {
		if v.Unsure() {
			return false
		}
	}
	return true
}
