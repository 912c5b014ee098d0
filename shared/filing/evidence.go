package filing

import (
	"maps"
	"slices"
	"strings"
	"time"

	"beian/shared/rules/certificate"
	"beian/shared/rules/evidence"
	"beian/shared/rules/finding"
	"beian/shared/rules/preapproval"
	"beian/shared/rules/province"
)

// CodeEvidenceUnasked says that the application does not require the paper.
const CodeEvidenceUnasked finding.Code = "evidence-not-asked-for"

// AcceptEvidence accepts uploaded papers that passed the checks.
type AcceptEvidence struct{ Papers map[evidence.Slot]Evidence }

func (AcceptEvidence) Name() string { return "accept-evidence" }

func (d AcceptEvidence) apply(c *Change, _ Actor, at time.Time) error {
	o := &c.Order
	if err := o.checkOpenAt(CollectEvidence, VerifyAuthenticity, AwaitConfirmation); err != nil {
		return err
	}
	if found := o.findUnrequested(d.Papers, at); len(found) > 0 {
		return refuse(found)
	}
	changed := false
	for slot, e := range d.Papers {
		changed = changed || o.Evidence[slot].Key != e.Key
		o.Evidence[slot] = e
		c.setFact(string(slot), e.SHA256)
	}
	if !changed {
		return ErrNothingToDo
	}
	c.advance(at)
	return nil
}

func (o Order) hasEvidence(slot evidence.Slot) bool {
	_, ok := o.Evidence[slot]
	return ok
}

// Owed lists the papers that the application requires or may include, by the rules of a day.
func (o Order) Owed(at time.Time) []evidence.Requirement { return evidence.Owed(o.evidenceCase(at)) }

// evidenceCase returns what determines the papers: the order's data and its province's rules.
func (o Order) evidenceCase(at time.Time) evidence.Case {
	p, s := o.province(), o.Private.Subject
	c := evidence.Case{
		Individual:           o.Individual(),
		SubjectPapers:        true,
		CertificateTwoSided:  twoSided(s.Certificate.Kind),
		SubjectLeader:        leaderCase(s.Leader, p.SubjectLeader(at).Who == province.WithLetter, at),
		OutOfProvinceProof:   o.Individual() && o.isFromOtherProvince() && requiresResidenceProof(p.Residence(at)),
		CommitmentLetter:     p.Owes(province.CommitmentLetter, at),
		ResponsibilityNotice: p.Owes(province.ResponsibilityNotice, at),
		On:                   at,
	}
	c.PartyBuildingConfirmation = p.Owes(province.PartyBuilding, at)
	c.ConstructionPlan = p.CheckCount(o.Entity, o.count(o.Private.Sites), at).Has(province.PlanRequired)
	for _, site := range o.Private.Sites {
		one := evidence.Site{
			Leader:                leaderCase(site.Leader, p.SiteLeaderLetter(at), at),
			LeaderIsSubjectLeader: samePerson(site.Leader, s.Leader),
			DomainCertificate:     p.Owes(province.DomainCertificate, at),
		}
		for _, pre := range site.PreApprovals {
			if trade, ok := preapproval.Of(pre.Trade); ok {
				one.PreApprovals = append(one.PreApprovals, trade.Document)
			}
		}
		c.Sites = append(c.Sites, one)
	}
	return c
}

func leaderCase(l Leader, letter bool, at time.Time) evidence.Leader {
	age, known := certificate.Age(l.Certificate.Kind, l.Certificate.Number, at)
	return evidence.Leader{
		LegalRepresentative: l.LegalRepresentative,
		CertificateTwoSided: twoSided(l.Certificate.Kind),
		LetterRequired:      letter,
		EmploymentProof:     known && age < 18,
	}
}

// twoSided reports whether both sides of a certificate are required.
func twoSided(k certificate.Kind) bool { return k.Personal() && k != certificate.Passport }

// requiresResidenceProof reports whether a province requires a proof of residence from individuals of other provinces.
func requiresResidenceProof(r province.ResidenceRule) bool {
	switch r.Policy {
	case province.ResidencePermit, province.PermitOrStudent, province.PermitOrInsurance, province.ProofOfLocalLife:
		return true
	}
	return false
}

// isFromOtherProvince reports whether a person's certificate was issued in another province than that of the filing.
func (o Order) isFromOtherProvince() bool {
	region, ok := certificate.Region(o.Private.Subject.Certificate.Kind, o.Private.Subject.Certificate.Number)
	return ok && !strings.HasPrefix(region, string(o.Province))
}

func samePerson(a, b Leader) bool {
	return a.Certificate.Kind == b.Certificate.Kind && a.Certificate.Number == b.Certificate.Number
}

// unescapeSlot decodes one token of a JSON pointer (RFC 6901).
func unescapeSlot(token string) evidence.Slot {
	return evidence.Slot(strings.NewReplacer("~1", "/", "~0", "~").Replace(token))
}

// findUnrequested returns a finding for each paper that the application does not accept.
func (o Order) findUnrequested(papers map[evidence.Slot]Evidence, at time.Time) finding.List {
	var found finding.List
	for _, slot := range slices.Sorted(maps.Keys(papers)) {
		if !o.Accepts(slot, at) {
			found = append(found, finding.New(CodeEvidenceUnasked, evidence.Pointer(slot)))
		}
	}
	return found
}

// Accepts reports whether the application accepts a paper: it is in [Order.Owed], it is another scan of a required
// pre-approval, a finding of the reviewer names it, or its slot is for other papers.
func (o Order) Accepts(slot evidence.Slot, at time.Time) bool {
	site, ofSite := slot.Site()
	if ofSite && site >= len(o.Private.Sites) {
		return false
	}
	wanted := slot
	switch slot.Kind() {
	case evidence.SiteOtherPaper, evidence.PreApprovalStatement:
		return true
	case evidence.PreApproval:
		wanted = slot[:strings.LastIndexByte(string(slot), '/')] + "/1"
	}
	return slices.ContainsFunc(o.Owed(at), func(r evidence.Requirement) bool { return r.Slot == wanted }) ||
		slices.ContainsFunc(o.Private.Findings, func(f finding.Finding) bool { return f.Pointer == evidence.Pointer(slot) })
}
