package document

// Results of a verification (Hsjg).
const (
	VerificationPassed = 0
	VerificationFailed = 1
)

// A TaskResult answers a verification task (HSJG/Hsjgxx).
type TaskResult struct {
	Result   int64          `wire:"Hsjg L[0..1]"`
	Verifier string         `wire:"Hsrxm S[1..128]"`
	Date     string         `wire:"Hssj S[10..10] date"`
	Unit     int64          `wire:"Bbdw L[1..]"` // the unit that the record belongs to
	Opinion  string         `wire:"Hsyj S[1..1024]"`
	Errors   string         `wire:"Cwxx? S[1..4000]"`
	Filing   VerifiedFiling `wire:"Baxx"`
}

// A VerifiedFiling is a filing as verified.
type VerifiedFiling struct {
	Subject VerifiedSubject `wire:"Zt_xx all"`
	Sites   []VerifiedSite  `wire:"Wz_xx+"`
}

// A VerifiedSubject is a subject as verified. Ids are the bureau's.
type VerifiedSubject struct {
	ID          int64          `wire:"Ztid L[1..]"`
	Name        string         `wire:"Dwmc S[1..255]"`
	Nature      int64          `wire:"Dwxz? L[1..999]"`
	Address     Address        `wire:"Txdz all"`
	Investor    string         `wire:"Tzr? S[1..255]"`
	Certificate Certificate    `wire:"Zj all"`
	Leader      VerifiedLeader `wire:"Fzr all"`
	Remark      string         `wire:"Bz? S[1..1024]"`
}

// A VerifiedLeader is a Leader whose mobile number has the element sjhm.
type VerifiedLeader struct {
	Name              string `wire:"Fzr_xm? S[1..128]"`
	OfficePhone       string `wire:"Fzr_dhhm? S[11..128] phones"`
	Mobile            string `wire:"sjhm S[11..128] phones"`
	Email             string `wire:"Fzr_dzyj S[6..128] mails"`
	MSN               string `wire:"Msn? S[6..128]"`
	QQ                string `wire:"Qq? S[5..128]"`
	CertificateKind   int64  `wire:"Fzr_zjlx? L[1..999]"`
	CertificateNumber string `wire:"Fzr_zjhm? S[1..128]"`
}

// A VerifiedSite is a site as verified. Ids are the bureau's.
type VerifiedSite struct {
	ID           int64              `wire:"Wzid L[1..]"`
	Name         string             `wire:"Wzmc S[1..512]"`
	PreApprovals []PreApproval      `wire:"Nrlx?/Nrlx_xx{1,64}"`
	Services     []int64            `wire:"Fwnr/Fwnr_id{1,64} L[1..64]"`
	Domains      []BureauDomain     `wire:"Ym_xx+ all"`
	Accesses     []VerifiedAccess   `wire:"Jr_xx+"`
	Leader       VerifiedSiteLeader `wire:"Wz_Fzr"`
	HomeURL      string             `wire:"Syurl? S[4..255]"`
	Remark       string             `wire:"Wz_Bz? S[1..1024]"`
}

// A BureauDomain is a domain with the bureau's id.
type BureauDomain struct {
	ID   int64  `wire:"Ymid L[1..]"`
	Name string `wire:"Ym S[4..128]"`
}

// A BureauIPRange is an address range with the bureau's id.
type BureauIPRange struct {
	ID    int64 `wire:"Ipid L[1..]"`
	First IPv4  `wire:"Qsip L[1..4294967295]"`
	Last  IPv4  `wire:"Zzip L[1..4294967295]"`
}

// A VerifiedAccess is an access as verified.
type VerifiedAccess struct {
	ID         int64           `wire:"Jrid L[1..]"`
	Locations  []int64         `wire:"Wzfb/Fbdd{1,64} L[1..64]"`
	Modes      []int64         `wire:"Wzjrfs/Jrfs{1,64} L[1..64]"`
	IPs        []BureauIPRange `wire:"Ip_xx+ all"`
	ReportMode int64           `wire:"Bbfs L[0..1]"`
}

// A VerifiedSiteLeader is a SiteLeader whose mobile number has the element sjhm.
type VerifiedSiteLeader struct {
	Name              string `wire:"Fzr_xm S[1..128]"`
	OfficePhone       string `wire:"Fzr_dhhm? S[11..128] phones"`
	Mobile            string `wire:"sjhm? S[11..128] phones"`
	Email             string `wire:"Fzr_dzyj S[6..128] mails"`
	MSN               string `wire:"Msn? S[6..128]"`
	QQ                string `wire:"Qq? S[5..128]"`
	CertificateKind   int64  `wire:"Fzr_zjlx? L[1..999]"`
	CertificateNumber string `wire:"Fzr_zjhm? S[1..128]"`
}

