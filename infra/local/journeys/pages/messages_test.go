package pages_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"beian/infra/local/browser"
	"beian/infra/local/scenario"
	"beian/shared/filing"
	"beian/shared/rules/workday"
)

func (o ownOrder) opens(to, words string, want ...string) {
	o.Helper()
	var path string
	err := scenario.Poll(o.Context(), func() (bool, error) {
		for _, m := range slices.Backward(suite.System.Outbox.Sent(to)) {
			if found := portalLink.FindStringSubmatch(m.Text); strings.Contains(m.Text, words) && found != nil {
				path = found[1]
				return true, nil
			}
		}
		return false, nil
	})
	if err != nil {
		o.Fatalf("no message to %s says %q with a link: %v", to, words, err)
	}
	o.visit(path)
	o.sees(want...)
}

func TestLinksInMessages(t *testing.T) {
	o := orderAt(t, 9615, onPhone, filing.AwaitConfirmation)
	ctx, phone, mailbox := t.Context(), "+86"+o.mobile(), fmt.Sprint(o.app.Contact["email"])
	o.must(o.applicant.Confirm(ctx, o.id))
	o.opens(mailbox, "我们收到了", "初审中", "撤回申请") // "you can withdraw it on the page"
	o.must(suite.Reviewer.Claim(ctx, o.id))
	o.must(suite.Reviewer.Review(ctx, o.id, "return", scenario.Remark{Pointer: "/sites/0/name", Message: map[string]string{"zh-CN": "网站名称和内容不符。"}}))
	o.opens(phone, "需要修改，共 1 处", "要修改的地方", "网站名称和内容不符。")
	o.must(o.applicant.EnterDetails(ctx, o.id, o.app.Details))
	o.must(o.applicant.Confirm(ctx, o.id))
	o.must(suite.Reviewer.ApproveAndRequestOriginals(ctx, o.id, "sites/0/verification-form"))
	o.opens(phone, "需要邮寄", "邮寄资料原件") // "the list and the address"
	o.press("邮寄资料原件")
	o.sees("寄到这里", "网站备案信息真实性核验单")
	o.must(o.applicant.Call(ctx, http.MethodPut, o.href("/papers"), map[string]any{"courier": "EMS", "tracking": "E1"}, nil))
	o.must(suite.Reviewer.Claim(ctx, o.id))
	o.must(suite.Reviewer.Call(ctx, http.MethodPost, o.href("/papers/receipt"), nil, nil))
	o.opens(mailbox, "纸质材料已收到", "短信核验")
	o.opens(phone, "，勿转告：", "短信里的 6 位验证码", "重新发送到")
	code, err := suite.Client.AwaitOrderCode(ctx, o.mobile(), o.id)
	o.must(err)
	o.must(suite.Client.ReplySMS(ctx, "reply-"+string(o.id), o.mobile(), code))
	o.awaitStep(filing.Done)
	o.opens(phone, "备案已通过", "网站备案号", "放到网站底部的代码")
	o.opens(mailbox, "备案已获管局通过", "接下来要做的事")

	stopped := orderAt(t, 9616, onPhone, filing.InitialReview)
	stopped.must(stopped.applicant.Withdraw(ctx, stopped.id))
	stopped.opens(fmt.Sprint(stopped.app.Contact["email"]), "已撤销", "已撤回")
	for _, short := range []string{"/o/", "/s/"} { // the links of an earlier SMS
		stopped.visit(short + stopped.id.Link())
		stopped.sees("这个链接已失效", "查看我的备案")
	}
	stopped.shoot("link-ended")
	stopped.visit("/o/" + stopped.id.Link() + "?lang=en")
	stopped.sees("This link has ended")
	for _, short := range []string{"/o/", "/s/"} { // of no order
		stopped.visit(short + filing.ID("01ARZ3NDEKTSV4RRFFQ69G5FAV").Link())
		stopped.sees("There is no such page")
	}

	rejected := orderAt(t, 9617, onPhone, filing.InitialReview)
	rejected.must(suite.Reviewer.Claim(ctx, rejected.id))
	rejected.must(suite.Reviewer.Review(ctx, rejected.id, "reject", scenario.Remark{Message: map[string]string{"zh-CN": "提交的证件不是本人的。"}}))
	rejected.opens("+86"+rejected.mobile(), "被初审驳回", "提交的证件不是本人的。", "申诉")
	rejected.press("申诉")
	rejected.sees("您为什么不同意？", "请先上传")
}

func TestRevoke(t *testing.T) {
	leader := newVisitor(t, browser.Phone)
	leader.visit("/revoke")
	leader.shoot("revoke")
	leader.press("获取验证码")
	leader.sees("备案号和手机号应填写其中一个")
	leader.fill("或者：您的手机号码", "18800099999")
	leader.press("获取验证码")
	leader.sees("验证码已经发到主体负责人的手机")
	leader.fill("6 位验证码", "123456")
	leader.press("撤销同意")
	leader.sees("处需要处理")
	leader.shoot("revoke-code")
}

func TestRevokeConsent(t *testing.T) {
	ctx, a := t.Context(), scenario.Invented(9621)
	a.Login = agencyLogin
	v := newVisitor(t, browser.Phone)
	agent, err := suite.Client.LoginApplicant(ctx, suite.Admin, a, suite.System.Clock.Now())
	v.must(err)
	id, err := a.AdvanceTo(ctx, agent, suite.Reviewer, filing.AwaitConfirmation)
	v.must(err)
	leader := scenario.LeaderMobiles(a.Details)[0]
	until := workday.DateOf(suite.System.Clock.Now()).AddDays(30)
	_, err = agent.GetConsent(ctx, leader, map[string]any{"order": id, "scopes": []string{"file"}, "until": until})
	v.must(err)
	before := len(suite.System.Outbox.Sent("+86" + leader))
	v.visit("/revoke")
	v.fill("或者：您的手机号码", leader)
	v.press("获取验证码")
	code, err := suite.Client.AwaitConsentCode(ctx, leader, before)
	v.must(err)
	v.fill("6 位验证码", code)
	v.press("撤销同意")
	v.sees("已经撤销", "首次备案", "要停办的，请联系客服")
	v.shoot("revoked")
}

// TestSMSTwoLeaders: of two leaders with a code, each chooses the own mobile, until both have answered.
