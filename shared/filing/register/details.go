package register

import (
	"fmt"
	"log/slog"

	"beian/shared/rules/app"
	"beian/shared/rules/certificate"
	"beian/shared/rules/contact"
	"beian/shared/rules/domainname"
	"beian/shared/rules/person"
	"beian/shared/rules/preapproval"
	"beian/shared/rules/workday"
)

// Private is the personal data of a filing. The store encrypts its JSON.
type Private struct {
	Subject Subject `json:"subject"`
	Sites   []Site  `json:"sites"` // in the order of Filing.Sites
	// FilingPassword is the MD5 of the bureau's filing password (备案密码) in hex, where one exists; abolished on 2020-08-17 (icp-filing 3.3).
	FilingPassword string `json:"filingPassword,omitempty"`
}

// Format writes [redacted].
func (Private) Format(f fmt.State, _ rune) { person.Redact(f) }

// LogValue returns [redacted].
func (Private) LogValue() slog.Value { return person.RedactedValue() }

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

// A Site (网站) is a website with one or more domains; or an app, a mini program or a quick app, which has the data in App, and may have no domain.
type Site struct {
	Name           string              `json:"name,omitempty" maxLength:"1024"`
	Domains        []domainname.Domain `json:"domains,omitempty" maxItems:"64" doc:"domains of the order; each belongs to one site"`
	App            *app.Details        `json:"app,omitempty" doc:"of an app, a mini program or a quick app; absent of a website"`
	HomeURL        string              `json:"homeUrl,omitempty" maxLength:"2048"`
	ServiceContent []int               `json:"serviceContent,omitempty" maxItems:"64" doc:"the ministry's numbers of service contents"`
	Languages      []int               `json:"languages,omitempty" maxItems:"64" doc:"the ministry's numbers of languages"`
	PreApprovals   []PreApproval       `json:"preApprovals,omitempty" maxItems:"10" doc:"licences that the trade requires; see /pre-approvals"`
	Remark         string              `json:"remark,omitempty" maxLength:"4096"`
	Leader         Leader              `json:"leader,omitzero" doc:"the site leader (网站负责人)"`
}

// A PreApproval (前置审批) is a licence that the site's trade requires before filing.
type PreApproval struct {
	Trade  preapproval.Trade `json:"trade"` // icp-filing 6
	Number string            `json:"number"`
	// ValidUntil is the last day on which the licence is valid, "" if it shows none. The ministry's interface has no field for it.
	ValidUntil workday.Date `json:"validUntil,omitempty" format:"date" doc:"last day on which the licence is valid; absent if it shows none. It is not sent to the bureau"`
}

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
