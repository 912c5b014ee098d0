package sitewatch_test

import (
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"beian/shared/process/sitewatch"
	"beian/shared/rules/finding"
	"beian/shared/rules/number"
	"beian/shared/rules/observation"
	"beian/shared/rules/province"
	"beian/shared/rules/webpage"
)

const (
	site   = "example.cn"
	footer = `<a href="https://beian.miit.gov.cn/">京ICP备12345678号-1</a>`
)

var now = time.Date(2026, 11, 28, 4, 0, 0, 0, time.UTC)

func mustParse(text string) number.Filing {
	n, err := number.ParseFiling(text)
	if err != nil {
		panic(err)
	}
	return n
}

// filed is what is filed of the site.
func filed() sitewatch.Filed {
	return sitewatch.Filed{Host: site, SiteName: "示例书店", Province: "11", Number: mustParse("京ICP备12345678号-1"), Content: []int{8},
		Addresses: []sitewatch.Range{{First: netip.MustParseAddr("8.130.1.0"), Last: netip.MustParseAddr("8.130.1.255")}}, OpenedOn: now.AddDate(0, 0, -10)}
}

// seen is an observation of a page. The www does not resolve.
func seen(html string) observation.Observation {
	page := webpage.Read(html)
	return observation.Observation{Host: site, At: now, Visits: []observation.Visit{
		{Host: site, Resolution: observation.Resolved, Addresses: []netip.Addr{netip.MustParseAddr("8.130.1.1")}, Outcome: observation.Answered, Status: 200,
			TLS: &observation.TLS{}, Hops: []string{"https://example.cn/"}, Page: &page},
		{Host: "www." + site, Resolution: observation.NotResolved, Outcome: observation.NotAsked},
	}}
}

func codesOf(found finding.List) string {
	var codes []string
	for _, f := range found {
		codes = append(codes, strings.TrimPrefix(string(f.Code), "watch-")+" "+string(f.Severity))
	}
	return strings.Join(codes, ", ")
}

