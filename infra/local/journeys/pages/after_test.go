package pages_test

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"beian/functions/api"
	"beian/infra/local/browser"
	"beian/infra/local/demo"
	"beian/infra/local/scenario"
	"beian/shared/bureau/simulator"
	"beian/shared/filing"
	"beian/shared/process/agency"
	"beian/shared/process/decide"
)

// An ownOrder is an order of an invented person that the API has brought to a step, and a browser in which the person is logged in.
type ownOrder struct {
	visitor
	app       scenario.Application
	applicant *scenario.User
	id        filing.ID
}

// orderAt is [applicantAt] with a browser in which the person is logged in.
func orderAt(t *testing.T, n int, m manner, step filing.Step) ownOrder {
	t.Helper()
	a := applicantAt(t, n, step)
	o := ownOrder{m.come(t), a.app, a.User, a.id}
	o.logIn(o.mobile())
	return o
}

func (o ownOrder) mobile() string { return fmt.Sprint(o.app.Contact["mobile"]) }

func (o ownOrder) href(rest string) string { return "/orders/" + string(o.id) + rest }

// awaitCode waits for a message with six digits to a phone or mailbox, and returns the newest.
func awaitCode(t *testing.T, to string) (code string) {
	t.Helper()
	err := scenario.Poll(t.Context(), func() (bool, error) {
		for _, sent := range slices.Backward(suite.System.Outbox.Sent(to)) {
			if code = sent.Code(); code != "" {
				return true, nil
			}
		}
		return false, nil
	})
	if err != nil {
		t.Fatalf("no code was sent to %s: %v", to, err)
	}
	return code
}

// awaitStep waits until the order is at a step.
func (o ownOrder) awaitStep(step filing.Step) {
	o.Helper()
	_, err := o.applicant.AwaitStep(o.Context(), o.id, step)
	o.must(err)
}

// The pages from the contact on, for [TestEveryPage].
func init() {
	looks = append(looks,
		look{name: "contact", path: "/orders/{order}/contact", step: filing.CollectDetails},
		look{name: "check", path: "/orders/{order}/check", step: filing.AwaitConfirmation},
		look{name: "check-unticked", path: "/orders/{order}/check", step: filing.AwaitConfirmation, act: func(v visitor) { v.pressFirst() }},
		look{name: "check-read", path: "/orders/{order}/check", step: filing.InitialReview},
		look{name: "sms", path: "/sms/{order}", step: filing.VerifySMS},
		look{name: "revoke", path: "/revoke"},
		look{name: "revoke-unanswered", path: "/revoke", act: func(v visitor) { v.pressFirst() }},
		look{name: "export", path: "/export", step: filing.InitialReview},
		look{name: "reads", path: "/orders/{order}/reads", step: filing.InitialReview},
		look{name: "withdraw", path: "/orders/{order}/withdraw", step: filing.InitialReview},
		look{name: "abandon", path: "/orders/{order}/abandon", step: filing.CollectDetails},
		look{name: "mail", path: "/orders/{order}/mail", step: filing.MailDocuments},
		look{name: "mail-wrong", path: "/orders/{order}/mail", step: filing.MailDocuments, act: func(v visitor) { v.pressFirst() }},
		look{name: "cover", path: "/orders/{order}/mail/cover", step: filing.MailDocuments},
		look{name: "order-mail", path: "/orders/{order}", step: filing.MailDocuments},
		look{name: "sms-unanswered", path: "/sms/{order}", step: filing.VerifySMS, act: func(v visitor) { v.pressFirst() }},
	)
}

