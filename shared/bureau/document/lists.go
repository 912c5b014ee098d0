package document

// Cancelled is a cancelled record (ZXSJ/Zxxx).
type Cancelled struct {
	What   int64  `wire:"Zxlb L[0..2]"` // CancelSubject …; the schema ends at 1, the text at 2
	ID     int64  `wire:"Jlid L[1..]"`  // the bureau's
	Remark string `wire:"Bz? S"`
}

// Operations of a blacklist entry (Czlx).
const (
	AddEntry    = 0
	ModifyEntry = 1
	DeleteEntry = 2
)

// A Blacklist lists subjects and sites that may not file (HMDLB).
type Blacklist struct {
	Subjects []BlacklistedSubject `wire:"Zthmdxxs*"`
	Sites    []BlacklistedSite    `wire:"Wzhmdxxs*"`
}

// A BlacklistedSubject is an entry about a subject.
type BlacklistedSubject struct {
	Subject *BlacklistSubject `wire:"Zt_xx? all"`
	Entry   int64             `wire:"Czlx L[0..2]"`
	Remark  string            `wire:"Bz? S"`
}

// A BlacklistSubject is the subject of an entry.
type BlacklistSubject struct {
	Name        string               `wire:"Dwmc S[1..255]"`
	Nature      int64                `wire:"Dwxz? L[1..999]"`
	Certificate BlacklistCertificate `wire:"Zj all"`
}

// A BlacklistCertificate is the certificate of an entry.
type BlacklistCertificate struct {
	Kind   int64  `wire:"Zjlx L[1..999]"`
	Number string `wire:"Zjhm S[1..255]"`
}

// A BlacklistedSite is an entry about a site.
type BlacklistedSite struct {
	Site   BlacklistSite `wire:"Wz_xx"`
	Entry  int64         `wire:"Czlx L[0..2]"`
	Remark string        `wire:"Bz? S"`
}

// A BlacklistSite is the site of an entry.
type BlacklistSite struct {
	Name    string            `wire:"Wzmc S[1..512]"`
	Domains []BlacklistDomain `wire:"Ym_xx+ all"`
	HomeURL string            `wire:"Syurl? S[4..255]"`
}

// A BlacklistDomain is a domain of an entry.
type BlacklistDomain struct {
	Name string `wire:"Ym S[4..128]"`
}

// IllegalAccess is a site with a forbidden access (FFJRHMD/Ffjrxx).
type IllegalAccess struct {
	ID       int64  `wire:"Id L[1..]"`
	Domain   string `wire:"Ym S[4..128]"`
	IP       IPv4   `wire:"Ip L[1..4294967295]"`
	Provider int64  `wire:"Zjjrz L[1..]"`
	Province int64  `wire:"Szs L[1..]"`
	Detected string `wire:"Dqjcsj S[10..22] time"`
	Remark   string `wire:"Bz? S"`
}

// An UnfiledSite is a site that its provider must handle (WBAWZLB/Wbawz_xx). Answer with [UnfiledSiteHandled].
type UnfiledSite struct {
	ID            int64   `wire:"Id L[1..]"`
	Domain        string  `wire:"Wzym_mc S[1..128]"`
	Languages     []int64 `wire:"Yylb?/Yylb_id{1,256} L[1..64]"`
	IP            IPv4    `wire:"IP L[1..4294967295]"`
	Detected      string  `wire:"Dqjcsj? S[10..22] time"`
	Times         *int64  `wire:"Jccs? L[0..]"`
	Province      int64   `wire:"Sssh? L[1..]"`
	FirstDetected string  `wire:"Scjcsj? S[10..22] time"`
	Provider      int64   `wire:"Jrs? L[1..]"`
	Carrier       int64   `wire:"Yys L[1..]"`
	Remark        string  `wire:"Bz? S"`
}

// Kinds of record that a [Notice] is about (Tzlb).
const (
	SubjectNotice = 0
	SiteNotice    = 1
)

// A Notice requests the correction of a filing (XGTZ/Tzxx).
type Notice struct {
	About  int64  `wire:"Tzlb L[0..1]"`
	Number string `wire:"Baxh? S[1..128]"`
	ID     int64  `wire:"Jlid? L[1..]"` // the bureau's
	Text   string `wire:"Tznr S[1..255]"`
	Remark string `wire:"Bz? S"`
}

// An Audit is the result of a check by the bureau (HCJG/Jgxx).
type Audit struct {
	Subjects []SubjectAudit `wire:"Zthc* all"`
	Accesses []AccessAudit  `wire:"Jrhc* all"`
	Shells   []ShellAudit   `wire:"Kkwzhc* all"`
	Sites    []SiteAudit    `wire:"Wzch* all"`
}

// A SubjectAudit reports wrong data of a subject.
type SubjectAudit struct {
	ID                int64  `wire:"Ztid L[1..]"`
	Name              string `wire:"Dwmc S[1..255]"`
	CertificateKind   int64  `wire:"Zjlx L[1..999]"`
	CertificateNumber string `wire:"Zjhm S[1..255]"`
	Cause             string `wire:"Cwyy? S[1..512]"`
	Remark            string `wire:"Bz? S"`
}

// Findings of an [AccessAudit] (Hcjg).
const (
	ReportedNotFound = 1
	FoundNotReported = 2
)

// An AccessAudit compares the reported access with the address of the domain.
type AccessAudit struct {
	SiteID   int64  `wire:"Wzid L[1..]"`
	Number   string `wire:"Wz_Baxh S[5..255]"`
	Domain   string `wire:"Ym? S[4..255]"`
	Resolved *IPv4  `wire:"Jxip? L[0..4294967295]"`
	Provider int64  `wire:"Bbisp? L[1..]"`
	Finding  int64  `wire:"Hcjg L[1..2]"`
	Checked  string `wire:"Hcsj S[10..22] time"`
	AccessID int64  `wire:"Jrid? L[1..]"`
	Remark   string `wire:"Bz? S"`
}

// Findings of a [ShellAudit] (Hcjg).
const (
	Alive = 0
	Dead  = 1
)

// A ShellAudit reports on a site without access.
type ShellAudit struct {
	SiteID  int64  `wire:"Wzid L[1..]"`
	Number  string `wire:"Wz_Baxh S[5..255]"`
	Finding int64  `wire:"Hcjg L[0..1]"`
	Checked string `wire:"Hcsj S[10..22] time"`
	HomeURL string `wire:"Syurl? S[7..255]"`
	Remark  string `wire:"Bz? S"`
}

// A SiteAudit reports an unreachable site.
type SiteAudit struct {
	SiteID  int64  `wire:"Wzid L[1..]"`
	Number  string `wire:"Wz_Baxh S[5..255]"`
	HomeURL string `wire:"Syurl? S[4..255]"`
	Checked string `wire:"Hcsj S[10..22] time"`
	Remark  string `wire:"Bz? S"`
}
