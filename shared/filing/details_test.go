package filing_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"beian/shared/filing"
	"beian/shared/filing/filingtest"
	"beian/shared/rules/certificate"
	"beian/shared/rules/contact"
	"beian/shared/rules/division"
	"beian/shared/rules/domainname"
	"beian/shared/rules/fault"
	"beian/shared/rules/finding"
	"beian/shared/rules/person"
	"beian/shared/rules/preapproval"
	"beian/shared/rules/province"
	"beian/shared/rules/sitename"
	"beian/shared/rules/workday"
)

// A mistake is one error in an otherwise correct application, and the expected finding.
type mistake struct {
	name     string
	app      func() filingtest.Application
	change   func(*filingtest.Application)
	code     finding.Code
	pointer  string
	severity finding.Severity
}

var later = time.Date(2025, 6, 1, 1, 0, 0, 0, time.UTC)

var (
	beijing  = filingtest.EnterpriseBeijing
	zhejiang = filingtest.IndividualZhejiang
	jiangsu  = filingtest.EnterpriseJiangsu
)

// enterpriseHenan is a company in Zhengzhou; the bureau requires a mailing address in the city of the licence.
func enterpriseHenan() filingtest.Application {
	a := filingtest.EnterpriseBeijing()
	a.Opening.Province, a.Subject.Division = "41", "410102"
	a.Opening.Certificate.Number = filingtest.UnifiedCode("91410102", "00000004")
	a.Subject.Certificate.Number = a.Opening.Certificate.Number
	return a
}

// jiangsuThreeLeaders is a company with two sites, each with a leader of its own.
func jiangsuThreeLeaders() filingtest.Application {
	a := filingtest.EnterpriseJiangsu()
	other := filingtest.EnterpriseBeijing()
	for i, l := range []filing.Leader{other.Subject.Leader, other.Sites[0].Leader} {
		l.OfficePhone = a.Subject.Leader.OfficePhone
		a.Sites[i].Leader = l
	}
	return a
}

// app is the application that a mistake changes.
type app = filingtest.Application

