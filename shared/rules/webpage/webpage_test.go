package webpage_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/text/encoding/simplifiedchinese"

	"beian/shared/rules/charset"
	"beian/shared/rules/webpage"
)

const (
	shown    = "京ICP备12345678号-1"
	ministry = `href="https://beian.miit.gov.cn/"`
)

// TestHiding: a number that a visitor does not see, by attributes and by rules; what is not known is visible.
func TestHiding(t *testing.T) {
	for _, c := range []struct {
		css, html string
		want      webpage.Hiding
	}{
		{"", shown, webpage.Seen},
		{"", "<footer><p><a " + ministry + ">" + shown + "</a></p></footer>", webpage.Seen},
		{"", `<p style="color:#fff">` + shown, webpage.SameColour},
		{"", `<p style="color:WHITE !important">` + shown, webpage.SameColour},
		{"", `<p style="color:#fefefe">` + shown, webpage.SameColour},
		{"", `<p style="color:rgba(0,0,0,.02)">` + shown, webpage.SameColour},
		{"", `<p style="color:rgb(100% 100% 100% / 1)">` + shown, webpage.SameColour},
		{"", `<font color="white">` + shown, webpage.SameColour},
		{"", `<body text="#FFFFFF">` + shown, webpage.SameColour},
		{"", `<body bgcolor="#000" text="#010101">` + shown, webpage.SameColour},
		{"", `<body bgcolor="#000" text="#ffffff">` + shown, webpage.Seen},
		{"", `<p style="color:#fff;background:#333 no-repeat">` + shown, webpage.Seen},
		{"", `<p style="color:#fff;background:url(data:image/png;base64,AA==)">` + shown, webpage.Seen},
		{"", `<div style="background:linear-gradient(red,blue)"><p style="color:#fff">` + shown, webpage.Seen},
		{"", `<p style="color:#fff"><a ` + ministry + `>` + shown, webpage.Seen}, // a link without a colour is blue
		{"", `<p style="color:#fff"><a style="color:inherit" ` + ministry + `>` + shown, webpage.SameColour},
		{"", `<p style="color:var(--c)">` + shown, webpage.Seen},
		{"", `<p style="color:#999">` + shown, webpage.Seen},
		{"", `<p style="font-size:0">` + shown, webpage.Tiny},
		{"", `<p style="font-size:1px">` + shown, webpage.Tiny},
		{"", `<p style="font:0/0 a">` + shown, webpage.Tiny},
		{"", `<p style="font-size:0"><b style="font-size:12px">` + shown, webpage.Seen},
		{"", `<p style="font-size:.1em">` + shown, webpage.Tiny},
		{"", `<p style="transform:scale(0)">` + shown, webpage.Tiny},
		{"", `<p hidden>` + shown, webpage.NotDisplayed},
		{"", `<p style="display:none"><b>` + shown, webpage.NotDisplayed},
		{"", `<p style="visibility:hidden">` + shown, webpage.Invisible},
		{"", `<p style="visibility:hidden"><b style="visibility:visible">` + shown, webpage.Seen},
		{"", `<p style="opacity:.2"><b style="opacity:.2">` + shown, webpage.Transparent},
		{"", `<p style="opacity:.6">` + shown, webpage.Seen},
		{"", `<p style="text-indent:-9999px">` + shown, webpage.OffScreen},
		{"", `<p style="position:absolute;left:-9999px">` + shown, webpage.OffScreen},
		{"", `<p style="transform:translateX(-9999px)">` + shown, webpage.OffScreen},
		{"", `<p style="position:absolute;left:20px">` + shown, webpage.Seen},
		{"", `<p style="position:absolute;clip:rect(0,0,0,0)">` + shown, webpage.CutOff},
		{"", `<p style="overflow:hidden;height:0">` + shown, webpage.CutOff},
		{"", `<p style="height:0">` + shown, webpage.Seen},
		{".x{display:none}", `<p class="a x">` + shown, webpage.NotDisplayed},
		{"#x , b{display : none}", `<p id=x>` + shown, webpage.NotDisplayed},
		{"footer p.x{color:#fff}", `<footer><div><p class=x>` + shown, webpage.SameColour},
		{"footer > p{color:#fff}", `<footer><div><p>` + shown, webpage.Seen},
		{"footer > div > p{color:#fff}", `<footer><div><p>` + shown, webpage.SameColour},
		{".x{color:#fff} #y{color:#000}", `<p class=x id=y>` + shown, webpage.Seen},
		{"#y{color:#000} .x{color:#fff !important}", `<p class=x id=y style="color:red">` + shown, webpage.SameColour},
		{"p{color:#fff} p{color:#333}", `<p>` + shown, webpage.Seen},
		{"/* p{display:none} */ p{color:#333}", `<p>` + shown, webpage.Seen},
		{"@media print{p{display:none}}", `<p>` + shown, webpage.Seen},
		{"@import url(x.css); p{display:none}", `<p>` + shown, webpage.NotDisplayed},
		{"p:hover{display:none} p:not(.a){display:none}", `<p>` + shown, webpage.Seen},
		{"body{background:#000} p{color:#000}", `<p>` + shown, webpage.SameColour},
		{"", `<p>京ICP备<b style="display:none">12345678</b>号-1`, webpage.NotDisplayed},
	} {
		p := webpage.Read("<!doctype html><style>" + c.css + "</style>" + c.html)
		if len(p.Numbers) != 1 || p.Numbers[0].Hidden != c.want || p.Numbers[0].Filing.String() != shown {
			t.Errorf("%s %s: %+v, want %q", c.css, c.html, p.Numbers, c.want)
		}
	}
}

