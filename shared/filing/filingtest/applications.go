// Package filingtest provides applications of invented people and companies for tests, and moves orders through their steps.
// Start with [OpenAt]:
//
//	w := filingtest.OpenAt(t, filingtest.EnterpriseBeijing(), filingtest.December2019, filing.InitialReview)
//	change := w.Decide(filingtest.Reviewer, filing.ClaimOrder{})
//
// The certificate numbers have valid check digits but cannot have been issued: the serials of the persons are 000 (GB 11643
// counts from 001), and the companies' organisation codes begin with seven zeros. Other texts contain 示例 or 样例.
package filingtest

import (
	"fmt"
	"strings"

	"beian/shared/filing"
	"beian/shared/rules/certificate"
	"beian/shared/rules/contact"
	"beian/shared/rules/person"
	"beian/shared/rules/province"
)

// An Application is all data that an applicant enters.
type Application struct {
	Opening filing.Opening
	Contact filing.Contact
	Subject filing.Subject
	Sites   []filing.Site
}

// Numbers of invented people and companies.
const (
	Woman       certificate.Number = "110101198501010009" // 示例甲, Beijing
	Man         certificate.Number = "110101199003070003" // 示例乙, Beijing
	Hangzhou    certificate.Number = "330106199206150006" // 示例丙, Zhejiang
	Nanjing     certificate.Number = "320102198811110000" // 示例丁, Jiangsu
	Youth       certificate.Number = "330106200506150003" // 14 in December 2019, Zhejiang
	Child       certificate.Number = "330106200806150005" // 11 in December 2019, Zhejiang
	BeijingFirm certificate.Number = "91110105000000000U"
	JiangsuFirm certificate.Number = "91320102000000019Y"
)

var longTerm = certificate.Validity{From: "2016-01-04", LongTerm: true}

func leader(name person.Name, number certificate.Number, serial int) filing.Leader {
	return filing.Leader{
		Name: name,
		Certificate: filing.IdentityDocument{Kind: certificate.ResidentID, Number: number,
			Validity: certificate.Validity{From: "2015-05-01", To: "2035-05-01"}},
		Mobile:         contact.Mobile(fmt.Sprintf("199%08d", serial)),
		EmergencyPhone: contact.Phone(fmt.Sprintf("010-%08d", serial)),
		Email:          contact.Email(fmt.Sprintf("leader%d@example.com", serial)),
	}
}

// EnterpriseBeijing returns the application of a company with two leaders. Beijing had no SMS verification in 2019.
func EnterpriseBeijing() Application { return enterprise(BeijingFirm, "beijing-example.com") }

// NumberedEnterprise returns EnterpriseBeijing with the nth certificate number and domain.
func NumberedEnterprise(n int) Application {
	return enterprise(UnifiedCode("91110105", fmt.Sprintf("1%07d", n)), fmt.Sprintf("example-%d.cn", n))
}

func enterprise(number certificate.Number, domain string) Application {
	head, site := leader("示例甲", Woman, 1), leader("示例乙", Man, 2)
	head.LegalRepresentative = true
	head.OfficePhone, site.OfficePhone = "010-00000010", "010-00000010"
	licence := filing.IdentityDocument{Kind: certificate.BusinessLicence, Number: number, Validity: longTerm}
	return Application{
		Opening: filing.Opening{Province: "11", EntityKind: certificate.Enterprise, Name: "北京样例科技有限公司", Certificate: openingCertificate(licence),
			Domains: []string{domain}},
		Contact: filing.Contact{Mobile: head.Mobile, Email: "contact@example.com"},
		Subject: filing.Subject{
			Name: "北京样例科技有限公司", Certificate: licence, CertificateAddress: "北京市朝阳区示例证件路1号", Division: "110105",
			Address: "示例通信路2号楼3层", Investor: "样例投资人", Remark: "样例主体备注", Leader: head,
		},
		Sites: []filing.Site{{
			Name: "样例科技", Domains: []filing.Domain{filing.Domain(domain)}, HomeURL: "www." + domain,
			ServiceContent: []int{8}, Languages: []int{1}, Remark: "样例网站备注", Leader: site,
		}},
	}
}

