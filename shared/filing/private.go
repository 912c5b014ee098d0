package filing

import (
	"fmt"
	"log/slog"
	"time"

	"beian/shared/filing/register"
	"beian/shared/rules/contact"
	"beian/shared/rules/domainfacts"
	"beian/shared/rules/finding"
	"beian/shared/rules/person"
)

// Private is the personal data of an order. The store encrypts its JSON.
//
// The same types are the API's input and output, so their tags also describe the fields in the OpenAPI document. JSON shows the
// values; fmt and slog print [redacted].
type Private struct {
	// Contact is what the applicant entered. Messages go to Verified.
	Contact Contact `json:"contact"`
	// Verified has the last verified address of each channel. It differs from Contact until the applicant verifies a new address.
	Verified Contact `json:"verified,omitzero"`
	// ContactCodes are the codes by which the applicant verifies addresses, oldest first.
	ContactCodes []ContactCode `json:"contactCodes,omitempty"`
	// Former are the verified contacts that the applicant changed, oldest first.
	Former  []FormerContact `json:"former,omitempty"`
	Subject Subject         `json:"subject"`
	Sites   []Site          `json:"sites"`
	// Readings are what the applicant's device read on certificates for the details.
	Readings []Reading `json:"readings,omitempty"`
	// Filed is the personal data of Order.Filed.
	Filed register.Private `json:"filed,omitzero"`
	Codes []SentCode       `json:"codes,omitempty"`
	// Findings are the problems that the applicant has to correct, and warnings. Each check replaces them. A reviewer's text may name
	// people.
	Findings finding.List `json:"findings,omitempty"`
	// Withheld are findings about what is known of the subject, which the applicant gets only after showing to be it; see [DetermineType].
	Withheld finding.List `json:"withheld,omitempty"`
	// WithheldType is the type that is determined with everything, if it is another than the order's.
	WithheldType Type `json:"withheldType,omitempty"`
	// Explained are the findings that the applicant explained instead of correcting, and the overrides of reviewers.
	Explained []Explained `json:"explained,omitempty"`
	// DigestKey is the HMAC key of the digests in the ledger: of the summary, and of the reasons of overrides. The ledger keeps them after
	// an erasure. Without the key, a guess of the text cannot be tested against them.
	DigestKey string   `json:"digestKey"`
	Shipment  Shipment `json:"shipment,omitzero"`
	// DomainFacts are what is known about the registration of each domain. They name its holder, who may be another person.
	DomainFacts map[Domain]domainfacts.Facts `json:"domainFacts,omitempty"`
	// LookUp is what determined the type. Only staff see it, because whether a subject is filed is not public.
	LookUp LookUp `json:"lookUp,omitzero"`
	// Opinion is the bureau's text with a refusal. It may name people.
	Opinion string `json:"opinion,omitempty"`
	// CancellationRemark is what the applicant adds to the reason of a cancellation. It may name people.
	CancellationRemark string `json:"cancellationRemark,omitempty"`
	// FilingPassword is the filing password that the applicant entered, until the bureau has checked it; see [EnterFilingPassword].
	FilingPassword FilingPassword `json:"filingPassword,omitempty"`
	// Appointments have the texts of the order's appointments, in any order.
	Appointments []AppointmentTexts `json:"appointments,omitempty"`
	// Reviewed is what was submitted before the order was last returned; nil if it never was.
	Reviewed *Reviewed `json:"reviewed,omitempty"`
	// Calls are the phone calls of reviewers about the order, as they were recorded.
	Calls []Call `json:"calls,omitempty"`
	// Waiting is what Order.Waiting says, and Verdicts what Order.Readings say.
	Waiting  *GivenVerdict  `json:"waiting,omitempty"`
	Verdicts []GivenVerdict `json:"verdicts,omitempty"`
	// ReadingNote is why an operator had the order decided without a further reading; see [DecideByOne].
	ReadingNote string `json:"readingNote,omitempty"`
	// Appeal has the texts of the order's appeal.
	Appeal AppealTexts `json:"appeal,omitzero"`
	// ApprovalNote is what the operator wrote when closing the task [TaskCheckApproval].
	ApprovalNote string `json:"approvalNote,omitempty"`
	// Holds are the order's legal holds, oldest first.
	Holds []HoldRecord `json:"holds,omitempty"`
}