// TestNotText: what a browser never shows is no text.
func TestNotText(t *testing.T) {
	for _, html := range []string{
		"<!-- " + shown + " -->", "<script>var a='" + shown + "'</script>", "<style>" + shown + "</style>", "<noscript>" + shown + "</noscript>",
		"<template>" + shown + "</template>", `<img alt="` + shown + `">`, `<meta content="` + shown + `">`, "<title>" + shown + "</title>",
		"<textarea>" + shown + "</textarea>",
		"<p>京ICP备12345678号</p><p>-1</p>", // two lines: the subject's number
	} {
		if p := webpage.Read(html); len(p.Numbers) > 0 && p.Numbers[0].Filing.String() == shown {
			t.Errorf("%s: %+v", html, p)
		}
	}
}

func TestLinks(t *testing.T) {
	for href, want := range map[string]webpage.Link{
		"https://beian.miit.gov.cn":                    webpage.LinksToMinistry,
		"https://beian.miit.gov.cn/#/Integrated/index": webpage.LinksToMinistry,
		" HTTPS://BEIAN.MIIT.GOV.CN./ ":                webpage.LinksToMinistry,
		"//beian.miit.gov.cn/":                         webpage.LinksToMinistry,
		"http://beian.miit.gov.cn/":                    webpage.LinkOutdated,
		"http://www.miitbeian.gov.cn/":                 webpage.LinkOutdated,
		"https://www.miit.gov.cn":                      webpage.LinkOutdated,
		"https://beian.miit.gov.cn.evil.example/":      webpage.LinkImitates,
		"https://beian.miit.gov.cn@evil.example/":      webpage.LinkImitates,
		"https://bеian.miit.gov.cn/":                   webpage.LinkImitates, // a Cyrillic е
		"https://xn--bian-rdd.miit.gov.cn/":            webpage.LinkImitates,
		"https://beian.m1it.gov.cn/":                   webpage.LinkImitates,
		"https://beian-miit-gov.example/":              webpage.LinkImitates,
		"https://beian.miit.gov.cn:8443/":              webpage.LinkImitates,
		"https://example.com/":                         webpage.LinksElsewhere,
		"beian.miit.gov.cn":                            webpage.LinksElsewhere, // a path of the site itself
		"javascript:void(0)":                           webpage.LinksElsewhere,
		"#":                                            webpage.LinksElsewhere,
		"%zz":                                          webpage.LinksElsewhere,
	} {
		p := webpage.Read(`<p>备案号：<a href="` + href + `">` + shown + `</a>`)
		if len(p.Numbers) != 1 || p.Numbers[0].Link != want {
			t.Errorf("%s: %+v, want %q", href, p.Numbers, want)
		}
	}
	if p := webpage.Read(`<a href="https://beian.miit.gov.cn"></a>` + shown); p.Numbers[0].Link != webpage.NotLinked {
		t.Errorf("beside a link: %+v", p.Numbers)
	}
}

func TestPage(t *testing.T) {
	p := webpage.Read(`<html><head><title> 示例
		商城 </title><script src="/a.js"></script></head><body><svg><title>x</title></svg>加入购物车 立即购买 <p>© 2026 示例 京公网安备11010502030123号`)
	if p.Title != "示例 商城" || !p.Dynamic || !p.Copyright || !slices.Equal(p.Content, []int{9}) || len(p.PublicSecurity) != 1 || p.Incomplete {
		t.Errorf("%+v", p)
	}
	if p := webpage.Read(`<script type="application/ld+json">{}</script><p style="display:none">版权所有</p>`); p.Dynamic || p.Copyright {
		t.Errorf("%+v", p)
	}
	if p := webpage.Read(`<meta http-equiv=Refresh content="0;url=/x">`); !p.Dynamic {
		t.Errorf("%+v", p)
	}
}

