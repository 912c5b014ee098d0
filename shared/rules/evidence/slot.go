package evidence

import (
	"fmt"
	"strconv"
	"strings"

	"beian/shared/rules/fault"
	"beian/shared/rules/finding"
)

// A Kind is a kind of document, or the leader's photograph.
type Kind string

// Documents of the subject. Each is a slot by itself.
const (
	SubjectCertificateFront       Kind = "subject-certificate-front"
	SubjectCertificateBack        Kind = "subject-certificate-back"
	SubjectLeaderCertificateFront Kind = "subject-leader-certificate-front"
	SubjectLeaderCertificateBack  Kind = "subject-leader-certificate-back"
	SubjectAuthorizationLetter    Kind = "subject-authorization-letter"
	SubjectEmploymentProof        Kind = "subject-leader-employment-proof"
	ResidencePermit               Kind = "residence-permit"
	CommitmentLetter              Kind = "commitment-letter"
	ResponsibilityNotice          Kind = "responsibility-notice"
	ConstructionPlan              Kind = "construction-plan"
	PartyBuildingConfirmation     Kind = "party-building-confirmation"
	NameChangeCertificate         Kind = "name-change-certificate"
	OtherDocument                 Kind = "other"
)

// Documents of one site. Their slots contain the index of the site: [SiteSlot].
const (
	LeaderCertificateFront  Kind = "leader-certificate-front"
	LeaderCertificateBack   Kind = "leader-certificate-back"
	LeaderPhoto             Kind = "leader-photo"
	LeaderEmploymentProof   Kind = "leader-employment-proof"
	VerificationForm        Kind = "verification-form"
	SiteAuthorizationLetter Kind = "authorization-letter"
	DomainCertificate       Kind = "domain-certificate"
	PreApprovalStatement    Kind = "pre-approval-statement"
	PreApproval             Kind = "pre-approval"
	AppIcon                 Kind = "app-icon" // of an app, a mini program or a quick app
	SiteOtherDocument       Kind = "other-paper"
)

// Limits on slots. The ministry allows ten scans of a pre-approval (MIIT-IF30 10.1). The other limits keep keys short.
const (
	MaxSites            = 64
	MaxPreApprovals     = 64
	MaxPreApprovalScans = 10
)

var subjectDocuments = map[Kind]finding.Words{
	SubjectCertificateFront:       {Chinese: "主体证件（正面）", English: "the subject's certificate (front)"},
	SubjectCertificateBack:        {Chinese: "主体证件（反面）", English: "the subject's certificate (back)"},
	SubjectLeaderCertificateFront: {Chinese: "主体负责人证件（正面）", English: "the subject leader's certificate (front)"},
	SubjectLeaderCertificateBack:  {Chinese: "主体负责人证件（反面）", English: "the subject leader's certificate (back)"},
	SubjectAuthorizationLetter:    {Chinese: "主体负责人授权书", English: "the subject leader's authorisation letter"},
	SubjectEmploymentProof:        {Chinese: "主体负责人在职证明", English: "the subject leader's proof of employment"},
	ResidencePermit:               {Chinese: "居住证等本省居住证明", English: "the residence permit or other proof of living in the province"},
	CommitmentLetter:              {Chinese: "承诺书", English: "the commitment letter"},
	ResponsibilityNotice:          {Chinese: "真实性责任告知书", English: "the responsibility notice"},
	ConstructionPlan:              {Chinese: "网站建设方案", English: "the website construction plan"},
	PartyBuildingConfirmation:     {Chinese: "党建工作确认函", English: "the party-building confirmation"},
	NameChangeCertificate:         {Chinese: "名称变更证明", English: "the certificate of the name change"},
	OtherDocument:                 {Chinese: "其他材料", English: "another document"},
}

var siteDocuments = map[Kind]finding.Words{
	LeaderCertificateFront:  {Chinese: "网站负责人证件（正面）", English: "the site leader's certificate (front)"},
	LeaderCertificateBack:   {Chinese: "网站负责人证件（反面）", English: "the site leader's certificate (back)"},
	LeaderPhoto:             {Chinese: "网站负责人照片", English: "the site leader's photograph"},
	LeaderEmploymentProof:   {Chinese: "网站负责人在职证明", English: "the site leader's proof of employment"},
	VerificationForm:        {Chinese: "网站备案信息真实性核验单", English: "the verification form"},
	SiteAuthorizationLetter: {Chinese: "网站负责人授权书", English: "the site leader's authorisation letter"},
	DomainCertificate:       {Chinese: "域名证书", English: "the domain certificate"},
	PreApprovalStatement:    {Chinese: "不涉及前置审批的说明", English: "the statement that no pre-approval is needed"},
	PreApproval:             {Chinese: "前置审批文件", English: "the pre-approval document"},
	AppIcon:                 {Chinese: "应用图标", English: "the icon of the app"},
	SiteOtherDocument:       {Chinese: "网站其他材料", English: "another document about the site"},
}

