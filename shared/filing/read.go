package filing

import (
	"time"

	"beian/shared/filing/register"
	"beian/shared/rules/evidence"
)

// A StaffRead is an entry of the audit of an order, a filing or a person: a member of staff read something of it, or what the person read. It is stored before the answer, apart from the
// ledger, so that it changes neither the order nor its version. It has no personal data of the applicant, and stays after an erasure.
type StaffRead struct {
	Order   ID        `json:"order"` // "" for a filing
	At      time.Time `json:"at"`
	By      Actor     `json:"by"`
	What    ReadPart  `json:"what"`
	Purpose Purpose   `json:"purpose"`
	// Filing is the filing of the register whose audit has the entry; "" for an order.
	Filing register.ID `json:"filing,omitempty"`
	// Person is the member of staff whose reads were searched; "" for an order and a filing.
	Person Account `json:"person,omitempty"`
	// Slot and SHA256 are those of the paper that was shown.
	Slot   evidence.Slot `json:"slot,omitempty"`
	SHA256 string        `json:"sha256,omitempty"`
	// Others are the orders of other subjects that were shown because they have a leader's value in common.
	Others  []ID   `json:"others,omitempty"`
	Request string `json:"request"` // id of the request, as in the log

	// MAC is the store's HMAC of the entry. The store sets MACValid on reading if MAC is correct.
	MAC      string `json:"mac,omitempty"`
	MACValid bool   `json:"-"`
}

// A ReadPart says what of an order was read.
type ReadPart string

const (
	ReadBrief       ReadPart = "brief"        // the fields of lists, without personal data
	ReadOrder       ReadPart = "order"        // all data
	ReadSummary     ReadPart = "summary"      // the summary that the applicant confirms
	ReadPapers      ReadPart = "papers"       // the list of papers
	ReadPaper       ReadPart = "paper"        // the original of one paper
	ReadTimeline    ReadPart = "timeline"     // the history as text
	ReadLedger      ReadPart = "ledger"       // the decisions
	ReadStaffReads  ReadPart = "staff-reads"  // who of the staff has read the order
	ReadBureauFile  ReadPart = "bureau-file"  // the order's part of a file for the bureau or from it
	ReadServiceCode ReadPart = "service-code" // that the order uses a service code
	ReadVerdict     ReadPart = "verdict"      // what the rules of two days say about the order
	ReadSheet       ReadPart = "sheet"        // what an operator enters at the bureau: all data, and links to the copies of all papers
	ReadCalls       ReadPart = "calls"        // the phone calls about it
	ReadEarlier     ReadPart = "earlier"      // which earlier orders its subject has
	ReadPerson      ReadPart = "person"       // what a member of staff has read

	ReadFiling         ReadPart = "filing"          // all data of a filing
	ReadFilingBrief    ReadPart = "filing-brief"    // the fields of lists, without personal data
	ReadFilingVersions ReadPart = "filing-versions" // what changed a filing
)

// A Purpose says why staff read an order. It follows from role and claim; nobody enters it.
type Purpose string

const (
	PurposeOverview Purpose = "overview" // a reviewer without a claim, who sees no personal data
	PurposeReview   Purpose = "review"   // a reviewer with a claim
	PurposeSupport  Purpose = "support"  // an administrator
	PurposeAudit    Purpose = "audit"    // an administrator who searches what a person read
)

// PurposeOf returns the purpose for which staff read the order at a time.
func (o Order) PurposeOf(by Actor, at time.Time) Purpose {
	switch {
	case o.IsClaimedBy(by.Account, at):
		return PurposeReview
	case by.Role == Admin:
		return PurposeSupport
	}
	return PurposeOverview
}