// details are mistakes in the data of subject, sites and leaders.
var details = []mistake{
	{"a corrected name that the bureau cannot read", beijing, func(a *app) { a.Subject.Name = "北京𬭎例科技有限公司" },
		filing.CodeCharacter, "/subject/name", finding.Block},
	{"a letter of another script in a word", beijing, func(a *app) { a.Subject.Remark = "我们是 ЯндексGo 的代理" },
		filing.CodeMixedScripts, "/subject/remark", finding.Block},
	{"a text that may be of another script", beijing, func(a *app) { a.Sites[0].Remark = "СССР" },
		filing.CodeLookAlikes, "/sites/0/remark", finding.Warn},
	{"a corrected name of a person with a digit", zhejiang, func(a *app) { a.Subject.Name = "示例3" },
		person.NameCharacters, "/subject/name", finding.Block},
	{"a corrected name that the site's name contains", zhejiang, func(a *app) { a.Subject.Name = "木作" },
		sitename.IsPersonName, "/sites/0/name", finding.Block},
	{"a leader with another name than the corrected one", zhejiang, func(a *app) { a.Subject.Name, a.Sites[0].Leader.Name = "示例秉", "示例乙" },
		filing.CodeLeaderNotSubject, "/sites/0/leader/name", finding.Block},
	{"another number", beijing, func(a *app) { a.Subject.Certificate.Number = filingtest.JiangsuFirm },
		filing.CodeSubjectChanged, "/subject/certificate/number", finding.Block},
	{"another kind", beijing, func(a *app) {
		a.Subject.Certificate.Kind, a.Subject.Certificate.Number = certificate.Passport, ""
	}, filing.CodeSubjectChanged, "/subject/certificate/kind", finding.Block},
	{"a leader with another number", zhejiang, func(a *app) { a.Sites[0].Leader.Certificate.Number = filingtest.ResidentID("33010619800615000") },
		filing.CodeLeaderNotSubject, "/sites/0/leader/certificate/number", finding.Block},
	{"two unknown languages", beijing, func(a *app) { a.Sites[0].Languages = []int{1, 18, 0} },
		filing.CodeSiteLanguageUnknown, "/sites/0/languages/2", finding.Block},
	{"an expired licence", beijing, func(a *app) { a.Subject.Certificate.Validity = certificate.Validity{To: "2019-12-25"} },
		certificate.ValidityExpired, "/subject/certificate/validity/to", finding.Block},
	{"an expired card", beijing, func(a *app) { a.Sites[0].Leader.Certificate.Validity.To = "2019-12-25" },
		certificate.ValidityExpired, "/sites/0/leader/certificate/validity/to", finding.Block},
	{"a card that ends soon", beijing, func(a *app) { a.Sites[0].Leader.Certificate.Validity.To = "2020-02-01" },
		certificate.ValidityExpiring, "/sites/0/leader/certificate/validity/to", finding.Warn},
	{"no validity", beijing, func(a *app) { a.Subject.Leader.Certificate.Validity = certificate.Validity{} },
		certificate.ValidityMissing, "/subject/leader/certificate/validity/to", finding.Block},
	{"no certificate address", beijing, func(a *app) { a.Subject.CertificateAddress = "" },
		filing.CodeAddressMissing, "/subject/certificateAddress", finding.Block},
	{"no address", beijing, func(a *app) { a.Subject.Address = " " },
		filing.CodeAddressMissing, "/subject/address", finding.Block},
	{"no address in words", beijing, func(a *app) { a.Subject.Address = "无" },
		filing.CodeAddressMissing, "/subject/address", finding.Block},
	{"a district for an address", beijing, func(a *app) { a.Subject.Address = "东城区" },
		filing.CodeAddressIncomplete, "/subject/address", finding.Block},
	{"a city for the certificate's address", beijing, func(a *app) { a.Subject.CertificateAddress = "北京市东城区" },
		filing.CodeAddressIncomplete, "/subject/certificateAddress", finding.Block},
	{"an address that refers to the certificate", beijing, func(a *app) { a.Subject.Address = "与证件一致" },
		filing.CodeAddressMissing, "/subject/address", finding.Block},
	{"an address that refers to the licence", beijing, func(a *app) { a.Subject.Address = "详见营业执照" },
		filing.CodeAddressMissing, "/subject/address", finding.Block},
	{"an address in English", beijing, func(a *app) { a.Subject.Address = "Room 301" },
		filing.CodeAddressIncomplete, "/subject/address", finding.Block},
	{"a placeholder for an address", beijing, func(a *app) { a.Subject.Address = "同证件。" },
		filing.CodeAddressMissing, "/subject/address", finding.Block},
	{"signs for an address", beijing, func(a *app) { a.Subject.CertificateAddress = "***" },
		filing.CodeAddressMissing, "/subject/certificateAddress", finding.Block},
	{"a town for an address", beijing, func(a *app) { a.Subject.Address = "东城区示例街道。" },
		filing.CodeAddressIncomplete, "/subject/address", finding.Block},
	{"a room for an address", beijing, func(a *app) { a.Subject.Address = "1号楼301室" },
		filing.CodeAddressIncomplete, "/subject/address", finding.Block},
	{"an address without number", beijing, func(a *app) { a.Subject.Address = "示例镇示例村" },
		filing.CodeAddressNoNumber, "/subject/address", finding.Warn},
	{"a placeholder for the investor", beijing, func(a *app) { a.Subject.Investor = "无" },
		filing.CodeInvestorMissing, "/subject/investor", finding.Block},
	{"an address in another province", beijing, func(a *app) { a.Subject.Address = "浙江省杭州市西湖区示例路1号" },
		filing.CodeAddressOtherProvince, "/subject/address", finding.Warn},
	{"an address in Hong Kong", beijing, func(a *app) { a.Subject.Address = "香港九龙示例道1号" },
		filing.CodeAddressOtherProvince, "/subject/address", finding.Warn},
	{"an address in a city of another province", beijing, func(a *app) { a.Subject.Address = "杭州市示例路1号" },
		filing.CodeAddressOtherProvince, "/subject/address", finding.Warn},
	{"an address in a new city of another province", beijing, func(a *app) { a.Subject.Address = "草湖市示例路1号" },
		filing.CodeAddressOtherProvince, "/subject/address", finding.Warn},
	{"a new county for an address", beijing, func(a *app) { a.Subject.Address = "新疆和田地区和康县" },
		filing.CodeAddressIncomplete, "/subject/address", finding.Block},
	{"an old county for an address", beijing, func(a *app) { a.Subject.CertificateAddress = "崇文区" },
		filing.CodeAddressIncomplete, "/subject/certificateAddress", finding.Block},
	{"a province in the address", beijing, func(a *app) { a.Subject.Address = "北京市朝阳区示例路" },
		filing.CodeAddressPrefixed, "/subject/address", finding.Warn},
	{"a long remark", beijing, func(a *app) { a.Subject.Remark = strings.Repeat("样", 1025) },
		filing.CodeTextTooLong, "/subject/remark", finding.Block},
	{"a site's long remark", beijing, func(a *app) { a.Sites[0].Remark = strings.Repeat("样", 1025) },
		filing.CodeTextTooLong, "/sites/0/remark", finding.Block},
	{"no investor", beijing, func(a *app) { a.Subject.Investor = "" },
		filing.CodeInvestorMissing, "/subject/investor", finding.Block},
	{"no division", beijing, func(a *app) { a.Subject.Division = "" },
		division.Missing, "/subject/division", finding.Block},
	{"a province for the division", beijing, func(a *app) { a.Subject.Division = "110000" },
		division.Unknown, "/subject/division", finding.Block},
	{"a division that our table does not have", beijing, func(a *app) { a.Subject.Division = "110199" },
		division.Unlisted, "/subject/division", finding.Warn},
	{"a city that our table does not have", beijing, func(a *app) { a.Subject.Division = "119901" },
		division.Unlisted, "/subject/division", finding.Warn},
	{"a division that became another", beijing, func(a *app) { a.Subject.Division = "110103" },
		division.IsSuperseded, "/subject/division", finding.Warn},
	{"another province's division", beijing, func(a *app) { a.Subject.Division = "330106" },
		division.NotInside, "/subject/division", finding.Block},
	{"nonsense for a division", beijing, func(a *app) { a.Subject.Division = "北京" },
		division.Unknown, "/subject/division", finding.Block},
	{"no sites", beijing, func(a *app) { a.Sites = nil }, filing.CodeSitesMissing, "/sites", finding.Block},
	{"a person's two sites", zhejiang, func(a *app) { a.Sites = append(a.Sites, a.Sites[0]) },
		province.TooManySites, "/sites", finding.Warn},
	{"a domain left out", jiangsu, func(a *app) { a.Sites = a.Sites[:1] },
		filing.CodeDomainsNotCovered, "/sites", finding.Block},
	{"a domain in two sites", jiangsu, func(a *app) { a.Sites[1].Domains = a.Sites[0].Domains },
		filing.CodeDomainsNotCovered, "/sites", finding.Block},
	{"a foreign domain", beijing, func(a *app) { a.Sites[0].Domains = append(a.Sites[0].Domains, "other.cn") },
		filing.CodeDomainsNotCovered, "/sites", finding.Block},
	{"a home page elsewhere", beijing, func(a *app) { a.Sites[0].HomeURL = "www.other.cn" },
		domainname.HomeURLElsewhere, "/sites/0/homeUrl", finding.Block},
	{"中国", beijing, func(a *app) { a.Sites[0].Name = "中国样例" }, sitename.National, "/sites/0/name", finding.Block},
	{"only digits", beijing, func(a *app) { a.Sites[0].Name = "123456" },
		sitename.OnlyDigits, "/sites/0/name", finding.Block},
	{"only Latin", beijing, func(a *app) { a.Sites[0].Name = "Sample" },
		sitename.OnlyLatin, "/sites/0/name", finding.Block},
	{"the domain", beijing, func(a *app) { a.Sites[0].Name = "beijing-example.com" },
		sitename.IsDomain, "/sites/0/name", finding.Block},
	{"a short name", beijing, func(a *app) { a.Sites[0].Name = "样例" },
		sitename.TooShort, "/sites/0/name", finding.Block},
	{"signs", beijing, func(a *app) { a.Sites[0].Name = "样例★科技" }, sitename.Signs, "/sites/0/name", finding.Block},
	{"one's own name", zhejiang, func(a *app) { a.Sites[0].Name = "示例丙的手记" },
		sitename.IsPersonName, "/sites/0/name", finding.Block},
	{"a name twice", jiangsu, func(a *app) { a.Sites[1].Name = a.Sites[0].Name },
		sitename.Twice, "/sites/1/name", finding.Warn},
	{"a site without a domain", jiangsu, func(a *app) {
		a.Sites[0].Domains, a.Sites[1].Domains = slices.Concat(a.Sites[0].Domains, a.Sites[1].Domains), nil
	},
		filing.CodeSiteDomainMissing, "/sites/1/domains", finding.Block},
	{"no content", beijing, func(a *app) { a.Sites[0].ServiceContent = nil },
		filing.CodeContentUnknown, "/sites/0/serviceContent", finding.Block},
	{"unknown content", beijing, func(a *app) { a.Sites[0].ServiceContent = []int{8, 25} },
		filing.CodeContentUnknown, "/sites/0/serviceContent/1", finding.Block},
	{"a person's shop", zhejiang, func(a *app) { a.Sites[0].ServiceContent = []int{9} },
		filing.CodeContentNotForIndividuals, "/sites/0/serviceContent/0", finding.Block},
	{"no language", beijing, func(a *app) { a.Sites[0].Languages = nil },
		filing.CodeSiteLanguageUnknown, "/sites/0/languages", finding.Block},
	{"an unknown language", beijing, func(a *app) { a.Sites[0].Languages = []int{18} },
		filing.CodeSiteLanguageUnknown, "/sites/0/languages/0", finding.Block},
	{"an unknown trade", beijing, func(a *app) { a.Sites[0].PreApprovals = []filing.PreApproval{{Trade: "magic", Number: "1"}} },
		filing.CodePreApprovalUnknown, "/sites/0/preApprovals/0/trade", finding.Block},
	{"an approval without number", beijing, func(a *app) { a.Sites[0].PreApprovals = []filing.PreApproval{{Trade: preapproval.News}} },
		filing.CodePreApprovalNumberMissing, "/sites/0/preApprovals/0/number", finding.Block},
	{"a person's approval", zhejiang, func(a *app) { a.Sites[0].PreApprovals = []filing.PreApproval{{Trade: preapproval.News, Number: "1"}} },
		filing.CodePreApprovalNotForIndividuals, "/sites/0/preApprovals", finding.Block},
	{"an approval that expired yesterday", beijing, func(a *app) { a.Sites[0].PreApprovals = newsUntil("2019-12-24") },
		filing.CodePreApprovalExpired, "/sites/0/preApprovals/0/validUntil", finding.Block},
	{"an approval that expires during the review", beijing, func(a *app) { a.Sites[0].PreApprovals = newsUntil("2019-12-26") },
		filing.CodePreApprovalExpiring, "/sites/0/preApprovals/0/validUntil", finding.Warn},
	{"an approval until a day that does not exist", beijing, func(a *app) { a.Sites[0].PreApprovals = newsUntil("2020-02-30") },
		filing.CodePreApprovalDate, "/sites/0/preApprovals/0/validUntil", finding.Block},
	{"another person's leader", zhejiang, func(a *app) { a.Sites[0].Leader.Name = "示例己" },
		filing.CodeLeaderNotSubject, "/sites/0/leader/name", finding.Block},
	{"a company as leader", beijing, func(a *app) { a.Subject.Leader.Certificate = a.Subject.Certificate },
		certificate.KindNotPersonal, "/subject/leader/certificate/kind", finding.Block},
	{"a leader's check digit", beijing, func(a *app) { a.Sites[0].Leader.Certificate.Number = "110101199003070004" },
		certificate.ResidentIDCheckDigit, "/sites/0/leader/certificate/number", finding.Block},
	{"a leader of 14", beijing, func(a *app) { a.Sites[0].Leader.Certificate.Number = filingtest.Youth },
		province.LeaderAgeProof, "/sites/0/leader/certificate/number", finding.Warn},
	{"a leader of 11", beijing, func(a *app) { a.Sites[0].Leader.Certificate.Number = filingtest.Child },
		province.LeaderTooYoung, "/sites/0/leader/certificate/number", finding.Block},
	{"no office phone", beijing, func(a *app) { a.Subject.Leader.OfficePhone = "" },
		filing.CodeOfficePhoneMissing, "/subject/leader/officePhone", finding.Block},
	{"a service number", beijing, func(a *app) { a.Subject.Leader.OfficePhone = "400-000-0000" },
		contact.PhoneIsService, "/subject/leader/officePhone", finding.Block},
	{"one's own emergency number", beijing, func(a *app) { a.Subject.Leader.EmergencyPhone = "+86 199-0000-0001" },
		contact.EmergencySame, "/subject/leader/emergencyPhone", finding.Block},
	{"no mobile", beijing, func(a *app) { a.Subject.Leader.Mobile = "" },
		contact.MobileMissing, "/subject/leader/mobile", finding.Block},
	{"a shared mobile", beijing, func(a *app) { a.Sites[0].Leader.Mobile = a.Subject.Leader.Mobile },
		filing.CodeSameMobile, "/sites/0/leader/mobile", finding.Warn},
	{"a shared mail", beijing, func(a *app) { a.Sites[0].Leader.Email = a.Subject.Leader.Email },
		filing.CodeSameEmail, "/sites/0/leader/email", finding.Warn},
	{"another case of a shared mail", beijing, func(a *app) { a.Sites[0].Leader.Email = "LEADER1@example.com" },
		filing.CodeSameEmail, "/sites/0/leader/email", finding.Warn},
	{"a mobile shared by the leaders of two sites", jiangsuThreeLeaders, func(a *app) { a.Sites[1].Leader.Mobile = a.Sites[0].Leader.Mobile },
		filing.CodeSameMobile, "/sites/1/leader/mobile", finding.Warn},
	{"a mail shared by the leaders of two sites", jiangsuThreeLeaders, func(a *app) { a.Sites[1].Leader.Email = a.Sites[0].Leader.Email },
		filing.CodeSameEmail, "/sites/1/leader/email", finding.Warn},
	{"the site leader's mobile in an emergency", beijing, func(a *app) { a.Subject.Leader.EmergencyPhone = "+86 199-0000-0002" },
		filing.CodeEmergencyIsLeader, "/subject/leader/emergencyPhone", finding.Warn},
	{"the subject leader's mobile in an emergency", beijing, func(a *app) { a.Sites[0].Leader.EmergencyPhone = "19900000001" },
		filing.CodeEmergencyIsLeader, "/sites/0/leader/emergencyPhone", finding.Warn},
	{"the mobile of another site's leader in an emergency", jiangsuThreeLeaders, func(a *app) { a.Sites[0].Leader.EmergencyPhone = contact.Phone(a.Sites[1].Leader.Mobile) },
		filing.CodeEmergencyIsLeader, "/sites/0/leader/emergencyPhone", finding.Warn},
	{"one's own second mobile in an emergency", jiangsu, func(a *app) {
		a.Sites[0].Leader.Mobile, a.Sites[1].Leader.EmergencyPhone = "19900000008", "19900000008"
	}, contact.EmergencySame, "/sites/1/leader/emergencyPhone", finding.Block},
	{"one certificate number under two names", beijing, func(a *app) { a.Sites[0].Leader.Certificate.Number = filingtest.Woman },
		filing.CodeNumberOfTwoNames, "/sites/0/leader/certificate/number", finding.Block},
	{"one certificate number under two kinds and names", beijing, func(a *app) {
		a.Sites[0].Leader.Certificate = filing.IdentityDocument{Kind: certificate.Passport, Number: "E00000001", Validity: a.Sites[0].Leader.Certificate.Validity}
		a.Subject.Leader.Certificate = a.Sites[0].Leader.Certificate
		a.Subject.Leader.Certificate.Kind = certificate.PermanentResidentID
	}, filing.CodeNumberOfTwoNames, "/sites/0/leader/certificate/number", finding.Block},
	{"one certificate number under the names of two site leaders", jiangsuThreeLeaders, func(a *app) {
		a.Sites[1].Leader.Certificate.Number = a.Sites[0].Leader.Certificate.Number
	}, filing.CodeNumberOfTwoNames, "/sites/1/leader/certificate/number", finding.Block},
	{"an individual's number under another name", zhejiang, func(a *app) { a.Subject.Leader.Name = "示例己" },
		filing.CodeLeaderNotSubject, "/subject/leader/name", finding.Block},
	{"one name with two certificate numbers", beijing, func(a *app) { a.Sites[0].Leader.Name = a.Subject.Leader.Name },
		filing.CodeNameOfTwoNumbers, "/sites/0/leader/certificate/number", finding.Warn},
	{"a leader who is not the legal representative", beijing, func(a *app) { a.Subject.Leader.LegalRepresentative = false },
		province.LeaderNotLegal, "/subject/leader/legalRepresentative", finding.Warn},
}