// A Slot is the place of one upload in an application: "subject-certificate-front" for a document of the subject,
// "sites/0/leader-certificate-front" for one of a site, "sites/0/pre-approval/1/3" for the third scan of the second
// approval. Sites and approvals are counted from 0, as in JSON pointers; scans from 1.
type Slot string

// SiteSlot returns the slot of a document of the site at index.
func SiteSlot(index int, kind Kind) Slot {
	return Slot(fmt.Sprintf("sites/%d/%s", index, kind))
}

// PreApprovalSlot returns the slot of one scan (1 to [MaxPreApprovalScans]) of a site's pre-approval.
func PreApprovalSlot(site, approval, scan int) Slot {
	return Slot(fmt.Sprintf("sites/%d/%s/%d/%d", site, PreApproval, approval, scan))
}

// ErrUnknownSlot is returned for a slot that does not exist.
var ErrUnknownSlot = fault.New(fault.Invalid, "没有这个上传位置。", "Unknown upload slot.")

// ParseSlot parses a slot. It accepts only the canonical spelling, so that a slot is safe in an object key. It returns
// [ErrUnknownSlot] for other texts.
func ParseSlot(text string) (Slot, error) {
	if _, ok := subjectDocuments[Kind(text)]; ok {
		return Slot(text), nil
	}
	parts := strings.Split(text, "/")
	if len(parts) < 3 || parts[0] != "sites" || !isNumberBetween(parts[1], 0, MaxSites-1) {
		return "", ErrUnknownSlot
	}
	kind := Kind(parts[2])
	if _, ok := siteDocuments[kind]; !ok {
		return "", ErrUnknownSlot
	}
	switch {
	case kind != PreApproval && len(parts) == 3:
	case kind == PreApproval && len(parts) == 5 &&
		isNumberBetween(parts[3], 0, MaxPreApprovals-1) && isNumberBetween(parts[4], 1, MaxPreApprovalScans):
	default:
		return "", ErrUnknownSlot
	}
	return Slot(text), nil
}

// isNumberBetween reports whether text is a number from least to most without sign and leading zeros.
func isNumberBetween(text string, least, most int) bool {
	n, err := strconv.Atoi(text)
	return err == nil && strconv.Itoa(n) == text && n >= least && n <= most
}

// Kind returns the kind of document in the slot.
func (s Slot) Kind() Kind {
	if parts := strings.Split(string(s), "/"); len(parts) >= 3 {
		return Kind(parts[2])
	}
	return Kind(s)
}

// Site returns the index of the site that the slot belongs to. It returns false for documents of the subject.
func (s Slot) Site() (int, bool) {
	parts := strings.Split(string(s), "/")
	if len(parts) < 3 {
		return 0, false
	}
	index, err := strconv.Atoi(parts[1])
	return index, err == nil
}

// Words returns the name of the kind as shown to people, without its site: "域名证书".
func (k Kind) Words() finding.Words {
	if w, ok := subjectDocuments[k]; ok {
		return w
	}
	return siteDocuments[k]
}

// Words returns the slot's name as shown to people: "第 1 个网站：域名证书".
func (s Slot) Words() finding.Words {
	site, ok := s.Site()
	if !ok {
		return subjectDocuments[s.Kind()]
	}
	w := siteDocuments[s.Kind()]
	return finding.Words{
		Chinese: fmt.Sprintf("第 %d 个网站：%s", site+1, w.Chinese),
		English: fmt.Sprintf("site %d: %s", site+1, w.English),
	}
}

// The largest image that the bureau accepts for one attachment, in bytes. The interface limits "the content after base64
// encoding" to 150 KB for the verification form and 100 KB for other attachments (MIIT-IF30 9), with 1 KB =
// 1,024 bytes; base64 encodes three bytes in four characters.
const (
	VerificationFormLimit = 150 * 1024 / 4 * 3 // 115,200 bytes
	AttachmentLimit       = 100 * 1024 / 4 * 3 // 76,800 bytes
)

// IconLimit is the largest icon of an app as a file, in bytes: 100 KB (APP-V2EX, HW-KB). An operator uploads it to the bureau's console, so it is not encoded.
const IconLimit = 100 * 1024

// Limit returns the largest image that the bureau accepts for this slot, in bytes; of an attachment of the interface, before base64.
func (s Slot) Limit() int {
	switch s.Kind() {
	case VerificationForm:
		return VerificationFormLimit
	case AppIcon:
		return IconLimit
	}
	return AttachmentLimit
}
