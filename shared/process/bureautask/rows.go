package bureautask

import (
	"strconv"
	"strings"

	"beian/shared/bureau/document"
	"beian/shared/filing/register"
	"beian/shared/rules/finding"
)

// A Row is one value of what the bureau wrote, beside the one in the register. It may be personal data.
type Row struct {
	Label    finding.Words
	Bureau   string
	Register string // "" if the register has none, or none is compared
}

// Differs reports whether the register has another value.
func (r Row) Differs() bool { return r.Register != "" && r.Register != r.Bureau }

var (
	labelDomain   = finding.Words{Chinese: "域名", English: "Domain"}
	labelNumber   = finding.Words{Chinese: "备案号", English: "Filing number"}
	labelRemark   = finding.Words{Chinese: "备注", English: "Remark"}
	labelName     = finding.Words{Chinese: "主办单位名称", English: "Name of the subject"}
	labelSite     = finding.Words{Chinese: "网站名称", English: "Name of the site"}
	labelURL      = finding.Words{Chinese: "首页网址", English: "Home page"}
	labelKind     = finding.Words{Chinese: "证件类型代码", English: "Kind of certificate (code)"}
	labelCert     = finding.Words{Chinese: "证件号码", English: "Certificate number"}
	labelID       = finding.Words{Chinese: "管局编号", English: "The bureau's id"}
	labelChecked  = finding.Words{Chinese: "检测时间", English: "Checked"}
	labelProvider = finding.Words{Chinese: "接入商编号", English: "Access provider (id)"}
	labelProvince = finding.Words{Chinese: "省", English: "Province (code)"}
)

// Rows returns what the bureau wrote in the record of the task, beside what the register has in filed, the zero Filing if it has none. Empty values
// are left out. It returns nil if d does not have the record.
func (t Task) Rows(d *document.Download, filed register.Filing) []Row {
	if d == nil || d.ICP == nil || t.Record < 1 {
		return nil
	}
	icp, n := d.ICP, t.Record-1
	var rows []Row
	switch {
	case t.Kind == Verify && n < len(icp.Tasks):
		rows = verifyRows(icp.Tasks[n], filed)
	case t.Kind == Unfiled && n < len(icp.Unfiled):
		s := icp.Unfiled[n]
		times := ""
		if s.Times != nil {
			times = strconv.FormatInt(*s.Times, 10)
		}
		rows = []Row{{labelDomain, s.Domain, ""}, {ipLabel, s.IP.String(), ""}, {labelChecked, s.Detected, ""},
			{finding.Words{Chinese: "首次检测时间", English: "First checked"}, s.FirstDetected, ""}, {finding.Words{Chinese: "检测次数", English: "Times"}, times, ""},
			{labelProvider, id(s.Provider), ""}, {finding.Words{Chinese: "运营商编号", English: "Carrier (id)"}, id(s.Carrier), ""}, {labelProvince, id(s.Province), ""},
			{labelRemark, s.Remark, ""}}
	case t.Kind == Correct && n < len(icp.Notices):
		s := icp.Notices[n]
		rows = []Row{{labelNumber, s.Number, ""}, {labelID, id(s.ID), ""}, {finding.Words{Chinese: "通知内容", English: "Notice"}, s.Text, ""}, {labelRemark, s.Remark, ""}}
	case t.Kind == Illegal && n < len(icp.IllegalAccess):
		s := icp.IllegalAccess[n]
		rows = []Row{{labelDomain, s.Domain, ""}, {ipLabel, s.IP.String(), ""}, {labelProvider, id(s.Provider), ""}, {labelProvince, id(s.Province), ""},
			{labelChecked, s.Detected, ""}, {labelRemark, s.Remark, ""}}
	case t.Kind == Cancellation && n < len(icp.Cancelled):
		rows = []Row{{labelID, id(icp.Cancelled[n].ID), ""}, {labelRemark, icp.Cancelled[n].Remark, ""}}
	case t.Kind == Audit:
		rows = auditRows(icp.Audit, n)
	case t.Kind == Blacklisted:
		rows = blacklistRows(icp.Blacklist, n)
	}
	var shown []Row
	for _, r := range rows {
		if r.Bureau != "" || r.Register != "" {
			shown = append(shown, r)
		}
	}
	return shown
}

var ipLabel = finding.Words{Chinese: "IP 地址", English: "IP address"}

// writtenAs returns the register's URL as the bureau writes the same one: it leaves out the scheme and a final slash.
func writtenAs(bureau, own string) string {
	plain := func(s string) string {
		return strings.TrimSuffix(strings.TrimPrefix(strings.TrimPrefix(s, "https://"), "http://"), "/")
	}
	if plain(bureau) == plain(own) {
		return bureau
	}
	return own
}

