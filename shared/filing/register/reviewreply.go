package register

import (
	"fmt"
	"log/slog"
	"time"

	"beian/shared/rules/annualreview"
	"beian/shared/rules/contact"
	"beian/shared/rules/person"
)

// A ReviewReply is an SMS that answers the annual review of a site. It waits until its effect is stored and the sender has an answer.
type ReviewReply struct {
	ID         string         `json:"id"` // of the carrier's message
	From       contact.Mobile `json:"from"`
	ReceivedAt time.Time      `json:"receivedAt"` // by the carrier, as our clock shows it
	// Site is the number of a site, "" if there is a Problem.
	Site    string               `json:"site,omitempty"`
	Status  annualreview.Status  `json:"status,omitempty"`
	Problem annualreview.Problem `json:"problem,omitempty"`
}

// Format writes [redacted].
func (ReviewReply) Format(f fmt.State, _ rune) { person.Redact(f) }

// LogValue returns [redacted].
func (ReviewReply) LogValue() slog.Value { return person.RedactedValue() }

// A ReviewOutcome is what became of a [ReviewReply].
type ReviewOutcome string

const (
	ReviewRecorded ReviewOutcome = "recorded" // also if it was recorded before
	ReviewClosed   ReviewOutcome = "closed"   // no review is open for the site
	ReviewUnknown  ReviewOutcome = "unknown"  // no site with the number has a leader with the mobile
	ReviewForm     ReviewOutcome = "form"     // not #provider code#site number#status#
	ReviewNumber   ReviewOutcome = "number"   // not the number of a site
	ReviewStatus   ReviewOutcome = "status"   // none of the three words
)

// ReviewOutcomes lists every outcome.
var ReviewOutcomes = []ReviewOutcome{ReviewRecorded, ReviewClosed, ReviewUnknown, ReviewForm, ReviewNumber, ReviewStatus}
