package division_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"beian/shared/rules/division"
	"beian/shared/rules/finding"
	"beian/shared/rules/province"
	"beian/shared/rules/workday"
)

func day(date workday.Date) time.Time { return date.Time() }

var today = day("2026-11-01")

func TestTable(t *testing.T) {
	if all := division.Provinces(); len(all) != 34 {
		t.Fatalf("%d provinces", len(all))
	}
	counties := 0
	for _, p := range province.All() {
		d, ok := division.Of(p.Code.GB2260(), today)
		if !ok || d.Name != p.Name.Chinese || d.Level() != division.Province {
			t.Errorf("%s is %q here", p.Name.Chinese, d.Name)
		}
		cities := division.Children(p.Code.GB2260(), today)
		if len(cities) == 0 {
			t.Errorf("%s has no cities", p.Short)
		}
		for _, c := range cities {
			if c.Level() != division.City {
				t.Errorf("%s is below %s", c.Name, p.Short)
			}
			for _, county := range division.Children(c.Code, today) {
				counties++
				if got := division.Check(p.Code.GB2260(), c.Code, county.Code, today); len(got) > 0 {
					t.Errorf("%s: %v", county.Name, got)
				}
			}
		}
	}
	if counties < 2840 || counties > 2860 {
		t.Errorf("%d counties are in force", counties)
	}
}

// The choices that are offered are the divisions of the day: new ones from their day, old ones until theirs.
func TestChildrenAtATime(t *testing.T) {
	for _, c := range []struct {
		parent   string
		on       workday.Date
		name     string
		included bool
	}{
		{"653200", "2026-11-01", "和安县", true}, {"653200", "2026-11-01", "和康县", true}, {"653200", "2024-12-26", "和康县", false},
		{"653100", "2026-11-01", "岑岭县", true}, {"653100", "2026-03-25", "岑岭县", false},
		{"659000", "2026-11-01", "草湖市", true}, {"659000", "2026-04-16", "草湖市", false}, {"659000", "2026-11-01", "白杨市", true},
		{"500100", "2026-11-01", "两江新区", true}, {"500100", "2026-11-01", "江北区", false}, {"500100", "2025-11-06", "江北区", true},
		{"330100", "2026-11-01", "下城区", false}, {"330100", "2019-12-25", "下城区", true}, {"330100", "2026-11-01", "钱塘区", true},
		{"130500", "2026-11-01", "襄都区", true}, {"130500", "2026-11-01", "桥东区", false}, {"130500", "2019-12-25", "桥东区", true},
		{"540400", "2026-11-01", "米林市", true}, {"460300", "2026-11-01", "西沙区", true}, {"460300", "2026-11-01", "西沙群岛", false},
		{"330106", "2026-11-01", "", false}, {"990000", "2026-11-01", "", false},
	} {
		children := division.Children(c.parent, day(c.on))
		if slices.ContainsFunc(children, func(d division.Division) bool { return d.Name == c.name }) != c.included {
			t.Errorf("%s below %s on %s: want %t", c.name, c.parent, c.on, c.included)
		}
	}
	codes := map[string]bool{}
	for _, d := range division.Children("130500", day("2020-07-01")) { // the year of a change of names
		if codes[d.Code] {
			t.Errorf("%s is listed twice", d.Code)
		}
		codes[d.Code] = true
	}
}

func TestInForce(t *testing.T) {
	for code, want := range map[string]string{
		"330106": "西湖区 330106", "110103": "东城区 110101", "341402": "巢湖市 340181", "500112": "两江新区 500157 北碚区 500109",
		"510202": "渝中区 500103", "371202": "莱芜区 370116", "522121": "", "999999": "", "130502": "襄都区 130502",
	} {
		got := ""
		for _, d := range division.InForce(code, today) {
			got += " " + d.Name + " " + d.Code
		}
		if got != want && got != " "+want {
			t.Errorf("%s: %s, want %s", code, got, want)
		}
	}
}

func TestTrimNames(t *testing.T) {
	for address, want := range map[string]string{
		"浙江省杭州市西湖区示例路1号": "示例路1号", "北京市 东城区": "", "东城区示例小区": "示例小区", "示例路1号": "示例路1号", "Room 301": "Room 301", "": "",
		"新疆岑岭县": "", "新疆维吾尔自治区草湖市示例路1号": "示例路1号", "和康县": "", "重庆两江新区": "", "广东深圳南山区示例路1号": "示例路1号", "新疆": "",
		"崇文区": "", "北京路1号": "北京路1号", "河北区示例路1号": "示例路1号", "县城路1号": "县城路1号", "延边延吉市示例路1号": "示例路1号",
	} {
		if got := division.TrimNames(address); got != want {
			t.Errorf("%q: %q, want %q", address, got, want)
		}
	}
}

