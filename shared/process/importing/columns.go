package importing

import (
	"strings"
	"sync"

	"beian/shared/filing/register"
	"beian/shared/rules/codes"
	"beian/shared/rules/contact"
	"beian/shared/rules/finding"
	"beian/shared/rules/person"
	"beian/shared/rules/text"
	"beian/shared/rules/workday"
)

// A Form is the form of a column's values.
type Form string

// The forms.
const (
	Text        Form = "text"
	PersonName  Form = "name" // of a subject or a person
	Certificate Form = "certificate number"
	Number      Form = "filing number"
	Domains     Form = "domains"
	Mobile      Form = "mobile"
	Phone       Form = "phone"
	Email       Form = "email"
	Date        Form = "date"
	Code        Form = "code" // a number of the ministry, or its words
	Addresses   Form = "addresses"
	ID          Form = "id"
)

// A Column is a column of the table that is imported. A row of the table is a site; the columns of the subject are the same in all rows of a
// subject, or empty in all but the first.
type Column struct {
	// Key names the column in results, and is accepted as its header.
	Key   string
	Title finding.Words // the header in the template is the Chinese one
	// Required says that the cell must not be empty: in the first row of a subject, or in each row if the column is about the site.
	Required bool
	OfSite   bool
	Form     Form
	// Pointer is the JSON pointer of the value in a filing; {site} is the index of the site.
	Pointer string
	Help    finding.Words
	Example string // invented

	set func(values, *row, string) finding.List
}

// values knows the ministry's codes.
type values struct {
	tables codes.Tables
	cached map[string][]choice // by what is chosen
}

// A row is what one row of the table says.
type row struct {
	filing  register.Filing
	site    register.FiledSite
	details register.Site
	access  register.Access
}

// Columns returns the columns in the order of the template.
var Columns = sync.OnceValue(func() []Column {
	all := []Column{
		{Key: "subjectNumber", Title: words("主体备案号", "Subject number"), Form: Number, Pointer: "/number", Example: "京ICP备19000001号",
			Help: words("可不填，以网站备案号为准", "optional: the site's number contains it"), set: setSubjectNumber},
		{Key: "subjectName", Title: words("主办单位名称", "Subject name"), Required: true, Form: PersonName, Pointer: "/subject/name", Example: "示例科技有限公司",
			Help: words("与证件一致", "as on the certificate"),
			set: func(_ values, r *row, s string) finding.List {
				r.filing.Private.Subject.Name = person.Name(s)
				return nil
			}},
		{Key: "entityKind", Title: words("主办单位性质", "Kind of subject"), Required: true, Form: Code, Pointer: "/entityKind", Example: "企业",
			Help: words("名称或部里的代码，例如 企业 或 4", "the ministry's words or number: 企业 or 4"), set: values.setEntity},
		{Key: "certificateKind", Title: words("主体证件类型", "Kind of certificate"), Required: true, Form: Code, Pointer: "/subject/certificate/kind", Example: "营业执照",
			Help: words("名称或代码，例如 营业执照 或 1", "words or number: 营业执照 or 1"),
			set: func(v values, r *row, s string) finding.List {
				return v.setKind(r, &r.filing.Private.Subject.Certificate, s)
			}},
		{Key: "certificateNumber", Title: words("主体证件号码", "Certificate number"), Required: true, Form: Certificate, Pointer: "/subject/certificate/number",
			Example: "91110108MA01EX9K3T", Help: words("同一证件号码的各行属于同一主体", "rows with the same number are one subject"),
			set: func(_ values, r *row, s string) finding.List {
				return setNumber(&r.filing.Private.Subject.Certificate, s)
			}},
		{Key: "certificateUntil", Title: words("主体证件有效期至", "Certificate valid until"), Form: Date, Pointer: "/subject/certificate/validity", Example: "长期",
			Help: words("例如 2036-05-01，或 长期", "2036-05-01, or 长期 for no end"),
			set: func(_ values, r *row, s string) finding.List {
				r.filing.Private.Subject.Certificate.Validity.To = workday.Date(s)
				return nil
			}},
		{Key: "certificateAddress", Title: words("主体证件住所", "Address on the certificate"), Form: Text, Pointer: "/subject/certificateAddress", Example: "北京市海淀区示例路1号",
			set: func(_ values, r *row, s string) finding.List {
				r.filing.Private.Subject.CertificateAddress = s
				return nil
			}},
		{Key: "division", Title: words("区县代码", "Division"), Form: ID, Pointer: "/subject/division", Example: "110108",
			Help: words("通信地址所在区县的六位行政区划代码", "six digits (GB/T 2260) of the county of the mailing address"),
			set:  func(_ values, r *row, s string) finding.List { r.filing.Private.Subject.Division = s; return nil }},
		{Key: "address", Title: words("通信地址", "Mailing address"), Form: Text, Pointer: "/subject/address", Example: "海淀区示例路1号",
			Help: words("不含省、市", "without province and city"),
			set:  func(_ values, r *row, s string) finding.List { r.filing.Private.Subject.Address = s; return nil }},
		{Key: "investor", Title: words("投资人或主管单位", "Investor"), Form: Text, Pointer: "/subject/investor", Example: "示例控股有限公司",
			set: func(_ values, r *row, s string) finding.List { r.filing.Private.Subject.Investor = s; return nil }},
		{Key: "subjectRemark", Title: words("主体备注", "Remark on the subject"), Form: Text, Pointer: "/subject/remark",
			set: func(_ values, r *row, s string) finding.List { r.filing.Private.Subject.Remark = s; return nil }},
	}
	all = append(all, leaderColumns("leader", words("主体负责人", "Subject leader"), false, "/subject/leader", "示例人",
		func(r *row) *register.Leader { return &r.filing.Private.Subject.Leader })...)
	all = append(all, siteColumns()...)
	all = append(all, leaderColumns("siteLeader", words("网站负责人", "Site leader"), true, "/sites/{site}/leader", "",
		func(r *row) *register.Leader { return &r.details.Leader })...)
	return append(all, accessColumns()...)
})

