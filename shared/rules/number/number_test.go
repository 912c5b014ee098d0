package number_test

import (
	"encoding/json"
	"testing"

	"beian/shared/rules/number"
	"beian/shared/rules/province"
)

func TestParse(t *testing.T) {
	for _, c := range []struct{ in, subject, filing string }{
		{"京ICP备12345678号", "京ICP备12345678号", ""},
		{"京ICP备12345678号-1", "京ICP备12345678号", "京ICP备12345678号-1"},
		{"粤ICP备2020123456号", "粤ICP备2020123456号", ""},
		{"粤ICP备2020123456号-12", "粤ICP备2020123456号", "粤ICP备2020123456号-12"},
		{" 京 icp备 12345678 号 - 1 ", "京ICP备12345678号", "京ICP备12345678号-1"},
		{"京ＩＣＰ备１２３４５６７８号－１", "京ICP备12345678号", "京ICP备12345678号-1"},
		{"京ICP备12345678-3", "京ICP备12345678号", "京ICP备12345678号-3"},
		{"蜀ICP备12345678", "蜀ICP备12345678号", ""},
		{"沪ICP備12345678號—2", "沪ICP备12345678号", "沪ICP备12345678号-2"},
		{"京ICP备12345678号-2A", "京ICP备12345678号", "京ICP备12345678号-2A"},
		{"京ICP备12345678号-3x", "京ICP备12345678号", "京ICP备12345678号-3X"},
		{"京AICP备12345678号", "京ICP备12345678号", ""},
		{"京ICP备12345678号-01", "京ICP备12345678号", "京ICP备12345678号-1"},
		{"", "", ""},
		{"川ICP备12345678号", "", ""},
		{"京ICP备1234567号", "", ""},
		{"京ICP备123456789号", "", ""},
		{"京ICP备12345678号-0", "", ""},
		{"京ICP备12345678号-", "", ""},
		// Holders of licences.
		{"京ICP证030173号-136", "京ICP证030173号", "京ICP证030173号-136"},
		{"京ICP证030173号", "京ICP证030173号", ""},
		{"沪ICP证20040098", "沪ICP证20040098号", ""},
		{"粤B2-20090059-5", "粤B2-20090059", "粤B2-20090059-5"},
		{"粤 b2—20090059 － 5", "粤B2-20090059", "粤B2-20090059-5"},
		{"粤B220090059", "粤B2-20090059", ""},
		{"粤B2-20090059号-1714a", "粤B2-20090059", "粤B2-20090059-1714A"},
		{"京B1.B2-20170275-3", "京B1.B2-20170275", "京B1.B2-20170275-3"},
		{"合字B2-20210001", "合字B2-20210001", ""},
		{"A2.B1.B2-20090001-2", "A2.B1.B2-20090001", "A2.B1.B2-20090001-2"},
		{"A2B1B2-20090001", "A2.B1.B2-20090001", ""},
		{"合字A2.B1-20090001", "合字A2.B1-20090001", ""},
		{"A2、B1、B2-20090001-2", "A2.B1.B2-20090001", "A2.B1.B2-20090001-2"},
		{"B2-20090059", "B2-20090059", ""},
		{"B2-20090059-3A", "B2-20090059", "B2-20090059-3A"},
		// Licences have another character for some provinces than filings.
		{"川B2-20090059", "川B2-20090059", ""},
		{"川B2-20090059-5", "川B2-20090059", "川B2-20090059-5"},
		{"川ICP证160061号", "川ICP证160061号", ""},
		{"贵B2-20110282-7", "贵B2-20110282", "贵B2-20110282-7"},
		{"云B2-20230003", "云B2-20230003", ""},
		{"甘B2-20230003-1", "甘B2-20230003", "甘B2-20230003-1"},
		{"秦B2-20230003", "秦B2-20230003", ""},
		{"示B2-20230003", "", ""},
		{"苏ICP证B2-20100204", "苏B2-20100204", ""},
		{"苏ICP证B2-20100204号-3", "苏B2-20100204", "苏B2-20100204-3"},
		{"粤B3-20090059", "", ""},
		{"粤B2-2009005", "", ""},
		{"京ICP证12345号", "", ""},
		// As people write them.
		{"京ICP12345678号", "京ICP备12345678号", ""},
		{"备案号：京ICP备12345678号-1", "京ICP备12345678号", "京ICP备12345678号-1"},
		{"网站备案/许可证号: 粤B2-20090059-5", "粤B2-20090059", "粤B2-20090059-5"},
		{"增值电信业务经营许可证 粤B2-20090059", "粤B2-20090059", ""},
		{"增值电信业务经营许可证B2-20090059", "B2-20090059", ""},
		{"ICP证浙B2-20080224", "浙B2-20080224", ""},
		{"备案号京ICP备12345678号-1", "京ICP备12345678号", "京ICP备12345678号-1"},
		{"许可证编号京ICP证030173号", "京ICP证030173号", ""},
		{"示例京ICP备12345678号", "", ""},
		{"【京ICP备05000001号】。", "京ICP备05000001号", ""},
		{"京ICP备案第05000001号-1", "京ICP备05000001号", "京ICP备05000001号-1"},
		{"京ICP备12345678-1号", "京ICP备12345678号", "京ICP备12345678号-1"},
		{"粵ICP備12345678號-1", "粤ICP备12345678号", "粤ICP备12345678号-1"},
		{"京ICP證030173號", "京ICP证030173号", ""},
		{"京ICP备12345678号-2Ａ", "京ICP备12345678号", "京ICP备12345678号-2A"},
		{"京ICP备12345678号-4k", "京ICP备12345678号", "京ICP备12345678号-4K"},
		{"\u202d京ICP备12345678号\u202c", "京ICP备12345678号", ""},
		{"京公网安备11010502030123号", "", ""},
		{"京ICP备12345678号-1B", "", ""},
	} {
		s, f, err := number.Parse(c.in)
		if s.String() != c.subject || f.String() != c.filing || (err == nil) != (c.subject != "") {
			t.Errorf("%q: %q, %q, %v; want %q, %q", c.in, s, f, err, c.subject, c.filing)
		}
	}
	if _, err := number.ParseSubject("京ICP备12345678号-1"); err == nil {
		t.Error("a site's number is not a subject's")
	}
	if _, err := number.ParseFiling("京ICP备12345678号"); err == nil {
		t.Error("a subject's number is not a site's")
	}
}

