// Package domaincheck collects what is known about the registration of an order's domains, for the decisions filing.DetermineType and
// filing.CheckDomains. [Finder.Find] asks a registrar system or a public directory about each domain, whether it shows a page, and our
// copy of the ministry's blacklist.
//
//	facts, err := finder.Find(ctx, order)
//	_, err = decisions.DecideOn(ctx, order, filing.Beian, filing.DetermineType{DomainFacts: facts, …}, …)
//
// [Finder.Recheck] does both for an order that is already under way.
//
// Find takes at most ten seconds. A source that fails makes a fact unknown, never an error.
package domaincheck

import (
	"context"
	"log/slog"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"beian/shared/filing"
	"beian/shared/process/decide"
	"beian/shared/rules/domainfacts"
	"beian/shared/rules/fault"
)

// Registrations looks up registrations. Package partners/domainfacts implements it.
type Registrations interface {
	// Registration returns what the source knows about a domain, without AskedAt, Page and our blacklist. Its errors have no personal
	// data.
	Registration(ctx context.Context, q domainfacts.Query) (domainfacts.Facts, error)
}

// Pages looks for pages. Package partners/domainfacts implements it.
type Pages interface {
	// HasPage reports whether a domain shows a page.
	HasPage(ctx context.Context, d filing.Domain) (bool, error)
}

// A Blacklist is our copy of the ministry's blacklist. Package dynamo implements it.
type Blacklist interface {
	// BlacklistedDomains returns those of some domains that are on it.
	BlacklistedDomains(ctx context.Context, domains []filing.Domain) ([]filing.Domain, error)
}

// A Finder collects facts. It is safe for concurrent use.
type Finder struct {
	Registrations Registrations // nil: registrations are unknown
	Pages         Pages         // nil: pages are unknown
	Blacklist     Blacklist
	Now           func() time.Time
	Log           *slog.Logger
}

const (
	timeLimit = 10 * time.Second // for all domains of an order; a function may run for 30
	atOnce    = 4                // domains
)

// Find returns the facts about each domain of an order. An error is of the blacklist, or means that ctx ended.
func (f *Finder) Find(ctx context.Context, o filing.Order) (map[filing.Domain]domainfacts.Facts, error) {
	limited, cancel := context.WithTimeout(ctx, timeLimit)
	defer cancel()
	listed, err := f.Blacklist.BlacklistedDomains(ctx, o.Domains)
	if err != nil {
		return nil, err
	}
	facts := make([]domainfacts.Facts, len(o.Domains))
	var group errgroup.Group
	group.SetLimit(atOnce)
	for i, d := range o.Domains {
		group.Go(func() error {
			facts[i] = f.find(limited, domainfacts.Query{Domain: d, Subject: o.Private.Subject.Name, Certificate: o.Private.Subject.Certificate.Number})
			facts[i].Blacklisted = facts[i].Blacklisted || slices.Contains(listed, d)
			return nil
		})
	}
	_ = group.Wait() // a source that fails leaves its facts unknown
	if ctx.Err() != nil {
		return nil, fault.Wrap(fault.Unavailable, ctx.Err())
	}
	found := map[filing.Domain]domainfacts.Facts{}
	for i, d := range o.Domains {
		found[d] = facts[i]
	}
	return found, nil
}

// Recheck looks up the domains of an order again if what is known about them is outdated, and returns the order after the decision
// filing.CheckDomains. The caller is the function of the machine's present state.
func (f *Finder) Recheck(ctx context.Context, decisions *decide.Service, o filing.Order) (filing.Order, error) {
	if o.Closing != "" || !o.DomainFactsOutdated(f.Now()) {
		return o, nil
	}
	facts, err := f.Find(ctx, o)
	if err != nil {
		return o, err
	}
	return decisions.DecideOn(ctx, o, filing.Beian, filing.CheckDomains{Facts: facts}, decide.Preconditions{Version: o.Version, InState: true})
}

// find asks the sources about one domain.
func (f *Finder) find(ctx context.Context, q domainfacts.Query) domainfacts.Facts {
	page := make(chan domainfacts.Answer, 1)
	go func() { page <- f.findPage(ctx, q) }()
	facts := f.findRegistration(ctx, q)
	facts.AskedAt = f.Now().UTC().Truncate(time.Millisecond)
	facts.Page = <-page
	return facts
}

func (f *Finder) findRegistration(ctx context.Context, q domainfacts.Query) domainfacts.Facts {
	if f.Registrations == nil {
		return domainfacts.Facts{}
	}
	facts, err := f.Registrations.Registration(ctx, q)
	if err != nil {
		f.logFailure(ctx, "the registration of a domain is unknown", q, err)
		return domainfacts.Facts{}
	}
	return facts
}

func (f *Finder) findPage(ctx context.Context, q domainfacts.Query) domainfacts.Answer {
	if f.Pages == nil {
		return domainfacts.Unknown
	}
	has, err := f.Pages.HasPage(ctx, q.Domain)
	if err != nil {
		f.logFailure(ctx, "whether a domain shows a page is unknown", q, err)
		return domainfacts.Unknown
	}
	return domainfacts.AnswerOf(has)
}

func (f *Finder) logFailure(ctx context.Context, what string, q domainfacts.Query, err error) {
	f.Log.WarnContext(ctx, what, "domain", string(q.Domain), "cause", err.Error())
}
