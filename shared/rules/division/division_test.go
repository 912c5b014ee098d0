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
					t.Errorf("%s: %v", county.Name, got)
				}
			}
		}
	}
}

func TestAbolished(t *testing.T) {
	if d, ok := division.Of("330103"); !ok || d.Name != "下城区" || !d.Abolished {
		t.Errorf("330103 is %+v", d)
	}
	for _, d := range division.Children("330100") {
		if d.Code == "330103" {
			t.Error("下城区 was abolished and is still listed")
		}
	}
}

func TestTrimNames(t *testing.T) {
	for address, want := range map[string]string{
		"浙江省杭州市西湖区示例路1号": "示例路1号", "北京市 东城区": "", "东城区示例小区": "示例小区", "示例路1号": "示例路1号", "Room 301": "Room 301", "": "",
	} {
		if got := division.TrimNames(address); got != want {
			t.Errorf("%q: %q, want %q", address, got, want)
		}
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
		if _, known := division.Of(c); !known && !division.Check(p, c, county).Blocking() {
			t.Errorf("%q, %q, %q pass", p, c, county)
		}
		division.Children(c)
	})
}
