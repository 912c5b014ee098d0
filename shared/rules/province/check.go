package province

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"beian/shared/rules/certificate"
	"beian/shared/rules/finding"
	"beian/shared/rules/workday"
)

// Codes of the findings by provincial rules.
const (
	LeaderTooYoung       finding.Code = "leader-too-young"
	LeaderAgeProof       finding.Code = "leader-age-proof"
	LeaderNotLegal       finding.Code = "subject-leader-not-legal-representative"
	LeaderLetter         finding.Code = "subject-leader-letter"
	SiteLeaderLetterCode finding.Code = "site-leader-letter"
	LeadersMustBeSame    finding.Code = "leaders-must-be-same"
	LeadersMustDiffer    finding.Code = "leaders-must-differ"
	OutOfProvince        finding.Code = "individual-out-of-province"
	ResidenceProof       finding.Code = "individual-residence-proof"
	ResidenceUnclear     finding.Code = "individual-residence-unclear"
	TooManyDomains       finding.Code = "too-many-domains-in-order"
	TooManySites         finding.Code = "too-many-sites-in-order"
	TooManySiteDomains   finding.Code = "too-many-domains-in-site"
	TooManySubjectSites  finding.Code = "too-many-sites-of-subject"
	PlanRequired         finding.Code = "construction-plan-required"
	StatementRequired    finding.Code = "domains-statement-required"
	SuffixRefused        finding.Code = "domain-suffix-refused"
	SuffixRequired       finding.Code = "domain-suffix-required"
	NameRefused          finding.Code = "domain-begins-with-word"
	OtherCity            finding.Code = "mailing-address-other-city"
	TraderUnnamed        finding.Code = "sole-trader-unnamed"
	TraderIsOperator     finding.Code = "sole-trader-named-after-operator"
	TraderRemark         finding.Code = "sole-trader-remark-missing"
)

// newFinding returns a finding with the names of the province. It blocks only if the effect is Refuse.
func (p Province) newFinding(code finding.Code, effect Effect, args ...string) finding.Finding {
	f := finding.New(code, "", append(args, "province", p.Short, "province-en", p.Name.English)...)
	if effect != Refuse && f.Severity == finding.Block {
		f.Severity = finding.Warn
	}
	return f
}

// MinimumAge returns the minimum ages of responsible persons. Without a rule of the province, persons under 14, the lowest age that
// any province accepts, are refused, and a reviewer checks persons under 18.
func (p Province) MinimumAge(e certificate.EntityKind, on time.Time) AgeRule {
	r, _ := firstApplicable(p.rules.MinimumAge, provinces().national.MinimumAge, e, on)
	return r
}

// CheckAge returns the findings about a responsible person's age in full years.
func (p Province) CheckAge(e certificate.EntityKind, age int, on time.Time) finding.List {
	r := p.MinimumAge(e, on)
	switch {
	case age < r.Refuse:
		return finding.List{p.newFinding(LeaderTooYoung, Refuse, "min", strconv.Itoa(r.Refuse))}
	case age < r.Review:
		return finding.List{p.newFinding(LeaderAgeProof, Review, "min", strconv.Itoa(r.Review))}
	}
	return nil
}

// SubjectLeader returns who may be the subject leader of an organisation.
func (p Province) SubjectLeader(on time.Time) LeaderRule {
	r, _ := firstApplicable(p.rules.SubjectLeader, provinces().national.SubjectLeader, certificate.Enterprise, on)
	return r
}

// SiteLeaderLetter reports whether a site leader who is not the legal representative needs an authorisation letter.
func (p Province) SiteLeaderLetter(on time.Time) bool {
	return anyApplies(p.rules.SiteLeaderLetter, certificate.Enterprise, on)
}

// Leaders describes the responsible persons of an organisation.
type Leaders struct {
	SubjectIsLegal bool // the subject leader is the legal representative
	SiteIsLegal    bool // the site leader is the legal representative
	Same           bool // one person is both
}

// CheckSubjectLeader returns the findings about the subject leader of an organisation. A required letter is only a warning, because
// the letter may be among the uploaded documents.
func (p Province) CheckSubjectLeader(l Leaders, on time.Time) finding.List {
	r := p.SubjectLeader(on)
	var found finding.List
	switch {
	case l.SubjectIsLegal:
	case r.Who == LegalRepresentative:
		found = append(found, p.newFinding(LeaderNotLegal, r.Effect))
	case r.Who == WithLetter:
		found = append(found, p.newFinding(LeaderLetter, Review))
	}
	switch {
	case r.SiteLeader == "same" && !l.SubjectIsLegal && !l.Same:
		found = append(found, p.newFinding(LeadersMustBeSame, r.Effect))
	case r.SiteLeader == "different" && l.Same:
		found = append(found, p.newFinding(LeadersMustDiffer, r.Effect))
	}
	return found
}

// CheckSiteLeader returns the findings about the site leader of an organisation.
func (p Province) CheckSiteLeader(l Leaders, on time.Time) finding.List {
	if l.SiteIsLegal || !p.SiteLeaderLetter(on) {
		return nil
	}
	return finding.List{p.newFinding(SiteLeaderLetterCode, Review)}
}

// Residence returns the rule for individuals from other provinces. Its Policy is [ResidenceUnknown] if no source states one.
func (p Province) Residence(on time.Time) ResidenceRule {
	r, _ := firstApplicable(p.rules.Residence, nil, certificate.Individual, on)
	return r
}

