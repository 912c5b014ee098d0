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
	"beian/shared/rules/finding"
	"beian/shared/rules/preapproval"
	"beian/shared/rules/province"
)

// nextRequiredStep returns the earliest step at which something is still wanted from the applicant; InitialReview if nothing is.
func (o Order) nextRequiredStep(at time.Time) Step {
	switch {
	case o.Type == "":
		return VerifyType
	case o.Product == nil:
		return VerifyProduct
	case !o.Detailed:
		return CollectDetails
	case len(evidence.Missing(o.Owed(at), o.given)) > 0:
		return CollectEvidence
	}
	for i := range o.Private.Sites {
		if !o.livenessPassed(i) {
			return VerifyAuthenticity
		}
	}
	if o.Confirmation == nil {
		return AwaitConfirmation
	}
	return InitialReview
}

func (o Order) given(slot evidence.Slot) bool {
	_, ok := o.Evidence[slot]
	return ok
}

// Individual reports whether the subject is a natural person.
func (o Order) Individual() bool { return o.Entity == certificate.Individual }

// Owed lists the papers that the order owes on a day.
func (o Order) Owed(at time.Time) []evidence.Requirement { return evidence.Owed(o.evidenceCase(at)) }

// evidenceCase is what decides the papers: the order's facts and its province's rules.
func (o Order) evidenceCase(at time.Time) evidence.Case {
	p, s := o.province(), o.Private.Subject
	c := evidence.Case{
		Individual:           o.Individual(),
		SubjectPapers:        true,
		CertificateTwoSided:  twoSided(s.Certificate.Kind),
		SubjectLeader:        leaderCase(s.Leader, p.SubjectLeader(at).Who == province.WithLetter, at),
		OutOfProvinceProof:   o.Individual() && o.fromElsewhere() && provesResidence(p.Residence(at)),
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

// twoSided reports whether a certificate is a card with a back. A passport and a licence show all on one side.
func twoSided(k certificate.Kind) bool { return k.Personal() && k != certificate.Passport }

// provesResidence reports whether a province lets individuals from elsewhere file, but wants a paper for it.
func provesResidence(r province.ResidenceRule) bool {
	switch r.Policy {
	case province.ResidencePermit, province.PermitOrStudent, province.PermitOrInsurance, province.ProofOfLocalLife:
		return true
	}
	return false
}

// province is the order's; the zero province, with only the nation's rules, before it is known.
func (o Order) province() province.Province {
	p, _ := province.Of(o.Province)
	return p
}

// fromElsewhere reports whether a person's certificate was issued in another province than that of the filing.
func (o Order) fromElsewhere() bool {
	region, ok := certificate.Region(o.Private.Subject.Certificate.Kind, o.Private.Subject.Certificate.Number)
	return ok && !strings.HasPrefix(region, o.Province)
}

func samePerson(a, b Leader) bool {
	return a.Certificate.Kind == b.Certificate.Kind && a.Certificate.Number == b.Certificate.Number
}

// pointerf makes a JSON pointer.
func pointerf(format string, args ...any) string { return fmt.Sprintf(format, args...) }

func itoa(n int) string { return strconv.Itoa(n) }

func lower(s string) string { return strings.ToLower(s) }

// unescape undoes the escaping of one token of a JSON pointer (RFC 6901).
func unescape(token string) evidence.Slot {
	return evidence.Slot(strings.NewReplacer("~1", "/", "~0", "~").Replace(token))
}

// unasked finds the papers that nothing asks for.
func (o Order) unasked(papers map[evidence.Slot]Evidence, at time.Time) finding.List {
	var found finding.List
	for _, slot := range slices.Sorted(maps.Keys(papers)) {
		if !o.Asks(slot, at) {
			found = append(found, finding.New(CodeEvidenceUnasked, evidence.Pointer(slot)))
		}
	}
	return found
}

// Asks reports whether a paper has a place in the application on a day: it is owed or helps, it is one more scan of a
// pre-approval that is owed, it is what the reviewer's findings name, or it is one of the papers kept free for them.
func (o Order) Asks(slot evidence.Slot, at time.Time) bool {
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
		slices.ContainsFunc(o.Findings, func(f finding.Finding) bool { return f.Pointer == evidence.Pointer(slot) })
}

// CodeEvidenceUnasked says that nobody asked for the paper.
const CodeEvidenceUnasked finding.Code = "evidence-not-asked-for"

// AcceptEvidence is uploaded papers having passed inspection.
type AcceptEvidence struct{ Papers map[evidence.Slot]Evidence }

func (AcceptEvidence) Name() string { return "accept-evidence" }

func (d AcceptEvidence) apply(c *Change, _ Actor, at time.Time) error {
	o := &c.Order
	if err := o.openTo(CollectEvidence, VerifyAuthenticity, AwaitConfirmation); err != nil {
		return err
	}
	if found := o.unasked(d.Papers, at); len(found) > 0 {
		return refused(found)
	}
	changed := false
	for slot, e := range d.Papers {
		changed = changed || o.Evidence[slot].Key != e.Key
		o.Evidence[slot] = e
		c.fact(string(slot), e.SHA256)
	}
	if !changed {
		return ErrNothingToDo
	}
	c.advance(at)
	return nil
}
