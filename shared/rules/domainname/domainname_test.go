package domainname_test

import (
	"strings"
	"testing"

	"beian/shared/rules/domainname"
	"beian/shared/rules/finding"
)

func TestParse(t *testing.T) {
	for _, c := range []struct {
		in, domain string
		want       finding.Code
		names      string // the domain that the remedy names
	}{
		{"example.com", "example.com", "", ""},
		{" Example.COM.CN. ", "example.com.cn", "", ""},
		{"例子.中国", "xn--fsqu00a.xn--fiqs8s", "", ""},
		{"例子。中国", "xn--fsqu00a.xn--fiqs8s", "", ""},
		{"ｅｘａｍｐｌｅ．ｃｎ", "example.cn", "", ""},
		{"xn--fsqu00a.xn--fiqs8s", "xn--fsqu00a.xn--fiqs8s", "", ""},
		{"example.bj.cn", "example.bj.cn", "", ""},
		{"", "", domainname.Missing, ""},
		{"www.example.com", "www.example.com", domainname.IsWWW, "example.com"},
		{"www.例子.中国", "www.xn--fsqu00a.xn--fiqs8s", domainname.IsWWW, "例子.中国"},
		{"www.com", "www.com", "", ""},
		{"*.example.com", "example.com", domainname.IsWildcard, "example.com"},
		{"https://example.com/index.html", "example.com", domainname.IsURL, "example.com"},
		{"http://www.example.com", "www.example.com", domainname.IsURL, "example.com"},
		{"example.com:8080", "example.com", domainname.IsURL, "example.com"},
		{"ceshi@example.com", "", domainname.IsEmail, ""},
		{"mailto:ceshi@example.com", "", domainname.IsEmail, ""},
		{"https://www.例子.cn/", "www.xn--fsqu00a.cn", domainname.IsURL, "例子.cn"},
		{"http:example.com", "example.com", domainname.IsURL, "example.com"},
		{"http//example.com", "example.com", domainname.IsURL, "example.com"},
		{"//example.com", "example.com", domainname.IsURL, "example.com"},
		{"https：／／example．com", "example.com", domainname.IsURL, "example.com"},
		{"《example.com》", "example.com", "", ""},
		{"域名：example.com", "example.com", "", ""},
		{"我的网址 ： https://example.com", "example.com", domainname.IsURL, "example.com"},
		{"例子.中国:8080", "xn--fsqu00a.xn--fiqs8s", domainname.IsURL, "例子.中国"},
		{"“example.com”，", "example.com", "", ""},
		{"example. com", "example.com", "", ""},
		{"example.com、example.cn", "", domainname.Several, ""},
		{"example.com example.cn", "", domainname.Several, ""},
		{"example.com,example.cn", "", domainname.Several, ""},
		{"exаmple.cn", "xn--exmple-4nf.cn", domainname.MixedScripts, "U+0430"},
		{"exаmple.cn", "xn--exmple-4nf.cn", domainname.MixedScripts, "xn--exmple-4nf.cn"},
		{"аррӏе.com", "xn--80ak6aa92e.com", domainname.MixedScripts, "Cyrillic"}, // all letters look Latin
		{"ехаmрlе示例.cn", "xn--ml-6kctd8d6a7621l7n6c.cn", domainname.MixedScripts, "U+0435"},
		{"пример.com", "xn--e1afmkfd.com", "", ""},
		{"例子example.cn", "xn--example-ff6kx88f.cn", "", ""},
		{"shop.example.com.cn", "shop.example.com.cn", domainname.NotRegistrable, "example.com.cn"},
		{"shili19.github.io", "shili19.github.io", domainname.OfPlatform, "github.io"},
		{"https://shili19.github.io/", "shili19.github.io", domainname.OfPlatform, "github.io"},
		{"*.shili19.github.io", "shili19.github.io", domainname.OfPlatform, "github.io"},
		{"shili.netlify.app", "shili.netlify.app", domainname.OfPlatform, "netlify.app"},
		{"shili.vercel.app", "shili.vercel.app", domainname.OfPlatform, "vercel.app"},
		{"shili.pages.dev", "shili.pages.dev", domainname.OfPlatform, "pages.dev"},
		{"shili.myshopify.com", "shili.myshopify.com", domainname.OfPlatform, "myshopify.com"},
		{"shili.wordpress.com", "shili.wordpress.com", domainname.OfPlatform, "wordpress.com"},
		{"shili.blogspot.com", "shili.blogspot.com", domainname.OfPlatform, "blogspot.com"},
		{"shili.blogspot.hk", "shili.blogspot.hk", domainname.OfPlatform, "blogspot.hk"},
		{"shili.oss-cn-beijing.aliyuncs.com", "shili.oss-cn-beijing.aliyuncs.com", domainname.OfPlatform, "aliyuncs.com"},
		{"shili.cos.ap-beijing.myqcloud.com", "shili.cos.ap-beijing.myqcloud.com", domainname.OfPlatform, "myqcloud.com"},
		{"shili.gitee.io", "shili.gitee.io", domainname.OfPlatform, "gitee.io"},
		{"shili.vicp.net", "shili.vicp.net", domainname.OfPlatform, "vicp.net"},
		{"shili.3322.org", "shili.3322.org", domainname.OfPlatform, "3322.org"},
		{"shili.blog.163.com", "shili.blog.163.com", domainname.OfPlatform, "blog.163.com"},
		{"shop123.taobao.com", "shop123.taobao.com", domainname.OfPlatform, "taobao.com"},
		{"www.taobao.com", "www.taobao.com", domainname.IsWWW, "taobao.com"},
		{"shili.cn.com", "shili.cn.com", domainname.OfPlatform, "cn.com"},
		{"010.001.001.001", "", domainname.IsIP, ""},
		{"a.shili20.eu.org", "a.shili20.eu.org", domainname.OfPlatform, "eu.org"},
		{"example.dev", "example.dev", domainname.SuffixUnlisted, "dev"},
		{"example.tk", "example.tk", domainname.SuffixUnlisted, "tk"},
		{"example.com.tw", "example.com.tw", domainname.SuffixUnlisted, "tw"},
		{"example.top", "example.top", "", ""},
		{"例子.公司", "xn--fsqu00a.xn--55qx5d", "", ""},
		{"ceshi.hangzhou.gov.cn", "ceshi.hangzhou.gov.cn", domainname.BelowGovernment, ""},
		{"hangzhou.gov.cn", "hangzhou.gov.cn", "", ""},
		{"com.cn", "com.cn", domainname.IsSuffix, ""},
		{"example.notasuffix", "example.notasuffix", domainname.SuffixUnknown, ""},
		{"192.0.2.1", "", domainname.IsIP, ""},
		{"http://192.0.2.1:80/", "", domainname.IsIP, ""},
		{"2001:db8::1", "", domainname.IsIP, ""},
		{"http://[2001:db8::1]:80/", "", domainname.IsIP, ""},
		{"example", "", domainname.Malformed, ""},
		{"exa mple.com", "", domainname.Malformed, ""},
		{"-example.com", "", domainname.Malformed, ""},
		{"exa_mple.com", "", domainname.Malformed, ""},
		{"example..com", "", domainname.Malformed, ""},
		{strings.Repeat("a", 64) + ".com", "", domainname.Malformed, ""},
		{strings.Repeat("a", 63) + "." + strings.Repeat("b", 63) + ".com", strings.Repeat("a", 63) + "." + strings.Repeat("b", 63) + ".com", domainname.Length, ""},
	} {
		d, got := domainname.Parse(c.in)
		if string(d) != c.domain || c.want == "" && len(got) > 0 || c.want != "" && (len(got) != 1 || got[0].Code != c.want) {
			t.Errorf("%q: %q, %v; want %q, %q", c.in, d, got, c.domain, c.want)
			continue
		}
		for _, f := range got {
			words := f.Message.Chinese + f.Message.English + f.Remedy.Chinese + f.Remedy.English
			if !strings.Contains(words, c.names) || strings.Contains(words, "{") || f.Message == finding.New("no-such-code", "").Message {
				t.Errorf("%q: the words of %s are not good: %s", c.in, f.Code, words)
			}
		}
	}
}

