package portal

import (
	"net/url"
	"reflect"
	"testing"

	"beian/shared/filing"
	"beian/shared/rules/finding"
	"beian/shared/web"
	"beian/shared/web/pages"
)

// TestRows: a form adds rows to a list, empty rows are removed, and no form makes a list longer than its limit.
func TestRows(t *testing.T) {
	const list = "/sites/0/preApprovals"
	d := draft{Document: pages.Document{"sites": []any{map[string]any{"preApprovals": []any{map[string]any{"trade": "news", "number": "新1"}}}}}}
	form := url.Values{list + "/0/number": {""}, list + "/0/trade": {""}, list + "/2/trade": {"drugs"}, list + "/2/number": {"药2"}, list + "/99999999/number": {"x"}, list + "/-1/number": {"x"}, list + "/x/number": {"x"}}
	page := detailPage{path: "/sites/0", prefix: "/sites/0", site: 0}
	d.readPage(newFixture(t).at("/", "zh-CN"), web.Order{Brief: web.Brief{Entity: 4}}, page, form)
	rows, _ := d.At(list).([]any)
	if len(rows) != 1 || rows[0].(map[string]any)["number"] != "药2" {
		t.Errorf("rows %v", rows)
	}
	d.readPage(newFixture(t).at("/", "zh-CN"), web.Order{Brief: web.Brief{Entity: 4}}, page, url.Values{list + "/0/trade": {""}, list + "/0/number": {" "}})
	if d.At(list) != nil {
		t.Errorf("rows %v", d.At(list))
	}
}

// TestExplanations: a new explanation of a finding replaces the one before, and an empty one removes it.
func TestExplanations(t *testing.T) {
	d := draft{Document: pages.Document{}}
	given := func(fields ...string) []any {
		form := url.Values{}
		for i := 0; i < len(fields); i += 2 {
			form.Set(fields[i], fields[i+1])
		}
		d.readExplanations(form)
		all, _ := d.At("/explanations").([]any)
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
	d := draft{Document: pages.Document{"subject": map[string]any{"address": "示例街3号", "remark": ""}, "sites": []any{map[string]any{"name": "木作手记", "homeUrl": "", "preApprovals": []any{}}}}}
	if d.settleReturned(o); len(d.returned) != 2 {
		t.Errorf("returned %v", d.returned)
	}
	d.Set("/subject/address", "示例街5号")
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
	d := draft{Document: pages.Document{"sites": []any{map[string]any{"name": "甲", "domains": []any{"a.cn", "b.cn"}}, map[string]any{"name": "乙", "domains": []any{"c.cn"}}}}}
	d.allot(o, func(domain string) int { return map[string]int{"a.cn": 0, "b.cn": 2, "c.cn": 0}[domain] })
	want := []any{map[string]any{"name": "甲", "domains": []any{"a.cn", "c.cn"}}, map[string]any{"domains": []any{"b.cn"}}}
	if got := d.At("/sites"); !reflect.DeepEqual(got, want) {
		t.Errorf("sites %v", got)
	}
}

// TestTaskStates: a page of which nothing was entered waits to be filled in, although a site that does not exist yet has no findings.
func TestTaskStates(t *testing.T) {
	o := web.Order{Brief: web.Brief{Entity: 4, Step: filing.CollectDetails, Domains: []filing.Domain{"a.cn"}}}
	d := draft{Document: pages.Document{"subject": map[string]any{"address": "示例街3号"}, "sites": []any{map[string]any{"domains": []any{"a.cn"}}}},
		found: finding.List{{Pointer: "/subject/leader/mobile", Severity: finding.Block}, {Pointer: "/subject/address", Severity: finding.Block}}}
	want := map[string]string{"/subject": "wrong", "/subject/leader": "todo", "/sites/0": "todo", "/sites/0/leader": "todo"}
	for _, p := range filledIn(o, d) {
		if got := d.state(o, p); got != want[p.path] {
			t.Errorf("%s is %s, want %s", p.path, got, want[p.path])
		}
	}
	o.Step = filing.CollectEvidence
	if got := d.state(o, detailPage{path: "/sites/0", prefix: "/sites/0", site: 0}); got != "done" {
		t.Errorf("after the step, %s", got)
	}
	v := newFixture(t).at("/orders/1", "zh-CN")
	v.R.SetPathValue("id", "1")
	tasks := []task{{Href: "/orders/1/subject", State: "done"}, {Href: "/orders/1/contact", State: "todo"}, {Href: "/orders/1/sites/0", State: "todo"}}
	if got := v.firstOpen(tasks); got != "/orders/1/sites/0" {
		t.Errorf("the application goes on at %q", got)
	}
	if got := v.firstOpen(tasks[:2]); got != "" {
		t.Errorf("the application goes on at %q", got)
	}
}

// TestFollowed: the page of an application follows the system only while that works, and notices each change.
func TestFollowed(t *testing.T) {
	at := func(who string, step filing.Step, version int) string {
		o := web.Order{Brief: web.Brief{Step: step}}
		o.Version, o.Next.Who = version, who
		return followed(o)
	}
	if at("applicant", filing.VerifyType, 1) != "" || at("nobody", filing.VerifySMS, 1) != "" || at("nobody", filing.Done, 1) != "" {
		t.Error("a page waits for the system, which does not work")
	}
	if now := at("nobody", filing.VerifyType, 1); now == "" || now == at("nobody", filing.VerifyType, 2) || now == at("nobody", filing.Transmit, 1) {
		t.Errorf("a page does not notice what changes: %q", now)
	}
}
