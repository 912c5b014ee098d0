package pack

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"beian/shared/rules/workday"
)

// TestPack: the pack loads, so every rule has id, period, source, words and cases of both results, and every case has its result.
func TestPack(t *testing.T) {
	p, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	if len(p.Rules) < 340 || len(p.Version) != 16 {
		t.Errorf("%d rules, version %q", len(p.Rules), p.Version)
	}
	for _, r := range p.Rules {
		of := titles[r.Family]
		if title, known := TitleOf(r.ID); !known || of.Chinese == "" || of.English == "" || !strings.HasSuffix(title.Chinese, of.Chinese) || !strings.HasSuffix(title.English, of.English) {
			t.Errorf("the title of rule %s of family %s is %q", r.ID, r.Family, title)
		}
	}
	for name := range families {
		if !slices.ContainsFunc(p.Rules, func(r Rule) bool { return r.Family == name }) {
			t.Errorf("no rule is of family %s", name)
		}
	}
}

// TestIncompletePacks: a pack with a rule that lacks something does not load.
func TestIncompletePacks(t *testing.T) {
	rules, err := collect()
	if err != nil {
		t.Fatal(err)
	}
	whole, err := decodeCases(casesFile)
	if err != nil {
		t.Fatal(err)
	}
	const id = "44.minimumAge.1"
	at := slices.IndexFunc(rules, func(r Rule) bool { return r.ID == id })
	for name, c := range map[string]struct {
		change func(*Rule, map[string]Cases)
		want   string
	}{
		"no id":            {func(r *Rule, _ map[string]Cases) { r.ID = "" }, "no id"},
		"an id twice":      {func(r *Rule, _ map[string]Cases) { r.ID = "44.minimumAge.2" }, "two rules have the id"},
		"no source":        {func(r *Rule, _ map[string]Cases) { r.Source = "" }, "no source"},
		"no period":        {func(r *Rule, _ map[string]Cases) { r.Span = workday.Span{} }, "first day"},
		"no words":         {func(r *Rule, _ map[string]Cases) { r.Codes = append(slices.Clone(r.Codes), "no-such-code") }, "no words"},
		"unknown family":   {func(r *Rule, _ map[string]Cases) { r.Family = "weather" }, "unknown family"},
		"no cases":         {func(_ *Rule, all map[string]Cases) { delete(all, id) }, "0 passing and 0 failing"},
		"no failing case":  {func(_ *Rule, all map[string]Cases) { all[id] = Cases{Pass: all[id].Pass} }, "1 passing and 0 failing"},
		"wrong cases":      {func(_ *Rule, all map[string]Cases) { all[id] = Cases{Pass: all[id].Fail, Fail: all[id].Pass} }, "passing case 1 fails"},
		"cases of no rule": {func(_ *Rule, all map[string]Cases) { all["44.none.1"] = all[id] }, "is no rule"},
	} {
		changed, cases := slices.Clone(rules), maps.Clone(whole)
		c.change(&changed[at], cases)
		if err := verify(changed, cases); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want an error with %q", name, err, c.want)
		}
	}
}

// TestAsOf: on a past day, each dated family gives the answer of that day. The cases of the pack check the first and the last days of its rules.
func TestAsOf(t *testing.T) {
	days := []workday.Date{"2019-12-25", "2020-08-17", "2026-11-27"}
	for _, c := range []struct {
		rule string
		give Case
		want [3]bool // whether the rules demand something on each day
	}{
		{"11.sms.1", Case{}, [3]bool{false, true, true}},                                                           // everywhere since 2020-08-17
		{"33.sms.1", Case{}, [3]bool{true, true, true}},                                                            // a pilot since 2018-09-10
		{"44.minimumAge.1", Case{Number: 17, Entity: 5}, [3]bool{true, true, true}},                                // to be checked by a reviewer, refused since 2025
		{"document.2", Case{Text: "commitment-letter"}, [3]bool{false, false, true}},                               // Jiangsu since 2021-06-01
		{"44.residence.1", Case{Text: "440101"}, [3]bool{false, false, false}},                                     // a local
		{"pre-approval.religion.1", Case{Text: "示例寺院", Province: "33"}, [3]bool{false, false, true}},               // since 2022-03-01
		{"pre-approval.training.1", Case{Text: "示例补习", Province: "33"}, [3]bool{false, false, true}},               // since 2021-07-24
		{"pre-approval.bbs.1", Case{Text: "示例贴吧", Province: "33"}, [3]bool{false, false, false}},                   // until 2010-07-04
		{"site-name.patterns.2", Case{Text: "木作手记"}, [3]bool{false, false, true}},                                  // Guangdong since 2023
		{"certificate.3", Case{Entity: 3, Number: 3}, [3]bool{true, true, true}},                                   // issued until 2017-12-31
		{"national.requiredSuffixes.2", Case{Entity: 3, Text: "com", Province: "33"}, [3]bool{false, false, true}}, // since 2024-07-01
	} {
		rules, err := collect()
		if err != nil {
			t.Fatal(err)
		}
		i := slices.IndexFunc(rules, func(r Rule) bool { return r.ID == c.rule })
		if i < 0 {
			t.Errorf("no rule %s", c.rule)
			continue
		}
		for k, day := range days {
			c.give.On = day
			if got := families[rules[i].Family].demands(rules[i], c.give); got != c.want[k] {
				t.Errorf("%s on %s: demands something: %t, want %t", c.rule, day, got, c.want[k])
			}
		}
	}
}

func TestBetween(t *testing.T) {
	p, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range p.Between("2020-08-16", "2020-08-17") {
		if r.Family != "sms" {
			t.Errorf("%s changes on 2020-08-17", r.ID)
		}
	}
	if same := p.Between("2020-08-17", "2020-08-18"); len(same) > 0 {
		t.Errorf("%d rules change on 2020-08-18", len(same))
	}
}
