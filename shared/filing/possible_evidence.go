package filing

import (
	"slices"
	"time"

	"beian/shared/rules/evidence"
	"beian/shared/rules/finding"
	"beian/shared/rules/province"
)

// PossibleRequirements lists the documents that other data of the same application would need, besides [Order.EvidenceRequirements]: of a leader who is
// not the legal representative, of two leaders, of an individual from another province, of many domains, of a domain whose holder is not confirmed.
// Their reasons say when. It serves people who have entered nothing yet.
func (o Order) PossibleRequirements(at time.Time) []evidence.Requirement {
	if o.Kind().Documents == NoDocuments || o.Kind().Documents == ChosenDocuments {
		return nil
	}
	known := o.EvidenceRequirements(at)
	possible := slices.DeleteFunc(evidence.Requirements(o.possibleFacts(at)), func(r evidence.Requirement) bool {
		return slices.ContainsFunc(known, func(k evidence.Requirement) bool {
			return k.Slot == r.Slot && (k.Level == r.Level || k.Level == evidence.Required)
		})
	})
	for i, r := range possible {
		if k := r.Slot.Kind(); k == evidence.LeaderCertificateFront || k == evidence.LeaderCertificateBack {
			possible[i].Reason = reasonTwoLeaders
		}
	}
	return possible
}

// reasonTwoLeaders is the reason of a site leader's certificate that is needed only if the subject leader is another person.
var reasonTwoLeaders = finding.Words{Chinese: "网站负责人和主体负责人不是同一个人时，用于核对网站负责人身份。",
	English: "If the site leader is not the subject leader: proves the identity of the site leader."}

// possibleFacts returns the order's facts, with everything that asks for a further document.
func (o Order) possibleFacts(at time.Time) evidence.Facts {
	c := o.evidenceFacts(at)
	p := o.province()
	c.OutOfProvinceProof = o.Individual() && c.SubjectDocuments && requiresResidenceProof(p.Residence(at))
	c.ConstructionPlan = !c.Change && slices.ContainsFunc(p.Caps(o.Entity, at), func(limit province.Cap) bool { return limit.Effect == province.Plan })
	minors := p.MinimumAge(o.Entity, at).Refuse < adult
	c.SubjectLeader.LegalRepresentative, c.SubjectLeader.EmploymentProof = false, minors
	for i := range c.Sites {
		site := &c.Sites[i]
		site.Leader.LegalRepresentative, site.Leader.EmploymentProof = false, minors
		site.LeaderIsSubjectLeader = false
		site.HolderUnconfirmed = !c.Change && !site.NoDomain
	}
	return c
}

// adult is the age, in full years, from which a leader needs no proof of employment.
const adult = 18

// CodeRecipients says who answers an SMS code of the order: the recipients of its kind, none if province or day require no codes.
func (o Order) CodeRecipients(at time.Time) CodeRecipients {
	if !o.smsRequired(at) {
		return NoCodes
	}
	return o.Kind().Codes
}
