package evidence

import (
	"slices"
	"time"

	"beian/shared/rules/finding"
)

// Facts are the facts about an application that determine which documents it requires.
type Facts struct {
	Individual bool // the subject is a natural person, who is also both leaders

	// SubjectDocuments is set if the subject's own documents are required: in first filings, and in filings of subjects from another
	// provider. A subject that is filed through us has uploaded them before.
	SubjectDocuments    bool
	CertificateTwoSided bool // the subject's certificate has a back: a resident ID, not a passport
	SubjectLeader       Leader

	OutOfProvinceProof        bool // an individual from another province must prove residence
	CommitmentLetter          bool // Guangdong, Shanghai, Jiangsu
	ResponsibilityNotice      bool // Jiangsu since 2021-06-01
	ConstructionPlan          bool // many domains: Guangdong, Jiangsu, Shanghai, Hunan
	PartyBuildingConfirmation bool // Xinjiang
	NameChange                bool // a change of the subject's name

	// Change is set if the application changes a filing. It needs documents only of what changes: SubjectDocuments is then set if the subject's
	// certificate shows something that changes, SubjectLeaderChanges if the leader changes.
	Change               bool
	SubjectLeaderChanges bool
	// ChangeImages is set if a change needs the images of subject, leaders and all sites, whatever it changes (Qinghai).
	ChangeImages bool

	Sites []Site
	On    time.Time // the date whose rules apply
}

// A Leader has the facts that determine the documents of a subject leader or a site leader.
type Leader struct {
	LegalRepresentative bool
	CertificateTwoSided bool
	LetterRequired      bool // the province requires a letter from a leader who is not the legal representative
	EmploymentProof     bool // the leader is below the age up to which the province requires proof of employment
}

// A Site has the facts that determine the documents of one site.
type Site struct {
	Leader                Leader
	LeaderIsSubjectLeader bool
	DomainCertificate     bool            // the province requires it
	HolderUnconfirmed     bool            // no source shows that the subject holds all domains
	PreApprovals          []finding.Words // the documents' names, in the order of the application
	PreApprovalStatement  bool            // words in the name or content require a statement instead
	NoDomain              bool            // it is a service without a domain
	Icon                  bool            // it is an app, a mini program or a quick app, which has an icon
	// Changes and LeaderChanges are set if a change is about the site, and about its leader.
	Changes       bool
	LeaderChanges bool
}

// A Level says whether a document is required.
type Level string

const (
	Required Level = "required"
	Optional Level = "optional"
)

// A Requirement is one document that an application requires or may include, with the reason.
type Requirement struct {
	Slot   Slot          `json:"slot"`
	Level  Level         `json:"level" enum:"required,optional"`
	Reason finding.Words `json:"reason" doc:"why the document is needed"`
}

// LivenessSince is the first day on which the liveness check replaces the photograph in front of a curtain.
var LivenessSince = time.Date(2019, 7, 29, 0, 0, 0, 0, time.FixedZone("CST", 8*60*60))

