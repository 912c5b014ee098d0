package filing

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log/slog"
	"time"

	"beian/shared/rules/person"
)

// A DetailsDraft is what the applicant has typed of the details so far. It may be incomplete and wrong: [EnterDetails] checks it.
type DetailsDraft struct {
	Subject      Subject       `json:"subject"`
	Sites        []Site        `json:"sites"`
	Explanations []Explanation `json:"explanations,omitempty"`
	Readings     []Reading     `json:"readings,omitempty"`
	SavedAt      time.Time     `json:"savedAt"`
	// Of is the digest of the order's details to which the draft was typed. Once other details are entered, the draft is outdated.
	Of string `json:"of"`
}

// DetailsDigest returns the digest of the order's details, for [DetailsDraft.Of].
func (o Order) DetailsDigest() string {
	text, err := json.Marshal([]any{o.Private.Subject, o.Private.Sites})
	if err != nil {
		panic(err) // plain values always marshal
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

// Format writes [redacted].
func (DetailsDraft) Format(f fmt.State, _ rune) { person.Redact(f) }

// LogValue returns [redacted].
func (DetailsDraft) LogValue() slog.Value { return person.RedactedValue() }