func TestDecode(t *testing.T) {
	gbk, err := simplifiedchinese.GBK.NewEncoder().String("<p>" + shown)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct{ body, contentType string }{
		"UTF-8":                 {"<p>" + shown, "text/html"},
		"UTF-8 with a mark":     {"\ufeff<p>" + shown, ""},
		"GBK in the header":     {gbk, "text/html; charset=GBK"},
		"GB 2312 in the page":   {`<meta charset="gb2312">` + gbk, "text/html"},
		"GBK that is not named": {gbk, "text/html"},
		"an unknown encoding":   {"<p>" + shown, "text/html; charset=martian"},
		"cut within a rune":     {"<p>" + shown + "号"[:2], ""},
	} {
		if p := webpage.Read(charset.Decode([]byte(c.body), c.contentType)); len(p.Numbers) != 1 || p.Numbers[0].Filing.String() != shown {
			t.Errorf("%s: %+v", name, p)
		}
	}
}

// TestHostile: pages that are made to keep the reader busy are read, and the number is found where it can be.
func TestHostile(t *testing.T) {
	var rules strings.Builder
	for i := range 6000 {
		fmt.Fprintf(&rules, "* * * b%d{color:#fff}\n", i)
	}
	repeat := func(format string, n int) string {
		var all strings.Builder
		for i := range n {
			fmt.Fprintf(&all, format, i)
		}
		return all.String()
	}
	for name, html := range map[string]string{
		"repeated elements":  "<p>" + repeat("<font a%d>", 400) + strings.Repeat("<p>x", 200_000) + shown,
		"attributes of html": repeat("<html a%d>", 80_000) + shown,
		"attributes of body": repeat("<body a%d>", 80_000) + shown,
		"many classes":       "<style>" + repeat(".a.z%d{color:#fff}", 5000) + `</style><p class="a ` + strings.Repeat("b ", 400_000) + `">` + shown,
		"classes in depth":   "<style>" + strings.Repeat(".a .c{color:#fff}", 5000) + "</style>" + strings.Repeat(`<b class="c `+strings.Repeat("d ", 900)+`">`, 400) + "<p class=a>" + shown,
		"many declarations":  "<style>" + strings.Repeat("b,", 4999) + "b{" + strings.Repeat("left:0;", 199) + "}</style>" + strings.Repeat("<b>", 450) + strings.Repeat(shown+" ", 100),
		"long fonts":         "<style>b{font:" + strings.Repeat("a ", 249) + "}</style>" + strings.Repeat("<b>", 450) + strings.Repeat(shown+" ", 100),
		"invisible letters":  strings.Repeat("<div>", 450) + strings.Repeat("京ICP备"+strings.Repeat("<b>\u200b</b>", 1000)+"12345678号 ", 100),
		"deep":               strings.Repeat("<div>", 100_000) + shown,
		"100,000 links":      strings.Repeat(`<a href="/x">x</a>`, 50_000) + shown + strings.Repeat(`<a href="/x">x</a>`, 50_000),
		"rules":              "<style>" + rules.String() + strings.ReplaceAll(rules.String(), " b", " *.a") + "</style>" + strings.Repeat(strings.Repeat("<b>", 300)+shown+" "+strings.Repeat("</b>", 300), 100),
		"attributes":         "<p " + strings.Repeat("a=b ", 200_000) + ">" + shown,
		"style":              `<p style="` + strings.Repeat("color:#fff;", 100_000) + `">` + shown,
		"braces":             "<style>" + strings.Repeat("@media{", 150_000) + "</style>" + shown,
		"comments":           "<style>" + strings.Repeat("/**/", 250_000) + "</style>" + shown,
		"tables":             strings.Repeat("<table><tr><td>", 150) + strings.Repeat("<b>x", 100_000) + shown,
		"formatting":         strings.Repeat("<b><i><p>", 30_000) + shown,
		"numbers":            strings.Repeat("<b>京ICP备12345678号</b> ", 30_000) + shown,
		"entities":           strings.Repeat("&#x200b;", 100_000) + shown,
	} {
		start := time.Now()
		p := webpage.Read(html)
		if took := time.Since(start); took > time.Minute { // without the limits, hours or more memory than there is
			t.Errorf("%s takes %s", name, took)
		}
		if len(p.Numbers) == 0 {
			t.Errorf("%s: no number, incomplete %t", name, p.Incomplete)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add(`<style>.a > b{color:#fff}</style><p class=a><b style="font:0/0 a">京ICP备12345678号-1`)
	f.Add(`<p style="clip:rect(1px,1px);transform:translate(;background:rgb(1 2 3/4%)">京ICP备12345678号`)
	f.Fuzz(func(t *testing.T, html string) {
		for _, n := range webpage.Read(charset.Decode([]byte(html), "")).Numbers {
			if n.Filing.String() != "" && n.Filing.Subject != n.Subject {
				t.Errorf("%+v", n)
			}
		}
	})
}