// An UnfiledSiteHandled reports how an unfiled site was handled (WBACLJG/Clxx).
type UnfiledSiteHandled struct {
	Domain        string `wire:"Ym S[4..128]"`
	IP            IPv4   `wire:"IP L[1..4294967295]"`
	Carrier       int64  `wire:"Yys L[1..]"`
	Provider      int64  `wire:"Jrs L[1..]"`
	Province      int64  `wire:"Shengid L[1..]"`
	Handling      int64  `wire:"Cljg L[1..999]"` // from the bureau's table
	Opinion       string `wire:"Clyj S[1..255]"`
	Entered       string `wire:"Rbsj S[10..10] date"`
	Due           string `wire:"Clsx S[10..10] date"`
	Reporter      string `wire:"Sbrxm? S[1..128]"`
	ReporterPhone string `wire:"Sbrdh? S[11..128]"`
	ReporterEmail string `wire:"Sbrdzyj? S[6..128]"`
}

// A Task requests that the provider verify a filing (HSRW/Baxx). Answer with [TaskResult].
type Task struct {
	Subject TaskSubject `wire:"Zt_xx all"`
	Sites   []TaskSite  `wire:"Wz_xx+"`
	Remark  string      `wire:"Bz? S"`
}

// A TaskSubject is the subject to verify. Ids are the bureau's.
type TaskSubject struct {
	ID          int64        `wire:"Ztid L[1..]"`
	Name        string       `wire:"Dwmc S[1..255]"`
	Nature      int64        `wire:"Dwxz? L[1..999]"`
	Address     FiledAddress `wire:"Txdz all"`
	Certificate Certificate  `wire:"Zj all"`
	Leader      TaskLeader   `wire:"Fzr all"`
	Investor    string       `wire:"Tzr? S[1..255]"`
	ReportMode  int64        `wire:"Bbyhlx L[0..1]"`
	Reported    string       `wire:"Scbbsj S[10..22] time"`
	Changed     string       `wire:"Zjxgsj? S[10..22] time"`
	Remark      string       `wire:"Bz? S[1..1024]"`
}

// A TaskLeader is the subject leader to verify, as the bureau has it.
type TaskLeader struct {
	Name              string `wire:"Fzr_xm? S[1..128]"`
	OfficePhone       string `wire:"Fzr_dhhm? S[11..128]"`
	Mobile            string `wire:"Fzr_sjhm? S[11..128]"`
	Email             string `wire:"Fzr_dzyj S[6..128]"`
	MSN               string `wire:"Msn? S[6..128]"`
	QQ                string `wire:"Qq? S[5..128]"`
	CertificateKind   int64  `wire:"Fzr_zjlx? L[1..999]"`
	CertificateNumber string `wire:"Fzr_zjhm? S[1..128]"`
}

// A TaskSite is a site to verify. Ids are the bureau's.
type TaskSite struct {
	ID           int64           `wire:"Wzid L[1..]"`
	Name         string          `wire:"Wzmc S[1..512]"`
	PreApprovals []PreApproval   `wire:"Nrlx?/Nrlx_xx{1,64}"`
	Services     []int64         `wire:"Fwnr?/Fwnr_id{1,64} L[1..64]"`
	Languages    []int64         `wire:"Yylb?/Yylb_id{1,256} L[1..64]"`
	Domains      []BureauDomain  `wire:"Ym_xx+ all"`
	Accesses     []TaskAccess    `wire:"Jr_xx+"`
	Leader       FiledSiteLeader `wire:"Wz_Fzr all"`
	HomeURL      string          `wire:"Syurl? S[4..255]"`
	Remark       string          `wire:"Wz_Bz? S[1..1024]"`
	Reported     string          `wire:"Scbbsj? S[10..22] time"`
	Changed      string          `wire:"Zjxgsj? S[10..22] time"`
}

// A TaskAccess is an access to verify.
type TaskAccess struct {
	ID         int64           `wire:"Jrid L[1..]"`
	Locations  []int64         `wire:"Wzfb/Fbdd{1,64} L[1..64]"`
	Modes      []int64         `wire:"Wzjrfs/Jrfs{1,64} L[1..64]"`
	IPs        []BureauIPRange `wire:"Ip_xx+ all"`
	Reporter   int64           `wire:"Bbyhid L[1..]"` // the reporter: the subject's user, or the provider's unit
	ReportMode int64           `wire:"Bbyhlx L[0..1]"`
}
