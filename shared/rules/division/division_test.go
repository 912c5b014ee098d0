package division_test

import (
	"fmt"
	"testing"

	"beian/shared/rules/division"
	"beian/shared/rules/finding"
	"beian/shared/rules/province"
)

func TestTable(t *testing.T) {
	all := division.Provinces()
	if len(all) != 34 {
		t.Fatalf("%d provinces", len(all))
	}
	for _, p := range province.All() {
		d, ok := division.Of(p.Code.GB2260())
		if !ok || d.Name != p.Name.Chinese || d.Level() != division.Province {
			t.Errorf("%s is %q here", p.Name.Chinese, d.Name)
		}
		cities := division.Children(p.Code.GB2260())
		if len(cities) == 0 {
			t.Errorf("%s has no cities", p.Short)
		}
		for _, c := range cities {
			if c.Level() != division.City {
				t.Errorf("%s is below %s", c.Name, p.Short)
			}
			for _, county := range division.Children(c.Code) {
				if got := division.Check(p.Code.GB2260(), c.Code, county.Code); len(got) > 0 {
					t.Errorf("%s: %v", division.FullName(county.Code), got)
				}
			}
		}
	}
}

func TestNames(t *testing.T) {
	for code, want := range map[string]string{
		"330106": "浙江省杭州市西湖区",
		"110101": "北京市东城区",
		"500229": "重庆市城口县",
		"429004": "湖北省仙桃市",
		"441900": "广东省东莞市",
		"330103": "浙江省杭州市下城区",
		"330000": "浙江省",
		"999999": "",
	} {
		if got := division.FullName(code); got != want {
			t.Errorf("%s: %q, want %q", code, got, want)
		}
	}
	for _, d := range division.Children("330100") {
		if d.Code == "330103" {
			t.Error("下城区 was abolished and is still offered")
		}
	}
	if p, ok := division.ProvinceOf("110103"); !ok || p.Name != "北京市" {
		t.Errorf("110103, abolished in 2010, is in %q", p.Name)
	}
	if _, ok := division.ProvinceOf("11"); ok {
		t.Error("two digits are not a division")
	}
}

func TestCheck(t *testing.T) {
	for _, c := range []struct {
		province, city, county string
		want                   string
	}{
		{"330000", "330100", "330106", "[]"},
		{"330000", "330100", "", "[]"},
		{"110000", "110100", "110101", "[]"},
		{"", "", "", "[/province place-missing /city place-missing]"},
		{"33", "3301", "330199", "[/province place-unknown /city place-unknown /county place-unknown]"},
		{"330100", "330000", "330100", "[/province place-unknown /city place-unknown /county place-unknown]"},
		{"320000", "330100", "320102", "[/city place-not-inside /county place-not-inside]"},
		{"330000", "330100", "330103", "[/county place-abolished]"},
		{"810000", "330100", "", "[/province place-without-bureau /city place-not-inside]"},
	} {
		got := []string{}
		for _, f := range division.Check(c.province, c.city, c.county) {
			got = append(got, f.Pointer+" "+string(f.Code))
			if f.Message == finding.New("no-such-code", "").Message {
				t.Errorf("the catalogue has no words for %s", f.Code)
			}
		}
		if fmt.Sprint(got) != c.want {
			t.Errorf("%v: %v, want %s", c, got, c.want)
		}
	}
	if division.Check("330000", "330100", "330103").Blocking() {
		t.Error("an abolished county warns, it does not block")
	}
}

func FuzzCheck(f *testing.F) {
	f.Add("330000", "330100", "330106")
	f.Add("", "00", "\xff")
	f.Fuzz(func(t *testing.T, p, c, county string) {
		if !division.Check(p, c, county).Blocking() && division.FullName(c) == "" {
			t.Errorf("%q, %q, %q pass", p, c, county)
		}
		division.Children(c)
		division.ProvinceOf(county)
	})
}
