package sweeper

import (
	"context"
	"slices"

	"beian/shared/filing"
	"beian/shared/filing/register"
	"beian/shared/process/notify"
	"beian/shared/rules/fault"
)

// agencyFiledMessage reads what the leader of a filing reads that an agency filed: the agency that made the order. The message is outdated once the
// filing is cancelled.
func (h Handler) agencyFiledMessage(ctx context.Context, m *notify.RegisterMessage) (current bool, err error) {
	o, err := h.Decisions.Store.OrderState(ctx, filing.ID(m.Notice.ID))
	if fault.KindOf(err) == fault.NotFound {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	m.Language = o.Language
	if h.Agencies != nil {
		m.Agency = h.Agencies.Settings[o.Account]
	}
	return m.Filing.Status != register.Cancelled, nil
}

// leaderChangedMessage reads where the message about a change of the leader goes: to the mobile that was on file before, or to the account.
func (h Handler) leaderChangedMessage(ctx context.Context, m *notify.RegisterMessage) (current bool, err error) {
	if m.Notice.To == register.ToOwner {
		m.Contact, err = h.accountContact(ctx, m.Filing.ID, m.Filing.Account, m.Notice.Version)
	} else {
		var before register.Filing
		before, err = h.Register.FilingVersion(ctx, m.Filing.ID, m.Notice.Version-1)
		m.Contact.Mobile = before.Private.Subject.Leader.Mobile
	}
	m.Language = m.Contact.Language
	return m.Contact != (register.Party{}), err
}

// accountContact returns the contact that the account of a filing had before a version: that of its newest order that made a version, or of the transfer
// by which it got the filing. It returns the zero Party if there is none that is not erased. The order that made the version itself does not count: what
// its contact reads is not news to the one who entered it.
func (h Handler) accountContact(ctx context.Context, id register.ID, account register.Account, version int) (register.Party, error) {
	entries, err := h.Register.FilingVersions(ctx, id)
	if err != nil {
		return register.Party{}, err
	}
	for _, e := range slices.Backward(entries[:min(len(entries), version-1)]) {
		switch {
		case e.Source.Kind == register.FromAccount && e.Source.To == account:
			t, err := h.Register.Transfer(ctx, id)
			if err != nil || t.ID != e.Source.ID { // a claim, or a transfer that another one replaced
				return register.Party{}, err
			}
			return t.Private.To, nil
		case e.Source.Kind != register.FromOrder:
			continue
		}
		o, err := h.Decisions.Order(ctx, filing.ID(e.Source.ID))
		if fault.KindOf(err) == fault.NotFound {
			continue
		}
		if err != nil {
			return register.Party{}, err
		}
		if contact := o.Private.Verified; o.Account == account && contact != (filing.Contact{}) {
			return register.Party{Mobile: contact.Mobile, Email: contact.Email, Language: o.Language}, nil
		}
	}
	return register.Party{}, nil
}