// Contact is the mobile and email to which messages about the order are sent.
type Contact struct {
	Mobile contact.Mobile `json:"mobile,omitempty" maxLength:"64" doc:"mainland mobile"`
	Email  contact.Email  `json:"email,omitempty" maxLength:"320"`
}

// A ContactCode is a code that was sent to an address, so that the applicant verifies it.
type ContactCode struct {
	To     Contact   `json:"to"`   // one channel
	Code   string    `json:"code"` // "" after too many wrong tries
	Seq    int       `json:"seq"`  // number of the ledger entry with which it was sent
	SentAt time.Time `json:"sentAt"`
	Sent   int       `json:"sent"`            // number of codes sent to the address
	Wrong  int       `json:"wrong,omitempty"` // wrong tries for this code
}

// A FormerContact is a verified contact, and when the applicant changed it.
type FormerContact struct {
	Contact
	At time.Time `json:"at"`
}

// A Shipment is courier and tracking number of mailed originals, as the applicant entered them.
type Shipment struct {
	Courier  string `json:"courier"`
	Tracking string `json:"tracking"`
}

// What an application says about the subject and its sites has the form in which the register keeps it.
type (
	Subject          = register.Subject
	Leader           = register.Leader
	Site             = register.Site
	PreApproval      = register.PreApproval
	IdentityDocument = register.IdentityDocument
)

// SentCode is a code that was sent to a mobile.
type SentCode struct {
	Mobile contact.Mobile `json:"mobile"`
	// CertificateTail is the last six characters of the leader's certificate number. The page requires it with the code.
	CertificateTail string `json:"tail"`
	Code            string `json:"code"`
}

// The methods below keep personal data out of logs. Each type prints [redacted] as a whole, because addresses, remarks and
// codes are plain strings.

// Format writes [redacted].
func (Private) Format(f fmt.State, _ rune) { person.Redact(f) }

// LogValue returns [redacted].
func (Private) LogValue() slog.Value { return person.RedactedValue() }

// Format writes [redacted].
func (Contact) Format(f fmt.State, _ rune) { person.Redact(f) }

// LogValue returns [redacted].
func (Contact) LogValue() slog.Value { return person.RedactedValue() }

// Format writes [redacted].
func (ContactCode) Format(f fmt.State, _ rune) { person.Redact(f) }

// LogValue returns [redacted].
func (ContactCode) LogValue() slog.Value { return person.RedactedValue() }

// Format writes [redacted].
func (Explanation) Format(f fmt.State, _ rune) { person.Redact(f) }

// LogValue returns [redacted].
func (Explanation) LogValue() slog.Value { return person.RedactedValue() }

// Format writes [redacted].
func (GivenVerdict) Format(f fmt.State, _ rune) { person.Redact(f) }

// LogValue returns [redacted].
func (GivenVerdict) LogValue() slog.Value { return person.RedactedValue() }

// Format writes [redacted].
func (Override) Format(f fmt.State, _ rune) { person.Redact(f) }

// LogValue returns [redacted].
func (Override) LogValue() slog.Value { return person.RedactedValue() }

// Format writes [redacted].
func (OverrideRequest) Format(f fmt.State, _ rune) { person.Redact(f) }

// LogValue returns [redacted].
func (OverrideRequest) LogValue() slog.Value { return person.RedactedValue() }

// Format writes [redacted].
func (HoldRecord) Format(f fmt.State, _ rune) { person.Redact(f) }

// LogValue returns [redacted].
func (HoldRecord) LogValue() slog.Value { return person.RedactedValue() }

// Format writes [redacted].
func (AppointmentTexts) Format(f fmt.State, _ rune) { person.Redact(f) }

// LogValue returns [redacted].
func (AppointmentTexts) LogValue() slog.Value { return person.RedactedValue() }

// Format writes [redacted].
func (SentCode) Format(f fmt.State, _ rune) { person.Redact(f) }

// LogValue returns [redacted].
func (SentCode) LogValue() slog.Value { return person.RedactedValue() }
