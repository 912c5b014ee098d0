package pages_test

import (
	"testing"

	"github.com/chromedp/chromedp/kb"

	"beian/infra/local/browser"
	"beian/infra/local/demo"
	"beian/infra/local/scenario"
	"beian/shared/filing"
)

// TestUndoAndAppealFromDesk: a reviewer takes a verdict back by one key and has the case as before. Another reviewer decides the appeal against the rejection; that
// takes effect although the page is left.
func TestUndoAndAppealFromDesk(t *testing.T) {
	const answer = "材料证明内容可以备案。"
	ctx := t.Context()
	a, v := claimedCase(t, 10010)
	v.key("p")
	v.follow(kb.Enter)
	v.await("秒后发出")
	v.shoot("waits")
	v.looksWell()
	v.follow("z")
	v.await("您已领取")
	if o, err := a.Order(ctx, a.id); err != nil || o.Step != filing.InitialReview {
		t.Fatalf("the order is at %s: %v", o.Step, err)
	}
	v.must(suite.Reviewer.Review(ctx, a.id, "reject", scenario.Remark{Pointer: "/subject", Message: map[string]string{"zh-CN": "内容不可以备案。"}}))
	_, err := a.AwaitStep(ctx, a.id, filing.Done)
	v.must(err)
	v.must(a.Appeal(ctx, a.id, "内容可以备案"))

	second := staffAt(t, browser.Desktop, demo.SecondReviewerLogin)
	second.visit("/staff/appeals")
	second.sees("应在这天前决定")
	second.shoot("appeals")
	second.looksWell()
	second.visit("/staff/orders/" + string(a.id))
	second.follow("c")
	second.await("内容可以备案")
	second.sees("内容不可以备案。")
	second.must(second.page.Fill("给申请人的答复", answer))
	second.shoot("appeal")
	second.looksWell()
	second.must(second.page.Act("撤销驳回"))
	second.await("秒后发出")
	second.visit("/staff/queue")
	o, err := a.AwaitStep(ctx, a.id, filing.InitialReview)
	second.must(err)
	if o.Appeal == nil || o.Appeal.Answer != answer {
		t.Errorf("the appeal is %+v", o.Appeal)
	}
}
