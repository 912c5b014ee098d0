package pages_test

import (
	"fmt"
	"testing"

	"beian/infra/local/browser"
	"beian/infra/local/scenario"
	"beian/shared/filing"
)

// TestSessionEnds: what was typed into a form after the session had ended is there again after the log-in. Another person's log-in does not get it.
func TestSessionEnds(t *testing.T) {
	const n = 9720
	id := openAt(t, n, filing.CollectDetails)
	mobile := scenario.Invented(n).Login[3:]
	v, elsewhere := newVisitor(t, browser.Phone), newVisitor(t, browser.Desktop)
	v.logIn(mobile)
	v.visit("/orders/" + string(id) + "/subject")
	elsewhere.logIn(mobile)
	elsewhere.press("退出所有设备")
	elsewhere.visit("/filings")
	elsewhere.sees("获取验证码")
	v.fill("通信地址", "示例路 9 号")
	v.press("保存并继续")
	v.sees("获取验证码")
	v.enterCode(mobile)
	v.isAt("/orders/" + string(id) + "/subject")
	v.sees("还在，但没有保存")
	if got, err := v.page.Value("通信地址"); err != nil || got != "示例路 9 号" {
		t.Errorf("the address is %q: %v", got, err)
	}
	v.visit("/orders/" + string(id) + "/subject")
	if got, err := v.page.Value("通信地址"); err != nil || got != "" {
		t.Errorf("what was typed is shown twice: %q, %v", got, err)
	}

	v.visit("/begin")
	elsewhere.logIn(mobile)
	elsewhere.press("退出所有设备")
	v.choose("个人")
	v.press("继续")
	v.enterCode(scenario.Invented(n + 3).Login[3:])
	v.isAt("/begin")
	if chosen, err := browser.Evaluate[int](v.page, "document.querySelectorAll('main input:checked').length"); err != nil || chosen != 0 {
		t.Errorf("another person sees what was typed: %d choices, %v", chosen, err)
	}
}

// isAt checks the address of the page.
func (v visitor) isAt(path string) {
	v.Helper()
	got, err := v.page.Address()
	v.must(err)
	if got != path {
		v.Fatal(fmt.Errorf("the page is %s, want %s", got, path))
	}
}

// TestHostileName: a name that looks like markup is shown as text, also in the error about it.
func TestHostileName(t *testing.T) {
	const n, hostile = 9722, `<img src=x onerror="document.title='broken'">`
	id := openAt(t, n, filing.CollectDetails)
	v := newVisitor(t, browser.Phone)
	v.logIn(scenario.Invented(n).Login[3:])
	v.visit("/orders/" + string(id) + "/sites/0")
	v.fill("网站名称", hostile)
	v.press("保存并继续")
	if got, err := v.page.Value("网站名称"); err != nil || got != hostile {
		t.Errorf("the name is %q: %v", got, err)
	}
	if title, err := browser.Evaluate[string](v.page, "document.title + document.images.length"); err != nil || title == "broken" || title[len(title)-1] != '0' {
		t.Errorf("title and pictures %q: %v", title, err)
	}
}