// IndividualZhejiang returns the application of a person with a blog. Zhejiang has had the SMS verification since 2018-09-10.
func IndividualZhejiang() Application {
	self := leader("示例丙", Hangzhou, 3)
	return Application{
		Opening: filing.Opening{Province: "33", EntityKind: certificate.Individual, Name: self.Name, Certificate: openingCertificate(self.Certificate),
			Domains: []string{"zhejiang-example.cn"}},
		Contact: filing.Contact{Mobile: self.Mobile, Email: self.Email},
		Subject: filing.Subject{
			Name: self.Name, Certificate: self.Certificate, CertificateAddress: "浙江省杭州市西湖区示例证件路3号", Division: "330106",
			Address: "示例通信路4号", Investor: "示例丙", Leader: self,
		},
		Sites: []filing.Site{{
			Name: "木作手记", Domains: []filing.Domain{"zhejiang-example.cn"}, ServiceContent: []int{6}, Languages: []int{1},
			Remark: "记录手工木作的过程", Leader: self,
		}},
	}
}

// SoleTrader returns the application of a sole trader (个体工商户), who is both leaders, in a province with a division. name is the subject's.
func SoleTrader(p province.Code, division string, name person.Name) Application {
	self := leader("示例甲", Woman, 7)
	self.LegalRepresentative, self.OfficePhone = true, "010-00000070"
	licence := filing.IdentityDocument{Kind: certificate.BusinessLicence, Number: UnifiedCode("92"+division, "00000071"), Validity: longTerm}
	domain := "trader-example.cn"
	return Application{
		Opening: filing.Opening{Province: p, EntityKind: certificate.Enterprise, Name: name, Certificate: openingCertificate(licence), Domains: []string{domain}},
		Contact: filing.Contact{Mobile: self.Mobile, Email: self.Email},
		Subject: filing.Subject{
			Name: name, Certificate: licence, CertificateAddress: "样例证件路7号", Division: division, Address: "示例通信路8号", Investor: "示例甲",
			Remark: "个体工商户无字号", Leader: self,
		},
		Sites: []filing.Site{{
			Name: "样例餐饮店", Domains: []filing.Domain{filing.Domain(domain)}, ServiceContent: []int{8}, Languages: []int{1}, Leader: self,
		}},
	}
}

// EnterpriseJiangsu returns the application of a company with two sites and the same leader for the subject and both sites.
func EnterpriseJiangsu() Application {
	self := leader("示例丁", Nanjing, 5)
	self.LegalRepresentative, self.OfficePhone = true, "025-00000050"
	licence := filing.IdentityDocument{Kind: certificate.BusinessLicence, Number: JiangsuFirm, Validity: longTerm}
	site := func(name string, domain filing.Domain) filing.Site {
		return filing.Site{Name: name, Domains: []filing.Domain{domain}, ServiceContent: []int{8}, Languages: []int{1, 12}, Leader: self}
	}
	return Application{
		Opening: filing.Opening{Province: "32", EntityKind: certificate.Enterprise, Name: "南京样例家居有限公司", Certificate: openingCertificate(licence),
			Domains: []string{"jiangsu-example.com", "jiangsu-example.cn"}},
		Contact: filing.Contact{Mobile: self.Mobile, Email: self.Email},
		Subject: filing.Subject{
			Name: "南京样例家居有限公司", Certificate: licence, CertificateAddress: "江苏省南京市玄武区示例证件路5号", Division: "320102",
			Address: "示例通信路6号", Investor: "南京样例家居有限公司", Leader: self,
		},
		Sites: []filing.Site{site("样例家居", "jiangsu-example.com"), site("样例家居展厅", "jiangsu-example.cn")},
	}
}

// openingCertificate returns the part of a certificate that opens an order.
func openingCertificate(c filing.IdentityDocument) filing.OpeningCertificate {
	return filing.OpeningCertificate{Kind: c.Kind, Number: c.Number}
}

// Product returns a server that hosts the sites.
func Product() filing.Product {
	return filing.Product{Server: "server-1", IPs: []string{"8.130.1.1"}, Placement: "11", Mode: 5}
}

// ResidentID completes the first seventeen digits of a resident's number (GB 11643).
func ResidentID(digits string) certificate.Number {
	sum := 0
	for i, weight := range []int{7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2} {
		sum += weight * int(digits[i]-'0')
	}
	return certificate.Number(digits + string("10X98765432"[sum%11]))
}

// UnifiedCode completes a unified social credit code (GB 32100) from its first eight characters and eight digits for
// the organisation (GB 11714).
func UnifiedCode(prefix, digits string) certificate.Number {
	const alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"
	sum := 0
	for i, weight := range []int{3, 7, 9, 10, 5, 8, 4, 2} {
		sum += weight * int(digits[i]-'0')
	}
	text := prefix + digits + string("0X987654321"[sum%11])
	sum, weight := 0, 1
	for _, r := range text {
		sum += weight * strings.IndexRune(alphabet, r)
		weight = weight * 3 % 31
	}
	return certificate.Number(text + string(alphabet[(31-sum%31)%31]))
}