// laterDetails are mistakes against rules that came into force after 2019.
var laterDetails = []mistake{
	{"one's own mobile in the office", beijing, func(a *app) { a.Subject.Leader.OfficePhone = "19900000001" },
		filing.CodeOfficeIsMobile, "/subject/leader/officePhone", finding.Block},
	{"another city than the licence's", enterpriseHenan, func(a *app) { a.Subject.Division = "410300" },
		province.OtherCity, "/subject/division", finding.Warn},
	{"a mobile in a Jiangsu office", jiangsu, func(a *app) { a.Subject.Leader.OfficePhone = "19900000009" },
		contact.LandlineWanted, "/subject/leader/officePhone", finding.Block},
}

func (m mistake) check(t *testing.T, found finding.List) {
	t.Helper()
	i := slices.IndexFunc(found, func(f finding.Finding) bool { return f.Code == m.code && f.Pointer == m.pointer })
	if i < 0 || found[i].Severity != m.severity || strings.Contains(found[i].Message.Chinese+found[i].Remedy.English+found[i].Message.English, "{") {
		t.Errorf("%s: want %s at %s, got", m.name, m.code, m.pointer)
		for _, f := range found {
			t.Errorf("    %s at %s (%s)", f.Code, f.Pointer, f.Severity)
		}
	}
}

