package portal

import (
	"net/url"
	"reflect"
	"testing"

	"beian/shared/filing"
	"beian/shared/rules/finding"
	"beian/shared/web"
)

// TestRows: a form adds rows to a list, empty rows are removed, and no form makes a list longer than its limit.
func TestRows(t *testing.T) {
	const list = "/sites/0/preApprovals"
	d := draft{document: document{"sites": []any{map[string]any{"preApprovals": []any{map[string]any{"trade": "news", "number": "新1"}}}}}}
	form := url.Values{list + "/0/number": {""}, list + "/0/trade": {""}, list + "/2/trade": {"drugs"}, list + "/2/number": {"药2"}, list + "/99999999/number": {"x"}, list + "/-1/number": {"x"}, list + "/x/number": {"x"}}
	page := detailPage{path: "/sites/0", prefix: "/sites/0", site: 0}
	d.readPage(&visit{Language: "zh-CN"}, web.Order{Brief: web.Brief{Entity: 4}}, page, form)
	rows, _ := d.at(list).([]any)
	if len(rows) != 1 || rows[0].(map[string]any)["number"] != "药2" {
		t.Errorf("rows %v", rows)
	}
	d.readPage(&visit{Language: "zh-CN"}, web.Order{Brief: web.Brief{Entity: 4}}, page, url.Values{list + "/0/trade": {""}, list + "/0/number": {" "}})
	if d.at(list) != nil {
		t.Errorf("rows %v", d.at(list))
	}
}

// TestExplanations: a new explanation of a finding replaces the one before, and an empty one removes it.
func TestExplanations(t *testing.T) {
	d := draft{document: document{}}
	given := func(fields ...string) []any {
		form := url.Values{}
		for i := 0; i < len(fields); i += 2 {
			form.Set(fields[i], fields[i+1])
		}
		d.readExplanations(form)
		all, _ := d.at("/explanations").([]any)
		return all
	}
	if all := given("/sites/0/name", "2046"); all != nil {
		t.Errorf("%v", all)
	}
	given("explain site-name-digits /sites/0/name", "作品名", "explain broken", "x")
	if all := given("explain site-name-digits /sites/0/name", " 作品名就是 2046 "); len(all) != 1 || d.explanation("site-name-digits", "/sites/0/name") != "作品名就是 2046" {
		t.Errorf("%v", all)
	}
	if all := given("explain site-name-digits /sites/0/name", " "); len(all) != 0 {
		t.Errorf("%v", all)
	}
}

// TestReturnedUntilChanged: what was returned stays so until its value changes; values that a form left empty do not count as changed.
func TestReturnedUntilChanged(t *testing.T) {
	o := web.Order{Brief: web.Brief{Status: filing.Returned}, Findings: finding.List{
		{Pointer: "/subject/address", Severity: finding.Block}, {Pointer: "/sites/0", Severity: finding.Block}, {Pointer: "/evidence/x", Severity: finding.Block}, {Pointer: "/subject/remark", Severity: finding.Inform}}}
	o.Subject.Address, o.Sites = "示例街3号", []filing.Site{{Name: "木作手记"}}
	d := draft{document: document{"subject": map[string]any{"address": "示例街3号", "remark": ""}, "sites": []any{map[string]any{"name": "木作手记", "homeUrl": "", "preApprovals": []any{}}}}}
	if d.settleReturned(o); len(d.returned) != 2 {
		t.Errorf("returned %v", d.returned)
	}
	d.set("/subject/address", "示例街5号")
	if d.settleReturned(o); len(d.returned) != 1 || d.returned[0].Pointer != "/sites/0" {
		t.Errorf("returned %v", d.returned)
	}
	if next := d.next(o, detailPage{path: "/subject"}, []string{"/subject"}); next != "/sites/0" {
		t.Errorf("next %q", next)
	}
	if next := d.next(o, detailPage{path: "/subject"}, []string{"/subject", "/sites/0"}); next != "" {
		t.Errorf("next %q: each page is shown once", next)
	}
}

// TestAllot: each domain has one site; new sites are empty, and sites without a domain are removed.
func TestAllot(t *testing.T) {
	o := web.Order{Brief: web.Brief{Domains: []filing.Domain{"a.cn", "b.cn", "c.cn"}}}
	d := draft{document: document{"sites": []any{map[string]any{"name": "甲", "domains": []any{"a.cn", "b.cn"}}, map[string]any{"name": "乙", "domains": []any{"c.cn"}}}}}
	d.allot(o, func(domain string) int { return map[string]int{"a.cn": 0, "b.cn": 2, "c.cn": 0}[domain] })
	want := []any{map[string]any{"name": "甲", "domains": []any{"a.cn", "c.cn"}}, map[string]any{"domains": []any{"b.cn"}}}
	if got := d.at("/sites"); !reflect.DeepEqual(got, want) {
		t.Errorf("sites %v", got)
	}
}
