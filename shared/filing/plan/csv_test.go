package plan_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/encoding/simplifiedchinese"

	"beian/shared/filing"
	"beian/shared/filing/plan"
	"beian/shared/rules/finding"
)

const table = "备案情况,域名,备注,网站,备案号\r\n未备案,a-example.cn,\"一,\n二\",商城,\r\n\r\n别处,b-example.cn,,,浙ICP备12345678号-1\r\n,,,,\r\n,c-example.cn\r\n"

// TestReadFile: a table of a Chinese spreadsheet program, in each of its encodings, and what is wrong with others.
func TestReadFile(t *testing.T) {
	gbk, err := simplifiedchinese.GBK.NewEncoder().String(table)
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"UTF-8": table, "UTF-8 with a byte order mark": "\ufeff" + table, "GBK": gbk} {
		got, found := plan.ReadFile([]byte(text))
		if len(got) != 3 || got[0].Domain != "a-example.cn" || got[0].Site != "商城" || got[0].Filed != "未备案" || got[1].Number != "浙ICP备12345678号-1" ||
			got[2].Domain != "c-example.cn" || !slices.Equal(codes(found), []finding.Code{plan.CodeColumnIgnored}) {
			t.Errorf("%s: %+v, %v", name, got, codes(found))
		}
	}
	for name, c := range map[string]struct {
		text string
		want string
	}{
		"empty":                 {" \r\n", "plan-file-empty /file"},
		"a header only":         {"domain\n", "plan-file-empty /file"},
		"no header":             {"a-example.cn\nb-example.cn\n", "plan-file-column-ignored /file plan-file-column-missing /file"},
		"a column twice":        {"域名,domain\na-example.cn,b-example.cn\n", "plan-file-column-twice /file"},
		"a workbook":            {"PK\x03\x04rest", "plan-file-workbook /file"},
		"UTF-16":                {"\xff\xfed\x00o\x00m\x00", "plan-file-encoding /file"},
		"bytes without meaning": {"domain\n\xff\xff\xff.cn\n", "plan-file-encoding /file"},
		"quotation marks":       {"domain\na\"b.cn\nb-example.cn\n\"c\"d,e\n", "plan-file-row /file/2 plan-file-row /file/4"},
		"1,001 rows":            {"domain\n" + strings.Repeat("a-example.cn\n", 1001), "plan-too-many-rows /file"},
		"broken rows":           {"domain\n" + strings.Repeat("\"a\"b\n", 50_000), strings.TrimSpace(brokenRows(1000)) + " plan-too-many-rows /file"},
		"many columns":          {"domain" + strings.Repeat(",", 100) + strings.Repeat("a,", 100_000) + "\na-example.cn", "plan-file-column-ignored /file"},
		"1,000 rows":            {"domain\n" + strings.Repeat("a-example.cn\n", 1000), ""},
	} {
		_, found := plan.ReadFile([]byte(c.text))
		var got []string
		for _, f := range found {
			got = append(got, string(f.Code)+" "+f.Pointer)
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%s: %q", name, got)
		}
	}
}

// brokenRows returns the findings about the first n rows of a file without any row that can be read.
func brokenRows(n int) (found string) {
	for i := range n {
		found += fmt.Sprintf("plan-file-row /file/%d ", i+2)
	}
	return found
}

// TestRequest: what refuses a request as a whole.
func TestRequest(t *testing.T) {
	for name, c := range map[string]struct {
		request plan.Request
		want    []finding.Code
	}{
		"nothing":      {plan.Request{}, []finding.Code{filing.CodeDomainsMissing, plan.CodeSubjectMissing}},
		"both":         {plan.Request{Filing: "1", Domains: numbered(1), File: []byte("domain\na.cn")}, []finding.Code{plan.CodeDomainsAndFile}},
		"1,001":        {plan.Request{Filing: "1", Domains: numbered(1001)}, []finding.Code{plan.CodeTooManyRows}},
		"a list":       {plan.Request{Filing: "1", Domains: numbered(1)}, []finding.Code{}},
		"a file":       {plan.Request{Filing: "1", File: []byte("domain\na.cn")}, []finding.Code{}},
		"a wrong file": {plan.Request{File: []byte("x\na.cn")}, []finding.Code{plan.CodeColumnIgnored, plan.CodeColumnMissing, plan.CodeSubjectMissing}},
	} {
		if _, found := c.request.Read(); !slices.Equal(codes(found), c.want) {
			t.Errorf("%s: %v", name, codes(found))
		}
	}
}

// TestRowsOfFile: the verdict of a row names its line.
func TestRowsOfFile(t *testing.T) {
	r, found := plan.Request{Subject: subjectIn("11", firm), File: []byte("domain,number\n\na-example.cn,\nbad domain,x\n")}.Read()
	if found.Blocking() {
		t.Fatal(codes(found))
	}
	p := plan.Make(plan.Input{Request: r}, today)
	if len(p.Domains) != 2 || p.Domains[0].Row != 3 || p.Domains[1].Row != 4 || p.Domains[1].Given != "bad domain" {
		t.Fatalf("%+v", p.Domains)
	}
	if f := p.Domains[1].Findings; len(f) != 2 || f[0].Pointer != "/file/4/domain" || f[1].Pointer != "/file/4/number" {
		t.Errorf("%+v", f)
	}
}

// FuzzReadFile: no file panics, each domain of an accepted one has a verdict, and a plan without an order says what blocks it.
func FuzzReadFile(f *testing.F) {
	f.Add([]byte(table))
	f.Add([]byte("domain\n=HYPERLINK(1),\"\n"))
	f.Add([]byte("\ufeffdomain,filed\n\x80,\xff\n"))
	f.Fuzz(func(t *testing.T, file []byte) {
		r, found := plan.Request{Subject: subjectIn("11", firm), File: file}.Read()
		if found.Blocking() {
			return
		}
		p := plan.Make(plan.Input{Request: r}, today)
		if len(p.Domains) != len(r.Domains) || len(r.Domains) == 0 {
			t.Errorf("%d domains, %d verdicts", len(r.Domains), len(p.Domains))
		}
		checkReady(t, "the file", p)
	})
}
