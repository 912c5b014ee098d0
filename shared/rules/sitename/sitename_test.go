package sitename_test

import (
	"fmt"
	"strings"
	"testing"

	"beian/shared/rules/certificate"
	"beian/shared/rules/domainname"
	"beian/shared/rules/finding"
	"beian/shared/rules/sitename"
	"beian/shared/rules/workday"
)

var in2019 = workday.Date("2019-12-25").Time()

func TestCheck(t *testing.T) {
	unit := sitename.Site{Entity: certificate.Enterprise, Province: "11", Domains: []domainname.Domain{"ceshi-keji.com.cn"}}
	national := sitename.Site{Entity: certificate.Enterprise, Province: "11", Unit: "中国示例石油有限公司"}
	peoples := sitename.Site{Entity: certificate.Enterprise, Province: "44", Unit: "深圳市人民示例有限公司"}
	organ := sitename.Site{Entity: certificate.Government, Province: "11"}
	person := sitename.Site{Entity: certificate.Individual, Province: "44", Leader: "测试甲"}
	jiangsu := sitename.Site{Entity: certificate.Individual, Province: "32", Leader: "测试甲"}
	for _, c := range []struct {
		site sitename.Site
		name string
		want []finding.Code
	}{
		{unit, "北京测试科技有限公司", nil},
		{unit, "测试科技（北京）-产品站", nil},
		{unit, "Ceshi科技", nil},
		{unit, "  ", codeList(sitename.Missing)},
		{unit, "测试", codeList(sitename.TooShort)},
		{unit, "(测)-(试)", codeList(sitename.TooShort)},
		{unit, strings.Repeat("测", 513), codeList(sitename.TooLong)},
		{unit, "12345", codeList(sitename.OnlyDigits)},
		{unit, "ceshi keji", codeList(sitename.OnlyLatin)},
		{unit, "测试科技@北京", codeList(sitename.Signs)},
		{unit, "ceshi-keji.com.cn", codeList(sitename.Signs, sitename.IsDomain)},
		{unit, "CESHI-KEJI", codeList(sitename.OnlyLatin, sitename.IsDomain)},
		{unit, "中国测试科技", codeList(sitename.National)},
		{unit, "测试科技中国站", nil},
		{national, "中国示例石油", codeList(sitename.NationalAdvised)},
		{national, "中国示例石油官方商城", codeList(sitename.NationalAdvised)},
		{national, "中华示例石油", codeList(sitename.National)},
		{national, "中国示例石油有限公司", codeList(sitename.NationalAdvised)},
		{national, "（中国）示例石油", codeList(sitename.NationalAdvised)},
		{peoples, "人民示例", codeList(sitename.NationalAdvised)},
		{peoples, "人民日常", codeList(sitename.National)},
		{unit, "（中国）测试科技", codeList(sitename.National)},
		{unit, "-中 国测试科技", codeList(sitename.National)},
		{unit, "中國測試科技", codeList(sitename.National)},
		{unit, "中央空调维修", codeList(sitename.NationalAdvised)},
		{unit, "人民币收藏", codeList(sitename.NationalAdvised)},
		{person, "中国画小记", codeList(sitename.NationalAdvised)},
		{unit, "中央示例空调", codeList(sitename.National)},
		{organ, "中国测试信息网", nil},
		{unit, "华夏测试科技", codeList(sitename.NationalAdvised)},
		{unit, "测试教育咨询", codeList(sitename.PreApproval)},
		{unit, "测试公安信息", codeList(sitename.Authority)},
		{organ, "测试市公安信息", nil},
		{person, "小测的记事本", nil},
		{person, "测试甲的记事本", codeList(sitename.IsPersonName)},
		{person, "杭州的春天", codeList(sitename.IsPlace)},
		{person, "广西游记本", codeList(sitename.IsPlace)},
		{person, "小测工作室", codeList(sitename.IndividualTrade)},
		{person, "我爱中国风", codeList(sitename.NationalAdvised)},
		{person, "中国风小记", codeList(sitename.National)},
		{person, "小测的博客", codeList(sitename.IndividualWord)},
		{person, "小测热线", codeList(sitename.IndividualWord)},
		{person, "朝阳的日记", nil},
		{person, "大理石小记", nil},
		{person, "我在杭州的日子", codeList(sitename.IsPlace)},
		{person, "小测爱好者", codeList(sitename.IndividualWord)},
		{jiangsu, "小测的个人博客", nil},
		{jiangsu, "小测的记事本", codeList(sitename.JiangsuIndividual)},
	} {
		c.site.Name = c.name
		var got []finding.Code
		for _, f := range sitename.Check(c.site, in2019) {
			got = append(got, f.Code)
			if strings.Contains(f.Message.Chinese+f.Remedy.English, "{") || f.Message == finding.New("no-such-code", "").Message {
				t.Errorf("%s: the words of %s are not good", c.name, f.Code)
			}
		}
		if fmt.Sprint(got) != fmt.Sprint(c.want) {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

// Guangdong returns the site of an organisation whose name is only that of the organisation: it wants 某某公司官网.
func TestNamesInGuangdong(t *testing.T) {
	in2026 := workday.Date("2026-03-01").Time()
	for name, warned := range map[string]bool{
		"广州示例科技有限公司": true, "示例科技": true, "广州示例科技有限公司官网": false, "示例科技官网": false, "示例订单管理系统": false, "示例科技商城（广州）": false,
	} {
		site := sitename.Site{Name: name, Entity: certificate.Enterprise, Province: "44", Unit: "广州示例科技有限公司"}
		found := sitename.Check(site, in2026)
		if found.Has(sitename.GuangdongUnit) != warned || found.Blocking() {
			t.Errorf("%s: %v", name, found)
		}
		site.Province = "33"
		if found := sitename.Check(site, in2026); len(found) > 0 {
			t.Errorf("%s in Zhejiang: %v", name, found)
		}
	}
	organ := sitename.Site{Name: "示例市人民医院", Entity: certificate.PublicInstitution, Province: "44"}
	if found := sitename.Check(organ, in2026); found.Has(sitename.GuangdongUnit) {
		t.Errorf("an institution: %v", found)
	}
}

func codeList(list ...finding.Code) []finding.Code { return list }

func TestNamesOfOneSubject(t *testing.T) {
	s := sitename.Site{Name: "测试科技（北京）", Entity: certificate.Enterprise, Others: []string{"测试科技(北京)"}}
	if got := sitename.Check(s, in2019); !got.Has(sitename.Twice) || got.Blocking() {
		t.Errorf("%v, want a warning: bureaus differ", got)
	}
}

func TestRuleNotYetInForce(t *testing.T) {
	s := sitename.Site{Name: "小测的记事本", Entity: certificate.Individual, Province: "32"}
	if got := sitename.Check(s, workday.Date("2018-12-31").Time()); got != nil {
		t.Errorf("before Jiangsu's pattern: %v", got)
	}
}

func FuzzCheck(f *testing.F) {
	for _, seed := range []string{"北京测试科技有限公司", "（）-", "ＡＢＣ", "中国", "\xff\xff\xff", ""} {
		f.Add(seed, 4)
		f.Add(seed, 5)
	}
	f.Fuzz(func(t *testing.T, name string, entity int) {
		once := sitename.Normalize(name)
		if twice := sitename.Normalize(once); twice != once {
			t.Errorf("normalising %q twice gives another name", name)
		}
		s := sitename.Site{Name: name, Entity: certificate.EntityKind(entity), Province: "32"}
		if !sitename.Check(s, in2019).Blocking() && len([]rune(once)) < 3 {
			t.Errorf("%q passes", name)
		}
	})
}
