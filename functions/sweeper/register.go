package sweeper

import (
	"context"
	"errors"

	"beian/shared/filing"
	"beian/shared/filing/register"
	"beian/shared/filing/upkeep"
	"beian/shared/process/decide"
	"beian/shared/process/limits"
	"beian/shared/process/notify"
	"beian/shared/rules/fault"
	"beian/shared/rules/number"
)

// A Register reads the filings, claims and transfers that messages are about. Package dynamo implements it.
type Register interface {
	// Filing returns a filing, or a fault of kind NotFound.
	Filing(ctx context.Context, id register.ID) (register.Filing, error)
	// FilingVersion returns a version of a filing, or a fault of kind NotFound.
	FilingVersion(ctx context.Context, id register.ID, version int) (register.Filing, error)
	// FilingVersions returns the entries of a filing's ledger, oldest first.
	FilingVersions(ctx context.Context, id register.ID) ([]register.Entry, error)
	// FilingByNumber returns the filing with a subject's number; the zero Filing if there is none.
	FilingByNumber(ctx context.Context, n number.Subject) (register.Filing, error)
	// Claim returns the account's newest claim; the zero Claim if it has none.
	Claim(ctx context.Context, account register.Account) (register.Claim, error)
	// Transfer returns the newest transfer of a filing; the zero Transfer if it has none.
	Transfer(ctx context.Context, id register.ID) (register.Transfer, error)
	// Upkeep returns the upkeep of a filing; one without Version if none is stored.
	Upkeep(ctx context.Context, id register.ID) (upkeep.Upkeep, error)
	ConsentRegister
	// StateInquiry returns a question how far an order is; the zero value if there is none with the id.
	StateInquiry(ctx context.Context, id string) (register.StateInquiry, error)
	// ReviewReply returns an SMS about an annual review; known is false once it is forgotten. ForgetReviewReply deletes its personal data.
	ReviewReply(ctx context.Context, id string) (r register.ReviewReply, known bool, err error)
	ForgetReviewReply(ctx context.Context, id string) error
	// Reviews returns the annual reviews that operators entered.
	Reviews(ctx context.Context) (upkeep.EnteredReviews, error)
}

// endOrders records in each filed order that led to a filing, or changed it, that the bureau has cancelled the filing. A second delivery has no effect.
func (h Handler) endOrders(ctx context.Context, id register.ID) error {
	f, err := h.Register.Filing(ctx, id)
	if err != nil || f.Status != register.Cancelled {
		return err
	}
	entries, err := h.Register.FilingVersions(ctx, id)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if e.Source.Kind != register.FromOrder {
			continue
		}
		o, err := h.Decisions.Store.OrderState(ctx, filing.ID(e.Source.ID))
		switch {
		case fault.KindOf(err) == fault.NotFound:
			continue
		case err != nil:
			return err
		case o.Status != filing.Approved || o.FilingEnded != "" || o.Erasure != nil:
			continue
		case o.Step != filing.Done: // its execution records the duties first
			return errBusy
		}
		if _, err := h.Decisions.Decide(ctx, o.ID, filing.Beian, filing.EndFiling{On: f.CancelledOn}); err != nil {
			return err
		}
	}
	return nil
}

