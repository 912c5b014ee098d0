package filing

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"beian/shared/rules/certificate"
	"beian/shared/rules/evidence"
	"beian/shared/rules/fault"
	"beian/shared/rules/finding"
	"beian/shared/rules/number"
	"beian/shared/rules/province"
)

// CodeEvidenceNotRequested says that the application does not accept the document.
const CodeEvidenceNotRequested finding.Code = "evidence-not-asked-for"

// AcceptEvidence stores uploaded documents that passed the checks. An upload that was accepted before is not accepted again, because its
// form may have stored other bytes since. For an appeal, documents are accepted before it and until its decision. If other documents of the same
// request failed, the change has a [Failure] with their findings.
type AcceptEvidence struct {
	Accepted map[evidence.Slot]Evidence
	Failed   finding.List
}

// copyFact ends the name of the ledger's fact about the bureau's copy of a document. The rest is the slot; the value is the SHA-256.
const copyFact = " copy"

func (AcceptEvidence) Name() string { return "accept-evidence" }

func (d AcceptEvidence) apply(c *Change, _ Actor, at time.Time) error {
	o := &c.Order
	forAppeal := o.acceptsAppealPapers(at)
	if err := o.checkOpenAt(CollectEvidence, VerifyAuthenticity, AwaitConfirmation); err != nil && !forAppeal {
		return err
	}
	if found := o.findUnrequested(d.Accepted, at); len(found) > 0 {
		return blockingFault(found)
	}
	changed := false
	for slot, e := range d.Accepted {
		if o.Evidence[slot].Key == e.Key {
			continue
		}
		changed, o.Evidence[slot] = true, e
		c.setFact(string(slot), e.SHA256)
		c.setFact(string(slot)+copyFact, e.CopySHA256)
	}
	if !changed {
		return ErrNothingToDo
	}
	_, o.Private.Explained = o.settleEvidence(nil, at) // a document that is given needs no explanation
	if len(d.Failed) > 0 {
		n := strconv.Itoa(len(d.Accepted))
		c.Failure = &Failure{Kind: fault.Invalid, Findings: d.Failed, Message: finding.Words{
			Chinese: "已保存 " + n + " 份合格的材料；其余材料有问题，请按提示重新上传，已保存的无需再传。",
			English: "Papers accepted: " + n + ". The others failed; upload those again as the findings say.",
		}}
	}
	if !forAppeal {
		c.advance(at)
	}
	return nil
}

// ExplainEvidence explains why required documents are missing. Only those that a bureau requires by its practice can be explained.
type ExplainEvidence struct{ Explanations []Explanation }

func (ExplainEvidence) Name() string { return "explain-evidence" }

func (d ExplainEvidence) apply(c *Change, _ Actor, at time.Time) error {
	o := &c.Order
	if err := o.checkOpenAt(CollectEvidence, VerifyAuthenticity, AwaitConfirmation); err != nil {
		return err
	}
	missing, explained := o.settleEvidence(d.Explanations, at)
	found := checkExplanations(d.Explanations, explained)
	for i, e := range d.Explanations {
		occurs := func(f finding.Finding) bool { return f.Code == e.Code && f.Pointer == e.Pointer }
		if e.Code.Overridable() && !slices.ContainsFunc(missing, occurs) {
			found = append(found, finding.New(CodeExplanationUnknown, fmt.Sprintf("/explanations/%d/pointer", i)))
		}
	}
	if err := blockingFault(found); err != nil {
		return err
	}
	if slices.EqualFunc(applying(explained), applying(o.Private.Explained), func(a, b Explanation) bool { return a == b }) {
		return ErrNothingToDo
	}
	c.setExplained(explained)
	o.Confirmation = nil
	c.advance(at)
	return nil
}

// MissingEvidence returns the findings about required documents without an upload. Those that are explained are warnings.
func (o Order) MissingEvidence(at time.Time) finding.List {
	missing, _ := o.settleEvidence(nil, at)
	return missing
}

// settleEvidence returns the findings about missing documents, and the order's explained findings after [settle] with them.
func (o Order) settleEvidence(given []Explanation, at time.Time) (finding.List, []Explained) {
	a := application{Opening: o.opening(), Subject: o.Private.Subject, Sites: o.Private.Sites}
	others, before := o.explainedByPart()
	missing, explained := settle(o.FitWords(evidence.Missing(o.EvidenceRequirements(at), o.hasEvidence)), given, before, a)
	return missing, append(others, explained...)
}

