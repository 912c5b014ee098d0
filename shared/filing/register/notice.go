package register

// A NoticeKind is a kind of message about a claim or a transfer. Its texts are in package notify.
type NoticeKind string

const (
	NoticeClaimCode       NoticeKind = "claim-code"       // to the subject leader: the code
	NoticeClaimed         NoticeKind = "claimed"          // to the subject leader: an account has the filing
	NoticeTransferTaken   NoticeKind = "transfer-taken"   // to the owner, who confirms
	NoticeTransferDone    NoticeKind = "transfer-done"    // to both accounts, and to the subject leader
	NoticeTransferRevoked NoticeKind = "transfer-revoked" // to the account that did not end it
)

// NoticeKinds lists every kind.
var NoticeKinds = []NoticeKind{NoticeClaimCode, NoticeClaimed, NoticeTransferTaken, NoticeTransferDone, NoticeTransferRevoked}

// A Recipient says whom a notice goes to.
type Recipient string

const (
	ToLeader Recipient = "leader" // of the subject, on file
	ToOwner  Recipient = "owner"  // the account that has the filing, or had it
	ToTaker  Recipient = "taker"  // the account that took the transfer
)

// A Notice is a message about a claim or a transfer. It contains ids only.
type Notice struct {
	Kind    NoticeKind `json:"kind"`
	To      Recipient  `json:"to"`
	Filing  ID         `json:"filing,omitempty"`  // "" for the code of a claim
	Account Account    `json:"account,omitempty"` // of a claim
	// ID is that of the claim or transfer. A notice about an older one is outdated.
	ID string `json:"id"`
}
