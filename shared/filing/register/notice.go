package register

import "beian/shared/rules/contact"

// A NoticeKind is a kind of message about a filing, a claim, a transfer or a consent. Its texts are in package notify.
type NoticeKind string

const (
	NoticeClaimCode       NoticeKind = "claim-code"       // to the subject leader: the code
	NoticeClaimed         NoticeKind = "claimed"          // to the subject leader: an account has the filing
	NoticeTransferTaken   NoticeKind = "transfer-taken"   // to the owner, who confirms
	NoticeTransferDone    NoticeKind = "transfer-done"    // to both accounts, and to the subject leader
	NoticeTransferRevoked NoticeKind = "transfer-revoked" // to the account that did not end it
	NoticeConsentCode     NoticeKind = "consent-code"     // to the subject leader: the code, and what the agency asks for
	NoticeConsentGiven    NoticeKind = "consent-given"    // to the subject leader: what the agency may do, and how to revoke it
	NoticeConsentRevoked  NoticeKind = "consent-revoked"  // to the subject leader, and to the agency unless it gave the consent up
	NoticeRevocationCode  NoticeKind = "revocation-code"  // to the subject leader: the code
	NoticeStateCode       NoticeKind = "state-code"       // to the verified mobile of an order: the code
	NoticeAgencyFiled     NoticeKind = "agency-filed"     // to the subject leader: the number of the filing that an agency filed for them
	NoticeLeaderChanged   NoticeKind = "leader-changed"   // to the former subject leader, and to the account that has the filing
	NoticeBureauCancelled NoticeKind = "bureau-cancelled" // to the subject leader, and to the account: the bureau ended the filing or a part of it
	NoticeReviewAnswer    NoticeKind = "review-answer"    // to who answered an annual review by SMS: what became of it
	NoticeDuties          NoticeKind = "duties"           // to the account or a leader: reminders of what the filing owes
)

// NoticeKinds lists every kind.
var NoticeKinds = []NoticeKind{NoticeClaimCode, NoticeClaimed, NoticeTransferTaken, NoticeTransferDone, NoticeTransferRevoked,
	NoticeConsentCode, NoticeConsentGiven, NoticeConsentRevoked, NoticeRevocationCode, NoticeStateCode, NoticeAgencyFiled, NoticeLeaderChanged, NoticeBureauCancelled, NoticeReviewAnswer, NoticeDuties}

// IsCode reports whether the message has a code, which goes to the leader's mobile alone.
func (k NoticeKind) IsCode() bool {
	return k == NoticeClaimCode || k == NoticeConsentCode || k == NoticeRevocationCode || k == NoticeStateCode
}

// A Recipient says whom a notice goes to.
type Recipient string

const (
	ToLeader Recipient = "leader" // of the subject, on file
	ToOwner  Recipient = "owner"  // the account that has the filing, or had it
	ToTaker  Recipient = "taker"  // the account that took the transfer
	ToAgency Recipient = "agency" // the account that has the consent, or had it
	// ToContact is the contact of an order.
	ToContact Recipient = "contact"
	// ToSiteLeader is the leader of the site of the notice, on file.
	ToSiteLeader Recipient = "site-leader"
	// ToSender is the mobile that an SMS came from.
	ToSender Recipient = "sender"
	// ToFormerLeader is the mobile that was on file before.
	ToFormerLeader Recipient = "former-leader"
)

// A Notice is a message about a filing, a claim, a transfer or a consent. It contains ids only.
type Notice struct {
	Kind    NoticeKind `json:"kind"`
	To      Recipient  `json:"to"`
	Filing  ID         `json:"filing,omitempty"`  // "" for the code of a claim
	Account Account    `json:"account,omitempty"` // of a claim
	// ID is that of the claim, transfer, consent, revocation, inquiry or SMS. A notice about an older one is outdated. Of a message about a version of the filing, it is
	// that of the version's source.
	ID string `json:"id"`
	// Version is the version of the filing that the message is about; 0 for other messages.
	Version int `json:"version,omitempty"`
	// Site is the number of the site to whose leader reminders go, Duties are the ids of the duties, one a line, and SMS says that they go by SMS too.
	Site   string `json:"site,omitempty"`
	Duties string `json:"duties,omitempty"`
	SMS    bool   `json:"sms,omitempty"`
}

// EndNotices returns the messages about the end of a consent.
func (c Consent) EndNotices() []Notice {
	n := Notice{Kind: NoticeConsentRevoked, To: ToLeader, Filing: c.Filing, ID: c.ID}
	if c.EndedBy == EndedByAgency {
		return []Notice{n}
	}
	agency := n
	agency.To = ToAgency
	return []Notice{n, agency}
}

// Notices returns the messages about a new version of a filing: to the leader if an agency filed it, whose orders alone make a filing without an
// account; to the former leader and the account if the subject leader or the leader's mobile changes; and to the leader and the account if the bureau ends
// the filing, a site or an access. What an order ends has the messages of the order.
func (c Change) Notices() []Notice {
	n := Notice{Filing: c.After.ID, ID: c.Entry.Source.ID, Version: c.After.Version}
	was, is := c.Before.Private.Subject.Leader, c.After.Private.Subject.Leader
	switch {
	case c.Before.Version == 0 && c.Entry.Source.Kind == FromOrder && c.After.Account == "":
		n.Kind, n.To = NoticeAgencyFiled, ToLeader
		return []Notice{n}
	case c.Entry.Source.Kind == FromDownload && c.endsPart():
		n.Kind, n.To = NoticeBureauCancelled, ToLeader
		return c.withOwner(n)
	case c.Before.Version == 0 || c.After.Status == Cancelled || !was.replacedBy(is):
		return nil
	}
	n.Kind, n.To = NoticeLeaderChanged, ToFormerLeader
	return c.withOwner(n)
}

// withOwner returns a notice and the same to the account, if the filing has one.
func (c Change) withOwner(n Notice) []Notice {
	notices := []Notice{n}
	if c.After.Account != "" {
		n.To = ToOwner
		notices = append(notices, n)
	}
	return notices
}

// endsPart reports whether the filing, a site or an access ends with the change.
func (c Change) endsPart() bool {
	parts := func(f Filing) (n int) {
		for _, s := range f.Sites {
			n += 1 + len(s.Accesses)
		}
		return n
	}
	return c.Before.Status != Cancelled && (c.After.Status == Cancelled || parts(c.After) < parts(c.Before))
}

// replacedBy reports whether a leader is another person, or has another mobile. What was missing on file, or is missing now, does not count.
func (l Leader) replacedBy(is Leader) bool {
	differs := func(was, is string) bool { return was != "" && is != "" && was != is }
	mobile := func(m contact.Mobile) string { return contact.NormalizeMobile(m.Reveal()).Reveal() }
	return differs(l.Name.Reveal(), is.Name.Reveal()) || differs(l.Certificate.Number.Reveal(), is.Certificate.Number.Reveal()) || differs(mobile(l.Mobile), mobile(is.Mobile))
}
