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

// An ownOrder is an order of an invented person that the API has brought to a step, and a browser in which the person is logged in.
type ownOrder struct {
	visitor
	app       scenario.Application
	applicant *scenario.User
	id        filing.ID
}

// orderAt brings an order of an invented person to a step.
func orderAt(t *testing.T, n int, size browser.Size, step filing.Step) ownOrder {
	t.Helper()
	a := scenario.Invented(n)
	applicant, err := suite.Client.LoginApplicant(t.Context(), suite.Admin, a, suite.System.Clock.Now())
	if err != nil {
		t.Fatal(err)
	}
	o := ownOrder{newVisitor(t, size), a, applicant, ""}
	if o.id, err = a.AdvanceTo(t.Context(), applicant, suite.Reviewer, step); err != nil {
		t.Fatal(err)
	}
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
			if code = sixDigits.FindString(sent.Text); code != "" {
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
		look{name: "sms-unanswered", path: "/sms/{order}", step: filing.VerifySMS, act: func(v visitor) { v.pressFirst() }},
	)
}

// TestContact: the applicant changes mobile and email, and verifies both by codes.
func TestContact(t *testing.T) {
	o := orderAt(t, 9600, browser.Phone, filing.CollectDetails)
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
	o := orderAt(t, 9601, browser.Phone, filing.AwaitConfirmation)
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
func TestSMSPage(t *testing.T) {
	o := orderAt(t, 9602, browser.Desktop, filing.VerifySMS)
	code, err := suite.Client.AwaitOrderCode(t.Context(), o.mobile(), o.id)
	o.must(err)
	leader := newVisitor(t, browser.Phone)
	leader.visit("/sms/" + string(o.id))
	leader.sees("短信核验", o.mobile()[:3]+"****"+o.mobile()[7:], "主体负责人、网站负责人", "还剩 23 小时")
	leader.shoot("sms")
	leader.press("确认")
	leader.sees("有 2 处需要处理")
	leader.fill("短信里的 6 位验证码", code, "您的证件号码后 6 位", "000000")
	leader.press("确认")
	leader.sees("还可以再试 5 次")
	leader.shoot("sms-wrong")
	leader.press("重新发送到")
	leader.sees("请")
	leader.shoot("sms-soon")
	certificate := o.app.Details.Subject["certificate"].(map[string]any)["number"].(string)
	leader.fill("短信里的 6 位验证码", code, "您的证件号码后 6 位", certificate[len(certificate)-6:])
	leader.press("确认")
	leader.sees("核验全部完成")
	leader.shoot("sms-done")
	leader.visit("/sms/" + string(o.id) + "?lang=en")
	leader.sees("Every leader has answered")
	leader.visit("/sms/01ARZ3NDEKTSV4RRFFQ69G5FAV")
	leader.shoot("sms-unknown")
}