func siteColumns() []Column {
	return []Column{
		{Key: "siteNumber", Title: words("网站备案号", "Site number"), Required: true, OfSite: true, Form: Number, Pointer: "/sites/{site}/number", Example: "京ICP备19000001号-1",
			set: setSiteNumber},
		{Key: "siteName", Title: words("网站名称", "Site name"), Required: true, OfSite: true, Form: PersonName, Pointer: "/sites/{site}/name", Example: "示例科技",
			set: func(_ values, r *row, s string) finding.List { r.details.Name = s; return nil }},
		{Key: "domains", Title: words("域名", "Domains"), Required: true, OfSite: true, Form: Domains, Pointer: "/sites/{site}/domains", Example: "import-example.com",
			Help: words("多个域名用分号或空格隔开", "separate several by semicolons or spaces"), set: setDomains},
		{Key: "homeUrl", Title: words("首页网址", "Home page"), OfSite: true, Form: Text, Pointer: "/sites/{site}/homeUrl", Example: "www.import-example.com",
			set: func(_ values, r *row, s string) finding.List { r.details.HomeURL = s; return nil }},
		{Key: "serviceContent", Title: words("服务内容", "Service content"), OfSite: true, Form: Code, Pointer: "/sites/{site}/serviceContent", Example: "单位门户网站",
			Help: words("名称或代码，多个用分号隔开", "words or numbers, several separated by semicolons"),
			set: func(v values, r *row, s string) (found finding.List) {
				r.details.ServiceContent, found = v.list(codes.Services, s)
				return found
			}},
		{Key: "languages", Title: words("网站语言", "Languages"), OfSite: true, Form: Code, Pointer: "/sites/{site}/languages", Example: "中文简体",
			Help: words("名称或代码，多个用分号隔开", "words or numbers, several separated by semicolons"),
			set: func(v values, r *row, s string) (found finding.List) {
				r.details.Languages, found = v.list(codes.Languages, s)
				return found
			}},
		{Key: "preApprovals", Title: words("前置审批", "Pre-approvals"), OfSite: true, Form: Text, Pointer: "/sites/{site}/preApprovals",
			Help: words("类别=批准文号，多个用分号隔开，例如 新闻=示例文号1", "trade=number of the licence, several separated by semicolons: news=example-1"), set: values.setPreApprovals},
		{Key: "siteRemark", Title: words("网站备注", "Remark on the site"), OfSite: true, Form: Text, Pointer: "/sites/{site}/remark",
			set: func(_ values, r *row, s string) finding.List { r.details.Remark = s; return nil }},
	}
}

