package filing

import (
	"fmt"
	"log/slog"

	"beian/shared/rules/person"
)

// A Reading is what the applicant's device read for one field on the photo of a certificate. Reviewers see it beside what the applicant entered: a
// difference may be an error of the reader or of the applicant. The photo itself is not part of it. It is no evidence, because the device can send anything.
type Reading struct {
	Pointer    string  `json:"pointer" maxLength:"128" pattern:"^/(subject|sites/[0-9]{1,2})(/[A-Za-z]{1,32}){1,3}$" doc:"the field of the details, such as /subject/leader/certificate/number"`
	Text       string  `json:"text" minLength:"1" maxLength:"256"`
	Confidence float64 `json:"confidence" minimum:"0" maximum:"1" doc:"probability, to the reader, of the character of which it was least sure"`
	Check      string  `json:"check,omitempty" enum:"passed,failed" doc:"result of the check digits, or of the other rules of the certificate; absent if it has none for the field"`
}

// Format writes [redacted].
func (Reading) Format(f fmt.State, _ rune) { person.Redact(f) }

// LogValue returns [redacted].
func (Reading) LogValue() slog.Value { return person.RedactedValue() }
