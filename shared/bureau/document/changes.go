package document

import (
	"beian/shared/bureau/schema"
)

// A SiteAddition adds sites to a filed subject (XZWZ/Xzxx).
type SiteAddition struct {
	Subject        SubjectRef   `wire:"Zt_xx choice"`
	Sites          []Site       `wire:"Wz_xx+"`
	Attachments    []Attachment `wire:"Fj*/Fjxx"`
	FilingPassword string       `wire:"ICPmm? S[1..32]"` // 32 hexadecimal digits of its MD5
}

// A SubjectRef identifies a filed subject by number or id.
type SubjectRef struct {
	Number string `wire:"Ztbah? S[1..128]"`
	ID     int64  `wire:"Ztid? L[1..]"` // the bureau's
	// Nature is the subject's nature (Dwxz), which is not sent: what units must provide is checked if it is given.
	Nature int64
}

// An AccessAddition adds an access of this provider to a filed site (XZJR/Xzxx).
type AccessAddition struct {
	Site           SiteRef      `wire:"Wz_xx choice"`
	ID             int64        `wire:"IspJrid L[1..]"` // ours
	Locations      []int64      `wire:"Wzfb/Fbdd{1,64} L[1..64]"`
	Modes          []int64      `wire:"Wzjrfs/Jrfs{1,64} L[1..64]"`
	IPs            []IPRange    `wire:"Ip_xx+ all"`
	Attachments    []Attachment `wire:"Fj*/Fjxx"`
	FilingPassword string       `wire:"ICPmm S[1..32]"` // 32 hexadecimal digits of its MD5
}

// A SiteRef identifies a filed site by number or id.
type SiteRef struct {
	Number string `wire:"Wzbah? S[1..128]"`
	ID     int64  `wire:"Wzid? L[1..]"` // the bureau's
}

// A Change replaces a filing: the subject and all its sites completely (BGBA/Bgxx).
type Change struct {
	Subject        ChangedSubject `wire:"Zt_xx all"`
	Sites          []ChangedSite  `wire:"Wz_xx+"`
	Attachments    []Attachment   `wire:"Fj*/Fjxx"`
	FilingPassword string         `wire:"ICPmm? S[1..32]"`
}

// A ChangedSubject is the subject after a change.
type ChangedSubject struct {
	ID          int64              `wire:"Ztid L[1..]"` // the bureau's
	Name        string             `wire:"Dwmc S[1..255]"`
	Number      string             `wire:"Baxh S[1..128]"`
	Nature      int64              `wire:"Dwxz? L[1..999]"`
	Investor    string             `wire:"Tzr? S[1..255]"`
	Address     Address            `wire:"Txdz"`
	Certificate ChangedCertificate `wire:"Zj"`
	Leader      Leader             `wire:"Fzr all"`
	Remark      string             `wire:"Bz? S[1..1024]"`
}

// A ChangedCertificate is a Certificate of kinds up to 11, the last in the schema of a change.
type ChangedCertificate struct {
	Kind    int64  `wire:"Zjlx L[1..11]"`
	Number  string `wire:"Zjhm S[1..255]"`
	Address string `wire:"Zjzs S[1..1024]"`
}

// A ChangedSite is a site after a change.
type ChangedSite struct {
	ID           int64           `wire:"Wzid L[1..]"` // the bureau's
	Name         string          `wire:"Wzmc S[1..512]"`
	PreApprovals []PreApproval   `wire:"Nrlx?/Nrlx_xx{1,64}"`
	Services     []int64         `wire:"Fwnr/Fwnr_id{1,64} L[1..64]"`
	Languages    []int64         `wire:"Yylb/Yylb_id{1,256} L[1..64]"`
	Domains      []ChangedDomain `wire:"Ym_xx+ all"`
	Accesses     []ChangedAccess `wire:"Jr_xx+"`
	Leader       SiteLeader      `wire:"Wz_Fzr all"`
	Number       string          `wire:"Baxh S[1..128]"`
	HomeURL      string          `wire:"Syurl? S[4..255]"`
	Remark       string          `wire:"Wz_Bz? S[0..1024]"` // without a type in the schema
}

// A ChangedDomain is a domain that stays (with the bureau's id) or is new.
type ChangedDomain struct {
	ID       int64  `wire:"IspYmid L[1..]"` // ours
	BureauID int64  `wire:"Ymid? L[1..]"`
	Name     string `wire:"Ym S[4..128]"`
}

// A ChangedAccess is an access after a change.
type ChangedAccess struct {
	ID        int64            `wire:"Jrid L[1..]"` // the bureau's
	Locations []int64          `wire:"Wzfb/Fbdd{1,64} L[1..64]"`
	Modes     []int64          `wire:"Wzjrfs/Jrfs{1,64} L[1..64]"`
	IPs       []ChangedIPRange `wire:"Ip_xx+ all"`
}

// A ChangedIPRange is a range that stays (with the bureau's id) or is new.
type ChangedIPRange struct {
	ID       int64 `wire:"IspIpid L[1..]"` // ours
	BureauID int64 `wire:"Ipid? L[1..]"`
	First    IPv4  `wire:"Qsip L[1..4294967295]"`
	Last     IPv4  `wire:"Zzip L[1..4294967295]"`
}

// Kinds of record that a [Cancellation] cancels (Zxlb).
const (
	CancelSubject = 0
	CancelSite    = 1
	CancelAccess  = 2
)

// A Cancellation cancels a subject with all its sites, a site, or an access (ZXBA/Zx_xx).
type Cancellation struct {
	What           int64  `wire:"Zxlb L[0..2]"`
	ID             int64  `wire:"Jlid L[1..]"`    // the bureau's, of what is cancelled
	Reason         int64  `wire:"Zxly L[1..999]"` // from the bureau's table
	ReasonRemark   string `wire:"Zxlybz? S[1..1000]"`
	FilingPassword string `wire:"ICPmm? S[1..32]"` // 32 hexadecimal digits of its MD5; required to cancel a subject
	// WithoutPassword says that the subject has no filing password. It is not sent.
	WithoutPassword bool
}

// CheckRules implements [schema.Checker].
func (c *Cancellation) CheckRules(report func(string, schema.Rule, string)) {
	if c.What == CancelSubject && c.FilingPassword == "" && !c.WithoutPassword {
		report("ICPmm", schema.Missing, "required to cancel a subject")
	}
}

// CheckRules implements [schema.Checker].
func (r *ChangedIPRange) CheckRules(report func(string, schema.Rule, string)) {
	if r.First > r.Last {
		report("Zzip", schema.Range, notBelowFirst)
	}
}