// verifyRows returns the rows of a verification task: the subject, then each site.
func verifyRows(t document.Task, filed register.Filing) []Row {
	s, own := t.Subject, filed.Private.Subject
	rows := []Row{{labelName, s.Name, own.Name.Reveal()},
		{labelKind, id(s.Certificate.Kind), id(int64(own.Certificate.Kind))},
		{labelCert, s.Certificate.Number, own.Certificate.Number.Reveal()},
		{finding.Words{Chinese: "证件住所", English: "Address on the certificate"}, s.Certificate.Address, own.CertificateAddress},
		{finding.Words{Chinese: "通信地址", English: "Mailing address"}, s.Address.Detail, own.Address},
		{finding.Words{Chinese: "投资人或主管单位", English: "Investor"}, s.Investor, own.Investor},
	}
	rows = append(rows, leaderRows(finding.Words{Chinese: "主体负责人", English: "Subject leader"}, document.FiledSiteLeader(s.Leader), own.Leader)...)
	rows = append(rows, Row{labelRemark, s.Remark, ""})
	for _, site := range t.Sites {
		own := siteOf(filed, site.ID)
		var domains, ownDomains, ips []string
		for _, d := range site.Domains {
			domains = append(domains, d.Name)
		}
		for _, d := range own.Domains {
			ownDomains = append(ownDomains, string(d))
		}
		for _, a := range site.Accesses {
			for _, ip := range a.IPs {
				text := ip.First.String()
				if ip.Last != ip.First {
					text += "-" + ip.Last.String()
				}
				ips = append(ips, text)
			}
		}
		rows = append(rows, Row{labelSite, site.Name, own.Name}, Row{labelDomain, strings.Join(domains, " "), strings.Join(ownDomains, " ")},
			Row{labelURL, site.HomeURL, writtenAs(site.HomeURL, own.HomeURL)}, Row{ipLabel, strings.Join(ips, " "), ""})
		rows = append(rows, leaderRows(finding.Words{Chinese: "网站负责人", English: "Site leader"}, site.Leader, own.Leader)...)
		rows = append(rows, Row{labelRemark, site.Remark, ""})
	}
	return append(rows, Row{labelRemark, t.Remark, ""})
}

func leaderRows(who finding.Words, l document.FiledSiteLeader, own register.Leader) []Row {
	label := func(chinese, english string) finding.Words {
		return finding.Words{Chinese: who.Chinese + chinese, English: who.English + ": " + english}
	}
	return []Row{
		{who, l.Name, own.Name.Reveal()},
		{label("证件号码", "certificate number"), l.CertificateNumber, own.Certificate.Number.Reveal()},
		{label("手机", "mobile"), l.Mobile, own.Mobile.Reveal()},
		{label("办公电话", "office phone"), l.OfficePhone, own.OfficePhone.Reveal()},
		{label("邮箱", "email"), l.Email, own.Email.Reveal()},
	}
}

// auditRows returns the rows of the nth record of an audit, in the order of audited.
func auditRows(a *document.Audit, n int) []Row {
	if a == nil {
		return nil
	}
	if n < len(a.Subjects) {
		s := a.Subjects[n]
		return []Row{{labelName, s.Name, ""}, {labelKind, id(s.CertificateKind), ""}, {labelCert, s.CertificateNumber, ""},
			{finding.Words{Chinese: "错误原因", English: "What is wrong"}, s.Cause, ""}, {labelRemark, s.Remark, ""}}
	}
	if n -= len(a.Subjects); n < len(a.Accesses) {
		s := a.Accesses[n]
		ip := ""
		if s.Resolved != nil && *s.Resolved != 0 {
			ip = s.Resolved.String()
		}
		return []Row{{labelNumber, s.Number, ""}, {labelDomain, s.Domain, ""}, {finding.Words{Chinese: "解析到的 IP", English: "Resolves to"}, ip, ""},
			{labelProvider, id(s.Provider), ""}, {labelChecked, s.Checked, ""}, {labelRemark, s.Remark, ""}}
	}
	if n -= len(a.Accesses); n < len(a.Shells) {
		s := a.Shells[n]
		return []Row{{labelNumber, s.Number, ""}, {labelURL, s.HomeURL, ""}, {labelChecked, s.Checked, ""}, {labelRemark, s.Remark, ""}}
	}
	if n -= len(a.Shells); n < len(a.Sites) {
		s := a.Sites[n]
		return []Row{{labelNumber, s.Number, ""}, {labelURL, s.HomeURL, ""}, {labelChecked, s.Checked, ""}, {labelRemark, s.Remark, ""}}
	}
	return nil
}

// blacklistRows returns the rows of the nth entry of a blacklist, in the order of In.
func blacklistRows(b *document.Blacklist, n int) []Row {
	if b == nil {
		return nil
	}
	if n < len(b.Sites) {
		s := b.Sites[n]
		var domains []string
		for _, d := range s.Site.Domains {
			domains = append(domains, d.Name)
		}
		return []Row{{labelSite, s.Site.Name, ""}, {labelDomain, strings.Join(domains, " "), ""}, {labelURL, s.Site.HomeURL, ""}, {labelRemark, s.Remark, ""}}
	}
	if n -= len(b.Sites); n < len(b.Subjects) && b.Subjects[n].Subject != nil {
		s := b.Subjects[n]
		return []Row{{labelName, s.Subject.Name, ""}, {labelKind, id(s.Subject.Certificate.Kind), ""}, {labelCert, s.Subject.Certificate.Number, ""}, {labelRemark, s.Remark, ""}}
	}
	return nil
}
