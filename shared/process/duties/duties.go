// Package duties carries out what filings owe: it follows the register, asks registrars and the inventory when something ends, and stores the reminders that are
// due, in one transaction with the upkeep, so that each is sent once.
//
//	err := service.Do(ctx, filing) // when the index "due" says so (ADR 56)
//	_, err = service.Record(ctx, filing, upkeep.RecordPublicSecurity{…})
//
// Package filing/upkeep decides; package dynamo stores; the sweeper sends.
package duties

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"beian/shared/filing"
	"beian/shared/filing/register"
	"beian/shared/filing/upkeep"
	"beian/shared/process/event"
	"beian/shared/process/inventory"
	"beian/shared/rules/contact"
	"beian/shared/rules/domainfacts"
	"beian/shared/rules/fault"
	"beian/shared/rules/workday"
)

// A Service does what is due about filings. Start with Do and Record. It is safe for concurrent use.
type Service struct {
	Store Store
	// Registrations looks up when domains expire, and whose they are; nil is not at all.
	Registrations Registrations
	Now           func() time.Time
	// NewID returns the id of a message.
	NewID func() string
	Log   *slog.Logger

	silence silence
}

// A Store keeps upkeeps. Package dynamo implements it.
type Store interface {
	Contacts
	// Upkeep returns the upkeep of a filing; one without Version if none is stored.
	Upkeep(ctx context.Context, id register.ID) (upkeep.Upkeep, error)
	// CommitUpkeep writes a change in one transaction. The error is a fault of kind Stale if another change was stored first, or if one of the mobiles has got
	// its SMS of the day since.
	CommitUpkeep(ctx context.Context, c Change) error
	// HadSMS reports whether a mobile has got its SMS of a day.
	HadSMS(ctx context.Context, m contact.Mobile, day workday.Date) (bool, error)
	// MuteHash returns the keyed hash of the text of a [MuteLink], in hexadecimal.
	MuteHash(ctx context.Context, text string) (string, error)
	// Server returns a server of the inventory, or a fault of kind NotFound.
	Server(ctx context.Context, id string) (inventory.Server, error)
}

// Registrations looks up registrations. Package partners/domainfacts implements it.
type Registrations interface {
	Registration(ctx context.Context, q domainfacts.Query) (domainfacts.Facts, error)
}

// A Change is what CommitUpkeep writes.
type Change struct {
	Before, After upkeep.Upkeep
	// Due is when the filing is due next; the zero time is never.
	Due     time.Time
	Notices []register.Notice
	// SMS are the mobiles that get their SMS of a day by the notices.
	SMS []contact.Mobile
	Day workday.Date
	At  time.Time
	// Events are for the programs of portals.
	Events []event.Event
}

// maxAttempts is the number of attempts of a change that conflicts with others.
const maxAttempts = 5

// Do does what is due about a filing. A second call has no further effect.
func (s *Service) Do(ctx context.Context, id register.ID) error {
	_, err := s.change(ctx, id, nil)
	return err
}

// Record stores a decision about a filing's upkeep, and returns the upkeep. A decision without effect is no error.
func (s *Service) Record(ctx context.Context, id register.ID, d upkeep.Decision) (upkeep.Upkeep, error) {
	return s.change(ctx, id, d)
}

// ReportUndelivered has a filing say that its contact gets no messages. It does nothing for "", for a filing that is cancelled, and for one that does not exist.
// A second call has no further effect.
func (s *Service) ReportUndelivered(ctx context.Context, id register.ID) error {
	if id == "" {
		return nil
	}
	_, err := s.Record(ctx, id, upkeep.ReportUndelivered{})
	if kind := fault.KindOf(err); kind == fault.Conflict || kind == fault.NotFound {
		return nil
	}
	return err
}

func (s *Service) change(ctx context.Context, id register.ID, d upkeep.Decision) (upkeep.Upkeep, error) {
	for range maxAttempts {
		u, err := s.attempt(ctx, id, d)
		if fault.KindOf(err) != fault.Stale {
			return u, err
		}
	}
	return upkeep.Upkeep{}, fault.Contended(nil)
}

func (s *Service) attempt(ctx context.Context, id register.ID, d upkeep.Decision) (upkeep.Upkeep, error) {
	f, err := s.Store.Filing(ctx, id)
	if err != nil {
		return upkeep.Upkeep{}, err
	}
	before, err := s.Store.Upkeep(ctx, id)
	if err != nil {
		return before, err
	}
	now := s.Now()
	u := before
	if u, err = s.follow(ctx, f, u, now); err != nil {
		return before, err
	}
	if d != nil {
		after, err := u.Apply(d, f, now)
		if errors.Is(err, upkeep.ErrNothingToDo) {
			after, err = u, nil
		}
		if err != nil {
			return before, err
		}
		u = after
	}
	c := Change{Before: before, After: u, Day: workday.DateOf(now), At: now}
	if err := s.remind(ctx, f, &c); err != nil {
		return before, err
	}
	return c.After, s.Store.CommitUpkeep(ctx, c)
}

const (
	// maxReminders, maxLetters and maxOver limit what one transaction has of a filing with many sites. The rest is due at once.
	maxReminders = 200
	maxLetters   = 20
	maxOver      = 200
)

// remind adds the reminders that are due to a change, and when the filing is due next. At night, reminders wait for the morning.
func (s *Service) remind(ctx context.Context, f register.Filing, c *Change) error {
	now := c.At
	owed := c.After.Duties(f, now)
	reminders, over := c.After.Due(owed, now)
	over = over[:min(len(over), maxOver)]
	var sent []upkeep.Reminder
	var later time.Time // when the rest is due
	if morning := filing.Daytime.Next(now, nil); len(reminders) > 0 && morning.After(now) {
		later = morning
	} else if len(reminders) > 0 {
		var wait bool
		var err error
		if sent, wait, err = s.address(ctx, f, reminders, c); err != nil {
			return err
		}
		switch {
		case len(sent) >= maxReminders || len(c.Notices) >= maxLetters:
			later = now
		case wait:
			later = filing.Daytime.Next(workday.DateOf(now).AddDays(1).Time(), nil)
		}
	}
	c.settle(f, owed, sent, over)
	if len(over) == maxOver {
		later = now
	}
	if !later.IsZero() {
		c.Due = sooner(c.Due, later)
	}
	if f.Status != register.Cancelled && !f.Erased {
		c.Due = sooner(c.Due, c.After.AskedAt.AddDate(0, 0, refreshDays))
	}
	return nil
}

// settle marks the reminders as sent, and adds the events.
func (c *Change) settle(f register.Filing, owed []upkeep.Duty, sent []upkeep.Reminder, over []upkeep.Duty) {
	c.After = c.After.Settle(owed, sent, over, c.At)
	c.Due = c.After.NextDue(owed, c.At)
	c.addEvents(f, sent, over)
}

func sooner(a, b time.Time) time.Time {
	if a.IsZero() || b.Before(a) {
		return b
	}
	return a
}
