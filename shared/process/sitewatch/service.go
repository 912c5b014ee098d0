package sitewatch

import (
	"context"
	"crypto/ed25519"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"beian/shared/filing"
	"beian/shared/filing/register"
	"beian/shared/filing/upkeep"
	"beian/shared/rules/fault"
	"beian/shared/rules/observation"
	"beian/shared/rules/webpage"
)

// A Service checks the hosts that are due. Start with CheckDue.
type Service struct {
	Store   Store
	Filings Filings
	Prober  Prober
	// Renderer shows pages whose scripts add the number; nil if there is none.
	Renderer Renderer
	Orders   Orders
	Upkeeps  Upkeeps
	Duties   Duties
	Keys     Keys
	// Ours are the provider's own addresses; empty if they are not known.
	Ours []Range
	Now  func() time.Time
	Log  *slog.Logger
}

// A Store stores watches. Package dynamo implements it.
type Store interface {
	// DueWatches lists the watches that are due at a time, the earliest first, at most limit. next continues the list; "" is its end.
	DueWatches(ctx context.Context, until time.Time, cursor string, limit int) (keys []Key, next string, err error)
	// Watch returns a watch, or a fault of kind NotFound. A watch that cannot be decoded has its version beside the error.
	Watch(ctx context.Context, k Key) (Watch, error)
	// CommitWatch stores a watch after a check, on condition that the version before is stored, and the entry of its history if there is one. The
	// error is a fault of kind Stale if another check was stored first.
	CommitWatch(ctx context.Context, w Watch, e *Entry) error
	// PostponeWatch sets when a watch is due next. It has no effect if the watch has another version.
	PostponeWatch(ctx context.Context, k Key, version int, at time.Time) error
	// DeleteWatch ends the watch of a host that a version of its filing does not have. Its history stays. The error is a fault of kind Stale if the
	// filing has another version.
	DeleteWatch(ctx context.Context, k Key, version int) error
	// DueUnapproved lists the domains that have to be closed and are due at a time, the earliest first, at most limit.
	DueUnapproved(ctx context.Context, until time.Time, limit int) ([]filing.Domain, error)
	// UnapprovedOrder returns the submitted order of a domain; "" if there is none.
	UnapprovedOrder(ctx context.Context, d filing.Domain) (filing.ID, error)
	// PostponeUnapproved sets when a domain is due next; the zero time is never. It has no effect if another order has it.
	PostponeUnapproved(ctx context.Context, u Unapproved, at time.Time) error
}

// Filings returns filings of the register. Package dynamo implements it.
type Filings interface {
	Filing(ctx context.Context, id register.ID) (register.Filing, error)
}

// A Prober visits a host. siteprobe.Prober implements it.
type Prober interface {
	Probe(ctx context.Context, host string, prior *observation.Observation) (observation.Observation, error)
}

// A Renderer returns the HTML of a page after its scripts ran. It must reach no more than a Prober.
type Renderer interface {
	Render(ctx context.Context, url string) (html string, err error)
}

// Upkeeps returns what is known of filings beside the register. Package dynamo implements it.
type Upkeeps interface {
	Upkeep(ctx context.Context, id register.ID) (upkeep.Upkeep, error)
}

// Duties records which findings stand about a host, so that its owner is reminded of them. It is called more than once for the same findings. duties.Service implements it.
type Duties interface {
	RecordSite(ctx context.Context, k Key, open []OpenFinding, at time.Time) error
}

// Keys has the key with which histories are signed. envelope.Encrypter implements it.
type Keys interface {
	SigningKey(ctx context.Context, purpose string) (ed25519.PrivateKey, error)
}

// SigningPurpose is the purpose of the key with which histories are signed.
const SigningPurpose = "site watch"

const (
	// MaxHosts is the number of hosts that a run checks at most: a run every five minutes checks up to 57,600 hosts a day.
	MaxHosts = 200
	// MaxUnapproved is how many of them are sites of orders, which are checked first.
	MaxUnapproved = 50
	// parallel is the number of hosts that are visited at once.
	parallel = 16
	pageSize = 100
)

// A Report counts what a run did.
type Report struct {
	Checked   int `json:"checked"`
	Unchanged int `json:"notModified"` // whose pages had all been seen
	Changed   int `json:"changed"`     // whose findings changed
	Ended     int `json:"ended"`       // that are no longer watched
	Failed    int `json:"failed"`
	Left      int `json:"left"` // that were read, and wait for the next run
}

// CheckDue checks the hosts that are due, at most [MaxHosts], and begins none after the time begin. What fails is checked again an hour later.
func (s *Service) CheckDue(ctx context.Context, begin time.Time) (Report, error) {
	key, err := s.Keys.SigningKey(ctx, SigningPurpose)
	if err != nil {
		return Report{}, err
	}
	unapproved, err := s.Store.DueUnapproved(ctx, s.Now(), MaxUnapproved)
	if err != nil {
		return Report{}, err
	}
	var checks []func() Report
	for _, d := range unapproved {
		checks = append(checks, func() Report { return s.checkOneUnapproved(ctx, d) })
	}
	var due []Key
	for cursor := ""; len(due) < MaxHosts; {
		page, next, err := s.Store.DueWatches(ctx, s.Now(), cursor, pageSize)
		if err != nil {
			return Report{}, err
		}
		due = append(due, page...)
		if cursor = next; cursor == "" {
			break
		}
	}
	for _, k := range due[:min(len(due), MaxHosts-len(checks))] {
		checks = append(checks, func() Report { return s.checkOne(ctx, k, key) })
	}
	var report Report
	var mu sync.Mutex
	var group errgroup.Group
	group.SetLimit(parallel)
	for _, check := range checks {
		group.Go(func() error {
			if !time.Now().Before(begin) || ctx.Err() != nil {
				mu.Lock()
				defer mu.Unlock()
				report.Left++
				return nil
			}
			one := check()
			mu.Lock()
			defer mu.Unlock()
			report.add(one)
			return nil
		})
	}
	err = group.Wait()
	return report, err
}

