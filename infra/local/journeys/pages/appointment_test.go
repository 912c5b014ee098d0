package pages_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"beian/infra/local/browser"
	"beian/infra/local/scenario"
	"beian/shared/filing"
	"beian/shared/rules/workday"
)

// TestAppointment: a leader without a camera asks for an appointment; a reviewer sets time and place and records that the leader passed
// in person, and the application goes on (S14).
func TestAppointment(t *testing.T) {
	ctx := t.Context()
	o := orderAt(t, 9980, onPhone, filing.VerifyAuthenticity)
	o.visit(o.href("/liveness"))
	o.press("做不了真人核验？预约当面核验")
	o.shoot("ask")
	o.press("提交预约")
	o.sees("有 2 处需要处理", "为什么做不了真人核验")
	o.shoot("unanswered")
	days := o.offeredDays()
	o.choose("没有能用的摄像头", days[0], days[1])
	o.press("提交预约")
	o.sees("预约已收到", days[0], "没有能用的摄像头")
	o.shoot("asked")
	o.looksWell()
	queue, err := suite.Reviewer.Appointments(ctx)
	o.must(err)
	if !slices.Contains(queue, o.id) {
		t.Fatalf("the reviewers' list is %v", queue)
	}
	now := suite.System.Clock.Now()
	o.must(suite.Reviewer.SetAppointment(ctx, o.id, 0, now.Add(2*time.Hour), "示例大厦三层 301 室"))
	o.visit(o.href(""))
	o.sees("按预约的时间来当面核验")
	o.shoot("order")
	o.visit(o.href("/liveness"))
	o.sees("已约好", now.In(workday.Shanghai).Format("2006年1月2日"))
	o.shoot("list")
	o.press("查看预约")
	o.sees("时间已经定好", "示例大厦三层 301 室", "身份证件原件")
	o.shoot("set")
	o.looksWell()
	o.press("取消预约")
	o.sees("哪几天方便？")
	o.choose("试过了，总是不通过", o.offeredDays()[2])
	o.press("提交预约")
	o.must(suite.Reviewer.SetAppointment(ctx, o.id, 0, now.Add(3*time.Hour), "示例大厦三层 301 室"))
	o.must(suite.Reviewer.RecordAppointment(ctx, o.id, 0, filing.AppointmentFailed, "请带身份证原件"))
	o.visit(o.href("/liveness/0/appointment?lang=en"))
	o.sees("The last check in person was not passed.", "请带身份证原件")
	o.shoot("failed-en")
	o.choose("No phone or computer with a camera", o.offeredDays()[3])
	o.press("Ask for the appointment")
	o.shoot("asked-en")
	o.must(suite.Reviewer.SetAppointment(ctx, o.id, 0, now.Add(4*time.Hour), "示例大厦三层 301 室"))
	o.must(suite.Reviewer.RecordAppointment(ctx, o.id, 0, filing.AppointmentPassed, ""))
	o.awaitStep(filing.AwaitConfirmation)
	o.visit(o.href("/liveness/0/appointment?lang=zh-CN"))
	o.sees("当面核验已通过")
	o.shoot("passed")
	invited := "请于" + now.Add(2*time.Hour).In(workday.Shanghai).Format("1月2日15:04") + "带身份证件原件来当面核验"
	var texts string
	err = scenario.Poll(ctx, func() (bool, error) {
		texts = ""
		for _, m := range append(suite.System.Outbox.Sent("+86"+o.mobile()), suite.System.Outbox.Sent(fmt.Sprint(o.app.Contact["email"]))...) {
			texts += m.Text + "\n"
		}
		return strings.Contains(texts, "当面核验已通过") && strings.Contains(texts, invited) && strings.Contains(texts, "当面核验没有通过"), nil
	})
	if err != nil {
		t.Errorf("%v: the messages are\n%s", err, texts)
	}
}

// offeredDays returns the days that the page offers. They depend on the tests that ran before, because one of them moves the clock.
func (v visitor) offeredDays() []string {
	v.Helper()
	days, err := browser.Evaluate[[]string](v.page, `[...document.querySelectorAll("main input[type=checkbox]")].map(box => box.labels[0].innerText.trim())`)
	if v.must(err); len(days) < 5 {
		v.Fatalf("the page offers %q", days)
	}
	return days
}