// TestContact: the applicant changes mobile and email, and verifies both by codes.
func TestContact(t *testing.T) {
	o := orderAt(t, 9600, withoutMouse, filing.CollectDetails)
	o.visit(o.href("/contact"))
	o.sees("接收通知的手机和邮箱", "已验证")
	o.shoot("contact")
	o.fill("手机号码", "12345", "电子邮箱", "changed9600@invented-example.com")
	o.press("保存")
	o.sees("处需要处理")
	o.shoot("contact-wrong")
	o.fill("手机号码", "18800019201")
	o.press("保存")
	o.sees("验证手机号码")
	o.shoot("code")
	o.press("获取验证码")
	o.fill("6 位验证码", "000000")
	o.press("确认")
	o.shoot("code-wrong")
	o.fill("6 位验证码", awaitCode(t, "+8618800019201"))
	o.press("确认")
	o.sees("验证电子邮箱")
	o.press("获取验证码")
	o.fill("6 位验证码", awaitCode(t, "changed9600@invented-example.com"))
	o.press("确认")
	o.visit(o.href("/contact"))
	o.sees("18800019201"[:3]+"****"+"9201", "已验证")
	if text, _ := o.page.Text(); strings.Contains(text, "还没有验证") {
		t.Errorf("not verified:\n%s", text)
	}
}

// TestCheck: the applicant checks all answers and submits the application. A summary that changed meanwhile has to be checked again.
func TestCheck(t *testing.T) {
	o := orderAt(t, 9601, onPhone, filing.AwaitConfirmation)
	o.visit(o.href("/check"))
	o.sees("示例人", "居民身份证", "2035-05-01", "北京市东城区", "木作手记", "网站负责人", "修改")
	o.shoot("check")
	o.press("确认并提交")
	o.sees("有 1 处需要处理")
	o.shoot("check-unticked")
	changed := o.app.Details
	changed.Sites[0]["name"] = "木作笔记"
	o.must(o.applicant.EnterDetails(t.Context(), o.id, changed))
	o.choose("我已核对以上全部信息")
	o.press("确认并提交")
	o.sees("木作笔记")
	o.shoot("check-stale")
	o.choose("我已核对以上全部信息")
	o.press("确认并提交")
	o.sees("初审中")
	o.visit(o.href("/check"))
	o.sees("您已于")
	o.shoot("check-read")
}

// TestSMSPage: leaders without an account answer their codes on the page that the link in the SMS opens.
// TestWithdraw: the applicant withdraws an application and has its personal data erased; each page says what it means first.
func TestWithdraw(t *testing.T) {
	o := orderAt(t, 9603, onPhone, filing.InitialReview)
	o.visit(o.href(""))
	o.sees("我们在审核", "初审中", "您还可以")
	o.shoot("order")
	o.press("撤回申请")
	o.sees("这份申请关闭", "这一步不能恢复")
	o.shoot("withdraw")
	o.press("撤回申请")
	o.awaitNext("已撤回")
	o.press("删除个人信息")
	o.shoot("erase")
	o.press("删除个人信息")
	o.sees("个人信息已按规定删除")
	o.shoot("erased")
	o.visit(o.href("/withdraw"))
	o.sees("现在不能做这一步")
}

// TestReturned: only what was returned is open; the rest opens by a press.
func TestReturned(t *testing.T) {
	o := orderAt(t, 9604, inEnglish, filing.InitialReview)
	o.must(suite.Reviewer.Claim(t.Context(), o.id))
	o.must(suite.Reviewer.Review(t.Context(), o.id, "return", scenario.Remark{Pointer: "/sites/0/name", Message: map[string]string{"zh-CN": "网站名称和内容不符，请改为与内容一致的名称。"}}))
	o.awaitStep(filing.CollectDetails)
	o.visit(o.href(""))
	o.sees("退回修改", "要修改的地方", "网站名称和内容不符", "我还改了别的内容", "网站：信息")
	o.shoot("returned")
	if shown, _ := o.page.Text(); strings.Contains(shown, "主体信息\n") {
		t.Errorf("what was not returned is open:\n%s", shown)
	}
	o.press("网站名称和内容不符，请改为与内容一致的名称。")
	o.fill("网站名称", "木作记录")
	o.press("保存并继续")
	o.visit(o.href("/abandon"))
	o.shoot("abandon")
	o.press("放弃申请")
	o.awaitNext("已放弃")
}