// CheckResidence returns the findings about an individual whose identity number contains a division (six digits, see
// [certificate.Region]). They never block, because the number names the place of issue and the household may have moved since. A
// reviewer compares the address on the card.
func (p Province) CheckResidence(region string, on time.Time) finding.List {
	if strings.HasPrefix(region, string(p.Code)) {
		return nil
	}
	switch r := p.Residence(on); r.Policy {
	case ResidenceAllowed:
		return nil
	case ResidenceUnknown:
		return finding.List{p.newFinding(ResidenceUnclear, Review)}
	case LocalOnly:
		return finding.List{p.newFinding(OutOfProvince, Review)}
	default:
		w := residenceDocuments[r.Policy]
		return finding.List{p.newFinding(ResidenceProof, Review, "paper", w.Chinese, "paper-en", w.English)}
	}
}

var residenceDocuments = map[ResidencePolicy]finding.Words{
	ResidencePermit: {
		Chinese: "本省有效的居住证或临时居住证",
		English: "a valid residence or temporary residence permit of the province",
	},
	PermitOrStudent: {
		Chinese: "本省有效的居住证或学生证",
		English: "a valid residence permit or student card of the province",
	},
	PermitOrInsurance: {
		Chinese: "有效居住证、房产证或近三个月的社保记录",
		English: "a valid residence permit, a property deed or three months of social insurance",
	},
	ProofOfLocalLife: {
		Chinese: "在本省学习、工作或生活的证明",
		English: "proof that you study, work or live in the province",
	},
}

// Counts are the numbers of domains and sites that the caps limit.
type Counts struct {
	DomainsInOrder int    // new domains in this order
	SitesInOrder   int    // new sites in this order
	DomainsInSite  int    // domains of the site with the most
	SitesFiled     int    // sites of the subject already on file
	Kind           string // of application, by its name (icp-filing 2.1); "" if it is not known yet
}

var countsByLimit = map[Limit]struct {
	of   func(Counts) int
	code finding.Code
}{
	DomainsPerOrder: {func(c Counts) int { return c.DomainsInOrder }, TooManyDomains},
	SitesPerOrder:   {func(c Counts) int { return c.SitesInOrder }, TooManySites},
	DomainsPerSite:  {func(c Counts) int { return c.DomainsInSite }, TooManySiteDomains},
	SitesPerSubject: {func(c Counts) int { return c.SitesFiled + c.SitesInOrder }, TooManySubjectSites},
}

// Caps returns the caps for an entity, the province's before the nation's. A limit may have several caps: for example one above
// which the bureau refuses the filing, and a lower one above which it requires a plan.
func (p Province) Caps(e certificate.EntityKind, on time.Time) []Cap {
	var caps []Cap
	for _, c := range slices.Concat(p.rules.Caps, provinces().national.Caps) {
		if c.applies(e, workday.DateOf(on)) {
			caps = append(caps, c)
		}
	}
	return caps
}

// CheckCounts returns a finding for each cap that an order exceeds.
func (p Province) CheckCounts(e certificate.EntityKind, c Counts, on time.Time) finding.List {
	var found finding.List
	for _, limit := range p.Caps(e, on) {
		if len(limit.Kinds) > 0 && !slices.Contains(limit.Kinds, c.Kind) || limit.FiledAbove > 0 && c.SitesFiled <= limit.FiledAbove {
			continue
		}
		k := countsByLimit[limit.Limit]
		code := k.code
		switch limit.Effect {
		case Plan:
			code = PlanRequired
		case Statement:
			code = StatementRequired
		}
		if k.of(c) > limit.Max && !found.Has(code) {
			found = append(found, p.newFinding(code, limit.Effect, "max", strconv.Itoa(limit.Max)))
		}
	}
	return found
}

// CheckMailingCity returns a finding if the province requires a mailing address in the city of the certificate's address and the two
// cities differ. Both are six-digit divisions (GB/T 2260) of a city or county.
func (p Province) CheckMailingCity(certificateCity, mailingCity string, on time.Time) finding.List {
	if !p.SameCityAddress(on) || len(certificateCity) == 6 && len(mailingCity) == 6 && certificateCity[:4] == mailingCity[:4] {
		return nil
	}
	return finding.List{p.newFinding(OtherCity, Refuse)}
}

// UnnamedTrader returns the rule for sole traders whose licence has no name.
func (p Province) UnnamedTrader(on time.Time) TraderNameRule {
	r, _ := firstApplicable(p.rules.TraderName, provinces().national.TraderName, certificate.Enterprise, on)
	return r
}

// CheckUnnamedTrader returns the finding about a sole trader whose licence has no name: it says what to enter in this province.
func (p Province) CheckUnnamedTrader(on time.Time) finding.List {
	r := p.UnnamedTrader(on)
	return finding.List{p.newFinding(TraderUnnamed, Refuse, "enter", r.Chinese, "enter-en", r.English)}
}

// CheckOperatorName returns the warnings about a sole trader who files under the operator's name, with a remark. Provinces require another
// name, or a remark, if the licence has none; but the licence may show the operator's name. Pointers are into the subject.
func (p Province) CheckOperatorName(remark string, on time.Time) finding.List {
	r := p.UnnamedTrader(on)
	switch {
	case r.Name != OperatorName:
		f := p.newFinding(TraderIsOperator, Review, "enter", r.Chinese, "enter-en", r.English)
		f.Pointer = "/name"
		return finding.List{f}
	case !strings.Contains(remark, "无字号"):
		return finding.List{finding.New(TraderRemark, "/remark")}
	}
	return nil
}