// leaderColumns are the columns of a leader. Those of a site are all empty if the leader of the subject is also that of the site.
func leaderColumns(key string, who finding.Words, ofSite bool, pointer, name string, of func(*row) *register.Leader) []Column {
	column := func(field string, chinese, english string, form Form, place, example string, set func(*register.Leader, string)) Column {
		if name == "" {
			example = ""
		}
		return Column{Key: key + field, Title: words(who.Chinese+chinese, who.English+"'s "+english), OfSite: ofSite, Form: form, Pointer: pointer + place, Example: example,
			set: func(_ values, r *row, s string) finding.List { set(of(r), s); return nil }}
	}
	all := []Column{
		column("Name", "姓名", "name", PersonName, "/name", name, func(l *register.Leader, s string) { l.Name = person.Name(s) }),
		column("CertificateKind", "证件类型", "kind of certificate", Code, "/certificate/kind", "居民身份证", nil),
		column("CertificateNumber", "证件号码", "certificate number", Certificate, "/certificate/number", "110101199001010015", nil),
		column("CertificateUntil", "证件有效期至", "certificate valid until", Date, "/certificate/validity", "2036-05-01",
			func(l *register.Leader, s string) { l.Certificate.Validity.To = workday.Date(s) }),
		column("Mobile", "手机号码", "mobile", Mobile, "/mobile", "18900000001", func(l *register.Leader, s string) { l.Mobile = contact.Mobile(s) }),
		column("OfficePhone", "办公电话", "office phone", Phone, "/officePhone", "010-60000001", func(l *register.Leader, s string) { l.OfficePhone = contact.Phone(s) }),
		column("EmergencyPhone", "应急电话", "emergency phone", Phone, "/emergencyPhone", "18900000002",
			func(l *register.Leader, s string) { l.EmergencyPhone = contact.Phone(s) }),
		column("Email", "电子邮箱", "email", Email, "/email", "leader@import-example.com", func(l *register.Leader, s string) { l.Email = contact.Email(s) }),
		column("IsLegalRepresentative", "是否法定代表人", "being the legal representative", Text, "/legalRepresentative", "是",
			func(l *register.Leader, s string) {
				l.LegalRepresentative = yes[strings.ToLower(text.NormalizeASCII(s))]
			}),
	}
	all[0].Required = !ofSite
	all[1].set = func(v values, r *row, s string) finding.List { return v.setPersonalKind(&of(r).Certificate, s) }
	all[2].set = func(_ values, r *row, s string) finding.List { return setNumber(&of(r).Certificate, s) }
	all[8].Help = words("是 或 否", "是 (yes) or 否 (no)")
	if ofSite {
		all[0].Help = words("与主体负责人相同的，网站负责人各列都不填", "leave all columns of the site leader empty if it is the subject leader")
	}
	return all
}

var yes = map[string]bool{"是": true, "yes": true, "y": true, "true": true, "1": true}

func accessColumns() []Column {
	return []Column{
		{Key: "accessMode", Title: words("接入方式", "Access mode"), OfSite: true, Form: Code, Pointer: "/sites/{site}/accesses/0/modes", Example: "虚拟主机",
			Help: words("名称或代码", "words or number"),
			set: func(v values, r *row, s string) finding.List {
				modes, found := v.list(codes.AccessModes, s)
				for _, m := range modes {
					r.access.Modes = append(r.access.Modes, int64(m))
				}
				return found
			}},
		{Key: "ips", Title: words("服务器IP", "Server addresses"), OfSite: true, Form: Addresses, Pointer: "/sites/{site}/accesses/0/ips", Example: "203.0.113.5",
			Help: words("公网 IPv4，多个用分号隔开，一段写成 203.0.113.5-203.0.113.9", "public IPv4, several separated by semicolons, a range as 203.0.113.5-203.0.113.9"), set: setAddresses},
		{Key: "placement", Title: words("服务器所在省份", "Province of the server"), OfSite: true, Form: ID, Pointer: "/sites/{site}/accesses/0/placement", Example: "11",
			Help: words("两位行政区划代码", "two digits (GB/T 2260)"), set: values.setPlacement},
		{Key: "server", Title: words("服务器编号", "Server"), OfSite: true, Form: ID, Pointer: "/sites/{site}/accesses/0/server",
			Help: words("本公司库存中的服务器编号", "id of the server in our inventory"),
			set:  setServer},
		{Key: "provider", Title: words("接入商编号", "Access provider"), OfSite: true, Form: ID, Pointer: "/sites/{site}/accesses/0/provider",
			Help: words("由其他接入商接入时填写其部里编号；不填表示由本公司接入", "the ministry's number of another provider that hosts the site; empty: we host it"), set: setProvider},
		{Key: "account", Title: words("账号", "Account"), Form: ID, Pointer: "/account",
			Help: words("客户账号；不填的，由客户以后自行认领", "the customer's account; empty: the customer claims the filing later"),
			set:  func(_ values, r *row, s string) finding.List { r.filing.Account = register.Account(s); return nil }},
		{Key: "subjectId", Title: words("主体ID", "Subject id"), Form: ID, Pointer: "/ministryId", Help: words("部里的主体编号（Ztid）", "the ministry's id (Ztid)"),
			set: func(_ values, r *row, s string) finding.List { return setMinistryID(&r.filing.MinistryID, s) }},
		{Key: "siteId", Title: words("网站ID", "Site id"), OfSite: true, Form: ID, Pointer: "/sites/{site}/ministryId", Help: words("部里的网站编号（Wzid）", "the ministry's id (Wzid)"),
			set: func(_ values, r *row, s string) finding.List { return setMinistryID(&r.site.MinistryID, s) }},
		{Key: "accessId", Title: words("接入ID", "Access id"), OfSite: true, Form: ID, Pointer: "/sites/{site}/accesses/0/ministryId", Help: words("部里的接入编号（Jrid）", "the ministry's id (Jrid)"),
			set: func(_ values, r *row, s string) finding.List { return setMinistryID(&r.access.MinistryID, s) }},
	}
}

func words(chinese, english string) finding.Words {
	return finding.Words{Chinese: chinese, English: english}
}
