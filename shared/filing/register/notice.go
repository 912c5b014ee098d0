package register

// A NoticeKind is a kind of message about a claim, a transfer or a consent. Its texts are in package notify.
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
)

// NoticeKinds lists every kind.
var NoticeKinds = []NoticeKind{NoticeClaimCode, NoticeClaimed, NoticeTransferTaken, NoticeTransferDone, NoticeTransferRevoked,
	NoticeConsentCode, NoticeConsentGiven, NoticeConsentRevoked, NoticeRevocationCode}

// IsCode reports whether the message has a code, which goes to the leader's mobile alone.
func (k NoticeKind) IsCode() bool {
	return k == NoticeClaimCode || k == NoticeConsentCode || k == NoticeRevocationCode
}

// A Recipient says whom a notice goes to.
type Recipient string

const (
	ToLeader Recipient = "leader" // of the subject, on file
	ToOwner  Recipient = "owner"  // the account that has the filing, or had it
	ToTaker  Recipient = "taker"  // the account that took the transfer
	ToAgency Recipient = "agency" // the account that has the consent, or had it
)

// A Notice is a message about a claim, a transfer or a consent. It contains ids only.
type Notice struct {
	Kind    NoticeKind `json:"kind"`
	To      Recipient  `json:"to"`
	Filing  ID         `json:"filing,omitempty"`  // "" for the code of a claim
	Account Account    `json:"account,omitempty"` // of a claim
	// ID is that of the claim, transfer, consent or revocation. A notice about an older one is outdated.
	ID string `json:"id"`
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
