package plan

import (
	"time"

	"beian/shared/filing"
	"beian/shared/filing/register"
	"beian/shared/rules/certificate"
	"beian/shared/rules/domainfacts"
	"beian/shared/rules/evidence"
	"beian/shared/rules/number"
	"beian/shared/rules/preapproval"
	"beian/shared/rules/province"
	"beian/shared/rules/workday"
)

// A Question asks what an application needs, before anything is entered.
type Question struct {
	Province province.Code
	Entity   certificate.EntityKind
	Type     filing.Type
	Service  number.Service
	Trade    preapproval.Trade // of the site, if it needs a pre-approval; "" for none
}

// A Need is what an application needs.
type Need struct {
	Documents []Document `json:"documents" nullable:"false" doc:"of a subject that holds its domain, whose leader is one adult and, of an organisation, the legal representative. A change is one of subject, leaders and sites"`
	Possible  []Document `json:"possibleDocuments" nullable:"false" doc:"needed or helpful in other cases, which their reasons name"`
	// Days are zero for an application that the bureau only stores.
	Days      Days                  `json:"days"`
	FiledFrom workday.Date          `json:"filedFrom,omitempty" doc:"first day on which it is likely to be done, if it is submitted on the day of the rules and not returned"`
	FiledBy   workday.Date          `json:"filedBy,omitempty" doc:"last day, under the same conditions"`
	Codes     filing.CodeRecipients `json:"codes" enum:"all-leaders,site-leaders,affected-leaders,subject-leader,none" doc:"who answers an SMS code within codeHours; none if province and day require none"`
	CodeHours int                   `json:"codeHours" doc:"validity of the code"`
	Liveness  bool                  `json:"liveness" doc:"whether site leaders pass a liveness check on a phone"`
	Website   filing.Website        `json:"website" enum:"closed,reachable,any-state" doc:"what the site must be during the bureau's review"`
}

// NeedOf returns what an application needs by the rules of a day. Province, kind of subject, type and trade must be known. The documents are those of an
// order with the same answers, [filing.Order.EvidenceRequirements].
func NeedOf(q Question, at time.Time) Need {
	o := q.order(at)
	kind := o.Kind()
	need := Need{Documents: documentsOf(o.EvidenceRequirements(at)), Possible: documentsOf(o.PossibleRequirements(at)), Codes: o.CodeRecipients(at),
		CodeHours: filing.SMSHours, Liveness: kind.Liveness, Website: o.Website()}
	if kind.Stored {
		return need
	}
	need.Days = Days{Least: reviewLeast + bureauLeast, Most: reviewMost + q.Province.Province().BureauDays(at)}
	need.FiledFrom, need.FiledBy = workday.DateOf(workday.Add(at, need.Days.Least)), workday.DateOf(workday.Add(at, need.Days.Most))
	return need
}

// exampleDomain stands for the domain of the site, and exampleName for the subject, which holds it.
const (
	exampleDomain = "example.cn"
	exampleName   = "-"
)

// order returns an order with the answers, of one site. If its kind is about a filing, everything that the filing has changes.
func (q Question) order(at time.Time) filing.Order {
	leader := filing.Leader{Certificate: filing.IdentityDocument{Kind: certificate.ResidentID}, LegalRepresentative: true}
	subject := filing.Subject{Name: exampleName, Leader: leader}
	if q.Entity == certificate.Individual {
		subject.Certificate.Kind = certificate.ResidentID
	}
	site := filing.Site{Domains: []filing.Domain{exampleDomain}, Leader: leader}
	if q.Trade != "" {
		site.PreApprovals = []filing.PreApproval{{Trade: q.Trade}}
	}
	filed := register.Filing{Sites: []register.FiledSite{{Number: number.Filing{Running: 1, Service: q.Service}}}}
	o := filing.Order{Province: q.Province, Entity: q.Entity, Type: q.Type, Service: q.Service, Filed: &filed, Domains: site.Domains,
		Private: filing.Private{Subject: subject, Sites: []filing.Site{site}, DomainFacts: map[filing.Domain]domainfacts.Facts{
			exampleDomain: {Source: domainfacts.Registrar, AskedAt: at, Registered: domainfacts.Yes, Holder: subject.Name,
				SameCertificate: domainfacts.Yes, Verified: domainfacts.Yes, Page: domainfacts.No}}}}
	if o.Kind().Edits() {
		was := filing.Site{Name: exampleName, Domains: site.Domains, Leader: filing.Leader{Name: exampleName}}
		o.Private.Filed.Subject, o.Private.Filed.Sites = filing.Subject{Leader: filing.Leader{Name: exampleName}}, []filing.Site{was}
	}
	return o
}

// documentsOf returns requirements with the names of the documents, without that for further documents.
func documentsOf(requirements []evidence.Requirement) []Document {
	list := []Document{}
	for _, r := range requirements {
		if r.Slot.Kind() != evidence.OtherDocument {
			list = append(list, Document{Requirement: r, Words: r.Slot.Kind().Words()})
		}
	}
	return list
}