// TestMail: the applicant prints the cover sheet and enters the tracking number.
func TestMail(t *testing.T) {
	o := orderAt(t, 9605, onTablet, filing.MailDocuments)
	o.visit(o.href(""))
	o.press("邮寄资料原件")
	o.sees("邮寄资料原件", "网站备案信息真实性核验单", "示例云备案组")
	o.shoot("mail")
	o.press("打印封面单")
	o.sees(string(o.id))
	o.shoot("cover")
	o.press("返回")
	o.press("保存快递单号")
	o.sees("有 2 处需要处理")
	o.fill("快递公司", "顺丰", "快递单号", "SF1234567890")
	o.press("保存快递单号")
	o.sees("顺丰 SF1234567890")
	o.shoot("mailed")
}

// TestAppeal: the applicant contests a rejection, and gives the appeal up.
func TestAppeal(t *testing.T) {
	o := orderAt(t, 9606, inEnglish, filing.InitialReview)
	o.must(suite.Reviewer.Claim(t.Context(), o.id))
	o.must(suite.Reviewer.Review(t.Context(), o.id, "reject", scenario.Remark{Message: map[string]string{"zh-CN": "提交的证件不是本人的。"}}))
	o.awaitStep(filing.Done)
	o.visit(o.href(""))
	o.awaitNext("申诉一次")
	o.shoot("rejected")
	o.press("申诉")
	o.shoot("appeal")
	o.press("提交申诉")
	o.sees("有 1 处需要处理")
	o.fill("您为什么不同意？", "证件是我本人的，见新的照片。")
	o.press("提交申诉")
	o.sees("申诉处理中", "您的申诉理由", "申诉结果会在")
	o.shoot("appealed")
	o.press("撤回申诉")
	o.press("撤回申诉")
	o.sees("未通过")
}

// TestSMSAgain: an expired SMS check is started again with one press.
// TestResubmit: after a refusal, the applicant reads why, and opens the application again.
func TestResubmit(t *testing.T) {
	o := orderAt(t, 9608, withoutMouse, filing.InitialReview)
	domain := o.app.Open["domains"].([]string)[0]
	then := simulator.Action{Decision: simulator.Refuse, Codes: []int64{1003}, Opinion: "网站负责人电话无人接听"}
	o.must(suite.System.Bureau.Apply(simulator.Scenario{Rules: []simulator.Rule{{Match: simulator.Match{Domain: domain}, Times: 1, Then: then}}}))
	o.finish()
	o.visit(o.href(""))
	o.awaitNext("网站负责人电话无人接听")
	o.shoot("refused")
	o.press("修改后重新提交")
	o.shoot("resubmit")
	o.press("重新打开申请")
	o.sees("等您处理")
	o.shoot("reopened")
}

// finish passes the review, answers the SMS codes, and waits until the bureau has decided.
func (o ownOrder) finish() {
	o.Helper()
	o.must(suite.Reviewer.Approve(o.Context(), o.id))
	o.awaitStep(filing.VerifySMS)
	code, err := suite.Client.AwaitOrderCode(o.Context(), o.mobile(), o.id)
	o.must(err)
	o.must(suite.Client.ReplySMS(o.Context(), "reply-"+string(o.id), o.mobile(), code))
	o.awaitStep(filing.Done)
}

