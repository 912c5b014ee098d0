package evidence

import (
	"time"

	"beian/shared/rules/finding"
)

// A Case is what decides which papers an application owes. It holds facts, not the application itself.
type Case struct {
	Individual bool // the subject is a natural person, who is also both leaders

	// SubjectPapers: the filing type asks for the subject's own papers (first filing, and whatever comes from another
	// provider). Where the subject is filed with us they are already there.
	SubjectPapers       bool
	CertificateTwoSided bool // the subject's certificate has a back, as a resident ID has and a passport has not
	SubjectLeader       Leader

	OutOfProvinceProof        bool // an individual from another province has to prove residence
	CommitmentLetter          bool // Guangdong, Shanghai, Jiangsu
	ResponsibilityNotice      bool // Jiangsu since 2021-06-01
	ConstructionPlan          bool // many domains: Guangdong, Jiangsu, Shanghai, Hunan
	PartyBuildingConfirmation bool // Xinjiang
	NameChange                bool // a change of the subject's name

	Sites []Site
	On    time.Time // the date whose rules apply
}

// A Leader is what decides the papers of a subject leader or a site leader.
type Leader struct {
	LegalRepresentative bool
	CertificateTwoSided bool
	LetterRequired      bool // the province wants a letter from a leader who is not the legal representative
	EmploymentProof     bool // the leader is under age where the province then wants proof of employment
}

// A Site is what decides the papers of one site.
type Site struct {
	Leader                Leader
	LeaderIsSubjectLeader bool
	DomainCertificate     bool            // the province wants it
	PreApprovals          []finding.Words // the documents' names, in the order of the application
	PreApprovalStatement  bool            // words in the name or content ask for a statement instead
}

// A Level says how badly a paper is wanted.
type Level string

const (
	Required Level = "required"
	Optional Level = "optional"
)

// A Requirement is one paper that an application owes, and why.
type Requirement struct {
	Slot   Slot          `json:"slot"`
	Level  Level         `json:"level" enum:"required,optional"`
	Reason finding.Words `json:"reason" doc:"why the paper is asked for"`
}

// LivenessSince is the day from which liveness detection takes the place of the photograph before a curtain
// (founding page, December 2019).
var LivenessSince = time.Date(2019, 7, 29, 0, 0, 0, 0, time.FixedZone("CST", 8*60*60))