// droppedEvidence returns the keys of the documents that the order had before a decision and no longer has: they were replaced, or belong
// to a leader or site that was replaced.
func droppedEvidence(before, after Order) []evidence.Key {
	kept := map[evidence.Key]bool{}
	for _, e := range after.Evidence {
		kept[e.Key] = true
	}
	var dropped []evidence.Key
	for _, slot := range slices.Sorted(maps.Keys(before.Evidence)) {
		if key := before.Evidence[slot].Key; !kept[key] {
			dropped = append(dropped, key)
		}
	}
	return dropped
}

// maxReleased is the number of documents, kept by a hold that was lifted, that one decision deletes. Each is an item of the transaction, which
// has 100 at most.
const maxReleased = 20

// dropEvidence deletes documents that the order no longer has. While a hold stands, it keeps them instead: they may be what was asked for. After
// the hold, this decision and later ones delete them; the erasure of the order deletes the rest.
func (c *Change) dropEvidence(dropped []evidence.Key) {
	o := &c.Order
	if !o.HeldSince.IsZero() {
		o.HeldEvidence = append(o.HeldEvidence, dropped...)
		return
	}
	n := min(len(o.HeldEvidence), maxReleased)
	c.DropEvidence = append(dropped, o.HeldEvidence[:n]...)
	o.HeldEvidence = o.HeldEvidence[n:]
}

func (o Order) hasEvidence(slot evidence.Slot) bool {
	_, ok := o.Evidence[slot]
	return ok
}

// EvidenceRequirements lists the documents that the application requires or may include, by the rules of a day.
func (o Order) EvidenceRequirements(at time.Time) []evidence.Requirement {
	if o.Kind().Documents == NoDocuments {
		return nil
	}
	if o.Kind().Documents == ChosenDocuments {
		return o.renewedRequirements()
	}
	required := evidence.Requirements(o.evidenceFacts(at))
	for i, r := range required {
		required[i].Reason = o.ServiceAt(string(r.Slot)).Fit(r.Reason)
	}
	return required
}

// evidenceFacts returns the facts that determine the documents, from the order's data and its province's rules.
func (o Order) evidenceFacts(at time.Time) evidence.Facts {
	p, s, c := o.province(), o.Private.Subject, o.uploadFacts()
	c.CertificateTwoSided = requiresBothSides(s.Certificate.Kind)
	c.SubjectLeader = leaderFacts(s.Leader, p.SubjectLeader(at).Who == province.WithLetter, at)
	c.OutOfProvinceProof = o.Individual() && o.isFromOtherProvince() && requiresResidenceProof(p.Residence(at))
	c.CommitmentLetter = p.Requires(province.CommitmentLetter, at)
	c.ResponsibilityNotice = p.Requires(province.ResponsibilityNotice, at)
	c.On = at
	c.PartyBuildingConfirmation = p.Requires(province.PartyBuilding, at)
	c.ConstructionPlan = p.CheckCounts(o.Entity, o.siteCounts(o.Private.Sites), at).Has(province.PlanRequired)
	for i, site := range o.Private.Sites {
		siteFacts := &c.Sites[i]
		siteFacts.Leader = leaderFacts(site.Leader, p.SiteLeaderLetter(at), at)
		siteFacts.NoDomain = len(site.Domains) == 0
		siteFacts.DomainCertificate = p.Requires(province.DomainCertificate, at) && !siteFacts.NoDomain
		siteFacts.HolderUnconfirmed = o.needsDomainCertificate(site, at)
		siteFacts.Icon = o.ServiceOf(i) != number.Site
		for _, pre := range site.PreApprovals {
			if document, ok := pre.Trade.Document(); ok {
				siteFacts.PreApprovals = append(siteFacts.PreApprovals, document)
			}
		}
	}
	if o.Kind().Documents == AffectedDocuments {
		o.reduceToChanges(&c)
	}
	return c
}

