package evidence

import (
	"time"

	"beian/shared/rules/finding"
)

// A Case is the facts about an application that decide which documents it needs.
type Case struct {
	Individual bool // the subject is a natural person, who is also both leaders

	// SubjectPapers means that the type of filing needs the subject's own documents: first filings, and filings of subjects from
	// another provider. For a subject filed with us they exist already.
	SubjectPapers       bool
	CertificateTwoSided bool // the subject's certificate has a back: a resident ID, not a passport
	SubjectLeader       Leader

	OutOfProvinceProof        bool // an individual from another province must prove residence
	CommitmentLetter          bool // Guangdong, Shanghai, Jiangsu
	ResponsibilityNotice      bool // Jiangsu since 2021-06-01
	ConstructionPlan          bool // many domains: Guangdong, Jiangsu, Shanghai, Hunan
	PartyBuildingConfirmation bool // Xinjiang
	NameChange                bool // a change of the subject's name

	Sites []Site
	On    time.Time // the date whose rules apply
}

// A Leader is the facts that decide the documents of a subject leader or a site leader.
type Leader struct {
	LegalRepresentative bool
	CertificateTwoSided bool
	LetterRequired      bool // the province requires a letter from a leader who is not the legal representative
	EmploymentProof     bool // the leader is below the age up to which the province requires proof of employment
}

// A Site is the facts that decide the documents of one site.
type Site struct {
	Leader                Leader
	LeaderIsSubjectLeader bool
	DomainCertificate     bool            // the province requires it
	PreApprovals          []finding.Words // the documents' names, in the order of the application
	PreApprovalStatement  bool            // words in the name or content require a statement instead
}

// A Level says whether a document is required.
type Level string

const (
	Required Level = "required"
	Optional Level = "optional"
)

// A Requirement is one document that an application needs, and why.
type Requirement struct {
	Slot   Slot          `json:"slot"`
	Level  Level         `json:"level" enum:"required,optional"`
	Reason finding.Words `json:"reason" doc:"why the document is needed"`
}

// LivenessSince is the day from which the liveness check replaces the photograph before a curtain.
var LivenessSince = time.Date(2019, 7, 29, 0, 0, 0, 0, time.FixedZone("CST", 8*60*60))

var (
	whySubject = finding.Words{Chinese: "用于核对主体身份。", English: "Proves the identity of the subject."}
	whyOneID   = finding.Words{
		Chinese: "您本人同时是主体负责人和网站负责人，只需上传一次。",
		English: "You are also the subject leader and the site leader; one upload is enough.",
	}
	whySubjectLeader = finding.Words{Chinese: "用于核对主体负责人身份。", English: "Proves the identity of the subject leader."}
	whySiteLeader    = finding.Words{Chinese: "用于核对网站负责人身份。", English: "Proves the identity of the site leader."}
	whyLetter        = finding.Words{
		Chinese: "负责人不是法定代表人，当地管局要求提供授权书。",
		English: "The leader is not the legal representative; the bureau requires an authorisation letter.",
	}
	whyLetterHelps = finding.Words{
		Chinese: "负责人不是法定代表人，提供授权书可减少退回。",
		English: "The leader is not the legal representative; with an authorisation letter the bureau is less likely to return the filing.",
	}
	whyEmployment = finding.Words{
		Chinese: "负责人未满 18 周岁，当地管局要求提供在职或收入证明。",
		English: "The leader is under 18; the bureau requires proof of employment or income.",
	}
	whyResidence = finding.Words{
		Chinese: "您的证件地址不在本省，管局要求证明您在本省居住、学习或工作。",
		English: "Your certificate is from another province; the bureau requires proof that you live, study or work here.",
	}
	whyCommitment = finding.Words{
		Chinese: "当地管局要求提交本人签署的承诺书，请使用规定模板。",
		English: "The bureau requires a signed commitment letter; use its template.",
	}
	whyNotice = finding.Words{
		Chinese: "当地管局要求签署真实性责任告知书，其中一段须手写。",
		English: "The bureau requires a signed responsibility notice with one paragraph written by hand.",
	}
	whyPlan = finding.Words{
		Chinese: "网站或域名较多，管局要求说明建设方案。",
		English: "There are many sites or domains; the bureau requires a construction plan.",
	}
	whyParty = finding.Words{
		Chinese: "当地管局要求提供网信部门出具的党建工作确认函。",
		English: "The bureau requires a confirmation from the party cyberspace office.",
	}
	whyNameChange = finding.Words{
		Chinese: "主体名称有变更，请提供登记机关出具的变更证明。",
		English: "The subject's name has changed; upload the certificate from the registration authority.",
	}
	whyForm = finding.Words{
		Chinese: "核验单证明网站信息经过当面或在线核验；单位须签字并加盖公章。",
		English: "Proves that the site's information was verified; an organisation must sign and stamp it.",
	}
	whyFormIndividual = finding.Words{
		Chinese: "核验单证明网站信息经过当面或在线核验，请本人签字。",
		English: "Proves that the site's information was verified; please sign it.",
	}
	whyCurtain = finding.Words{
		Chinese: "2019 年 7 月 29 日之前，须提交网站负责人的幕布照片。",
		English: "Before 29 July 2019 a photograph of the site leader in front of the curtain is required.",
	}
	whyDomain = finding.Words{
		Chinese: "用于证明域名由主体持有；当地管局要求提供。",
		English: "Proves that the subject holds the domain; the bureau requires it.",
	}
	whyDomainHelps = finding.Words{
		Chinese: "当地管局未要求；实名信息刚变更时，提供域名证书可加快审核。",
		English: "Not required by the bureau. It speeds up the review if the holder has changed recently.",
	}
	whyStatement = finding.Words{
		Chinese: "网站名称或内容含有前置审批行业的字样，请说明不涉及相关业务。",
		English: "The name or content contains words of a trade that needs a pre-approval; state that the site is not in that trade.",
	}
	whyOther = finding.Words{
		Chinese: "审核人员要求补充材料时使用。",
		English: "For additional documents that a reviewer requests.",
	}
)

// Owed returns the documents that a case needs: the subject's first, then site by site. The order is stable and each slot
// appears at most once. An individual's certificate is uploaded once for the subject and both leaders; see [Case.ServedBy].
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

// ServedBy returns the slot whose upload is used for slot: an individual's certificate for the leaders', the subject leader's
// for a site leader who is the same person, and otherwise the slot itself.
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

// shares reports whether the certificate of the site's leader is among the subject's documents.
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
			English: "The site's content needs a pre-approval: " + document.English + ".",
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

// when adds a required document if wanted.
func (l *list) when(wanted bool, slot Slot, why finding.Words) {
	if wanted {
		l.required(slot, why)
	}
}

// letter adds the authorisation letter of a leader who is not the legal representative.
func (l *list) letter(leader Leader, slot Slot) {
	switch {
	case leader.LegalRepresentative:
	case leader.LetterRequired:
		l.required(slot, whyLetter)
	default:
		l.optional(slot, whyLetterHelps)
	}
}

// Missing returns a finding for each required document that was not given, at its [Pointer].
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
