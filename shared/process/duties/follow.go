package duties

import (
	"context"
	"strings"
	"sync"
	"time"

	"beian/shared/filing"
	"beian/shared/filing/register"
	"beian/shared/filing/upkeep"
	"beian/shared/rules/domainfacts"
	"beian/shared/rules/domainname"
	"beian/shared/rules/fault"
	"beian/shared/rules/workday"
)

// refreshDays is the number of days after which registrars and the inventory are asked again, though nothing is due.
const refreshDays = 30

// follow brings an upkeep up to its filing if the filing has changed, if what registrars and the inventory said is old, or if they have to be asked before a
// reminder: what ends may have been renewed yesterday. Without a source of registrations, what they said stays old, so that the filing is due.
func (s *Service) follow(ctx context.Context, f register.Filing, u upkeep.Upkeep, now time.Time) (upkeep.Upkeep, error) {
	if f.Status == register.Cancelled || f.Erased {
		return u, nil
	}
	old := s.Registrations != nil && now.Sub(u.AskedAt) >= refreshDays*24*time.Hour
	if s.Registrations != nil && !old && now.Sub(u.AskedAt) >= 12*time.Hour {
		reminders, _ := u.Due(u.Duties(f, now), now)
		for _, r := range reminders {
			old = old || r.Duty.Key == upkeep.DomainExpires || r.Duty.Key == upkeep.ServerExpires
		}
	}
	if u.Followed == f.Version && !old {
		return u, nil
	}
	d := upkeep.Follow{AskedAt: u.AskedAt, Domains: map[domainname.Domain]workday.Date{}, Servers: map[string]workday.Date{}}
	if s.Registrations != nil {
		d.AskedAt = now
	}
	var err error
	if d.Opened, err = s.openedSites(ctx, f, u); err != nil {
		return u, err
	}
	d.Facts = upkeep.Facts{Domains: map[domainname.Domain]domainfacts.Facts{}, Servers: map[string]upkeep.Server{}}
	for _, site := range f.Sites {
		ours, ok := site.OurAccess()
		if !ok {
			continue
		}
		if err := s.askServer(ctx, ours.Server, d); err != nil {
			return u, err
		}
		for _, name := range site.DomainNames() {
			d.Domains[name] = u.Domains[name]
			if s.Registrations != nil && s.silence.lasts() {
				d.AskedAt = now.AddDate(0, 0, 1-refreshDays) // again tomorrow
				continue
			}
			s.askRegistrar(ctx, f, name, d)
		}
	}
	return u.Apply(d, f, now)
}

// askServer asks the inventory about a server.
func (s *Service) askServer(ctx context.Context, id string, d upkeep.Follow) error {
	if id == "" {
		return nil
	}
	server, err := s.Store.Server(ctx, id)
	if fault.KindOf(err) == fault.NotFound {
		d.Facts.Servers[id] = upkeep.Server{}
		return nil
	}
	if err == nil {
		d.Servers[id] = workday.DateOf(server.ExpiresAt)
		d.Facts.Servers[id] = upkeep.Server{ExpiresOn: d.Servers[id], IPs: server.IPs}
	}
	return err
}

// askRegistrar asks about a domain; what was known stays if the source does not answer.
func (s *Service) askRegistrar(ctx context.Context, f register.Filing, name domainname.Domain, d upkeep.Follow) {
	if s.Registrations == nil {
		return
	}
	subject := f.Private.Subject
	began := time.Now()
	facts, err := s.Registrations.Registration(ctx, domainfacts.Query{Domain: name, Subject: subject.Name, Certificate: subject.Certificate.Number})
	s.silence.note(err != nil && time.Since(began) >= slowAnswer)
	if err != nil {
		s.Log.WarnContext(ctx, "whose a domain is, and when it expires, is unknown", "domain", string(name), "cause", err.Error())
		return
	}
	d.Facts.Domains[name] = facts
	if !facts.ExpiresAt.IsZero() {
		d.Domains[name] = workday.DateOf(facts.ExpiresAt)
	}
}

const (
	// slowAnswer is how long a registrar takes that does not answer, rather than refuses to.
	slowAnswer = 2 * time.Second
	// maxSilent is the number of lookups in a row without an answer after which none is made for silenceLasts: the filings that are due must not wait for
	// registrars one after the other.
	maxSilent    = 5
	silenceLasts = 5 * time.Minute
)

// A silence remembers that registrars do not answer. Its times are of the machine's own clock.
type silence struct {
	mu    sync.Mutex
	count int
	until time.Time
}

func (s *silence) lasts() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return time.Now().Before(s.until)
}

func (s *silence) note(silent bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !silent {
		s.count = 0
		return
	}
	if s.count++; s.count >= maxSilent {
		s.count, s.until = 0, time.Now().Add(silenceLasts)
	}
}

// openedSites returns the days on which the sites opened that the upkeep does not know: those that an order of ours filed anew. A site that was reachable
// before, or was imported, has no such day.
func (s *Service) openedSites(ctx context.Context, f register.Filing, u upkeep.Upkeep) (map[string]workday.Date, error) {
	opened := map[string]workday.Date{}
	var entries []register.Entry
	for _, site := range f.Sites {
		number := site.Number.String()
		if _, known := u.Sites[number]; known {
			continue
		}
		if entries == nil {
			var err error
			if entries, err = s.Store.FilingVersions(ctx, f.ID); err != nil {
				return nil, err
			}
		}
		e, found := firstWith(entries, number)
		if !found || e.Source.Kind != register.FromOrder {
			continue
		}
		o, err := s.Store.OrderState(ctx, filing.ID(e.Source.ID))
		if fault.KindOf(err) == fault.NotFound {
			continue
		}
		if err != nil {
			return nil, err
		}
		if o.Website() != filing.Reachable {
			opened[number] = workday.DateOf(e.At)
		}
	}
	return opened, nil
}

// firstWith returns the first version in which a site is.
func firstWith(entries []register.Entry, number string) (register.Entry, bool) {
	for _, e := range entries {
		for _, pointer := range e.Changed {
			if pointer == "/sites/"+number || strings.HasPrefix(pointer, "/sites/"+number+"/") {
				return e, true
			}
		}
	}
	return register.Entry{}, false
}