// findings returns the findings of the error, or without an error those of the order.
func findings(c filing.Change, err error) finding.List {
	if err != nil {
		return fault.Of(err).Findings
	}
	return c.Order.Private.Findings
}

// TestDetails: each wrong value of subject, leaders and sites has its finding (S12).
func TestDetails(t *testing.T) {
	for at, mistakes := range map[time.Time][]mistake{filingtest.December2019: details, later: slices.Concat(details[:2], laterDetails)} {
		for _, m := range mistakes {
			w := filingtest.OpenAt(t, m.app(), at, filing.CollectDetails)
			a := m.app()
			m.change(&a)
			d := filing.EnterDetails{Subject: a.Subject, Sites: a.Sites}
			c, err := w.Order.Apply(d, filingtest.Applicant, w.At)
			found := findings(c, err)
			m.check(t, found)
			if (err != nil) != found.Blocking() || err != nil && fault.KindOf(err) != fault.Invalid {
				t.Errorf("%s: %v", m.name, err)
			}
		}
	}
}

// TestOnePersonAsSeveralLeaders: one person may be subject leader and the leader of each site, and leaders may share an emergency phone,
// a relative's or a colleague's, and the office phone.
func TestOnePersonAsSeveralLeaders(t *testing.T) {
	shared := filingtest.EnterpriseBeijing()
	shared.Sites[0].Leader.EmergencyPhone = shared.Subject.Leader.EmergencyPhone
	for _, a := range []filingtest.Application{filingtest.EnterpriseJiangsu(), filingtest.IndividualZhejiang(), jiangsuThreeLeaders(), shared} {
		w := filingtest.OpenAt(t, a, filingtest.December2019, filing.CollectEvidence)
		for _, f := range w.Order.Private.Findings {
			if strings.Contains(string(f.Code), "shared") || slices.Contains([]finding.Code{filing.CodeEmergencyIsLeader, filing.CodeNameOfTwoNumbers}, f.Code) {
				t.Errorf("%s at %s", f.Code, f.Pointer)
			}
		}
	}
}

