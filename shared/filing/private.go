package filing

import (
	"fmt"
	"log/slog"

	"beian/shared/rules/certificate"
	"beian/shared/rules/contact"
	"beian/shared/rules/person"
	"beian/shared/rules/preapproval"
)

// Private is what is personal in an order. Its JSON is what the store seals; its values redact themselves in logs.
type Private struct {
	Contact Contact   `json:"contact"`
	Subject Subject   `json:"subject"`
	Sites   []Site    `json:"sites"`
	Codes   []SMSSent `json:"codes,omitempty"`
	// Opinion is what the bureau wrote to its refusal. It may name people.
	Opinion string `json:"opinion,omitempty"`
}

// Contact is how the applicant hears of the order.
type Contact struct {
	Mobile contact.Mobile `json:"mobile,omitempty"`
	Email  contact.Email  `json:"email,omitempty"`
}

// A IdentityDocument is a certificate: its kind, its number, and how long it holds.
type IdentityDocument struct {
	Kind     certificate.Kind     `json:"kind"`
	Number   certificate.Number   `json:"number"`
	Validity certificate.Validity `json:"validity,omitzero"`
}

// A Subject (主体) is the organisation or person in whose name the filing stands.
type Subject struct {
	Name        person.Name      `json:"name"`
	Certificate IdentityDocument `json:"certificate"`
	// CertificateAddress is the address printed on the certificate (证件住所).
	CertificateAddress string `json:"certificateAddress,omitempty"`
	Division           string `json:"division,omitempty"` // GB/T 2260, six digits
	Address            string `json:"address,omitempty"`  // 通信地址, without province and city
	Investor           string `json:"investor,omitempty"` // 投资人或主管单位
	Remark             string `json:"remark,omitempty"`
	Leader             Leader `json:"leader,omitzero"`
}

// A Leader (负责人) answers for the subject or for one site.
type Leader struct {
	Name                person.Name      `json:"name"`
	Certificate         IdentityDocument `json:"certificate"`
	LegalRepresentative bool             `json:"legalRepresentative"`
	Mobile              contact.Mobile   `json:"mobile"`                // 联系方式一: the SMS goes there
	OfficePhone         contact.Phone    `json:"officePhone,omitempty"` // 办公电话
	EmergencyPhone      contact.Phone    `json:"emergencyPhone"`        // 应急电话, not the same as Mobile
	Email               contact.Email    `json:"email"`
}

// A Site (网站) is one set of pages.
type Site struct {
	Name           string        `json:"name"`
	Domains        []Domain      `json:"domains"`
	HomeURL        string        `json:"homeUrl,omitempty"`
	ServiceContent []int         `json:"serviceContent"` // ids of icp-filing 4.8, bit index + 1
	Languages      []int         `json:"languages"`
	PreApprovals   []PreApproval `json:"preApprovals,omitempty"`
	Remark         string        `json:"remark,omitempty"`
	Leader         Leader        `json:"leader"`
}

// A PreApproval (前置审批) is a licence that the site's trade needs before it may be filed.
type PreApproval struct {
	Trade  preapproval.Trade `json:"trade"` // icp-filing 6
	Number string            `json:"number"`
}

// SMSSent is a code that went to a mobile number.
type SMSSent struct {
	Mobile contact.Mobile `json:"mobile"`
	// Tail is the last six characters of the certificate number of the leader, which the page asks for with the code.
	Tail string `json:"tail"`
	Code string `json:"code"`
}

// What follows keeps personal data out of logs: each type writes [redacted] as a whole, for it holds texts (addresses,
// remarks, codes) that have no type of their own.

// Format writes [redacted].
func (Private) Format(f fmt.State, _ rune) { person.Redact(f) }

// LogValue returns [redacted].
func (Private) LogValue() slog.Value { return person.RedactedValue() }

// Format writes [redacted].
func (Contact) Format(f fmt.State, _ rune) { person.Redact(f) }

// LogValue returns [redacted].
func (Contact) LogValue() slog.Value { return person.RedactedValue() }

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
func (SMSSent) Format(f fmt.State, _ rune) { person.Redact(f) }

// LogValue returns [redacted].
func (SMSSent) LogValue() slog.Value { return person.RedactedValue() }
