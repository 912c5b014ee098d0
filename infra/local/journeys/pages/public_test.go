package pages_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"beian/infra/local/browser"
	"beian/infra/local/scenario"
	"beian/shared/filing"
)

// ask fills in the fields of the form in the main part by their names, in any language, and sends it.
func (v visitor) ask(pairs ...string) {
	v.Helper()
	for pair := range slices.Chunk(pairs, 2) {
		_, err := browser.Evaluate[bool](v.page, fmt.Sprintf("(document.querySelector('main form').elements[%q].value = %q, true)", pair[0], pair[1]))
		v.must(err)
	}
	v.pressFirst()
}

// TestNeedsOfAnEnterprise: without an account, an enterprise sees what a first filing needs, at an address that can be shared.
func TestNeedsOfAnEnterprise(t *testing.T) {
	v := newVisitor(t, browser.Phone)
	v.visit("/")
	v.press("我要准备什么？")
	v.press("看看要准备什么")
	v.sees("有 1 处需要处理", "这一项还没有填写。")
	v.fill("证件上的地址在哪个省？", "江苏省")
	v.press("看看要准备什么")
	v.sees("江苏省 · 企业 · 网站 · 首次备案", "证件：营业执照", "真实性责任告知书", "承诺书", "24 小时内完成核验", "工作日", "版权所有", "依据：")
	address, err := v.page.Address()
	v.must(err)
	other := newVisitor(t, browser.Desktop)
	other.visit(address)
	other.sees("江苏省 · 企业 · 网站 · 首次备案")
	other.visit(address + "&lang=en")
	other.sees("Documents to prepare", "Jiangsu")
}

// TestLookUps: anybody checks a domain and a filing number.
func TestLookUps(t *testing.T) {
	v := newVisitor(t, browser.Phone)
	v.visit("/")
	v.press("这个域名能备案吗？")
	v.fill("域名", "www.lookup-example.cn")
	v.press("查询")
	v.sees("现在这样不能备案", "请填写：lookup-example.cn")
	v.fill("域名", "lookup-example.cn", "在哪个省备案？", "江苏省")
	v.press("查询")
	v.sees("写法和后缀都符合备案要求", "没有通过我们备案")
	v.press("看看还要准备什么资料")
	v.sees("江苏省 · 企业 · 网站 · 首次备案")
	v.visit("/number")
	v.fill("备案号", "京公网安备11010502030123号")
	v.press("查询")
	v.sees("备案号的写法不对")
	v.fill("备案号", "备案号：京icp备12345678号－2A")
	v.press("查询")
	v.sees("京ICP备12345678号-2A", "APP", "北京市通信管理局", "beian.miit.gov.cn")
}

// TestStateWithoutAccount: with the number of an application and a code by SMS, anybody at its mobile sees how far it is.
func TestStateWithoutAccount(t *testing.T) {
	mobile := scenario.Invented(9810).Login
	order := openAt(t, 9810, filing.CollectDetails)
	v := newVisitor(t, browser.Phone)
	v.visit("/")
	v.press("查我的申请进度")
	v.press("发送查询码")
	v.sees("这一项还没有填写。")
	v.fill("申请编号", "12345")
	v.press("发送查询码")
	v.sees("申请编号的写法不对")
	v.fill("申请编号", strings.ToLower(string(order)))
	v.press("发送查询码")
	v.sees("填写查询码")
	v.fill("6 位查询码", "1")
	v.press("查看进度")
	v.sees("查询码应为 6 位数字")
	var code string
	v.must(scenario.Poll(t.Context(), func() (bool, error) {
		for _, m := range suite.System.Outbox.Sent(mobile) {
			if strings.Contains(m.Text, "查询码") {
				code = m.Code()
			}
		}
		return code != "", nil
	}))
	v.fill("6 位查询码", code)
	v.press("查看进度")
	v.sees("首次备案", "填写中", "等您处理", "请填写主体信息", "期限", string(order))
	v.shoot("state")
	v.looksWell()
	shown, err := v.page.Text()
	v.must(err)
	for _, personal := range []string{"示例人", strings.TrimPrefix(mobile, "+86"), "invented-9810"} {
		if strings.Contains(shown, personal) {
			t.Errorf("the page shows %s", personal)
		}
	}
}

// TestFilingsPage: the page of an account without anything says what to do; then it shows who acts next, until when, and what waits for a confirmation.
func TestFilingsPage(t *testing.T) {
	a := scenario.Invented(9811)
	v := newVisitor(t, browser.Phone)
	v.logIn(strings.TrimPrefix(a.Login, "+86"))
	v.sees("您还没有备案，也没有申请。", "先看看要准备什么")
	v.shoot("empty")
	applicant, err := suite.Client.LoginApplicant(t.Context(), suite.Admin, a, suite.System.Clock.Now())
	v.must(err)
	_, err = applicant.ClaimFiling(t.Context(), "浙ICP备69999991号")
	v.must(err)
	_, err = a.AdvanceTo(t.Context(), applicant, suite.Reviewer, filing.CollectDetails)
	v.must(err)
	v.visit("/filings")
	v.sees("等待确认", "认领备案 浙ICP备69999991号", "前有效", "invented-9811-example.com", "首次备案 · 填写中", "等您处理", "前办理，过期失效")
	v.shoot("waiting")
	v.looksWell()
	v.visit("/filings?lang=en")
	v.sees("Waiting for a confirmation", "Your turn", "then it expires")
	v.press("Claim of")
	v.sees("Enter")
}

// looksWell checks the page with axe, and that nothing is cut off at 320 pixels.
func (v visitor) looksWell() {
	v.Helper()
	found, err := v.page.Violations(string(modules))
	v.must(err)
	if len(found) > 0 {
		v.Error(strings.Join(found, "\n"))
	}
	v.must(v.page.Resize(320, 740))
	v.must(v.page.Overflow())
	v.must(v.page.Resize(browser.Phone.Width, browser.Phone.Height))
}