// TestFindingsOnLeadersAreReportedOnce: a value that many leaders share is one finding for each of their fields.
func TestFindingsOnLeadersAreReportedOnce(t *testing.T) {
	w := filingtest.OpenAt(t, jiangsuThreeLeaders(), filingtest.December2019, filing.CollectDetails)
	a := jiangsuThreeLeaders()
	for i := range a.Sites {
		a.Sites[i].Leader.Mobile, a.Sites[i].Leader.EmergencyPhone = a.Subject.Leader.Mobile, contact.Phone(a.Subject.Leader.Mobile)
	}
	found := findings(w.Order.Apply(filing.EnterDetails{Subject: a.Subject, Sites: a.Sites}, filingtest.Applicant, w.At))
	for i, f := range found {
		if slices.Contains(found[:i], f) {
			t.Errorf("%s at %s twice", f.Code, f.Pointer)
		}
	}
	if !found.Has(filing.CodeSameMobile) || !found.Has(contact.EmergencySame) || found.Has(filing.CodeEmergencyIsLeader) {
		t.Errorf("findings %v", found)
	}
}

// TestMovedDivisions: a certificate keeps the code of a division that has another code today, even in another province.
func TestMovedDivisions(t *testing.T) {
	chongqing := filingtest.IndividualZhejiang()
	self := chongqing.Subject.Leader
	self.Certificate.Number = filingtest.ResidentID("51020219800101001") // 市中区 of Chongqing, in Sichuan until 1997
	chongqing.Opening.Province, chongqing.Opening.Certificate.Number = "50", self.Certificate.Number
	chongqing.Subject.Division, chongqing.Subject.Certificate, chongqing.Subject.CertificateAddress = "500103", self.Certificate, "重庆市渝中区示例路3号"
	chongqing.Subject.Leader, chongqing.Sites[0].Leader = self, self
	shangqiu := enterpriseHenan()
	shangqiu.Opening.Certificate.Number = filingtest.UnifiedCode("91412301", "00000004") // 商丘市, a county until 1997
	shangqiu.Subject.Certificate.Number, shangqiu.Subject.Division = shangqiu.Opening.Certificate.Number, "411402"
	for code, a := range map[finding.Code]filingtest.Application{province.OutOfProvince: chongqing, province.OtherCity: shangqiu} {
		w := filingtest.OpenAt(t, a, later, filing.CollectDetails)
		c, err := w.Order.Apply(filing.EnterDetails{Subject: a.Subject, Sites: a.Sites}, filingtest.Applicant, w.At)
		if found := findings(c, err); found.Has(code) {
			t.Errorf("%s", code)
		}
	}
}

