package preapproval_test

import (
	"strings"
	"testing"
	"time"

	"beian/shared/rules/finding"
	"beian/shared/rules/preapproval"
	"beian/shared/rules/province"
	"beian/shared/rules/workday"
)

func startOf(day workday.Date) time.Time { return day.Time() }

func TestTrades(t *testing.T) {
	for _, trade := range []preapproval.Trade{
		preapproval.News, preapproval.Publishing, preapproval.Drugs, preapproval.Culture, preapproval.RadioFilmTV,
		preapproval.Education, preapproval.Health, preapproval.RideHailing, preapproval.BBS,
	} {
		if r, ok := preapproval.Of(trade); !ok || r.Number <= 0 {
			t.Errorf("%s is missing or has no number", trade)
		}
	}
	if _, ok := preapproval.Of("fishing"); ok {
		t.Error("fishing needs no approval")
	}
}

// TestRequired: which trades need an approval depends on province and day (S8).
func TestRequired(t *testing.T) {
	for _, c := range []struct {
		trade    preapproval.Trade
		province province.Code
		on       workday.Date
		want     bool
	}{
		{preapproval.News, "11", "2019-12-25", true},
		{preapproval.BBS, "11", "2009-12-25", true},
		{preapproval.BBS, "11", "2019-12-25", false},
		{preapproval.Education, "11", "2013-12-25", true},
		{preapproval.Education, "11", "2019-12-25", false},
		{preapproval.Education, "33", "2019-12-25", true},
		{preapproval.Health, "13", "2019-12-25", true},
		{preapproval.Health, "33", "2019-12-25", false},
		{preapproval.RideHailing, "44", "2016-10-31", false},
		{preapproval.RideHailing, "44", "2016-11-01", true},
		{"religion", "54", "2019-12-25", false},
		{"religion", "54", "2022-03-01", true},
	} {
		r, _ := preapproval.Of(c.trade)
		if got := r.Required(c.province, startOf(c.on)); got != c.want {
			t.Errorf("%s in %s on %s: %t", c.trade, c.province, c.on, got)
		}
	}
	if in2019, in2026 := preapproval.Required("11", startOf("2019-12-25")), preapproval.Required("11", startOf("2026-03-01")); len(in2019) >= len(in2026) {
		t.Errorf("%d trades in 2019, %d in 2026", len(in2019), len(in2026))
	}
	if len(preapproval.All()) < 13 {
		t.Error("Required changed the list of all trades")
	}
}

func TestCheck(t *testing.T) {
	in2019 := startOf("2019-12-25")
	got := preapproval.Check("测试新闻网", nil, "11", in2019)
	if len(got) != 1 || !got.Has(preapproval.NameSuggestsTrade) || got.Blocking() {
		t.Fatalf("%v, want one warning", got)
	}
	f := got[0]
	if text := f.Message.Chinese + f.Message.English + f.Remedy.Chinese + f.Remedy.English; strings.Contains(text, "{") ||
		!strings.Contains(text, "互联网新闻信息服务许可证") || f.Message == finding.New("no-such-code", "").Message {
		t.Errorf("the words are not good: %s", text)
	}
	if got := preapproval.Check("测试新闻网", []preapproval.Trade{preapproval.News}, "11", in2019); got != nil {
		t.Errorf("stated: %v", got)
	}
	if got := preapproval.Check("测试科技", nil, "11", in2019); got != nil {
		t.Errorf("a name without keywords: %v", got)
	}
	if got := preapproval.Check("测试bbs", nil, "11", in2019); got != nil {
		t.Errorf("abolished: %v", got)
	}
}

// TestLists: a province's own words count in the name of a subject and of a site, in that province and since their day, until the trade is stated.
func TestLists(t *testing.T) {
	for _, c := range []struct {
		name     string
		province province.Code
		on       workday.Date
		stated   []preapproval.Trade
		want     string // in the document
	}{
		{"示例展览服务有限公司", "31", "2021-12-31", nil, ""}, // RW-SH, about 2022
		{"示例展览服务有限公司", "31", "2022-01-01", nil, "情况说明"},
		{"示例文化艺术交流策划咨询", "31", "2022-01-01", nil, "情况说明"},
		{"示例展览服务有限公司", "11", "2022-01-01", nil, ""},
		{"示例展览服务有限公司", "31", "2022-01-01", []preapproval.Trade{preapproval.Culture}, ""},
		{"示例慈善基金会", "33", "2021-01-01", nil, "认定说明"}, // TC-PRE, about 2021
		{"示例慈善基金会", "31", "2021-01-01", nil, ""},
		{"示例宗教用品店", "54", "2025-01-01", nil, "宗教信息服务许可证"}, // HW-XZ, 2025
		{"示例用品店", "54", "2025-01-01", nil, ""},
	} {
		got := preapproval.CheckSubject(c.name, c.stated, c.province, startOf(c.on))
		if len(got) > 1 || (len(got) == 1) != (c.want != "") || c.want != "" && !strings.Contains(got[0].Remedy.Chinese, c.want) {
			t.Errorf("%s in %s on %s: %v, want %q", c.name, c.province, c.on, got, c.want)
		}
	}
	if got := preapproval.Check("示例展览服务", nil, "31", startOf("2022-01-01")); len(got) != 1 || got.Blocking() {
		t.Errorf("in the name of a site: %v", got)
	}
	if got := preapproval.Check("示例基金", nil, "33", startOf("2021-01-01")); len(got) != 1 {
		t.Errorf("a word of both lists: %v", got)
	}
}

func FuzzCheck(f *testing.F) {
	for _, seed := range []string{"测试新闻网", "bbs", "", "\xff"} {
		f.Add(seed, "11")
	}
	f.Fuzz(func(t *testing.T, name, code string) {
		if preapproval.Check(name, nil, province.Code(code), startOf("2019-12-25")).Blocking() {
			t.Errorf("%q blocks", name)
		}
	})
}
