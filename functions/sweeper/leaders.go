package sweeper

import (
	"context"
	"slices"
	"strings"

	"beian/shared/filing"
	"beian/shared/filing/register"
	"beian/shared/process/decide"
	"beian/shared/process/duties"
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
		m.Contact, err = duties.Owner(ctx, h.contacts(), m.Filing.ID, m.Filing.Account, m.Notice.Version)
	} else {
		var before register.Filing
		before, err = h.Register.FilingVersion(ctx, m.Filing.ID, m.Notice.Version-1)
		m.Contact.Mobile = before.Private.Subject.Leader.Mobile
	}
	m.Language = m.Contact.Language
	return m.Contact != (register.Party{}), err
}

// bureauCancelledMessage reads where the message goes that the bureau ended a filing or a part of it: to the account, or to the leader on file. The leader
// gets no second one at an address of the account.
func (h Handler) bureauCancelledMessage(ctx context.Context, m *notify.RegisterMessage) (current bool, err error) {
	owner, err := duties.Owner(ctx, h.contacts(), m.Filing.ID, m.Filing.Account, m.Notice.Version)
	if err != nil {
		return false, err
	}
	if m.Notice.To == register.ToLeader {
		leader := &m.Filing.Private.Subject.Leader
		if leader.Mobile == owner.Mobile {
			leader.Mobile = ""
		}
		if leader.Email == owner.Email {
			leader.Email = ""
		}
		return leader.Mobile != "" || leader.Email != "", nil
	}
	m.Contact, m.Language = owner, owner.Language
	return m.Contact != (register.Party{}), nil
}

// dutiesMessage reads the reminders of a filing. Those whose duty has ended since are left out; without any, the message is outdated.
func (h Handler) dutiesMessage(ctx context.Context, m *notify.RegisterMessage) (current bool, err error) {
	if m.Contact, err = duties.Recipient(ctx, h.contacts(), m.Filing, m.Notice.To, m.Notice.Site); err != nil {
		return false, err
	}
	u, err := h.Register.Upkeep(ctx, m.Filing.ID)
	if err != nil {
		return false, err
	}
	ids := strings.Split(m.Notice.Duties, "\n")
	for _, d := range u.Duties(m.Filing, h.Decisions.Now()) {
		if slices.Contains(ids, d.ID()) {
			m.Duties = append(m.Duties, d)
		}
	}
	m.Language = m.Contact.Language
	m.MuteToken, err = h.Duties.MuteToken(ctx, m.Filing, m.Duties)
	return len(m.Duties) > 0, err
}

// contacts reads from the orders and the register.
func (h Handler) contacts() duties.Contacts {
	return struct {
		Register
		decide.Store
	}{h.Register, h.Decisions.Store}
}