// TestDetailsAreNormalized: white space around a text does not count and is not stored, a number that is listed twice counts
// once, and kind and number of the subject's certificate may each be left out.
func TestDetailsAreNormalized(t *testing.T) {
	w := filingtest.OpenAt(t, beijing(), filingtest.December2019, filing.CollectDetails)
	a, spaces := beijing(), strings.Repeat(" ", 2000)
	want := beijing()
	s, site := &a.Subject, &a.Sites[0]
	s.Address, s.CertificateAddress, s.Investor, s.Remark = spaces+s.Address, s.CertificateAddress+spaces, spaces+s.Investor+"\n", spaces
	s.Certificate.Kind = 0
	site.HomeURL, site.Remark = " http://"+string(site.Domains[0])+" ", "\t"+site.Remark+spaces
	site.ServiceContent, site.Languages = append(site.ServiceContent, site.ServiceContent...), append(site.Languages, site.Languages...)
	given := slices.Clone(site.ServiceContent)
	w.Decide(filingtest.Applicant, filing.EnterDetails{Subject: a.Subject, Sites: a.Sites})
	got, stored := w.Order.Private.Subject, w.Order.Private.Sites[0]
	if got.Address != want.Subject.Address || got.CertificateAddress != want.Subject.CertificateAddress || got.Investor != want.Subject.Investor ||
		got.Remark != "" || got.Certificate.Kind != want.Subject.Certificate.Kind {
		t.Error("the subject is not normalized")
	}
	if stored.HomeURL != "http://"+string(site.Domains[0]) || stored.Remark != want.Sites[0].Remark ||
		!slices.Equal(stored.ServiceContent, want.Sites[0].ServiceContent) || !slices.Equal(stored.Languages, want.Sites[0].Languages) {
		t.Error("the site is not normalized")
	}
	if !slices.Equal(site.ServiceContent, given) {
		t.Error("the decision was changed")
	}
}

