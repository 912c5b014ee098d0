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
	to     register.Recipient
	site   string // of a site leader
	party  register.Party
	duties []string
	urgent bool
}

// address adds a notice for each person to a change. A person gets one SMS a day at most, and only if a reminder is urgent or there is no email address. It
// returns true if somebody who has no email address got the SMS of the day already: then nothing is sent before the next day.
func (s *Service) address(ctx context.Context, f register.Filing, reminders []upkeep.Reminder, c *Change) (wait bool, err error) {
	var letters []*letter
	add := func(r upkeep.Reminder, to register.Recipient, site string) error {
		party, err := Recipient(ctx, s.Store, f, to, site)
		if err != nil || party.Mobile == "" && party.Email == "" {
			return err
		}
		i := slices.IndexFunc(letters, func(l *letter) bool {
			return party.Mobile != "" && l.party.Mobile == party.Mobile || party.Email != "" && l.party.Email == party.Email
		})
		if i < 0 {
			i = len(letters)
			letters = append(letters, &letter{to: to, site: site, party: party})
		}
		if id := r.Duty.ID(); !slices.Contains(letters[i].duties, id) {
			letters[i].duties = append(letters[i].duties, id)
		}
		letters[i].urgent = letters[i].urgent || r.Urgent
		return nil
	}
	for _, r := range reminders {
		if err := add(r, register.ToOwner, ""); err != nil {
			return false, err
		}
		to := register.Recipient("")
		switch audience := r.Duty.Audience(); {
		case audience == upkeep.ToSiteLeader || audience == upkeep.ToSubjectLeader && r.Duty.Site != "":
			to = register.ToSiteLeader
		case audience == upkeep.ToSubjectLeader:
			to = register.ToLeader
		}
		if to != "" {
			if err := add(r, to, r.Duty.Site); err != nil {
				return false, err
			}
		}
	}
	for _, l := range letters {
		n := register.Notice{Kind: register.NoticeDuties, To: l.to, Filing: f.ID, ID: s.NewID(), Site: l.site, Duties: strings.Join(l.duties, "\n")}
		if l.party.Mobile != "" && (l.urgent || l.party.Email == "") {
			had, err := s.Store.HadSMS(ctx, l.party.Mobile, c.Day)
			switch {
			case err != nil:
				return false, err
			case had && l.party.Email == "":
				c.Notices, c.SMS = nil, nil
				return true, nil
			case !had:
				n.SMS = true
				c.SMS = append(c.SMS, l.party.Mobile)
			}
		}
		c.Notices = append(c.Notices, n)
	}
	return false, nil
}