// TestApproved: after the approval, the page has the numbers, the footer to copy, the duties with a calendar; the filing has its facts, who read it, and the
// download of everything. Staff look at the files exchanged with the bureau.
func TestApproved(t *testing.T) {
	o := orderAt(t, 9609, onPhone, filing.InitialReview)
	o.finish()
	o.visit(o.href(""))
	o.awaitNext("接下来要做的事")
	o.sees("备案已通过", "网站备案号", "主体备案号", `<a href="https://beian.miit.gov.cn/"`, "复制代码", "加到日历")
	o.shoot("approved")
	calendar := o.fetch(o.href("/duties.ics"))
	for _, line := range []string{"BEGIN:VEVENT", "DTSTART;VALUE=DATE:20", "SUMMARY:", "TRIGGER:-P7D"} {
		if !strings.Contains(calendar, line) {
			t.Errorf("the calendar lacks %s:\n%s", line, calendar)
		}
	}
	o.press("谁看过我的资料")
	o.shoot("reads")
	o.press("返回")
	o.press("查看这条备案")
	o.sees("有效", "木作手记", "记录完整", "北京市通信管理局")
	o.shoot("filing")
	o.visit("/export")
	o.shoot("export")
	all := o.fetch("/export.json")
	for _, text := range []string{string(o.id), `"timeline"`, `"versions"`, `"staffReads"`, "person9609@invented-example.com"} {
		if !strings.Contains(all, text) {
			t.Errorf("the export lacks %s", text)
		}
	}
	o.visit("/export?n=2")
	o.sees("第 2 份", "这是最后一份")
	o.shoot("export-2")

	room := staffAt(t, browser.Desktop, demo.AdminLogin)
	for _, kind := range []string{"sent", "received"} {
		room.visit("/staff/bureau/" + kind)
		room.must(room.page.PressFirst("table.list a"))
		room.shoot(kind)
		room.sees("个人信息已隐去")
		room.accessible()
		room.must(room.page.Overflow())
	}
}

// fetch returns the content of a file of the portal.
func (o ownOrder) fetch(path string) string {
	o.Helper()
	text, err := browser.Evaluate[string](o.page, fmt.Sprintf("fetch(%q).then(r => r.text())", path))
	o.must(err)
	return text
}

var portalLink = regexp.MustCompile(`http://127\.0\.0\.1:\d+(/[A-Za-z0-9/-]+)`)

// opens waits for a message with some words to a phone or mailbox, opens its link, and checks what the page says.
// TestLinksInMessages: the link of each message leads to a page that does what the message says.
// TestRevoke: a subject leader without an account asks for a code; the answer is the same for every number.
// TestCheckChanges: the check of a change shows before and after; that of a cancellation asks for each consequence.
func TestCheckChanges(t *testing.T) {
	o := orderAt(t, 9618, onPhone, filing.InitialReview)
	ctx := t.Context()
	o.finish()
	filed, err := o.applicant.Filings(ctx)
	o.must(err)
	opened, err := o.applicant.OpenChange(ctx, filed[0].ID, o.app)
	o.must(err)
	o.id = opened.ID
	details := scenario.Details{Subject: maps.Clone(opened.Subject), Sites: opened.Sites}
	details.Subject["address"] = "东城区示例胡同2号"
	o.must(o.applicant.EnterDetails(ctx, o.id, details))
	if missing, err := o.applicant.MissingPapers(ctx, o.id); err != nil || len(missing) > 0 {
		o.must(err)
		o.must(o.applicant.UploadMissing(ctx, o.id, scenario.SamplePicture("paper", 1)))
	}
	o.awaitStep(filing.AwaitConfirmation)
	o.visit(o.href("/check"))
	o.sees("这次变更的内容", "主体信息 · 通信地址", "东城区示例胡同1号", "东城区示例胡同2号")
	o.shoot("change")
	o.must(o.applicant.Abandon(ctx, o.id))
	o.awaitStep(filing.Done)

	offers, err := o.applicant.Cancellations(ctx, filed[0].ID)
	o.must(err)
	i := slices.IndexFunc(offers, func(c api.CancellationOffer) bool { return c.Kind == "CANCEL_SUBJECT" })
	ended, err := o.applicant.Cancel(ctx, filed[0].ID, offers[i], o.app.Contact)
	o.must(err)
	o.id = ended.ID
	o.awaitStep(filing.AwaitConfirmation)
	o.visit(o.href("/check"))
	o.sees("要注销的内容", filed[0].Number.String(), "请逐条确认后果")
	o.shoot("cancel")
	o.press("确认并提交")
	o.sees(fmt.Sprintf("有 %d 处需要处理", len(offers[i].Confirm)+1))
	o.must(o.page.ChooseAll())
	o.press("确认并提交")
	o.sees("初审中")
}

