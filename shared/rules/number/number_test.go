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
		{"京ICP证123456号", "", ""},
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

func TestYearAndSites(t *testing.T) {
	old, _ := number.ParseSubject("京ICP备12345678号")
	new, _ := number.ParseSubject("京ICP备2021345678号")
	if old.Year() != 2012 || new.Year() != 2021 || (number.Subject{}).Year() != 0 {
		t.Errorf("years %d and %d", old.Year(), new.Year())
	}
	if got := old.Filing(4).String(); got != "京ICP备12345678号-4" {
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
	for _, seed := range []string{"京ICP备12345678号-1", "粤ICP备2020123456号", " 京 icp备 12345678 ", "川ICP备1号", "\xff", ""} {
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