// sendRegisterNotice sends a message about a filing, a claim, a transfer or a consent to each of its recipients. The code of a claim is sent only if a filing
// that no account has has the number; the account does not learn whether it was.
func (h Handler) sendRegisterNotice(ctx context.Context, e decide.OutboxEntry) error {
	lease, err := h.Outbox.LeaseEntry(ctx, e.ID)
	switch {
	case err != nil || lease.Gone:
		return err
	case !lease.Acquired:
		return errBusy
	}
	message, requester, current, err := h.registerMessage(ctx, e.Register)
	if err != nil {
		return err
	}
	if !current {
		return h.Outbox.DeleteEntry(ctx, e.ID)
	}
	text, err := notify.RenderRegister(message, h.Sender)
	if err != nil {
		return err
	}
	to := notify.RegisterRecipients(message)
	var permanent error
	outcome := h.outcomeOf(e, string(e.Register.Kind), lease)
	for i := min(lease.Sent, len(to)); i < len(to); i++ {
		if action, limited := codeLimits[e.Register.Kind]; limited && (!lease.Retry || i != lease.Sent) {
			key := limits.OfMobile(to[i].Mobile)
			if to[i].Medium == notify.Email {
				key = limits.OfMailbox(to[i].Email)
			}
			err := h.Limits.Use(ctx, action, limits.OfRequester(requester, key), key)
			if fault.KindOf(err) == fault.TooMany {
				h.Log.WarnContext(ctx, "a recipient has reached the limit of codes", "entry", e.ID, "kind", e.Register.Kind, "filing", message.Filing.ID)
				outcome.sum.Limited++
				continue
			}
			if err != nil {
				return err
			}
		}
		err := h.Messenger.Send(ctx, to[i], text, e.ID)
		if fault.KindOf(err) == fault.Unavailable {
			outcome.record(ctx)
			return errors.Join(err, h.Outbox.PostponeEntry(context.WithoutCancel(ctx), e.ID, retryPause, i))
		}
		outcome.add(to[i].Medium, err)
		permanent = errors.Join(permanent, err)
	}
	outcome.record(ctx)
	if permanent != nil {
		return permanent
	}
	if e.Register.Kind == register.NoticeReviewAnswer {
		if err := h.Register.ForgetReviewReply(ctx, e.Register.ID); err != nil {
			return err
		}
	}
	return h.Outbox.DeleteEntry(ctx, e.ID)
}

// codeLimits are the actions as which codes to leaders, and answers to whoever sent an SMS, are counted.
var codeLimits = map[register.NoticeKind]limits.Action{
	register.NoticeClaimCode: limits.ClaimFiling, register.NoticeConsentCode: limits.AskConsent, register.NoticeRevocationCode: limits.RevokeConsent, register.NoticeStateCode: limits.AskState,
	register.NoticeReviewAnswer: limits.ReviewReply,
}

// registerMessage reads what a message says. requester is who had a code sent; "" for other messages. current is false if the message no longer applies.
func (h Handler) registerMessage(ctx context.Context, n register.Notice) (m notify.RegisterMessage, requester string, current bool, err error) {
	m = notify.RegisterMessage{Notice: n}
	switch n.Kind {
	case register.NoticeClaimCode:
		claim, err := h.Register.Claim(ctx, n.Account)
		if err != nil || claim.ID != n.ID || claim.Code == "" {
			return m, "", false, err
		}
		m.Code, m.Language = claim.Code, claim.Language
		m.Filing, err = h.Register.FilingByNumber(ctx, claim.Number)
		return m, string(claim.Account), m.Filing.Claimable() && m.Filing.Private.Subject.Leader.Mobile != "", err
	case register.NoticeConsentCode, register.NoticeConsentGiven, register.NoticeConsentRevoked:
		current, err = h.consentMessage(ctx, &m)
		return m, string(m.Consent.Account), current, err
	case register.NoticeRevocationCode:
		requester, current, err = h.revocationMessage(ctx, &m)
		return m, requester, current, err
	case register.NoticeReviewAnswer:
		current, err = h.reviewMessage(ctx, &m)
		return m, "", current, err
	case register.NoticeStateCode:
		requester, current, err = h.stateMessage(ctx, &m)
		return m, requester, current, err
	}
	if m.Filing, err = h.Register.Filing(ctx, n.Filing); err != nil || n.Kind == register.NoticeClaimed {
		return m, "", err == nil, err
	}
	switch n.Kind {
	case register.NoticeAgencyFiled:
		current, err = h.agencyFiledMessage(ctx, &m)
		return m, "", current, err
	case register.NoticeDuties:
		current, err = h.dutiesMessage(ctx, &m)
		return m, "", current, err
	case register.NoticeBureauCancelled:
		current, err = h.bureauCancelledMessage(ctx, &m)
		return m, "", current, err
	case register.NoticeLeaderChanged:
		current, err = h.leaderChangedMessage(ctx, &m)
		return m, "", current, err
	}
	t, err := h.Register.Transfer(ctx, n.Filing)
	if err != nil {
		return m, "", false, err
	}
	switch n.To {
	case register.ToOwner:
		m.Contact = t.Private.From
	case register.ToTaker:
		m.Contact = t.Private.To
	}
	m.Language = m.Contact.Language
	return m, "", t.ID == n.ID && (n.Kind != register.NoticeTransferTaken || t.State == register.TransferTaken), nil
}
