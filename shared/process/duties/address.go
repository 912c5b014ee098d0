package duties

import (
	"context"
	"slices"
	"strings"

	"beian/shared/filing"
	"beian/shared/filing/register"
	"beian/shared/filing/upkeep"
	"beian/shared/rules/contact"
	"beian/shared/rules/fault"
)

// Contacts reads the addresses for messages about a filing. Package dynamo implements it.
type Contacts interface {
	// Filing returns a filing, or a fault of kind NotFound.
	Filing(ctx context.Context, id register.ID) (register.Filing, error)
	// FilingVersions returns the entries of a filing's ledger, oldest first.
	FilingVersions(ctx context.Context, id register.ID) ([]register.Entry, error)
	// Transfer returns the newest transfer of a filing; the zero Transfer if it has none.
	Transfer(ctx context.Context, id register.ID) (register.Transfer, error)
	// Order returns an order, or a fault of kind NotFound; OrderState returns it without personal data.
	Order(ctx context.Context, id filing.ID) (filing.Order, error)
	OrderState(ctx context.Context, id filing.ID) (filing.Order, error)
}

// Owner returns the contact that the account of a filing had before a version: that of its newest order that made a version, or of the transfer
// by which it got the filing. It returns the zero Party if there is none that is not erased. The order that made the version itself does not count: what
// its contact reads is not news to the one who entered it.
func Owner(ctx context.Context, from Contacts, id register.ID, account register.Account, version int) (register.Party, error) {
	entries, err := from.FilingVersions(ctx, id)
	if err != nil {
		return register.Party{}, err
	}
	for _, e := range slices.Backward(entries[:min(len(entries), version-1)]) {
		switch {
		case e.Source.Kind == register.FromAccount && e.Source.To == account:
			t, err := from.Transfer(ctx, id)
			if err != nil || t.ID != e.Source.ID { // a claim, or a transfer that another one replaced
				return register.Party{}, err
			}
			return t.Private.To, nil
		case e.Source.Kind != register.FromOrder:
			continue
		}
		o, err := from.Order(ctx, filing.ID(e.Source.ID))
		if fault.KindOf(err) == fault.NotFound {
			continue
		}
		if err != nil {
			return register.Party{}, err
		}
		if c := o.Private.Verified; o.Account == account && c != (filing.Contact{}) {
			return register.Party{Mobile: c.Mobile, Email: c.Email, Language: o.Language}, nil
		}
	}
	return register.Party{}, nil
}

// Recipient returns who gets the reminders of a filing that go to one: the account, the subject leader, or the leader of a site. An account without a contact
// is represented by the subject leader.
func Recipient(ctx context.Context, from Contacts, f register.Filing, to register.Recipient, site string) (register.Party, error) {
	leader := f.Private.Subject.Leader
	switch to {
	case register.ToOwner:
		if f.Account != "" {
			owner, err := Owner(ctx, from, f.ID, f.Account, f.Version+1)
			if err != nil || owner != (register.Party{}) {
				return owner, err
			}
		}
	case register.ToSiteLeader:
		leader = register.Leader{}
		for i, s := range f.Sites {
			if s.Number.String() == site && i < len(f.Private.Sites) {
				leader = f.Private.Sites[i].Leader
			}
		}
	}
	return register.Party{Mobile: contact.NormalizeMobile(leader.Mobile.Reveal()), Email: leader.Email}, nil
}

// A letter collects the reminders of one person.
type letter struct {
	recipient
	duties []string
	urgent bool
}

// A recipient is a person who gets a reminder.
type recipient struct {
	to    register.Recipient
	site  string // of a site leader
	party register.Party
}

// recipients returns who gets a reminder, and can be reached.
func (s *Service) recipients(ctx context.Context, f register.Filing, d upkeep.Duty) ([]recipient, error) {
	all := []recipient{{to: register.ToOwner}}
	switch audience := d.Audience(); {
	case audience == upkeep.ToSiteLeader || audience == upkeep.ToSubjectLeader && d.Site != "":
		all = append(all, recipient{to: register.ToSiteLeader, site: d.Site})
	case audience == upkeep.ToSubjectLeader:
		all = append(all, recipient{to: register.ToLeader})
	}
	var reached []recipient
	for _, r := range all {
		party, err := Recipient(ctx, s.Store, f, r.to, r.site)
		if err != nil {
			return nil, err
		}
		if r.party = party; party.Mobile != "" || party.Email != "" {
			reached = append(reached, r)
		}
	}
	return reached, nil
}

// address adds a notice for each person to a change, at most maxLetters and one, and returns the reminders that are in them. A person gets one SMS a day at most,
// and only if a reminder is urgent or there is no email address. wait is true if a person without an email address got the SMS of the day already: their
// reminders are not sent before the next day.
func (s *Service) address(ctx context.Context, f register.Filing, reminders []upkeep.Reminder, c *Change) (sent []upkeep.Reminder, wait bool, err error) {
	var letters []*letter
	had := map[contact.Mobile]bool{}
	for _, r := range reminders {
		if len(letters) >= maxLetters || len(sent) == maxReminders {
			break
		}
		people, err := s.recipients(ctx, f, r.Duty)
		if err != nil {
			return nil, false, err
		}
		blocked := false
		for _, p := range people {
			if _, known := had[p.party.Mobile]; !known && p.party.Mobile != "" {
				if had[p.party.Mobile], err = s.Store.HadSMS(ctx, p.party.Mobile, c.Day); err != nil {
					return nil, false, err
				}
			}
			blocked = blocked || p.party.Email == "" && had[p.party.Mobile]
		}
		if blocked {
			wait = true
			continue
		}
		sent = append(sent, r)
		for _, p := range people {
			i := slices.IndexFunc(letters, func(l *letter) bool {
				return p.party.Mobile != "" && l.party.Mobile == p.party.Mobile || p.party.Email != "" && l.party.Email == p.party.Email
			})
			if i < 0 {
				i = len(letters)
				letters = append(letters, &letter{recipient: p})
			}
			if id := r.Duty.ID(); !slices.Contains(letters[i].duties, id) {
				letters[i].duties = append(letters[i].duties, id)
			}
			letters[i].urgent = letters[i].urgent || r.Urgent
		}
	}
	for _, l := range letters {
		n := register.Notice{Kind: register.NoticeDuties, To: l.to, Filing: f.ID, ID: s.NewID(), Site: l.site, Duties: strings.Join(l.duties, "\n")}
		if m := l.party.Mobile; m != "" && (l.urgent || l.party.Email == "") && !had[m] {
			n.SMS, had[m] = true, true
			c.SMS = append(c.SMS, m)
		}
		c.Notices = append(c.Notices, n)
	}
	return sent, wait, nil
}
