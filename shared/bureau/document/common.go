package document

import "fmt"

// Natures of an organiser (Dwxz) that decide which fields it owes. The whole table comes from the bureau ([CodeTables]).
const IndividualNature = 5

// Modes of reporting (Bbfs, Bbyhlx).
const (
	ReportedBySelf     = 0
	ReportedByProvider = 1
)

// Owners of an attachment (Ssdxlx).
const (
	SubjectOwner = 1
	SiteOwner    = 2
)

// Formats of an attachment (Fjwjgs).
const (
	JPEG = 1
	PNG  = 2
)

// Purposes of an attachment (Fjyt). Their source is one client that was in use; the bureau's own table rules.
const (
	VerificationForm      = 1 // 网站备案信息真实性核验单, of a site
	SubjectDocument       = 2 // the organiser's certificate
	SubjectLeaderDocument = 3 // of the organiser's person in charge; owner is the subject
	SiteLeaderDocument    = 4 // of the site's person in charge; owner is the site
	SiteLeaderPhotograph  = 5 // taken when the provider verified the person; owner is the site
)

const (
	maxVerificationForm = 150 << 10
	maxOtherAttachment  = 100 << 10
)

// An Address is where an organiser is reached (Txdz). Areas are codes of GB/T 2260: 330000, 330100, 330108.
type Address struct {
	Province int64  `wire:"Shengid L[100000..]"`
	City     int64  `wire:"Shiid L[100000..]"`
	County   int64  `wire:"Xianid? L[100000..]"`
	Detail   string `wire:"Xxdz? S[1..1024]"`
}

// A FiledAddress is an Address as bureaus return it.
type FiledAddress struct {
	Province int64  `wire:"Shengid L[100000..]"`
	City     int64  `wire:"Shiid? L[100000..]"`
	County   int64  `wire:"Xianid? L[100000..]"`
	Detail   string `wire:"Xxdz? S[1..1024]"`
}

// A Certificate identifies an organiser (Zj).
type Certificate struct {
	Kind    int64  `wire:"Zjlx L[1..999]"`
	Number  string `wire:"Zjhm S[1..255]"`
	Address string `wire:"Zjzs S[1..1024]"` // as on the certificate
}

// A Leader is an organiser's person in charge (Fzr). Name and office phone are owed unless the organiser is an individual.
type Leader struct {
	Name              string `wire:"Fzr_xm? S[1..128]"`
	OfficePhone       string `wire:"Fzr_dhhm? S[11..128] phones"`
	Mobile            string `wire:"Fzr_sjhm S[11..128] phones"`
	Email             string `wire:"Fzr_dzyj S[6..128] mails"`
	MSN               string `wire:"Msn? S[6..128]"`
	QQ                string `wire:"Qq? S[5..128]"`
	CertificateKind   int64  `wire:"Fzr_zjlx? L[1..999]"`
	CertificateNumber string `wire:"Fzr_zjhm? S[1..128]"`
}

// A SiteLeader is a site's person in charge (Wz_Fzr). The office phone is owed unless the organiser is an individual.
type SiteLeader struct {
	Name              string `wire:"Fzr_xm S[1..128]"`
	OfficePhone       string `wire:"Fzr_dhhm? S[11..128] phones"`
	Mobile            string `wire:"Fzr_sjhm S[11..128] phones"`
	Email             string `wire:"Fzr_dzyj S[6..128] mails"`
	MSN               string `wire:"Msn? S[6..128]"`
	QQ                string `wire:"Qq? S[5..128]"`
	CertificateKind   int64  `wire:"Fzr_zjlx? L[1..999]"`
	CertificateNumber string `wire:"Fzr_zjhm? S[1..128]"`
}

// A PreApproval is an approval that the site's content needs before filing (Nrlx_xx).
type PreApproval struct {
	Kind   int64    `wire:"Nrlx_id L[1..64]"`
	Number string   `wire:"Qzsph S[1..512]"`
	Scans  [][]byte `wire:"Spwj{1,10} B[1..102400]"` // JPEG
}

// An IPRange is one range of an access entry (Ip_xx); a single address is both first and last.
type IPRange struct {
	ID    int64 `wire:"IspIpid L[1..]"` // ours
	First IPv4  `wire:"Qsip L[1..4294967295]"`
	Last  IPv4  `wire:"Zzip L[1..4294967295]"`
}

// An Attachment is a file with its owner (Fjxx), for all documents but the new filing.
type Attachment struct {
	Format  int64         `wire:"Fjwjgs L[1..]"`
	Purpose int64         `wire:"Fjyt L[1..]"`
	Content []byte        `wire:"Fjnr B"`
	Owner   EvidenceOwner `wire:"Fjssdx"`
	Remark  string        `wire:"Bz? S[1..256]"`
}

// An EvidenceOwner is whom an [Attachment] belongs to.
type EvidenceOwner struct {
	Kind   int64    `wire:"Ssdxlx L[1..10]"`
	Record OwnerRef `wire:"Ssdxbs choice"`
}

// An OwnerRef is one of the two.
type OwnerRef struct {
	ID     int64  `wire:"Jlid? L[1..]"` // the bureau's; for a site that is being added: ours
	Number string `wire:"Baxh? S[1..128]"`
}

// AttachmentLimit returns how many characters of base64 an attachment may have (MIIT-IF30, 9).
func AttachmentLimit(purpose int64) int {
	if purpose == VerificationForm {
		return maxVerificationForm
	}
	return maxOtherAttachment
}

func tooLarge(purpose int64, content []byte) (detail string, over bool) {
	limit := AttachmentLimit(purpose)
	return fmt.Sprintf("1..%d", limit), (len(content)+2)/3*4 > limit
}
