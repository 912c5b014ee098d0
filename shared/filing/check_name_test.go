package filing_test

import (
	"slices"
	"strings"
	"testing"

	"beian/shared/filing"
	"beian/shared/filing/filingtest"
	"beian/shared/rules/certificate"
	"beian/shared/rules/finding"
	"beian/shared/rules/person"
	"beian/shared/rules/province"
)

// unnamed are what sole traders copy from a licence without a name, or enter instead.
var unnamed = []person.Name{"*****", "***", "*", "＊＊＊＊＊", "/", "／", "—", "——", "－", "-", "...", "无", "无字号", "无字号名称", "（无字号名称）",
	"无 字号", "个体工商户", "个体户", "个体工商户(无字号)", "个体工商户（无字号）", "无字号个体工商户", "无名称", "没有名称", "暂无", "N/A", "ｎ／ａ", "none", "XXX", "0",
	"示例甲（无字号名称）", "示例甲(无字号)", "", " ", "\u200b"}

// TestUnnamedSoleTrader: a sole trader whose licence has no name is told what to enter in the province, at the opening.
// Complaint: "my licence says *****, and so did I".
func TestUnnamedSoleTrader(t *testing.T) {
	for _, name := range unnamed {
		for code, want := range map[province.Code][2]string{
			"11": {"填写营业执照上经营者的姓名", "the name of the operator"},
			"12": {"“（个体工商户）”", "（个体工商户）"},
			"46": {"以个人名义备案", "as an individual"},
		} {
			c, err := filing.Open(filingtest.SoleTrader(code, string(code)+"0101", name).OpenInput("1"), filingtest.Applicant, later)
			found := findings(c, err)
			if len(found) != 1 || found[0].Code != province.TraderUnnamed || found[0].Pointer != "/name" || found[0].Severity != finding.Block ||
				!strings.Contains(found[0].Remedy.Chinese, want[0]) || !strings.Contains(found[0].Remedy.English, want[1]) {
				t.Errorf("%q in %s: %v", name.Reveal(), code, found)
			}
		}
	}
}

// TestOnlySoleTradersHaveNoName: a company always has a name, so what a sole trader enters for none is no name of a company.
func TestOnlySoleTradersHaveNoName(t *testing.T) {
	for _, name := range unnamed {
		a := beijing()
		a.Opening.Name = name
		c, err := filing.Open(a.OpenInput("1"), filingtest.Applicant, later)
		if found := findings(c, err); len(found) != 1 || found[0].Code != filing.CodeSubjectNameMissing || found[0].Pointer != "/name" {
			t.Errorf("%q: %v", name.Reveal(), codesIn(found))
		}
	}
	a := beijing() // a licence of before 2015 does not say whether it is a sole trader's
	a.Opening.Certificate.Number, a.Opening.Name = "110105600000001", "*****"
	c, err := filing.Open(a.OpenInput("1"), filingtest.Applicant, later)
	if found := findings(c, err); !found.Has(province.TraderUnnamed) {
		t.Errorf("an old licence: %v", codesIn(found))
	}
}

// TestSoleTraderUnderOperatorsName: the operator's name, of any length, is the name of the subject to the end; "*****" is not accepted as a
// correction. Where a province has another rule, the operator's name is a warning.
func TestSoleTraderUnderOperatorsName(t *testing.T) {
	for _, tc := range []struct {
		province province.Code
		name     person.Name
		warned   bool
	}{
		{"11", "示例甲", false}, {"11", "甲乙", false}, {"33", "示例·甲乙", false}, {"12", "示例甲（个体工商户）", false}, {"12", "示例甲", true}, {"46", "示例甲", true},
	} {
		a := filingtest.SoleTrader(tc.province, string(tc.province)+"0101", tc.name)
		if !strings.HasSuffix(tc.name.Reveal(), "）") {
			a.Subject.Leader.Name, a.Sites[0].Leader.Name = tc.name, tc.name
		}
		if tc.province == "33" {
			a.Subject.Division = "330106"
		}
		if tc.province == "46" {
			a.Subject.Division = "460105"
		}
		w := filingtest.OpenAt(t, a, later, filing.CollectDetails)
		c, err := w.Order.Apply(filing.EnterDetails{Subject: a.Subject, Sites: a.Sites}, filingtest.Applicant, w.At)
		if found := findings(c, err); err != nil || found.Has(province.TraderIsOperator) != tc.warned {
			t.Errorf("%s in %s: %v, %v", tc.name.Reveal(), tc.province, err, codesIn(found))
		}
		w.App.Subject.Name = "*****"
		c, err = w.Order.Apply(filing.EnterDetails{Subject: w.App.Subject, Sites: a.Sites}, filingtest.Applicant, w.At)
		if found := findings(c, err); !found.Has(province.TraderUnnamed) {
			t.Errorf("***** in the details in %s: %v", tc.province, codesIn(found))
		}
		w.App = a
		w.AdvanceTo(filing.AwaitBureau)
	}
}