// reduceToChanges reduces the facts to what an order changes. A change adds neither sites nor domains.
func (o Order) reduceToChanges(c *evidence.Facts) {
	changes := o.affected()
	c.ChangeImages = o.province().Requires(province.ChangeImages, c.On)
	c.ConstructionPlan, c.PartyBuildingConfirmation, c.NameChange = false, false, changes.Name
	siteChanges, leaderChanges := false, false
	for i := range c.Sites {
		site := &c.Sites[i]
		site.HolderUnconfirmed, site.DomainCertificate = false, site.DomainCertificate && changes.Name
		siteChanges, leaderChanges = siteChanges || site.Changes, leaderChanges || site.LeaderChanges
	}
	c.OutOfProvinceProof = c.OutOfProvinceProof && c.SubjectDocuments
	c.CommitmentLetter = c.CommitmentLetter && (changes.Subject || siteChanges)
	c.ResponsibilityNotice = c.ResponsibilityNotice && leaderChanges
}

// uploadFacts returns the facts that determine which upload serves a slot.
func (o Order) uploadFacts() evidence.Facts {
	return o.uploadFactsOf(o.Private.Subject, o.Private.Sites)
}

// uploadFactsOf is uploadFacts for other details.
func (o Order) uploadFactsOf(subject Subject, sites []Site) evidence.Facts {
	c := evidence.Facts{Individual: o.Individual(), SubjectDocuments: o.Kind().Documents == AllDocuments, Sites: make([]evidence.Site, len(sites))}
	for i, s := range sites {
		c.Sites[i].LeaderIsSubjectLeader = samePerson(s.Leader, subject.Leader)
	}
	if o.Kind().Documents == AffectedDocuments {
		changes := o.affectedBy(subject, sites)
		c.Change, c.SubjectDocuments, c.SubjectLeaderChanges = true, changes.Papers, changes.SubjectLeader
		for i, s := range changes.Sites {
			c.Sites[i].Changes, c.Sites[i].LeaderChanges = s.Data, s.Leader
			c.SubjectDocuments = c.SubjectDocuments || o.Individual() && s.Leader
		}
		c.SubjectDocuments = c.SubjectDocuments || o.Individual() && changes.SubjectLeader
	}
	return c
}

func leaderFacts(l Leader, letter bool, at time.Time) evidence.Leader {
	age, known := certificate.Age(l.Certificate.Kind, l.Certificate.Number, at)
	return evidence.Leader{
		LegalRepresentative: l.LegalRepresentative,
		CertificateTwoSided: requiresBothSides(l.Certificate.Kind),
		LetterRequired:      letter,
		EmploymentProof:     known && age < adult,
	}
}

// requiresBothSides reports whether both sides of a certificate are required.
func requiresBothSides(k certificate.Kind) bool { return k.Personal() && k != certificate.Passport }

// requiresResidenceProof reports whether a province requires a proof of residence from individuals of other provinces.
func requiresResidenceProof(r province.ResidenceRule) bool {
	switch r.Policy {
	case province.ResidencePermit, province.PermitOrStudent, province.PermitOrInsurance, province.ProofOfLocalLife:
		return true
	}
	return false
}

// isFromOtherProvince reports whether the subject's certificate was issued in another province than the order's.
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

// findUnrequested returns a finding for each document that the application does not accept.
func (o Order) findUnrequested(uploads map[evidence.Slot]Evidence, at time.Time) finding.List {
	var found finding.List
	for _, slot := range slices.Sorted(maps.Keys(uploads)) {
		if !o.Accepts(slot, at) {
			found = append(found, finding.New(CodeEvidenceNotRequested, evidence.Pointer(slot)))
		}
	}
	return found
}

// Accepts reports whether the application accepts an upload to a slot. It does if the slot is in [Order.EvidenceRequirements], is for
// another scan of a required pre-approval, is named by a finding of the reviewer, has a document already, or is for other documents.
func (o Order) Accepts(slot evidence.Slot, at time.Time) bool {
	site, ofSite := slot.Site()
	if ofSite && site >= len(o.Private.Sites) {
		return false
	}
	if o.hasEvidence(slot) {
		return true
	}
	required := slot
	switch slot.Kind() {
	case evidence.SiteOtherDocument, evidence.PreApprovalStatement:
		return true
	case evidence.PreApproval:
		required = slot[:strings.LastIndexByte(string(slot), '/')] + "/1"
	}
	return slices.ContainsFunc(o.EvidenceRequirements(at), func(r evidence.Requirement) bool { return r.Slot == required }) ||
		slices.ContainsFunc(o.Private.Findings, func(f finding.Finding) bool { return f.Pointer == evidence.Pointer(slot) })
}