// TestPages: what a home page shows, by province.
func TestPages(t *testing.T) {
	for name, c := range map[string]struct {
		html string
		file func(*sitewatch.Filed)
		want string
	}{
		"as it should be":              {footer, nil, ""},
		"legacy form":                  {`<a href="https://beian.miit.gov.cn">京 icp备 12345678 － 1</a>`, nil, ""},
		"missing":                      {"<p>示例书店", nil, "number-missing block"},
		"an empty page":                {"", nil, "number-missing block"},
		"another site's":               {strings.Replace(footer, "12345678号-1", "87654321号-1", 1), nil, "number-other block"},
		"another of the same":          {strings.Replace(footer, "号-1", "号-2", 1), nil, "number-other block"},
		"an app's":                     {strings.Replace(footer, "号-1", "号-1A", 1), nil, "number-other block"},
		"right beside another":         {"友情链接 沪ICP备87654321号-1" + footer, nil, ""},
		"no number":                    {"川ICP备12345678号-1", nil, "number-invalid block"},
		"imitated":                     {strings.Replace(footer, "ICP", "IСР", 1), nil, "number-imitated block"},
		"the subject's":                {strings.Replace(footer, "号-1", "号", 1), nil, "number-without-suffix warn"},
		"the subject's without a link": {"京ICP备12345678号", nil, "number-without-suffix warn, link-missing block"},
		"Guangdong": {strings.Replace(strings.Replace(footer, "号-1", "号", 1), "京", "粤", 1),
			func(f *sitewatch.Filed) { f.Province, f.Number = "44", mustParse("粤ICP备12345678号-1") }, ""},
		"Guangdong with a suffix": {strings.Replace(footer, "京", "粤", 1), func(f *sitewatch.Filed) { f.Province, f.Number = "44", mustParse("粤ICP备12345678号-1") },
			"number-with-suffix warn"},
		"a licence's number":            {`<a href="https://beian.miit.gov.cn/">粤B2-20090059-5</a>`, func(f *sitewatch.Filed) { f.Province, f.Number = "11", mustParse("粤B2-20090059-5") }, ""},
		"white on white":                {`<p style="color:#fff">京ICP备12345678号-1`, nil, "number-hidden warn"},
		"hidden and shown":              {`<p hidden>京ICP备12345678号-1</p>` + footer, nil, ""},
		"not linked":                    {"京ICP备12345678号-1", nil, "link-missing block"},
		"linked elsewhere":              {`<a href="/about">京ICP备12345678号-1</a>`, nil, "link-missing block"},
		"linked once":                   {"京ICP备12345678号-1" + footer, nil, ""},
		"an old link":                   {`<a href="http://www.miitbeian.gov.cn/">京ICP备12345678号-1</a>`, nil, "link-outdated warn"},
		"an imitated link":              {`<a href="https://bеian.miit.gov.cn/">京ICP备12345678号-1</a>`, nil, "link-imitated block"},
		"scripts":                       {"<script src=/app.js></script><div id=app></div>", nil, "not-seen inform"},
		"scripts beside it":             {"<script src=/app.js></script>" + footer, nil, ""},
		"scripts, and another's number": {"<script src=/app.js></script>沪ICP备87654321号-1", nil, "number-other block"},
		"too deep":                      {strings.Repeat("<div>", 1000), nil, "not-seen inform"},
		"Zhejiang":                      {"<title>示例书店 - 首页</title>" + strings.Replace(footer, "京", "浙", 1), zhejiang, ""},
		"Zhejiang, another title":       {"<title>欢迎光临</title>" + strings.Replace(footer, "京", "浙", 1), zhejiang, "title-differs warn"},
		"Zhejiang, no title":            {strings.Replace(footer, "京", "浙", 1), zhejiang, "title-differs warn"},
		"another title elsewhere":       {"<title>欢迎光临</title>" + footer, nil, ""},
		"Jiangsu":                       {"版权所有 示例公司 " + strings.Replace(footer, "京", "苏", 1), jiangsu, ""},
		"Jiangsu without the line":      {strings.Replace(footer, "京", "苏", 1), jiangsu, "copyright-missing warn"},
		"police, before its day":        {footer, opened(29), ""},
		"police, after its day":         {footer, opened(30), "public-security-missing warn"},
		"police, shown":                 {footer + "京公网安备11010502030123号", opened(30), ""},
		"police, scripts may show it":   {"<script></script>" + footer, opened(30), ""},
		"police, another's": {footer + "京公网安备11010502030124号", func(f *sitewatch.Filed) { f.PublicSecurity = "京公网安备11010502030123号" },
			"public-security-other block"},
		"a shop":                 {"加入购物车 立即购买" + footer, nil, "content-differs inform"},
		"a shop that is filed":   {"加入购物车 立即购买" + footer, func(f *sitewatch.Filed) { f.Content = []int{8, 9} }, ""},
		"a shop, filed as other": {"加入购物车 立即购买" + footer, func(f *sitewatch.Filed) { f.Content = []int{24} }, ""},
	} {
		f := filed()
		if c.file != nil {
			c.file(&f)
		}
		if got := codesOf(sitewatch.Judge(f, seen(c.html))); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

func zhejiang(f *sitewatch.Filed) { f.Province, f.Number = "33", mustParse("浙ICP备12345678号-1") }
func jiangsu(f *sitewatch.Filed)  { f.Province, f.Number = "32", mustParse("苏ICP备12345678号-1") }

func opened(days int) func(*sitewatch.Filed) {
	return func(f *sitewatch.Filed) { f.OpenedOn = now.AddDate(0, 0, -days).Add(-time.Minute) }
}

// TestNames: where the names lead, and how the servers answer.
func TestNames(t *testing.T) {
	www := observation.Visit{Host: "www." + site, Resolution: observation.Resolved, Addresses: []netip.Addr{netip.MustParseAddr("8.130.1.1")}, Outcome: observation.Answered,
		Status: 200, Hops: []string{"https://www.example.cn/"}}
	page := webpage.Read(footer)
	www.Page = &page
	for name, c := range map[string]struct {
		change func(*sitewatch.Filed, *observation.Observation)
		want   string
	}{
		"neither resolves": {func(_ *sitewatch.Filed, o *observation.Observation) {
			o.Visits[0] = observation.Visit{Host: site, Resolution: observation.NotResolved, Outcome: observation.NotAsked}
		}, "not-resolved block"},
		"only www": {func(_ *sitewatch.Filed, o *observation.Observation) {
			o.Visits[0] = observation.Visit{Host: site, Resolution: observation.NotResolved, Outcome: observation.NotAsked}
			o.Visits[1] = www
		}, ""},
		"the resolver failed": {func(_ *sitewatch.Filed, o *observation.Observation) {
			o.Visits[0] = observation.Visit{Host: site, Resolution: observation.ResolutionUnknown, Outcome: observation.NotAsked}
		}, "not-seen inform"},
		"elsewhere": {func(_ *sitewatch.Filed, o *observation.Observation) {
			o.Visits[0].Addresses = []netip.Addr{netip.MustParseAddr("8.140.1.1")}
		}, "resolves-elsewhere block"},
		"elsewhere too": {func(_ *sitewatch.Filed, o *observation.Observation) {
			o.Visits[0].Addresses = append(o.Visits[0].Addresses, netip.MustParseAddr("2400:3200::1"))
		}, "resolves-elsewhere block"},
		"elsewhere, and filed there": {func(f *sitewatch.Filed, o *observation.Observation) {
			f.OtherProviders = true
			o.Visits[0].Addresses = []netip.Addr{netip.MustParseAddr("8.140.1.1")}
		}, ""},
		"our addresses are not known": {func(f *sitewatch.Filed, _ *observation.Observation) { f.Addresses = nil }, ""},
		"to a private address": {func(_ *sitewatch.Filed, o *observation.Observation) {
			o.Visits[0] = observation.Visit{Host: site, Resolution: observation.Resolved, Addresses: []netip.Addr{netip.MustParseAddr("10.0.0.1")}, Outcome: observation.AddressRefused}
		}, "resolves-elsewhere block"},
		"no connection":        {ended(observation.NoConnection), "unreachable block"},
		"slow":                 {ended(observation.TooSlow), "unreachable block"},
		"no HTTP":              {ended(observation.BadAnswer), "unreachable block"},
		"redirects in circles": {ended(observation.TooManyRedirects), "redirect-broken warn"},
		"a bad redirect":       {ended(observation.BadRedirect), "redirect-broken warn"},
		"robots.txt":           {ended(observation.RobotsForbid), "not-seen inform"},
		"an error":             {func(_ *sitewatch.Filed, o *observation.Observation) { o.Visits[0].Status = 502 }, "status block"},
		"no page":              {func(_ *sitewatch.Filed, o *observation.Observation) { o.Visits[0].Page = nil }, "not-seen inform"},
		"an expired certificate": {func(_ *sitewatch.Filed, o *observation.Observation) {
			o.Visits[0].TLS.Problem = observation.Expired
		}, "certificate warn"},
		"no TLS": {func(_ *sitewatch.Filed, o *observation.Observation) { o.Visits[0].TLS = nil }, ""},
		"to another site": {func(_ *sitewatch.Filed, o *observation.Observation) {
			o.Visits[0].Hops = append(o.Visits[0].Hops, "https://other-example.cn/")
		}, "redirects-elsewhere inform"},
		"to another domain of the site": {func(f *sitewatch.Filed, o *observation.Observation) {
			f.Also = []string{"other-example.cn"}
			o.Visits[0].Hops = append(o.Visits[0].Hops, "https://www.other-example.cn/")
		}, ""},
		"www fails": {func(_ *sitewatch.Filed, o *observation.Observation) {
			o.Visits[1] = observation.Visit{Host: www.Host, Resolution: observation.Resolved, Addresses: www.Addresses, Outcome: observation.NoConnection}
		}, "unreachable warn"},
		"www shows another page": {func(_ *sitewatch.Filed, o *observation.Observation) {
			other := webpage.Read("")
			o.Visits[1] = www
			o.Visits[1].Page = &other
		}, "number-missing block"},
		"www leads to the same page": {func(_ *sitewatch.Filed, o *observation.Observation) {
			other := webpage.Read("")
			o.Visits[0].Page = &other
			o.Visits[1] = www
			o.Visits[1].Hops = []string{"https://www.example.cn/", "https://example.cn/"}
		}, "number-missing block"},
		"before approval, open": {func(f *sitewatch.Filed, _ *observation.Observation) { f.BeforeApproval = true }, "open-before-approval block"},
		"before approval, closed": {func(f *sitewatch.Filed, o *observation.Observation) {
			f.BeforeApproval = true
			o.Visits[0].Status = 403
		}, ""},
		"before approval, elsewhere": {func(f *sitewatch.Filed, o *observation.Observation) {
			f.BeforeApproval = true
			o.Visits[0].Hops = []string{"https://provider.example/not-filed"}
		}, ""},
	} {
		f, o := filed(), seen(footer)
		c.change(&f, &o)
		if got := codesOf(sitewatch.Judge(f, o)); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

func ended(how observation.Outcome) func(*sitewatch.Filed, *observation.Observation) {
	return func(_ *sitewatch.Filed, o *observation.Observation) {
		o.Visits[0].Outcome, o.Visits[0].Status, o.Visits[0].Page = how, 0, nil
	}
}

// TestWords: a finding says what to do, with the exact text to add, and nothing that names a person.
func TestWords(t *testing.T) {
	f := filed()
	f.SiteName = "某某某的博客"
	f.Province = "33"
	f.PublicSecurity = "京公网安备11010502030123号"
	for _, html := range []string{"", "<title>某某某</title>" + footer, `<p style="color:#fff">京ICP备12345678号-1`, footer + "京公网安备11010502030124号"} {
		found := sitewatch.Judge(f, seen(html))
		if len(found) == 0 {
			t.Errorf("%s: nothing", html)
		}
		for _, one := range found {
			words := one.Message.Chinese + one.Message.English + one.Remedy.Chinese + one.Remedy.English
			if strings.ContainsAny(words, "{}") || strings.Contains(words, "某某某") || one.Pointer != "/visits/0" {
				t.Errorf("%+v", one)
			}
		}
	}
	missing := sitewatch.Judge(filed(), seen(""))[0]
	if snippet := `<a href="https://beian.miit.gov.cn/" target="_blank" rel="noopener">京ICP备12345678号-1</a>`; !strings.Contains(missing.Remedy.Chinese, snippet) || !strings.Contains(missing.Remedy.English, snippet) {
		t.Errorf("%+v", missing.Remedy)
	}
	// The snippet is what the watch asks for.
	if found := sitewatch.Judge(filed(), seen(strings.TrimPrefix(missing.Remedy.English, "Add this to the bottom centre of the home page: "))); len(found) > 0 {
		t.Errorf("%+v", found)
	}
}

// TestNeedsRendering: a page is rendered only if its scripts may add the number.
func TestNeedsRendering(t *testing.T) {
	for html, want := range map[string][]int{"<script src=/a.js></script>": {0}, "<script src=/a.js></script>" + footer: nil, "": nil, "<script></script>沪ICP备87654321号-1": nil} {
		o := seen(html)
		if got := sitewatch.NeedsRendering(filed(), o); !slices.Equal(got, want) {
			t.Errorf("%s: %v", html, got)
		}
		o.Visits[0].Rendered = true
		if got := sitewatch.NeedsRendering(filed(), o); got != nil {
			t.Errorf("%s, rendered: %v", html, got)
		}
	}
	o := seen("<script></script>")
	o.Visits[0].Rendered = true
	if got := codesOf(sitewatch.Judge(filed(), o)); got != "number-missing block" {
		t.Errorf("rendered without a number: %q", got)
	}
}

// TestEveryProvince: the snippet of each province is the number that its pages have to show.
func TestEveryProvince(t *testing.T) {
	for _, p := range province.All() {
		f := filed()
		f.Province, f.Number = p.Code, mustParse(p.Abbreviation+"ICP备2024000001号-3")
		missing := sitewatch.Judge(f, seen(""))
		_, snippet, _ := strings.Cut(missing[0].Remedy.English, ": ")
		if found := sitewatch.Judge(f, seen("<title>示例书店</title>© "+snippet)); len(found) > 0 {
			t.Errorf("%s: %+v", p.Name.English, found)
		}
	}
}
