package pages_test

import (
	"maps"
	"testing"
	"time"

	"beian/infra/local/browser"
	"beian/infra/local/scenario"
	"beian/shared/filing"
	"beian/shared/rules/workday"
)

func TestSMSPage(t *testing.T) {
	o := orderAt(t, 9602, onPC, filing.VerifySMS)
	code, err := suite.Client.AwaitOrderCode(t.Context(), o.mobile(), o.id)
	o.must(err)
	leader := newVisitor(t, browser.Phone)
	leader.visit("/sms/" + string(o.id))
	leader.sees("短信核验", o.mobile()[:3]+"****"+o.mobile()[7:], "主体负责人、网站负责人", "还剩 2", " 小时 ")
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

func TestSMSAgain(t *testing.T) {
	o := orderAt(t, 9607, onPhone, filing.VerifySMS)
	_, err := suite.Client.AwaitOrderCode(t.Context(), o.mobile(), o.id)
	o.must(err)
	suite.System.Clock.Advance(filing.SMSHours*time.Hour + time.Second)
	o.awaitStep(filing.InitialReview)
	o.visit("/sms/" + string(o.id))
	o.sees("这次核验已经结束")
	nine := 9
	suite.System.Clock.Set(filing.Daytime.Next(suite.System.Clock.Now(), &nine))
	o.visit(o.href(""))
	o.press("选择发送短信验证码的时间")
	o.sees("审核通过就发")
	o.shoot("hour")
	later := suite.System.Clock.Now().In(workday.Shanghai).Add(3 * time.Hour)
	o.choose(later.Format("15:00"))
	o.press("保存时间")
	o.press("重新发送短信核验")
	o.shoot("again")
	o.press("重新发送验证码")
	o.sees("等待短信核验")
	o.awaitNext(later.Format("短信验证码会在1月2日15:00（北京时间）发给各位负责人"))
	o.shoot("order-hour")
	o.press("选择发送短信验证码的时间")
	o.sees("尽快：", later.Format("2006年1月2日 15:00"))
	o.shoot("hour-planned")
	o.visit("/sms/" + string(o.id))
	o.sees(later.Format("短信验证码会在 2006年1月2日 15:00（北京时间）"))
	o.shoot("sms-planned")
	o.visit(o.href(""))
	suite.System.Clock.Set(later.Truncate(time.Hour).Add(time.Second))
	o.awaitNext("短信核验：谁还没有完成")
	o.shoot("order-sms")
}

func TestSMSTwoLeaders(t *testing.T) {
	ctx, a := t.Context(), scenario.Invented(9622)
	second := maps.Clone(a.Details.Subject["leader"].(map[string]any))
	second["mobile"] = "18800019398" // of person 9699
	a.Details.Sites = []map[string]any{maps.Clone(a.Details.Sites[0])}
	a.Details.Sites[0]["leader"] = second
	v := newVisitor(t, browser.Phone)
	applicant, err := suite.Client.LoginApplicant(ctx, suite.Admin, a, suite.System.Clock.Now())
	v.must(err)
	id, err := a.AdvanceTo(ctx, applicant, suite.Reviewer, filing.VerifySMS)
	v.must(err)
	certificate := a.Details.Subject["certificate"].(map[string]any)["number"].(string)
	mobiles := scenario.LeaderMobiles(a.Details)
	for i, mobile := range mobiles {
		code, err := suite.Client.AwaitOrderCode(ctx, mobile, id)
		v.must(err)
		v.visit("/sms/" + string(id))
		if i == 0 {
			v.press("确认")
			v.sees("有 3 处需要处理", "您收到短信的手机是哪一个？")
			v.shoot("two")
			v.choose(mobile[:3] + "****" + mobile[7:])
		}
		v.fill("短信里的 6 位验证码", code, "您的证件号码后 6 位", certificate[len(certificate)-6:])
		v.press("确认")
	}
	v.sees("核验全部完成")
	v.shoot("both")
}
