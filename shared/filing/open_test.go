package filing_test

import (
	"strings"
	"testing"

	"beian/shared/filing"
	"beian/shared/filing/filingtest"
	"beian/shared/rules/certificate"
	"beian/shared/rules/contact"
	"beian/shared/rules/domainname"
	"beian/shared/rules/finding"
	"beian/shared/rules/person"
	"beian/shared/rules/province"
)

// openings are mistakes in the data that opens an order.
var openings = []mistake{
	{"no province", beijing, func(a *app) { a.Opening.Province = "" },
		filing.CodeProvinceUnknown, "/province", finding.Block},
	{"a county for the province", beijing, func(a *app) { a.Opening.Province = "110105" },
		filing.CodeProvinceUnknown, "/province", finding.Block},
	{"Hong Kong", beijing, func(a *app) { a.Opening.Province = "81" },
		filing.CodeProvinceUnknown, "/province", finding.Block},
	{"an unreadable character", zhejiang, func(a *app) { a.Opening.Name = "示例𬭎" },
		filing.CodeCharacter, "/name", finding.Block},
	{"no domain", beijing, func(a *app) { a.Opening.Domains = nil },
		filing.CodeDomainsMissing, "/domains", finding.Block},
	{"eleven domains", beijing, func(a *app) { a.Opening.Domains = severalDomains(11) },
		filing.CodeDomainLimit, "/domains", finding.Block},
	{"a domain twice", beijing, func(a *app) { a.Opening.Domains = []string{"example.cn", "Example.cn."} },
		filing.CodeDomainTwice, "/domains/1", finding.Block},
	{"www", beijing, func(a *app) { a.Opening.Domains[0] = "www.example.cn" },
		domainname.IsWWW, "/domains/0", finding.Block},
	{"a deeper domain", beijing, func(a *app) { a.Opening.Domains[0] = "a.example.com.cn" },
		domainname.NotRegistrable, "/domains/0", finding.Block},
	{"a suffix", beijing, func(a *app) { a.Opening.Domains[0] = "com.cn" },
		domainname.IsSuffix, "/domains/0", finding.Block},
	{"a URL", beijing, func(a *app) { a.Opening.Domains[0] = "https://example.cn/" },
		domainname.IsURL, "/domains/0", finding.Block},
	{"an address", beijing, func(a *app) { a.Opening.Domains[0] = "8.130.1.1" },
		domainname.IsIP, "/domains/0", finding.Block},
	{"an unknown suffix", beijing, func(a *app) { a.Opening.Domains[0] = "example.invalidsuffix" },
		domainname.SuffixUnknown, "/domains/0", finding.Block},
	{"a suffix Beijing refuses", beijing, func(a *app) { a.Opening.Domains[0] = "example.io" },
		province.SuffixRefused, "/domains/0", finding.Block},
	{"a licence's check digit", beijing, func(a *app) { a.Opening.Certificate.Number = "911101050000000001" },
		certificate.UnifiedCheckDigit, "/certificate/number", finding.Block},
	{"a licence's letters", beijing, func(a *app) { a.Opening.Certificate.Number = "91110105000000000I" },
		certificate.UnifiedCharacters, "/certificate/number", finding.Block},
	{"a short code", beijing, func(a *app) { a.Opening.Certificate.Number = "9111" },
		certificate.UnifiedLength, "/certificate/number", finding.Block},
	{"a person's card for a company", beijing, func(a *app) { a.Opening.Certificate.Kind = certificate.ResidentID },
		certificate.KindNotForEntity, "/certificate/kind", finding.Block},
	{"an unknown kind", beijing, func(a *app) { a.Opening.Certificate.Kind = 99 },
		certificate.KindUnknown, "/certificate/kind", finding.Block},
	{"an identity check digit", zhejiang, func(a *app) { a.Opening.Certificate.Number = "330106199206150007" },
		certificate.ResidentIDCheckDigit, "/certificate/number", finding.Block},
	{"a birth date that does not exist", zhejiang, func(a *app) { a.Opening.Certificate.Number = filingtest.ResidentID("33010619920230000") },
		certificate.ResidentIDBirthDate, "/certificate/number", finding.Block},
	{"a birth date in the future", zhejiang, func(a *app) { a.Opening.Certificate.Number = filingtest.ResidentID("33010620920615000") },
		certificate.ResidentIDBirthFuture, "/certificate/number", finding.Block},
	{"fifteen digits", zhejiang, func(a *app) { a.Opening.Certificate.Number = "330106920615000" },
		certificate.ResidentIDOld, "/certificate/number", finding.Block},
	{"no number", zhejiang, func(a *app) { a.Opening.Certificate.Number = " " },
		certificate.NumberMissing, "/certificate/number", finding.Block},
	{"no entity kind", beijing, func(a *app) { a.Opening.EntityKind = 0 },
		certificate.EntityUnknown, "/entityKind", finding.Block},
	{"no company name", beijing, func(a *app) { a.Opening.Name = " " },
		filing.CodeSubjectNameMissing, "/name", finding.Block},
	{"a long company name", beijing, func(a *app) { a.Opening.Name = person.Name(strings.Repeat("样", 256)) },
		filing.CodeTextTooLong, "/name", finding.Block},
	{"no person's name", zhejiang, func(a *app) { a.Opening.Name = "" }, person.NameMissing, "/name", finding.Block},
	{"digits in a name", zhejiang, func(a *app) { a.Opening.Name = "示例3" },
		person.NameCharacters, "/name", finding.Block},
	{"no contact", beijing, func(a *app) { a.Contact = filing.Contact{} },
		filing.CodeContactMissing, "/contact", finding.Block},
	{"no mail", beijing, func(a *app) { a.Contact.Email = "" }, filing.CodeContactMissing, "/contact", finding.Block},
	{"a contact's mobile", beijing, func(a *app) { a.Contact.Mobile = "12" },
		contact.MobileFormat, "/contact/mobile", finding.Block},
	{"a contact's mail", beijing, func(a *app) { a.Contact.Email = "nobody" },
		contact.EmailFormat, "/contact/email", finding.Block},
}

