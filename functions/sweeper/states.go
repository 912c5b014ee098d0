package sweeper

import (
	"context"

	"beian/shared/filing"
	"beian/shared/filing/register"
	"beian/shared/process/notify"
	"beian/shared/rules/fault"
)

// stateMessage reads what the message with the code to read an order's state says. It is sent only if there is such an order, to the verified mobile or
// email address of its contact, as the question says. requester is where the question came from.
func (h Handler) stateMessage(ctx context.Context, m *notify.RegisterMessage) (requester string, current bool, err error) {
	i, err := h.Register.StateInquiry(ctx, m.Notice.ID)
	if err != nil || !i.IsValid(h.Decisions.Now()) {
		return i.Requester, false, err
	}
	o, err := h.Decisions.Order(ctx, filing.ID(i.Order))
	if fault.KindOf(err) == fault.NotFound {
		return i.Requester, false, nil
	}
	m.Code, m.Language, m.Contact = i.Code, i.Language, register.Party{Mobile: o.Private.Verified.Mobile}
	if i.ByEmail {
		m.Contact = register.Party{Email: o.Private.Verified.Email}
	}
	return i.Requester, err == nil && m.Contact != (register.Party{}), err
}
