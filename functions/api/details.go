package api

import (
	"beian/shared/filing"
	"beian/shared/rules/certificate"
	"beian/shared/rules/contact"
	"beian/shared/rules/person"
)

// The personal part of an application, as it is sent and shown. What is missing or wrong in it is told by the rules of
// filing in their own words, so the schema asks for little.

// A Certificate identifies a subject or a leader.
type Certificate struct {
	Kind     certificate.Kind      `json:"kind,omitempty" doc:"the ministry's number of the kind; see /entity-kinds" example:"2"`
	Number   certificate.Number    `json:"number,omitempty" maxLength:"1024" doc:"what stands on it"`
	Validity *certificate.Validity `json:"validity,omitempty" doc:"the period printed on it"`
}

// A Contact is how the applicant hears of the order.
type Contact struct {
	Mobile contact.Mobile `json:"mobile,omitempty" maxLength:"64" doc:"mainland mobile"`
	Email  contact.Email  `json:"email,omitempty" maxLength:"320"`
}

// A Subject (主体) is who files.
type Subject struct {
	Name               person.Name `json:"name,omitempty" maxLength:"1024" doc:"as given when the order was opened; may be left out"`
	Certificate        Certificate `json:"certificate,omitempty" doc:"kind and number may be left out; the validity may not"`
	CertificateAddress string      `json:"certificateAddress,omitempty" maxLength:"4096" doc:"the address printed on the certificate"`
	Division           string      `json:"division,omitempty" maxLength:"6" doc:"GB/T 2260, six digits; see /divisions" example:"330106"`
	Address            string      `json:"address,omitempty" maxLength:"4096" doc:"mailing address without province and city"`
	Investor           string      `json:"investor,omitempty" maxLength:"1024" doc:"investor or superior organisation"`
	Remark             string      `json:"remark,omitempty" maxLength:"4096"`
	Leader             *Leader     `json:"leader,omitempty" doc:"the subject leader (主体负责人)"`
}

// A Leader (负责人) answers for the subject or for a site.
type Leader struct {
	Name                person.Name    `json:"name,omitempty" maxLength:"1024"`
	Certificate         Certificate    `json:"certificate,omitempty"`
	LegalRepresentative bool           `json:"legalRepresentative,omitempty"`
	Mobile              contact.Mobile `json:"mobile,omitempty" maxLength:"64" doc:"the SMS verification goes there"`
	OfficePhone         contact.Phone  `json:"officePhone,omitempty" maxLength:"256"`
	EmergencyPhone      contact.Phone  `json:"emergencyPhone,omitempty" maxLength:"256" doc:"another number than the mobile"`
	Email               contact.Email  `json:"email,omitempty" maxLength:"320"`
}

// A Site (网站) is one set of pages.
type Site struct {
	Name           string               `json:"name,omitempty" maxLength:"1024"`
	Domains        []filing.Domain      `json:"domains,omitempty" maxItems:"64" doc:"those of the order, each in one site"`
	HomeURL        string               `json:"homeUrl,omitempty" maxLength:"2048"`
	ServiceContent []int                `json:"serviceContent,omitempty" maxItems:"64" doc:"the ministry's numbers of what the site offers"`
	Languages      []int                `json:"languages,omitempty" maxItems:"64" doc:"the ministry's numbers of languages"`
	PreApprovals   []filing.PreApproval `json:"preApprovals,omitempty" maxItems:"10" doc:"licences that the trade needs; see /pre-approvals"`
	Remark         string               `json:"remark,omitempty" maxLength:"4096"`
	Leader         *Leader              `json:"leader,omitempty" doc:"the site leader (网站负责人)"`
}

func (c Certificate) filing() filing.IdentityDocument {
	p := filing.IdentityDocument{Kind: c.Kind, Number: c.Number}
	if c.Validity != nil {
		p.Validity = *c.Validity
	}
	return p
}

func (s Subject) filing() filing.Subject {
	return filing.Subject{
		Name: s.Name, Certificate: s.Certificate.filing(), CertificateAddress: s.CertificateAddress, Division: s.Division,
		Address: s.Address, Investor: s.Investor, Remark: s.Remark, Leader: s.Leader.filing(),
	}
}

func (l *Leader) filing() filing.Leader {
	if l == nil {
		return filing.Leader{}
	}
	return filing.Leader{
		Name: l.Name, Certificate: l.Certificate.filing(), LegalRepresentative: l.LegalRepresentative, Mobile: l.Mobile,
		OfficePhone: l.OfficePhone, EmergencyPhone: l.EmergencyPhone, Email: l.Email,
	}
}

func (s Site) filing() filing.Site {
	return filing.Site{
		Name: s.Name, Domains: s.Domains, HomeURL: s.HomeURL, ServiceContent: s.ServiceContent, Languages: s.Languages,
		PreApprovals: s.PreApprovals, Remark: s.Remark, Leader: s.Leader.filing(),
	}
}

func certificateOf(p filing.IdentityDocument) Certificate {
	c := Certificate{Kind: p.Kind, Number: p.Number}
	if p.Validity != (certificate.Validity{}) {
		c.Validity = &p.Validity
	}
	return c
}

func subjectOf(s filing.Subject) Subject {
	return Subject{
		Name: s.Name, Certificate: certificateOf(s.Certificate), CertificateAddress: s.CertificateAddress, Division: s.Division,
		Address: s.Address, Investor: s.Investor, Remark: s.Remark, Leader: leaderOf(s.Leader),
	}
}

func leaderOf(l filing.Leader) *Leader {
	if l == (filing.Leader{}) {
		return nil
	}
	return &Leader{
		Name: l.Name, Certificate: certificateOf(l.Certificate), LegalRepresentative: l.LegalRepresentative, Mobile: l.Mobile,
		OfficePhone: l.OfficePhone, EmergencyPhone: l.EmergencyPhone, Email: l.Email,
	}
}

func sitesOf(sites []filing.Site) []Site {
	all := make([]Site, len(sites))
	for i, s := range sites {
		all[i] = Site{
			Name: s.Name, Domains: s.Domains, HomeURL: s.HomeURL, ServiceContent: s.ServiceContent, Languages: s.Languages,
			PreApprovals: s.PreApprovals, Remark: s.Remark, Leader: leaderOf(s.Leader),
		}
	}
	return all
}