func (r *Report) add(one Report) {
	r.Checked += one.Checked
	r.Unchanged += one.Unchanged
	r.Changed += one.Changed
	r.Ended += one.Ended
	r.Failed += one.Failed
}

// checkOne checks a host of a filing.
func (s *Service) checkOne(ctx context.Context, k Key, key ed25519.PrivateKey) Report {
	version := -1
	return s.contain(ctx, "host", k.Host, func() (Report, error) {
		w, err := s.Store.Watch(ctx, k)
		version = w.Version
		if err != nil {
			return Report{}, err
		}
		return s.check(ctx, w, key)
	}, func(at time.Time) error {
		if version < 0 {
			return nil
		}
		return s.Store.PostponeWatch(ctx, k, version, at)
	})
}

// contain runs a check. A failure, or a panic that a page provokes in what reads it, ends nothing but this check, which is postponed.
func (s *Service) contain(ctx context.Context, what, name string, check func() (Report, error), postpone func(time.Time) error) (report Report) {
	fail := func(cause string) {
		report = Report{Failed: 1}
		s.Log.ErrorContext(ctx, "the check of a site failed", what, name, "cause", cause)
		if err := postpone(s.Now().Add(Recheck)); err != nil {
			s.Log.ErrorContext(ctx, "the check of a site was not postponed", what, name, "cause", err.Error())
		}
	}
	defer func() {
		if r := recover(); r != nil {
			fail(fmt.Sprint("panic: ", r))
		}
	}()
	report, err := check()
	switch {
	case err == nil:
	case ctx.Err() != nil, fault.KindOf(err) == fault.NotFound, fault.KindOf(err) == fault.Stale: // it stays due, is gone, or was checked by another run
		report = Report{}
	default:
		fail(err.Error())
	}
	return report
}

// check visits a host, and stores what was found. Everything but the last write may happen again.
func (s *Service) check(ctx context.Context, w Watch, key ed25519.PrivateKey) (Report, error) {
	f, err := s.Filings.Filing(ctx, w.Filing)
	if err != nil {
		return Report{}, err
	}
	filed, watched := FiledOf(f, w.Host, s.Ours)
	if !watched {
		if err := s.Duties.RecordSite(ctx, w.Key, nil, s.Now()); err != nil {
			return Report{}, err
		}
		return Report{Ended: 1}, s.Store.DeleteWatch(ctx, w.Key, f.Version)
	}
	known, err := s.Upkeeps.Upkeep(ctx, w.Filing)
	if err != nil {
		return Report{}, err
	}
	filed.follow(known)
	prior := w.Last
	if filed.Province.Province().SiteTitle(s.Now()) {
		prior = nil // titles are not kept
	}
	seen, err := s.Prober.Probe(ctx, w.Host, prior)
	if err != nil {
		return Report{}, err
	}
	s.render(ctx, filed, &seen)
	after, changed := w.After(seen, Judge(filed, seen))
	after.Site = filed.Number.String()
	report := Report{Checked: 1}
	if notModified(seen) {
		report.Unchanged = 1
	}
	if !changed {
		return report, s.Store.CommitWatch(ctx, after, nil)
	}
	report.Changed = 1
	after, entry, err := after.Sign(key)
	if err != nil {
		return Report{}, err
	}
	if len(w.Open)+len(after.Open) > 0 {
		if err := s.Duties.RecordSite(ctx, w.Key, after.Open, s.Now()); err != nil {
			return Report{}, err
		}
	}
	return report, s.Store.CommitWatch(ctx, after, &entry)
}

// render replaces the pages that scripts may complete by what they show then. A page that cannot be rendered stays as it is.
func (s *Service) render(ctx context.Context, f Filed, seen *observation.Observation) {
	if s.Renderer == nil {
		return
	}
	for _, i := range NeedsRendering(f, *seen) {
		html, err := s.Renderer.Render(ctx, seen.Visits[i].Home())
		if err != nil {
			s.Log.WarnContext(ctx, "a page could not be rendered", "host", f.Host, "cause", err.Error())
			continue
		}
		page := webpage.Read(html)
		seen.Visits[i].Page, seen.Visits[i].Rendered = &page, true
	}
}

// notModified reports whether every page that was visited was the one that had been seen.
func notModified(seen observation.Observation) bool {
	some := false
	for _, v := range seen.Visits {
		if v.Outcome == observation.Answered {
			return false
		}
		some = some || v.Outcome == observation.NotModified
	}
	return some
}
