package pages_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp/kb"

	"beian/infra/local/browser"
	"beian/infra/local/demo"
	"beian/shared/filing"
)

// staffAt returns a member of staff who is logged in.
func staffAt(t *testing.T, size browser.Size, login string) visitor {
	t.Helper()
	v := newVisitor(t, size)
	v.visit("/staff")
	v.enterCode(login)
	return v
}

func (v visitor) key(keys string)   { v.Helper(); v.must(v.page.Key(keys)) }
func (v visitor) follow(key string) { v.Helper(); v.must(v.page.PressKey(key)) }

// claimedCase returns the order of an invented person at the review, on the page of the reviewer who has claimed it.
func claimedCase(t *testing.T, n int) (applicant, visitor) {
	t.Helper()
	a := applicantAt(t, n, filing.InitialReview)
	v := staffAt(t, browser.Desktop, demo.ReviewerLogin)
	v.visit("/staff/orders/" + string(a.id))
	v.follow("c")
	v.await("您已领取")
	return a, v
}

// TestDesk: a reviewer takes a case, looks at its papers and passes it, by keys.
func TestDesk(t *testing.T) {
	a := applicantAt(t, 10400, filing.InitialReview)
	v := staffAt(t, browser.Desktop, demo.ReviewerLogin)
	v.sees("待审的备案")
	v.shoot("queue")
	v.looksWell()
	v.visit("/staff/queue?province=54&kind=FIRST&risk=explained&claimed=free")
	v.follow("n")
	v.await("没有可以领取的备案")
	v.visit("/staff/orders/" + string(a.id))
	v.sees("领取以后才能看到资料")
	v.shoot("unclaimed")
	v.follow("c")
	v.await("您已领取")
	v.shoot("claimed")
	v.looksWell()
	for range 3 {
		v.key("j")
	}
	v.await("左转")
	v.shoot("paper")
	v.key("?")
	v.shoot("keys")
	v.key(kb.Escape)
	v.key("p")
	v.shoot("pass")
	v.follow(kb.Enter)
	v.await("待审的备案")
	v.looksWell()
	v.visit("/staff/orders/" + string(a.id) + "/history")
	v.sees("操作记录完整")
	v.shoot("history")
	v.looksWell()
}

// TestReturnFromDesk: a reviewer gives a row a reason by keys. The claim ends while the reviewer types and another takes the case: the verdict is refused and nothing
// typed is lost. What the applicant corrects comes first when the case is back.
func TestReturnFromDesk(t *testing.T) {
	const words = "请按执照填写通信地址，写到门牌号。"
	ctx := t.Context()
	a, v := claimedCase(t, 10401)
	v.key("j")
	for range 7 {
		v.key(kb.ArrowDown)
	}
	v.must(v.page.Shortcut("x"))
	v.must(v.page.Tab())
	v.key(words)
	v.shoot("reason")
	v.looksWell()

	suite.System.Clock.Advance(filing.ClaimDuration + time.Second)
	second, err := suite.Client.Login(ctx, demo.SecondReviewerLogin)
	v.must(err)
	v.must(second.Claim(ctx, a.id))
	v.must(v.page.Act("退回修改"))
	v.await("second-reviewer")
	v.sees(words)
	v.shoot("taken")
	v.looksWell()
	v.must(second.Call(ctx, http.MethodDelete, "/orders/"+string(a.id)+"/claim", nil, nil))
	v.follow("c")
	v.await("您已领取")
	if typed, err := v.page.Value("补充说明（中文）"); err != nil || typed != words {
		t.Fatalf("the reason is %q after the claim: %v", typed, err)
	}
	v.must(v.page.Act("退回修改"))
	v.await("待审的备案")

	o, err := a.AwaitStep(ctx, a.id, filing.CollectDetails) // after the time in which the verdict can be taken back
	v.must(err)
	if o.Status != filing.Returned || len(o.Findings) != 1 || o.Findings[0].Pointer != "/subject/address" || o.Findings[0].Message.Chinese != words {
		t.Fatalf("the order is %s with %v", o.Status, o.Findings)
	}
	a.app.Details.Subject["address"] = "示例胡同1号院2号楼301室"
	v.must(a.EnterDetails(ctx, a.id, a.app.Details))
	_, err = a.AwaitStep(ctx, a.id, filing.AwaitConfirmation)
	v.must(err)
	v.must(a.Confirm(ctx, a.id))
	_, err = a.AwaitStep(ctx, a.id, filing.InitialReview)
	v.must(err)
	v.visit("/staff/orders/" + string(a.id))
	v.follow("c")
	v.await("退回以后改了什么")
	shown, err := v.page.Text()
	v.must(err)
	if strings.Index(shown, "示例胡同1号院2号楼301室") > strings.Index(shown, "全部资料") {
		t.Error("what changed is not first")
	}
	v.shoot("revised")
	v.looksWell()
}

// TestCallAndPreview: a reviewer records a call and comes back to the case, still claimed, and previews what the applicant reads.
func TestCallAndPreview(t *testing.T) {
	_, v := claimedCase(t, 10204)
	v.follow("l")
	v.sees("还没有打过电话")
	v.must(v.page.Fill("结果", "两次没有接听"))
	v.must(v.page.Act("记录"))
	v.await("已通知申请人")
	v.shoot("calls")
	v.looksWell()
	v.follow("u")
	v.must(v.page.Shortcut("x"))
	v.key("门牌号")
	v.shoot("reasons")
	v.looksWell()
	v.key(kb.Enter) // takes the reason, which names its place
	v.key("请改 13900001234")
	v.key(kb.Escape)
	v.follow("v")
	v.await("申请里没有填写")
	v.sees("地址里没有门牌号。请改 13900001234")
	v.shoot("preview")
	v.looksWell()
}
