package document

// FiledData is an approved filing with its numbers and the bureau's ids (BASJ/Baxx).
type FiledData struct {
	Subject FiledSubject `wire:"Zt_xx all"`
	Sites   []FiledSite  `wire:"Wz_xx+"`
	Remark  string       `wire:"Bz? S"`
}

// A FiledSubject is a filed subject.
type FiledSubject struct {
	ID                int64            `wire:"IspZtid? L[1..]"` // ours
	BureauID          int64            `wire:"Ztid L[1..]"`
	Name              string           `wire:"Dwmc S[1..255]"`
	Nature            int64            `wire:"Dwxz? L[1..999]"`
	Address           FiledAddress     `wire:"Txdz all"`
	Certificate       FiledCertificate `wire:"Zj all"`
	Leader            FiledLeader      `wire:"Fzr all"`
	Number            string           `wire:"Baxh? S[1..128]"` // 京ICP备2026000001号
	ReportMode        int64            `wire:"Bbyhlx L[0..1]"`
	Investor          string           `wire:"Tzr? S[1..255]"`
	Reported          string           `wire:"Scbbsj S[10..22] time"`
	Changed           string           `wire:"Zjxgsj S[10..22] time"`
	CertificateUntil  string           `wire:"Zsyxq? S[10..22] time"`
	CertificatePath   string           `wire:"Zslj? S[1..255]"`
	CertificateSerial string           `wire:"Zsxh? S[1..128]"`
	Reviewer          string           `wire:"Shrxm? S[1..128]"`
	Reviewed          string           `wire:"Shsj? S[10..22] time"`
	Remark            string           `wire:"Bz? S[1..1024]"`
}

// A FiledCertificate is the certificate of a filed subject.
type FiledCertificate struct {
	Kind    int64  `wire:"Zjlx L[1..999]"`
	Number  string `wire:"Zjhm S[1..128]"`
	Address string `wire:"Zjzs S[1..1024]"`
}

// A FiledLeader is the leader of a filed subject.
type FiledLeader struct {
	Name              string `wire:"Fzr_xm? S[1..128]"`
	OfficePhone       string `wire:"Fzr_dhhm? S[11..128]"`
	Mobile            string `wire:"Fzr_sjhm? S[11..128]"`
	Email             string `wire:"Fzr_dzyj S[6..128]"`
	MSN               string `wire:"Msn? S[6..128]"`
	QQ                string `wire:"Qq? S[5..128]"`
	CertificateNumber string `wire:"Fzr_zjhm? S[1..255]"`
	CertificateKind   int64  `wire:"Fzr_zjlx? L[1..999]"`
}

// A FiledSiteLeader is the leader of a filed site.
type FiledSiteLeader struct {
	Name              string `wire:"Fzr_xm S[1..128]"`
	OfficePhone       string `wire:"Fzr_dhhm? S[11..128]"`
	Mobile            string `wire:"Fzr_sjhm? S[11..128]"`
	Email             string `wire:"Fzr_dzyj? S[6..128]"`
	MSN               string `wire:"Msn? S[6..128]"`
	QQ                string `wire:"Qq? S[5..128]"`
	CertificateKind   int64  `wire:"Fzr_zjlx? L[1..999]"`
	CertificateNumber string `wire:"Fzr_zjhm? S[1..128]"`
}

// A FiledSite is a filed site.
type FiledSite struct {
	ID           int64           `wire:"IspWzid? L[1..]"` // ours
	BureauID     int64           `wire:"Wzid L[1..]"`
	Name         string          `wire:"Wzmc S[1..512]"`
	PreApprovals []PreApproval   `wire:"Nrlx?/Nrlx_xx{1,64}"`
	Services     []int64         `wire:"Fwnr?/Fwnr_id{1,64} L[1..64]"`
	Languages    []int64         `wire:"Yylb/Yylb_id{1,256} L[1..64]"`
	Domains      []FiledDomain   `wire:"Ym_xx+ all"`
	Accesses     []FiledAccess   `wire:"Jr_xx+"`
	Leader       FiledSiteLeader `wire:"Wz_Fzr all"`
	HomeURL      string          `wire:"Syurl? S[4..255]"`
	Remark       string          `wire:"Wz_Bz? S[1..1024]"`
	Reported     string          `wire:"Scbbsj? S[10..22] time"`
	Changed      string          `wire:"Zjxgsj? S[10..22] time"`
	Number       string          `wire:"Baxh? S[1..128]"` // 京ICP备2026000001号-1
}

// A FiledDomain is a filed domain.
type FiledDomain struct {
	ID       int64  `wire:"IspYmid? L[1..]"` // ours
	BureauID int64  `wire:"Ymid L[1..]"`
	Name     string `wire:"Ym S[4..128]"`
}

// A FiledAccess is a filed access.
type FiledAccess struct {
	ID        int64          `wire:"IspJrid? L[1..]"` // ours
	BureauID  int64          `wire:"Jrid L[1..]"`
	Provider  int64          `wire:"Ispid L[1..]"` // the access provider
	Locations []int64        `wire:"Wzfb/Fbdd{1,64} L[1..64]"`
	Modes     []int64        `wire:"Wzjrfs/Jrfs{1,64} L[1..64]"`
	IPs       []FiledIPRange `wire:"Ip_xx+ all"`
}

// A FiledIPRange is a filed address range.
type FiledIPRange struct {
	ID       int64 `wire:"IspIpid? L[1..]"` // ours
	BureauID int64 `wire:"Ipid L[1..]"`
	First    IPv4  `wire:"Qsip L[1..4294967295]"`
	Last     IPv4  `wire:"Zzip L[1..4294967295]"`
}
