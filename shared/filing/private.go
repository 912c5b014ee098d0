package filing

import (
	"fmt"
	"log/slog"
	"time"

	"beian/shared/rules/certificate"
	"beian/shared/rules/contact"
	"beian/shared/rules/domainfacts"
	"beian/shared/rules/finding"
	"beian/shared/rules/person"
	"beian/shared/rules/preapproval"
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
	Codes   []SentCode      `json:"codes,omitempty"`
	// Findings are the problems that the applicant has to correct, and warnings. Each check replaces them. A reviewer's text may name
	// people.
	Findings finding.List `json:"findings,omitempty"`
	// Explained are the findings that the applicant explained instead of correcting, and the overrides of reviewers.
	Explained []Explained `json:"explained,omitempty"`
	// DigestKey is the HMAC key of the digests in the ledger: of the summary, and of the reasons of overrides. The ledger keeps them after
	// an erasure. Without the key, a guess of the text cannot be tested against them.
	DigestKey string   `json:"digestKey"`
	Shipment  Shipment `json:"shipment,omitzero"`
	// DomainFacts are what is known about the registration of each domain. They name its holder, who may be another person.
	DomainFacts map[Domain]domainfacts.Facts `json:"domainFacts,omitempty"`
	// Opinion is the bureau's text with a refusal. It may name people.
	Opinion string `json:"opinion,omitempty"`
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

// An IdentityDocument (证件) is the certificate of a subject or a leader.
type IdentityDocument struct {
	Kind     certificate.Kind     `json:"kind,omitempty" doc:"the ministry's number of the kind; see /entity-kinds" example:"2"`
	Number   certificate.Number   `json:"number,omitempty" maxLength:"1024" doc:"the number on the certificate"`
	Validity certificate.Validity `json:"validity,omitzero" doc:"the period printed on the certificate"`
}

// A Subject (主体) is the organisation or person that files.
type Subject struct {
	Name               person.Name      `json:"name,omitempty" maxLength:"1024" doc:"as on the certificate; optional: as entered before. It can be corrected here, as long as the certificate is the same"`
	Certificate        IdentityDocument `json:"certificate,omitempty" doc:"kind and number are optional, and cannot differ from those that opened the order; the validity is required"`
	CertificateAddress string           `json:"certificateAddress,omitempty" maxLength:"4096" doc:"the address printed on the certificate (证件住所)"`
	Division           string           `json:"division,omitempty" maxLength:"64" doc:"GB/T 2260, six digits; see /divisions" example:"330106"`
	Address            string           `json:"address,omitempty" maxLength:"4096" doc:"mailing address (通信地址) without province and city"`
	Investor           string           `json:"investor,omitempty" maxLength:"1024" doc:"investor or superior organisation (投资人或主管单位)"`
	Remark             string           `json:"remark,omitempty" maxLength:"4096"`
	Leader             Leader           `json:"leader,omitzero" doc:"the subject leader (主体负责人)"`
}

// A Leader (负责人) is the person responsible for the subject or for one site.
type Leader struct {
	Name                person.Name      `json:"name,omitempty" maxLength:"1024"`
	Certificate         IdentityDocument `json:"certificate,omitempty"`
	LegalRepresentative bool             `json:"legalRepresentative,omitempty"`
	Mobile              contact.Mobile   `json:"mobile,omitempty" maxLength:"64" doc:"receives the SMS verification code"`
	OfficePhone         contact.Phone    `json:"officePhone,omitempty" maxLength:"256"`
	EmergencyPhone      contact.Phone    `json:"emergencyPhone,omitempty" maxLength:"256" doc:"must differ from the mobile"`
	Email               contact.Email    `json:"email,omitempty" maxLength:"320"`
}

// A Site (网站) is a website with one or more domains.
type Site struct {
	Name           string        `json:"name,omitempty" maxLength:"1024"`
	Domains        []Domain      `json:"domains,omitempty" maxItems:"64" doc:"domains of the order; each belongs to one site"`
	HomeURL        string        `json:"homeUrl,omitempty" maxLength:"2048"`
	ServiceContent []int         `json:"serviceContent,omitempty" maxItems:"64" doc:"the ministry's numbers of service contents"`
	Languages      []int         `json:"languages,omitempty" maxItems:"64" doc:"the ministry's numbers of languages"`
	PreApprovals   []PreApproval `json:"preApprovals,omitempty" maxItems:"10" doc:"licences that the trade requires; see /pre-approvals"`
	Remark         string        `json:"remark,omitempty" maxLength:"4096"`
	Leader         Leader        `json:"leader,omitzero" doc:"the site leader (网站负责人)"`
}

// A PreApproval (前置审批) is a licence that the site's trade requires before filing.
type PreApproval struct {
	Trade  preapproval.Trade `json:"trade"` // icp-filing 6
	Number string            `json:"number"`
}

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
func (IdentityDocument) Format(f fmt.State, _ rune) { person.Redact(f) }

// LogValue returns [redacted].
func (IdentityDocument) LogValue() slog.Value { return person.RedactedValue() }

// Format writes [redacted].
func (Subject) Format(f fmt.State, _ rune) { person.Redact(f) }

// LogValue returns [redacted].
func (Subject) LogValue() slog.Value { return person.RedactedValue() }

// Format writes [redacted].
func (Leader) Format(f fmt.State, _ rune) { person.Redact(f) }

// LogValue returns [redacted].
func (Leader) LogValue() slog.Value { return person.RedactedValue() }

// Format writes [redacted].
func (Site) Format(f fmt.State, _ rune) { person.Redact(f) }

// LogValue returns [redacted].
func (Site) LogValue() slog.Value { return person.RedactedValue() }

// Format writes [redacted].
func (Explanation) Format(f fmt.State, _ rune) { person.Redact(f) }

// LogValue returns [redacted].
func (Explanation) LogValue() slog.Value { return person.RedactedValue() }

// Format writes [redacted].
func (Override) Format(f fmt.State, _ rune) { person.Redact(f) }

// LogValue returns [redacted].
func (Override) LogValue() slog.Value { return person.RedactedValue() }

// Format writes [redacted].
func (OverrideRequest) Format(f fmt.State, _ rune) { person.Redact(f) }

// LogValue returns [redacted].
func (OverrideRequest) LogValue() slog.Value { return person.RedactedValue() }

// Format writes [redacted].
func (SentCode) Format(f fmt.State, _ rune) { person.Redact(f) }

// LogValue returns [redacted].
func (SentCode) LogValue() slog.Value { return person.RedactedValue() }
