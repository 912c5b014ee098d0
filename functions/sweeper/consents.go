package sweeper

import (
	"context"

	"beian/shared/filing"
	"beian/shared/filing/register"
	"beian/shared/process/notify"
	"beian/shared/rules/contact"
	"beian/shared/rules/fault"
	"beian/shared/rules/number"
)

// A ConsentRegister reads the consents that messages are about. Package dynamo implements it.
type ConsentRegister interface {
	// Consent and Revocation return the zero value if there is none with the id.
	Consent(ctx context.Context, id string) (register.Consent, error)
	Revocation(ctx context.Context, id string) (register.ConsentRevocation, error)
	// ConsentsOfFiling returns the newest consent of each account for a filing, and ConsentsOfLeader those that the holder of a mobile gave.
	ConsentsOfFiling(ctx context.Context, f register.ID) ([]register.Consent, error)
	ConsentsOfLeader(ctx context.Context, leaderKey string) ([]register.Consent, error)
	// AgencyContact returns the contact of an account that was given a consent; the zero Party if there is none.
	AgencyContact(ctx context.Context, account register.Account) (register.Party, error)
	// ConsentLeaderKey returns the keyed hash of a leader's mobile.
	ConsentLeaderKey(ctx context.Context, mobile contact.Mobile) (string, error)
}

// consentMessage reads what a message about a consent says. A code is sent only while it is valid, for a filing that stands or to the leader that
// the order has had since the request; the agency does not learn whether it was.
func (h Handler) consentMessage(ctx context.Context, m *notify.RegisterMessage) (current bool, err error) {
	c, err := h.Register.Consent(ctx, m.Notice.ID)
	if err != nil || c.ID == "" {
		return false, err
	}
	m.Consent, m.Language = c, c.Language
	if h.Agencies != nil {
		m.Agency = h.Agencies.Settings[c.Account]
	}
	if m.Notice.To == register.ToAgency { // what it knows: it may no longer read the filing
		m.Contact, err = h.Register.AgencyContact(ctx, c.Account)
		m.Filing.Number, m.Language = c.Number, m.Contact.Language
		return m.Contact != (register.Party{}), err
	}
	switch m.Notice.Kind {
	case register.NoticeConsentCode:
		if m.Code = c.Code; !c.IsValid(h.Decisions.Now()) || !h.Agencies.Listed(c.Account) {
			return false, nil
		}
	case register.NoticeConsentGiven:
		if !c.EndedAt.IsZero() {
			return false, nil
		}
	}
	if c.Order != "" {
		if m.Filing, err = h.Register.Filing(ctx, register.ID(c.Order)); err == nil && m.Code != "" {
			return false, nil // it is filed: the agency asks by its number
		}
		if fault.KindOf(err) == fault.NotFound {
			m.Filing, err = h.firstFiling(ctx, c)
		}
	} else if m.Filing, err = h.Register.FilingByNumber(ctx, c.Number); c.Filing != "" && m.Filing.ID != c.Filing {
		m.Filing, err = h.Register.Filing(ctx, c.Filing) // it has another number now
	}
	if fault.KindOf(err) == fault.NotFound {
		return false, nil
	}
	stands := m.Filing.ID != "" && m.Filing.Status != register.Cancelled
	own := m.Filing.Account == c.Account && c.GivenAt.IsZero() // it needs no consent
	return stands && !own && m.Filing.Private.Subject.Leader.Mobile != "", err
}

// firstFiling returns the leader who gave, or is asked for, the consent to a first filing, in the form of a filing: the zero Filing if the order
// has another leader since, or has ended and a code would be sent.
func (h Handler) firstFiling(ctx context.Context, c register.Consent) (register.Filing, error) {
	o, err := h.Decisions.Order(ctx, filing.ID(c.Order))
	if err != nil {
		return register.Filing{}, err
	}
	if c.GivenAt.IsZero() && o.Step == filing.Done {
		return register.Filing{}, nil
	}
	leader := o.Private.Subject.Leader
	key, err := h.Register.ConsentLeaderKey(ctx, leader.Mobile)
	if err != nil || key != c.LeaderKey {
		return register.Filing{}, err
	}
	f := register.Filing{ID: register.ID(o.ID)}
	f.Private.Subject.Leader = leader
	return f, nil
}

// revocationMessage reads what the message with the code of a revocation says. It is sent only if there is a consent to revoke. requester is where the request came from.
func (h Handler) revocationMessage(ctx context.Context, m *notify.RegisterMessage) (requester string, current bool, err error) {
	r, err := h.Register.Revocation(ctx, m.Notice.ID)
	now := h.Decisions.Now()
	if err != nil || !r.IsValid(now) {
		return r.Requester, false, err
	}
	m.Code, m.Language = r.Code, r.Language
	var consents []register.Consent
	if r.Number != (number.Subject{}) {
		if m.Filing, err = h.Register.FilingByNumber(ctx, r.Number); err != nil || m.Filing.ID == "" {
			return r.Requester, false, err
		}
		consents, err = h.Register.ConsentsOfFiling(ctx, m.Filing.ID)
	} else {
		consents, err = h.Register.ConsentsOfLeader(ctx, r.LeaderKey)
	}
	if err != nil {
		return r.Requester, false, err
	}
	for _, c := range consents {
		if c.StateAt(now) != register.ConsentGiven {
			continue
		}
		if m.Filing.ID != "" {
			return r.Requester, m.Filing.Private.Subject.Leader.Mobile != "", nil
		}
		m.Filing, err = h.leaderOf(ctx, c)
		if err != nil || m.Filing.ID != "" {
			return r.Requester, err == nil, err
		}
	}
	return r.Requester, false, nil
}

// leaderOf returns the filing, or the first filing, of a consent if its leader still has the mobile that gave it; else the zero Filing.
func (h Handler) leaderOf(ctx context.Context, c register.Consent) (register.Filing, error) {
	f, err := h.Register.Filing(ctx, c.Filing)
	if fault.KindOf(err) == fault.NotFound && c.Order != "" {
		f, err = h.firstFiling(ctx, c)
		if fault.KindOf(err) == fault.NotFound {
			return register.Filing{}, nil
		}
	}
	if err != nil {
		return register.Filing{}, err
	}
	key, err := h.Register.ConsentLeaderKey(ctx, f.Private.Subject.Leader.Mobile)
	if err != nil || key != c.LeaderKey {
		return register.Filing{}, err
	}
	f.Number = number.Subject{} // the mobile may have given several consents
	return f, nil
}