// A number that a bureau gives to an app or a mini program differs from that of a site, and its kind is shown.
func TestKindOfService(t *testing.T) {
	for text, want := range map[string]string{
		"京ICP备12345678号-5": "site 网站", "京ICP备12345678号-5A": "app APP", "粤B2-20090059-3X": "mini-program 小程序", "京ICP证030173号-2K": "quick-app 快应用",
	} {
		f, err := number.ParseFiling(text)
		if got := f.Service.Name() + " " + f.Service.Words().Chinese; err != nil || got != want || f.Service.Words().English == "" {
			t.Errorf("%s is %q, %v; want %q", text, got, err, want)
		}
	}
	site, _ := number.ParseFiling("京ICP备12345678号-5")
	if app, _ := number.ParseFiling("京ICP备12345678号-5A"); app == site || app.Subject != site.Subject {
		t.Error("an app's number differs from a site's, and has the same subject")
	}
}

func TestSameSubject(t *testing.T) {
	for _, c := range []struct {
		a, b string
		same bool
	}{
		{"粤B2-20090059-5", "粤b2-20090059", true}, {"京ICP备12345678号-1", "京ICP12345678", true}, {"京ICP证030173号", "京ICP备03017300号", false},
		{"unreadable", "unreadable", true}, {"", "京ICP备12345678号", false},
	} {
		if number.SameSubject(c.a, c.b) != c.same {
			t.Errorf("%q and %q: want %t", c.a, c.b, c.same)
		}
	}
}

func TestEveryProvince(t *testing.T) {
	for _, p := range province.All() {
		s, err := number.ParseSubject(p.Abbreviation + "ICP备19000001号")
		if err != nil {
			t.Errorf("%s: %v", p.Short, err)
		}
		if back, ok := s.Province(); !ok || back.Code != p.Code {
			t.Errorf("%s: the number is of %s", p.Short, back.Short)
		}
	}
}

// A licence's number names the province by another character than a filing's in some provinces.
func TestProvinceOfLicence(t *testing.T) {
	for text, code := range map[string]province.Code{"川B2-20090059": "51", "蜀ICP备12345678号": "51", "贵B2-20110282": "52", "云B2-20230003": "53", "粤B2-20090059": "44"} {
		s, err := number.ParseSubject(text)
		if p, ok := s.Province(); err != nil || !ok || p.Code != code {
			t.Errorf("%s: %s, %v, want %s", text, p.Code, err, code)
		}
	}
	s, err := number.ParseSubject("B2-20090059")
	if _, ok := s.Province(); ok || err != nil {
		t.Errorf("a licence of the ministry has a province: %v", err)
	}
}

func TestNumberOfSite(t *testing.T) {
	s, _ := number.ParseSubject("京ICP备12345678号")
	if got := s.Filing(4).String(); got != "京ICP备12345678号-4" {
		t.Errorf("fourth site: %s", got)
	}
}

func TestJSON(t *testing.T) {
	type record struct {
		Subject number.Subject `json:"subject"`
		Site    number.Filing  `json:"site"`
	}
	var r record
	if err := json.Unmarshal([]byte(`{"subject":"京ICP备12345678号","site":"京ICP备12345678号-1"}`), &r); err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(r)
	if err != nil || string(text) != `{"subject":"京ICP备12345678号","site":"京ICP备12345678号-1"}` {
		t.Errorf("%s, %v", text, err)
	}
	if text, _ := json.Marshal(record{}); string(text) != `{"subject":"","site":""}` {
		t.Errorf("no numbers: %s", text)
	}
	if err := json.Unmarshal([]byte(`{"subject":"","site":""}`), &r); err != nil || r != (record{}) {
		t.Errorf("%v, %v", r, err)
	}
	if json.Unmarshal([]byte(`{"subject":"12345678"}`), &r) == nil {
		t.Error("digits are not a filing number")
	}
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{"京ICP备12345678号-1", "粤ICP备2020123456号", " 京 icp备 12345678 ", "川ICP备1号", "京ICP证030173号-136", "粤B2-20090059-5A", "A2B1.B2-20090001", "备案号：粵ICP備12345678號", "\xff", ""} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		s, filing, err := number.Parse(text)
		if err != nil {
			return
		}
		again, againFiling, err := number.Parse(s.String())
		if err != nil || again != s || againFiling != (number.Filing{}) {
			t.Errorf("%q: %q does not parse to itself", text, s)
		}
		if filing != (number.Filing{}) {
			if back, err := number.ParseFiling(filing.String()); err != nil || back != filing {
				t.Errorf("%q: %q does not parse to itself", text, filing)
			}
		}
	})
}