var (
	reasonSubject   = finding.Words{Chinese: "用于核对主体身份。", English: "Proves the identity of the subject."}
	reasonOneUpload = finding.Words{
		Chinese: "用于核对您的身份；您同时是主体负责人和网站负责人，只需上传一次。",
		English: "Proves your identity as subject, subject leader and site leader; one upload is enough.",
	}
	reasonSubjectLeader = finding.Words{Chinese: "用于核对主体负责人身份。", English: "Proves the identity of the subject leader."}
	reasonSiteLeader    = finding.Words{Chinese: "用于核对网站负责人身份。", English: "Proves the identity of the site leader."}
	reasonLetter        = finding.Words{
		Chinese: "负责人不是法定代表人，当地管局要求提供授权书。",
		English: "The leader is not the legal representative; the bureau requires an authorisation letter.",
	}
	reasonLetterHelps = finding.Words{
		Chinese: "负责人不是法定代表人，提供授权书可减少退回。",
		English: "The leader is not the legal representative; with an authorisation letter the bureau is less likely to return the filing.",
	}
	reasonEmployment = finding.Words{
		Chinese: "负责人未满 18 周岁，当地管局要求提供在职或收入证明。",
		English: "The leader is under 18; the bureau requires proof of employment or income.",
	}
	reasonResidence = finding.Words{
		Chinese: "您的证件地址不在本省，管局要求证明您在本省居住、学习或工作。",
		English: "Your certificate is from another province; the bureau requires proof that you live, study or work here.",
	}
	reasonCommitment = finding.Words{
		Chinese: "当地管局要求提交本人签署的承诺书，请使用规定模板。",
		English: "The bureau requires a signed commitment letter; use its template.",
	}
	reasonNotice = finding.Words{
		Chinese: "当地管局要求签署真实性责任告知书，其中一段须手写。",
		English: "The bureau requires a signed responsibility notice with one paragraph written by hand.",
	}
	reasonPlan = finding.Words{
		Chinese: "网站或域名较多，管局要求说明建设方案。",
		English: "There are many sites or domains; the bureau requires a construction plan.",
	}
	reasonPartyBuilding = finding.Words{
		Chinese: "当地管局要求提供网信部门出具的党建工作确认函。",
		English: "The bureau requires a confirmation from the party cyberspace office.",
	}
	reasonScanAgain = finding.Words{
		Chinese: "管局系统要求每次变更都附上前置审批文件的扫描件：",
		English: "The bureau's system requires the scan of a pre-approval with every change: ",
	}
	reasonNameChange = finding.Words{
		Chinese: "主体名称有变更，请提供登记机关出具的变更证明。",
		English: "The subject's name has changed; upload the certificate from the registration authority.",
	}
	reasonForm = finding.Words{
		Chinese: "核验单证明网站信息经过当面或在线核验；单位须签字并加盖公章。",
		English: "Proves that the site's information was verified; an organisation must sign and stamp it.",
	}
	reasonFormIndividual = finding.Words{
		Chinese: "核验单证明网站信息经过当面或在线核验，请本人签字。",
		English: "Proves that the site's information was verified; please sign it.",
	}
	reasonCurtain = finding.Words{
		Chinese: "2019 年 7 月 29 日之前，须提交网站负责人的幕布照片。",
		English: "Before 29 July 2019 a photograph of the site leader in front of the curtain is required.",
	}
	reasonChangeImages = finding.Words{
		Chinese: "当地管局要求变更备案时提交全部图片，包括网站负责人照片。",
		English: "The bureau requires all images with a change, the site leader's photograph among them.",
	}
	reasonDomain = finding.Words{
		Chinese: "用于证明域名由主体持有；当地管局要求提供。",
		English: "Proves that the subject holds the domain; the bureau requires it.",
	}
	reasonHolder = finding.Words{
		Chinese: "系统查不到域名持有者就是备案主体，请到域名注册商的网站下载域名证书，由审核人员核对。",
		English: "We could not look up that the subject holds the domain; download the certificate at your registrar, for a reviewer to check.",
	}
	reasonDomainHelps = finding.Words{
		Chinese: "当地管局未要求；实名信息刚变更时，提供域名证书可加快审核。",
		English: "Not required by the bureau. It speeds up the review if the holder has changed recently.",
	}
	reasonIcon = finding.Words{
		Chinese: "管局要求登记应用的图标，须与应用商店中的图标一致，JPG 或 PNG，不超过 100 KB。",
		English: "The bureau registers the icon of the app, as it is in the app stores: JPG or PNG, at most 100 KB.",
	}
	reasonStatement = finding.Words{
		Chinese: "网站名称或内容含有前置审批行业的字样，请说明不涉及相关业务。",
		English: "The name or content contains words of a trade that needs a pre-approval; state that the site is not in that trade.",
	}
	reasonOther = finding.Words{
		Chinese: "审核人员要求补充材料时使用。",
		English: "For additional documents that a reviewer requests.",
	}
)