var (
	whySubject = finding.Words{Chinese: "用于核对主体身份。", English: "It shows who the subject is."}
	whyOneID   = finding.Words{
		Chinese: "您本人同时是主体负责人和网站负责人，只需上传一次。",
		English: "You are the subject leader and the site leader as well, so one upload is enough.",
	}
	whySubjectLeader = finding.Words{Chinese: "用于核对主体负责人身份。", English: "It shows who the subject leader is."}
	whySiteLeader    = finding.Words{Chinese: "用于核对网站负责人身份。", English: "It shows who the site leader is."}
	whyLetter        = finding.Words{
		Chinese: "负责人不是法定代表人，当地管局要求提供授权书。",
		English: "The leader is not the legal representative, and the bureau asks for a letter then.",
	}
	whyLetterHelps = finding.Words{
		Chinese: "负责人不是法定代表人，提供授权书可减少退回。",
		English: "The leader is not the legal representative; a letter makes a return less likely.",
	}
	whyEmployment = finding.Words{
		Chinese: "负责人未满 18 周岁，当地管局要求提供在职或收入证明。",
		English: "The leader is under 18, and the bureau asks for proof of employment or income.",
	}
	whyResidence = finding.Words{
		Chinese: "您的证件地址不在本省，管局要求证明您在本省居住、学习或工作。",
		English: "Your certificate is from another province; the bureau asks for proof that you live, study or work here.",
	}
	whyCommitment = finding.Words{
		Chinese: "当地管局要求提交本人签署的承诺书，请使用规定模板。",
		English: "The bureau asks for a signed letter of commitment on its own template.",
	}
	whyNotice = finding.Words{
		Chinese: "当地管局要求签署真实性责任告知书，其中一段须手写。",
		English: "The bureau asks for the signed notice of responsibility, one paragraph of it by hand.",
	}
	whyPlan = finding.Words{
		Chinese: "网站或域名较多，管局要求说明建设方案。",
		English: "There are many sites or domains, and the bureau asks how they are to be built.",
	}
	whyParty = finding.Words{
		Chinese: "当地管局要求提供网信部门出具的党建工作确认函。",
		English: "The bureau asks for the confirmation from the party cyberspace office.",
	}
	whyNameChange = finding.Words{
		Chinese: "主体名称有变更，请提供登记机关出具的变更证明。",
		English: "The subject's name has changed; the registration authority certifies that.",
	}
	whyForm = finding.Words{
		Chinese: "核验单证明网站信息经过当面或在线核验；单位须签字并加盖公章。",
		English: "It proves that the site's data were verified; a unit signs and seals it.",
	}
	whyFormIndividual = finding.Words{
		Chinese: "核验单证明网站信息经过当面或在线核验，请本人签字。",
		English: "It proves that the site's data were verified; you sign it.",
	}
	whyCurtain = finding.Words{
		Chinese: "2019 年 7 月 29 日之前，须提交网站负责人的幕布照片。",
		English: "Before 29 July 2019 a photograph of the site leader before the curtain is asked for.",
	}
	whyDomain = finding.Words{
		Chinese: "用于证明域名由主体持有；当地管局要求提供。",
		English: "It shows that the subject holds the domain, and the bureau asks for it.",
	}
	whyDomainHelps = finding.Words{
		Chinese: "当地管局未要求；实名信息刚变更时，提供域名证书可加快审核。",
		English: "The bureau does not ask for it; it speeds the review when the holder has just changed.",
	}
	whyStatement = finding.Words{
		Chinese: "网站名称或内容含有前置审批行业的字样，请说明不涉及相关业务。",
		English: "The name or content has words of a trade that needs pre-approval; state that it is not involved.",
	}
	whyOther = finding.Words{
		Chinese: "审核人员要求补充材料时使用。",
		English: "For what a reviewer asks for in addition.",
	}
)

// Owed lists the papers that a case owes: the subject's first, then site by site. The order is stable and a slot comes
// at most once. One upload of an individual's certificate serves the subject and both leaders; see [Case.ServedBy].
func Owed(c Case) []Requirement {
	var owed list
	if c.SubjectPapers {
		c.subject(&owed)
	}
	owed.when(c.OutOfProvinceProof, Slot(ResidencePermit), whyResidence)
	owed.when(c.CommitmentLetter, Slot(CommitmentLetter), whyCommitment)
	owed.when(c.ResponsibilityNotice, Slot(ResponsibilityNotice), whyNotice)
	owed.when(c.ConstructionPlan, Slot(ConstructionPlan), whyPlan)
	owed.when(c.PartyBuildingConfirmation, Slot(PartyBuildingConfirmation), whyParty)
	owed.when(c.NameChange, Slot(NameChangeCertificate), whyNameChange)
	for i := range c.Sites {
		c.site(i, &owed)
	}
	owed.optional(Slot(OtherPaper), whyOther)
	return owed
}

// ServedBy returns the slot whose upload stands for slot: an individual's own certificate stands for the leaders', and
// the subject leader's for that of a site leader who is the same person. Any other slot stands for itself.
func (c Case) ServedBy(slot Slot) Slot {
	front, back := SubjectLeaderCertificateFront, SubjectLeaderCertificateBack
	if c.Individual {
		front, back = SubjectCertificateFront, SubjectCertificateBack
	}
	switch paper := slot.Kind(); {
	case c.Individual && paper == SubjectLeaderCertificateFront, paper == LeaderCertificateFront && c.shares(slot):
		return Slot(front)
	case c.Individual && paper == SubjectLeaderCertificateBack, paper == LeaderCertificateBack && c.shares(slot):
		return Slot(back)
	}
	return slot
}