// TestUsualDuration: below 20 applications of the kind, the page gives no estimate; from 20 on, it says what was counted.
func TestUsualDuration(t *testing.T) {
	a := scenario.Invented(9619)
	a.Open["province"], a.Details.Subject["division"], a.Details.Subject["certificateAddress"] = "12", "120101", "天津市和平区示例胡同1号"
	o := ownOrder{newVisitor(t, browser.Phone), a, nil, ""}
	var err error
	o.applicant, err = suite.Client.LoginApplicant(t.Context(), suite.Admin, a, suite.System.Clock.Now())
	o.must(err)
	o.id, err = a.AdvanceTo(t.Context(), o.applicant, suite.Reviewer, filing.InitialReview)
	o.must(err)
	o.logIn(o.mobile())
	o.visit(o.href(""))
	o.sees("不作估计")
	for n := range 20 {
		counted := filing.Order{ID: filing.ID(fmt.Sprintf("01COUNTED%017d", n)), Account: "account-1", Province: "12", Type: filing.First, Step: filing.Done, Status: filing.Approved, Version: 1}
		entry := filing.Entry{Order: counted.ID, Seq: 1, At: suite.System.Clock.Now()}
		_, err := suite.System.Parts.Store().Commit(t.Context(), filing.Change{Order: counted, Entry: entry, Visits: []filing.Visit{{Step: filing.InitialReview, Days: n / 10}}}, decide.Request{})
		o.must(err)
	}
	o.visit(o.href(""))
	o.sees("最近 20 份同类申请，这一步有一半当天办完，八成在 1 个工作日内办完", "2026年12月")
	o.shoot("usual")
}

// TestSplitPage: domains of different types are shown by order, and one press accepts them.
func TestSplitPage(t *testing.T) {
	a := scenario.Invented(9620)
	number := fmt.Sprint(a.Open["certificate"].(map[string]any)["number"])
	filed, added := a.Open["domains"].([]string)[0], "invented-9620-second-example.com"
	o := ownOrder{newVisitor(t, browser.Phone), a, nil, ""}
	o.must(suite.System.Bureau.Apply(simulator.Scenario{Filed: []simulator.Seed{{Name: "示例人", Nature: 5, CertificateKind: 2, CertificateNumber: number, Division: 110101,
		Address: "东城区示例胡同1号", Investor: "示例人", Sites: []simulator.SeedSite{{Name: "木作手记", Domains: []string{filed}}}}}}))
	a.Open["domains"] = []string{added, filed}
	var err error
	o.applicant, err = suite.Client.LoginApplicant(t.Context(), suite.Admin, a, suite.System.Clock.Now())
	o.must(err)
	opened, err := o.applicant.OpenOrder(t.Context(), a)
	o.must(err)
	o.id = opened.ID
	o.logIn(o.mobile())
	o.visit(o.href(""))
	o.awaitNext("分成几个订单")
	o.press("分成几个订单办理")
	o.sees("第 1 个订单：", "第 2 个订单：", filed, added)
	o.shoot("split")
	o.press("按这样分开办理")
	o.awaitNext("请选择用于备案的服务器")
}

// The agency of these tests.
const agencyAccount, agencyLogin = "agency-of-tests", "agency@invented-example.com"

var agencies = agency.Settings{agencyAccount: {ChineseName: "示例代办公司", EnglishName: "Example Agency Ltd"}}

// TestRevokeConsent: the leader of a subject revokes the consent of an agency without an account.