// TestInvestorWithoutName: what stands for a missing name is no investor either.
func TestInvestorWithoutName(t *testing.T) {
	for _, name := range unnamed {
		a := beijing()
		w := filingtest.OpenAt(t, a, later, filing.CollectDetails)
		a.Subject.Investor = name.Reveal()
		c, err := w.Order.Apply(filing.EnterDetails{Subject: a.Subject, Sites: a.Sites}, filingtest.Applicant, w.At)
		if found := findings(c, err); err == nil || !found.Has(filing.CodeInvestorMissing) {
			t.Errorf("%q: %v", name.Reveal(), codesIn(found))
		}
	}
}

// TestRemarkOfUnnamedSoleTrader: the operator's name without a word about the licence in the remark is a warning at the remark.
func TestRemarkOfUnnamedSoleTrader(t *testing.T) {
	for remark, warned := range map[string]bool{"": true, "主要经营小吃": true, "本店营业执照无字号。": false} {
		a := filingtest.SoleTrader("11", "110101", "示例甲")
		a.Subject.Remark = remark
		w := filingtest.OpenAt(t, a, later, filing.CollectEvidence)
		if found := w.Order.Private.Findings; found.Has(province.TraderRemark) != warned {
			t.Errorf("%q: %v", remark, codesIn(found))
		}
	}
}

// TestStrangeNamesOfUnits: registered names with digits, letters, brackets, dots or few characters are accepted without a finding about the name.
func TestStrangeNamesOfUnits(t *testing.T) {
	for _, tc := range []struct {
		entity certificate.EntityKind
		kind   certificate.Kind
		number certificate.Number
		names  []person.Name
	}{
		{certificate.Enterprise, certificate.BusinessLicence, filingtest.UnifiedCode("92110105", "00000072"), []person.Name{
			"示例市示例区示例人餐饮店", "示例人", "示例", "示例·买买提小吃店", "示例98酒吧", "示例KTV", "无名小吃店", "示例（北京）餐饮店", "示例(北京)餐饮店", "无字号示例店", "示例X光器材店"}},
		{certificate.Enterprise, certificate.BusinessLicence, filingtest.BeijingFirm, []person.Name{
			"三六零示例360科技有限公司", "示例A&B（中国）有限公司", "北京示例科技合伙企业（有限合伙）", "示例·莱茵（北京）咨询有限公司", "中国示例石油有限公司", "示例3D打印有限公司"}},
		{certificate.Enterprise, 27, "X-12345", []person.Name{"示例株式会社北京代表处", "Example Inc.北京代表处", "美国Example, Inc.北京代表处", "示例（香港）有限公司北京办事处"}},
		{certificate.SocialOrganisation, 6, filingtest.UnifiedCode("51110000", "00000073"), []person.Name{"北京示例学会", "示例大学校友会（北京）"}},
		{certificate.Government, 13, filingtest.UnifiedCode("11110000", "00000074"), []person.Name{"北京市示例区人民政府", "示例委"}},
		{certificate.Defence, 5, "样例字第001号", []person.Name{"12345部队", "中国人民解放军12345部队", "示例军医院"}},
	} {
		for _, name := range tc.names {
			a := beijing()
			a.Opening.EntityKind, a.Opening.Certificate, a.Opening.Name = tc.entity, filing.OpeningCertificate{Kind: tc.kind, Number: tc.number}, name
			w := filingtest.OpenAt(t, a, later, filing.CollectDetails)
			ofName := func(f finding.Finding) bool { return f.Pointer == "/name" }
			if got := w.Order.Private.Subject.Name; got != person.NormalizeName(name.Reveal()) || slices.ContainsFunc(w.Order.Private.Findings, ofName) {
				t.Errorf("%s is stored as %s with %v", name.Reveal(), got.Reveal(), codesIn(w.Order.Private.Findings))
			}
			a.Subject.Name, a.Subject.Certificate.Kind, a.Subject.Certificate.Number = "", 0, ""
			c, err := w.Order.Apply(filing.EnterDetails{Subject: a.Subject, Sites: a.Sites}, filingtest.Applicant, w.At)
			for _, f := range findings(c, err) {
				if f.Pointer == "/subject/name" || f.Severity == finding.Block {
					t.Errorf("%s: %s at %s", name.Reveal(), f.Code, f.Pointer)
				}
			}
		}
	}
}