func TestNormalize(t *testing.T) {
	for text, want := range map[string]string{
		"Black-Example.com": "black-example.com", " 例子。中国. ": "xn--fsqu00a.xn--fiqs8s", "www.example.com": "www.example.com",
		"": "", "exa mple.com": "", "http://example.com/": "",
	} {
		if d, ok := domainname.Normalize(text); ok != (want != "") || ok && string(d) != want {
			t.Errorf("%q: %q, %t; want %q", text, d, ok, want)
		}
	}
}

func TestParts(t *testing.T) {
	for d, want := range map[domainname.Domain][3]string{
		"a.b.example.com.cn":     {"com.cn", "example.com.cn", "a.b.example.com.cn"},
		"xn--fsqu00a.xn--fiqs8s": {"中国", "xn--fsqu00a.xn--fiqs8s", "例子.中国"},
		"blog.github.io":         {"io", "github.io", "blog.github.io"},
		"example.notasuffix":     {"", "", "example.notasuffix"},
		"com":                    {"com", "", "com"},
	} {
		if got := [3]string{d.Suffix(), string(d.Registrable()), d.Display()}; got != want {
			t.Errorf("%s: %q, want %q", d, got, want)
		}
	}
}

func TestCheckHomeURL(t *testing.T) {
	domains := []domainname.Domain{"example.com", "xn--fsqu00a.xn--fiqs8s"}
	for url, want := range map[string]finding.Code{
		"":                               "",
		"https://www.example.com/":       "",
		"example.com":                    "",
		"www.example.com/index?a=":       "",
		"http://例子.中国/":                  "",
		"http://example.com:8080/":       "",
		"https://example.org/":           domainname.HomeURLElsewhere,
		"https://notexample.com/":        domainname.HomeURLElsewhere,
		"https://example.com.evil.cn/":   domainname.HomeURLElsewhere,
		"ftp://example.com/":             domainname.HomeURLMalformed,
		"https://user:pass@example.com/": domainname.HomeURLMalformed,
		"https:///index.html":            domainname.HomeURLMalformed,
		"https://example.com:65536/":     domainname.HomeURLMalformed,
		"a.b":                            domainname.HomeURLLength,
		"https://example.com/" + strings.Repeat("路", 255): domainname.HomeURLLength,
	} {
		got := domainname.CheckHomeURL(url, domains)
		if want == "" && len(got) > 0 || want != "" && (len(got) != 1 || got[0].Code != want) {
			t.Errorf("%q: %v, want %q", url, got, want)
		}
		if got.Has(want) && got[0].Message == finding.New("no-such-code", "").Message {
			t.Errorf("the catalogue has no words for %s", want)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{"example.com", "例子.中国", "http://a@[::1]:1/", "*.x", "www.", "ß.de", "\xff.cn", "xn--.cn", "。"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		d, found := domainname.Parse(text)
		if found.Blocking() {
			return
		}
		again, found := domainname.Parse(string(d))
		if again != d || found.Blocking() {
			t.Errorf("%q: %q does not parse to itself: %q, %v", text, d, again, found)
		}
		if back, found := domainname.Parse(d.Display()); back != d || found.Blocking() {
			t.Errorf("%q: its display %q is read as %q, %v", d, d.Display(), back, found)
		}
		if !d.Covers(string(d)) {
			t.Errorf("%q does not cover itself", d)
		}
	})
}