func TestProvinceOf(t *testing.T) {
	for address, want := range map[string]string{
		"浙江省杭州市西湖区示例路1号": "330000", "和康县示例路1号": "650000", "草湖市示例路1号": "650000", "两江新区示例路1号": "500000", "杭州市示例路1号": "330000",
		"广东深圳市示例路1号": "440000", "鼓楼区示例路1号": "", "北京路1号": "", "示例路1号": "", "": "", "\xff": "", "香港特别行政区示例路1号": "810000",
	} {
		if got, ok := division.ProvinceOf(address); got != want || ok != (want != "") {
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
		{"650000", "653200", "653228", "[]"},
		{"650000", "653200", "653229", "[]"},
		{"650000", "653100", "653132", "[]"},
		{"650000", "659000", "659013", "[]"},
		{"", "", "", "[/province place-missing /city place-missing]"},
		{"33", "3301", "33x199", "[/province place-unknown /city place-unknown /county place-unknown]"},
		{"330100", "330000", "330100", "[/province place-unknown /city place-unknown /county place-unknown]"},
		{"990000", "990100", "990101", "[/province place-unknown /city place-unknown /county place-unknown]"},
		{"320000", "330100", "320102", "[/city place-not-inside /county place-not-inside]"},
		{"330000", "330100", "330103", "[/county place-superseded]"},
		{"340000", "341400", "341402", "[/county place-superseded]"},
		{"340000", "341400", "", "[/city place-superseded]"},
		{"330000", "330100", "330199", "[/county place-unlisted]"},
		{"330000", "339900", "", "[/city place-unlisted]"},
		{"650000", "659900", "659901", "[/county place-unlisted]"},
		{"810000", "330100", "", "[/province place-without-bureau /city place-not-inside]"},
	} {
		got := []string{}
		for _, f := range division.Check(c.province, c.city, c.county, today) {
			got = append(got, f.Pointer+" "+string(f.Code))
			if f.Message == finding.New("no-such-code", "").Message {
				t.Errorf("the catalogue has no words for %s", f.Code)
			}
		}
		if fmt.Sprint(got) != c.want {
			t.Errorf("%v: %v, want %s", c, got, c.want)
		}
	}
}

// A division that was abolished, and one that is newer than the table, warn: the applicant may go on.
func TestCheckWarns(t *testing.T) {
	for _, c := range []struct{ province, city, county, message string }{
		{"330000", "330100", "330103", "下城区已经撤销或更名，现在是浙江省杭州市拱墅区（330105）。"},
		{"500000", "500100", "500112", "渝北区已经撤销或更名，现在是重庆市两江新区（500157）、重庆市北碚区（500109）。"},
		{"650000", "653200", "653299", "我们的区划表里还没有代码653299。"},
	} {
		found := division.Check(c.province, c.city, c.county, today)
		if found.Blocking() || len(found) != 1 || found[0].Message.Chinese != c.message {
			t.Errorf("%s: %v", c.county, found)
		}
	}
	if found := division.Check("650000", "653200", "653228", day("2024-12-01")); found.Blocking() || !found.Has(division.Unlisted) {
		t.Errorf("和康县 before it was founded: %v", found)
	}
	if found := division.Check("330000", "330100", "330103", day("2019-12-25")); len(found) > 0 {
		t.Errorf("下城区 before it was abolished: %v", found)
	}
}

func FuzzCheck(f *testing.F) {
	f.Add("330000", "330100", "330106")
	f.Add("", "00", "\xff")
	f.Add("330000", "341400", "341402")
	f.Fuzz(func(t *testing.T, p, c, county string) {
		if _, known := division.Of(p, today); !known && !division.Check(p, c, county, today).Blocking() {
			t.Errorf("%q, %q, %q pass", p, c, county)
		}
		division.Children(c, today)
		if once := division.TrimNames(p + county); division.TrimNames(once) != once {
			t.Errorf("%q is trimmed twice", p+county)
		}
		division.ProvinceOf(county)
	})
}