// Requirements returns the documents that an application requires or may include: the subject's first, then site by site. The order is
// stable, and each slot appears at most once. An individual uploads the certificate once for the subject and both leaders; see
// [Facts.UploadSlot].
func Requirements(c Facts) []Requirement {
	var list requirementList
	if c.SubjectDocuments || c.ChangeImages {
		c.addSubject(&list)
	}
	if !c.Individual && (c.subjectLeaderDocuments() || c.ChangeImages) {
		c.addSubjectLeader(&list)
	}
	list.addIf(c.OutOfProvinceProof, Slot(ResidencePermit), reasonResidence)
	list.addIf(c.CommitmentLetter, Slot(CommitmentLetter), reasonCommitment)
	list.addIf(c.ResponsibilityNotice, Slot(ResponsibilityNotice), reasonNotice)
	list.addIf(c.ConstructionPlan, Slot(ConstructionPlan), reasonPlan)
	list.addIf(c.PartyBuildingConfirmation, Slot(PartyBuildingConfirmation), reasonPartyBuilding)
	list.addIf(c.NameChange, Slot(NameChangeCertificate), reasonNameChange)
	for i := range c.Sites {
		c.addSite(i, &list)
	}
	list.addOptional(Slot(OtherDocument), reasonOther)
	return list
}

// UploadSlot returns the slot of the upload that serves a slot. For the leaders' certificates of an individual it is the slot of the
// subject's certificate. For the certificate of a site leader who is also the subject leader it is the subject leader's slot.
// Otherwise it is the slot itself.
func (c Facts) UploadSlot(slot Slot) Slot {
	front, back := SubjectLeaderCertificateFront, SubjectLeaderCertificateBack
	if c.Individual {
		front, back = SubjectCertificateFront, SubjectCertificateBack
	}
	switch kind := slot.Kind(); {
	case c.Individual && kind == SubjectLeaderCertificateFront, kind == LeaderCertificateFront && c.usesSubjectUpload(slot):
		return Slot(front)
	case c.Individual && kind == SubjectLeaderCertificateBack, kind == LeaderCertificateBack && c.usesSubjectUpload(slot):
		return Slot(back)
	}
	return slot
}

// usesSubjectUpload reports whether the certificate of the leader of the slot's site is among the subject's documents.
func (c Facts) usesSubjectUpload(slot Slot) bool {
	site, ok := slot.Site()
	if !ok || site >= len(c.Sites) {
		return false
	}
	return c.Individual && c.SubjectDocuments || !c.Individual && c.subjectLeaderDocuments() && c.Sites[site].LeaderIsSubjectLeader
}

// subjectLeaderDocuments reports whether the documents of an organisation's subject leader are required.
func (c Facts) subjectLeaderDocuments() bool {
	return c.SubjectDocuments && !c.Change || c.SubjectLeaderChanges
}

func (c Facts) addSubject(list *requirementList) {
	reason := reasonSubject
	if c.Individual {
		reason = reasonOneUpload
	}
	list.addRequired(Slot(SubjectCertificateFront), reason)
	list.addIf(c.CertificateTwoSided, Slot(SubjectCertificateBack), reason)
}

func (c Facts) addSubjectLeader(list *requirementList) {
	list.addRequired(Slot(SubjectLeaderCertificateFront), reasonSubjectLeader)
	list.addIf(c.SubjectLeader.CertificateTwoSided, Slot(SubjectLeaderCertificateBack), reasonSubjectLeader)
	list.addLetter(c.SubjectLeader, Slot(SubjectAuthorizationLetter))
	list.addIf(c.SubjectLeader.EmploymentProof, Slot(SubjectEmploymentProof), reasonEmployment)
}

