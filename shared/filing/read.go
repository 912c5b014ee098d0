package filing

import (
	"time"

	"beian/shared/rules/evidence"
)

// A StaffRead is an entry of an order's audit: a member of staff read something of the order. It is stored before the answer, apart from the
// ledger, so that it changes neither the order nor its version. It has no personal data of the applicant, and stays after an erasure.
type StaffRead struct {
	Order   ID        `json:"order"`
	At      time.Time `json:"at"`
	By      Actor     `json:"by"`
	What    ReadPart  `json:"what"`
	Purpose Purpose   `json:"purpose"`
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
)

// A Purpose says why staff read an order. It follows from role and claim; nobody enters it.
type Purpose string

const (
	PurposeOverview Purpose = "overview" // a reviewer without a claim, who sees no personal data
	PurposeReview   Purpose = "review"   // a reviewer with a claim
	PurposeSupport  Purpose = "support"  // an administrator
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