// TestFindingsAreNotRepeated: one mistake in one field is one finding.
func TestFindingsAreNotRepeated(t *testing.T) {
	w := filingtest.OpenAt(t, beijing(), filingtest.December2019, filing.CollectDetails)
	a := beijing()
	a.Subject.Division = "999999"
	c, err := w.Order.Apply(filing.EnterDetails{Subject: a.Subject, Sites: a.Sites}, filingtest.Applicant, w.At)
	if got := codesIn(findings(c, err)); len(got) != 1 {
		t.Errorf("an unknown division: %v", got)
	}
	a.Opening.EntityKind = 21
	c, err = filing.Open(a.OpenInput("1"), filingtest.Applicant, filingtest.December2019)
	if got := codesIn(findings(c, err)); len(got) != 1 {
		t.Errorf("an unknown entity kind: %v", got)
	}
}

// TestIndividualIsTheLeader: empty leaders get the name and certificate of the individual subject.
func TestIndividualIsTheLeader(t *testing.T) {
	w := filingtest.OpenAt(t, filingtest.IndividualZhejiang(), filingtest.December2019, filing.CollectDetails)
	a := filingtest.IndividualZhejiang()
	for _, l := range []*filing.Leader{&a.Subject.Leader, &a.Sites[0].Leader} {
		l.Name, l.Certificate = "", filing.IdentityDocument{}
	}
	given := a.Sites[0]
	w.Decide(filingtest.Applicant, filing.EnterDetails{Subject: a.Subject, Sites: a.Sites})
	if o := w.Order; o.Private.Sites[0].Leader.Name != "示例丙" || o.Private.Sites[0].Leader.Certificate.Number != filingtest.Hangzhou {
		t.Error("the leader is not the subject")
	}
	if a.Sites[0].Leader != given.Leader {
		t.Error("Apply modified the decision")
	}
}

// TestResidence: an individual from another province gets a warning, and may upload the document that the province requires.
func TestResidence(t *testing.T) {
	a := filingtest.IndividualZhejiang()
	a.Opening.Province, a.Subject.Division = "32", "320102"
	w := filingtest.OpenAt(t, a, filingtest.December2019, filing.CollectEvidence)
	if !w.Order.Private.Findings.Has(province.ResidenceProof) || !w.Order.Accepts("residence-permit", w.At) {
		t.Errorf("findings %v", codesIn(w.Order.Private.Findings))
	}
	w = filingtest.OpenAt(t, filingtest.IndividualZhejiang(), filingtest.December2019, filing.CollectEvidence)
	if w.Order.Accepts("residence-permit", w.At) {
		t.Error("an individual of the province may upload a residence permit")
	}
}

// newsUntil returns the licence of a news site that is valid until a day.
func newsUntil(day workday.Date) []filing.PreApproval {
	return []filing.PreApproval{{Trade: preapproval.News, Number: "11120260001", ValidUntil: day}}
}