// shares reports whether the leader of the slot's site is the person whose papers are with the subject's.
func (c Case) shares(slot Slot) bool {
	site, ok := slot.Site()
	return ok && site < len(c.Sites) && c.SubjectPapers && (c.Individual || c.Sites[site].LeaderIsSubjectLeader)
}

func (c Case) subject(owed *list) {
	why := whySubject
	if c.Individual {
		why = whyOneID
	}
	owed.required(Slot(SubjectCertificateFront), why)
	owed.when(c.CertificateTwoSided, Slot(SubjectCertificateBack), why)
	if c.Individual {
		return
	}
	owed.required(Slot(SubjectLeaderCertificateFront), whySubjectLeader)
	owed.when(c.SubjectLeader.CertificateTwoSided, Slot(SubjectLeaderCertificateBack), whySubjectLeader)
	owed.letter(c.SubjectLeader, Slot(SubjectAuthorizationLetter))
	owed.when(c.SubjectLeader.EmploymentProof, Slot(SubjectEmploymentProof), whyEmployment)
}

func (c Case) site(i int, owed *list) {
	site := c.Sites[i]
	front, back := SiteSlot(i, LeaderCertificateFront), SiteSlot(i, LeaderCertificateBack)
	if !c.shares(front) {
		owed.required(front, whySiteLeader)
		owed.when(site.Leader.CertificateTwoSided, back, whySiteLeader)
	}
	if !c.Individual {
		owed.letter(site.Leader, SiteSlot(i, SiteAuthorizationLetter))
		owed.when(site.Leader.EmploymentProof && !c.shares(front), SiteSlot(i, LeaderEmploymentProof), whyEmployment)
	}
	owed.when(c.On.Before(LivenessSince), SiteSlot(i, LeaderPhoto), whyCurtain)

	form := whyForm
	if c.Individual {
		form = whyFormIndividual
	}
	owed.required(SiteSlot(i, VerificationForm), form)
	if site.DomainCertificate {
		owed.required(SiteSlot(i, DomainCertificate), whyDomain)
	} else {
		owed.optional(SiteSlot(i, DomainCertificate), whyDomainHelps)
	}
	for n, document := range site.PreApprovals {
		owed.required(PreApprovalSlot(i, n, 1), finding.Words{
			Chinese: "网站内容需要前置审批：" + document.Chinese + "。",
			English: "The site's content needs pre-approval: " + document.English + ".",
		})
	}
	owed.when(site.PreApprovalStatement, SiteSlot(i, PreApprovalStatement), whyStatement)
}

type list []Requirement

func (l *list) required(slot Slot, why finding.Words) {
	*l = append(*l, Requirement{slot, Required, why})
}

func (l *list) optional(slot Slot, why finding.Words) {
	*l = append(*l, Requirement{slot, Optional, why})
}

// when asks for the paper if the case wants it.
func (l *list) when(wanted bool, slot Slot, why finding.Words) {
	if wanted {
		l.required(slot, why)
	}
}

// letter asks for the authorisation of a leader who is not the legal representative.
func (l *list) letter(leader Leader, slot Slot) {
	switch {
	case leader.LegalRepresentative:
	case leader.LetterRequired:
		l.required(slot, whyLetter)
	default:
		l.optional(slot, whyLetterHelps)
	}
}

// Missing finds the required papers that were not given, each at its [Pointer].
func Missing(owed []Requirement, given func(Slot) bool) finding.List {
	var found finding.List
	for _, r := range owed {
		if r.Level == Required && !given(r.Slot) {
			w := r.Slot.Words()
			found = append(found, finding.New(CodeMissing, Pointer(r.Slot), "paper-zh", w.Chinese, "paper-en", w.English))
		}
	}
	return found
}