func severalDomains(n int) []string {
	var domains []string
	for i := range n {
		domains = append(domains, "example-"+string(rune('a'+i))+".cn")
	}
	return domains
}

func TestOpenings(t *testing.T) {
	for _, m := range openings {
		a := m.app()
		m.change(&a)
		c, err := filing.Open(a.OpenInput("1"), filingtest.Applicant, filingtest.December2019)
		m.check(t, findings(c, err))
		if blocked := err != nil; blocked != (m.severity == finding.Block) {
			t.Errorf("%s: %v", m.name, err)
		}
	}
	c, err := filing.Open(filing.OpenInput{Language: "tlh"}, filingtest.Applicant, filingtest.December2019)
	found := findings(c, err)
	for _, code := range []finding.Code{filing.CodeProvinceUnknown, filing.CodeDomainsMissing, filing.CodeContactMissing, filing.CodeLanguageUnknown,
		filing.CodeSubjectNameMissing, certificate.NumberMissing} {
		if !found.Has(code) {
			t.Errorf("an empty opening: finding %s is missing", code)
		}
	}
}

// TestDomainsOfProvinces: the rules of the provinces for domains warn at the opening.
func TestDomainsOfProvinces(t *testing.T) {
	for _, m := range []mistake{
		{"a government's .com", beijing, func(a *app) {
			a.Opening.EntityKind, a.Opening.Certificate.Kind = certificate.Government, 13
			a.Opening.Certificate.Number = filingtest.UnifiedCode("11110105", "00000004")
		}, province.SuffixRequired, "/domains/0", finding.Warn},
		{"a domain that begins with China", beijing, func(a *app) { a.Opening.Domains[0] = "china-example.com" },
			province.NameRefused, "/domains/0", finding.Warn},
	} {
		a := m.app()
		m.change(&a)
		input := a.OpenInput("1")
		input.DigestKey = "0123456789abcdef"
		c, err := filing.Open(input, filingtest.Applicant, filingtest.December2019)
		if err != nil {
			t.Errorf("%s: %v", m.name, err)
		}
		m.check(t, findings(c, err))
	}
}

// TestOpeningsAreNormalized: pasted text is normalized.
func TestOpeningsAreNormalized(t *testing.T) {
	a := filingtest.IndividualZhejiang()
	a.Opening.Name, a.Opening.Certificate.Number, a.Opening.Domains = " 示例丙 ", " 3301061992 06150006", []string{" ZheJiang-Example.CN. "}
	a.Contact = filing.Contact{Mobile: "+86 199-0000-0003", Email: " leader3@example.com "}
	w := filingtest.Open(t, a, filingtest.December2019)
	o := w.Order
	if o.Domains[0] != "zhejiang-example.cn" || o.Private.Subject.Certificate.Number != filingtest.Hangzhou || o.Private.Subject.Name != "示例丙" ||
		o.Private.Contact.Mobile != "19900000003" || o.Private.Contact.Email != "leader3@example.com" {
		t.Error("the opening is not normalized")
	}
	w.App = filingtest.IndividualZhejiang()
	w.AdvanceTo(filing.InitialReview)
}
