package document

import "fmt"

// The nature of a subject (Dwxz) that decides which fields are required. The bureau distributes the table ([CodeTables]).
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

// Purposes of an attachment (Fjyt), from a client that was in use. The bureau's table takes precedence.
const (
	VerificationForm      = 1 // 网站备案信息真实性核验单, of a site
	SubjectDocument       = 2 // the subject's certificate
	SubjectLeaderDocument = 3 // of the subject leader; owner is the subject
	SiteLeaderDocument    = 4 // of the site leader; owner is the site
	SiteLeaderPhotograph  = 5 // taken when the provider verified the site leader; owner is the site
)

const (
	maxVerificationForm = 150 << 10
	maxOtherAttachment  = 100 << 10
)

// An Address is the mailing address of a subject (Txdz). Areas are codes of GB/T 2260: 330000, 330100, 330108.
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

// A Certificate identifies a subject (Zj).
type Certificate struct {
	Kind    int64  `wire:"Zjlx L[1..999]"`
	Number  string `wire:"Zjhm S[1..255]"`
	Address string `wire:"Zjzs S[1..1024]"` // as on the certificate
}

// A Leader is a subject leader (Fzr). Name and office phone are required unless the subject is an individual.
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

// A SiteLeader is a site leader (Wz_Fzr). The office phone is required unless the subject is an individual.
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

// A PreApproval is a pre-approval of the site's content (Nrlx_xx).
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

// An Attachment is a file with its owner (Fjxx), in all documents except new filings.
type Attachment struct {
	Format  int64         `wire:"Fjwjgs L[1..]"`
	Purpose int64         `wire:"Fjyt L[1..]"`
	Content []byte        `wire:"Fjnr B"`
	Owner   EvidenceOwner `wire:"Fjssdx"`
	Remark  string        `wire:"Bz? S[1..256]"`
}

// An EvidenceOwner is the owner of an [Attachment].
type EvidenceOwner struct {
	Kind   int64    `wire:"Ssdxlx L[1..10]"`
	Record OwnerRef `wire:"Ssdxbs choice"`
}

// An OwnerRef identifies an owner by id or number.
type OwnerRef struct {
	ID     int64  `wire:"Jlid? L[1..]"` // the bureau's; ours for a site that is being added
	Number string `wire:"Baxh? S[1..128]"`
}

// AttachmentLimit returns the maximum length of an attachment in characters of base64 (MIIT-IF30 9).
func AttachmentLimit(purpose int64) int {
	if purpose == VerificationForm {
		return maxVerificationForm
	}
	return maxOtherAttachment
}

func exceedsLimit(purpose int64, content []byte) (detail string, over bool) {
	limit := AttachmentLimit(purpose)
	return fmt.Sprintf("1..%d", limit), (len(content)+2)/3*4 > limit
}