func (c Facts) addSite(i int, list *requirementList) {
	site := c.Sites[i]
	if !c.Change || site.LeaderChanges || c.ChangeImages {
		c.addSiteLeader(i, list)
	}
	if !c.Change || site.Changes || c.ChangeImages {
		form := reasonForm
		if c.Individual {
			form = reasonFormIndividual
		}
		list.addRequired(SiteSlot(i, VerificationForm), form)
	}
	switch slot := SiteSlot(i, DomainCertificate); {
	case site.DomainCertificate:
		list.addRequired(slot, reasonDomain)
	case site.HolderUnconfirmed:
		list.addRequired(slot, reasonHolder)
	case !c.Change && !site.NoDomain:
		list.addOptional(slot, reasonDomainHelps)
	}
	switch slot := SiteSlot(i, AppIcon); {
	case site.Icon && !c.Change:
		list.addRequired(slot, reasonIcon)
	case site.Icon && site.Changes:
		list.addOptional(slot, reasonIcon)
	}
	for n, document := range site.PreApprovals {
		reason := finding.Words{Chinese: "网站内容需要前置审批：", English: "The site's content needs a pre-approval: "}
		if c.Change {
			reason = reasonScanAgain
		}
		list.addRequired(PreApprovalSlot(i, n, 1), finding.Words{
			Chinese: reason.Chinese + document.Chinese + "。",
			English: reason.English + document.English + ".",
		})
	}
	list.addIf(site.PreApprovalStatement, SiteSlot(i, PreApprovalStatement), reasonStatement)
}

func (c Facts) addSiteLeader(i int, list *requirementList) {
	site := c.Sites[i]
	front, back := SiteSlot(i, LeaderCertificateFront), SiteSlot(i, LeaderCertificateBack)
	if !c.usesSubjectUpload(front) && !(c.Individual && c.ChangeImages) { // an individual uploads the certificate once
		list.addRequired(front, reasonSiteLeader)
		list.addIf(site.Leader.CertificateTwoSided, back, reasonSiteLeader)
	}
	if !c.Individual {
		list.addLetter(site.Leader, SiteSlot(i, SiteAuthorizationLetter))
		list.addIf(site.Leader.EmploymentProof && !c.usesSubjectUpload(front), SiteSlot(i, LeaderEmploymentProof), reasonEmployment)
	}
	switch slot := SiteSlot(i, LeaderPhoto); {
	case c.On.Before(LivenessSince):
		list.addRequired(slot, reasonCurtain)
	case c.ChangeImages:
		list.addRequired(slot, reasonChangeImages)
	}
}

type requirementList []Requirement

func (l *requirementList) addRequired(slot Slot, reason finding.Words) {
	*l = append(*l, Requirement{slot, Required, reason})
}

func (l *requirementList) addOptional(slot Slot, reason finding.Words) {
	*l = append(*l, Requirement{slot, Optional, reason})
}

// addIf adds a required document if the condition holds.
func (l *requirementList) addIf(condition bool, slot Slot, reason finding.Words) {
	if condition {
		l.addRequired(slot, reason)
	}
}

// addLetter adds the authorisation letter of a leader who is not the legal representative. It is optional unless the province requires it.
func (l *requirementList) addLetter(leader Leader, slot Slot) {
	switch {
	case leader.LegalRepresentative:
	case leader.LetterRequired:
		l.addRequired(slot, reasonLetter)
	default:
		l.addOptional(slot, reasonLetterHelps)
	}
}

// Missing returns a finding for each required document without an upload, at the [Pointer] of its slot.
func Missing(requirements []Requirement, hasUpload func(Slot) bool) finding.List {
	var found finding.List
	for _, r := range requirements {
		if r.Level == Required && !hasUpload(r.Slot) {
			w, code := r.Slot.Words(), CodeMissing
			if slices.Contains(proofs, r.Slot.Kind()) {
				code = CodeProofMissing
			}
			found = append(found, finding.New(code, Pointer(r.Slot), "paper-zh", w.Chinese, "paper-en", w.English))
		}
	}
	return found
}
