package pages_test

import (
	"testing"

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

// TestDesk: a reviewer takes a case, looks at its papers and passes it, by keys.
func TestDesk(t *testing.T) {
	a := applicantAt(t, 10400, filing.InitialReview)
	v := staffAt(t, browser.Desktop, demo.ReviewerLogin)
	v.sees("待审的备案")
	v.shoot("queue")
	v.visit("/staff/orders/" + string(a.id))
	v.sees("领取以后才能看到资料")
	v.shoot("unclaimed")
	v.must(v.page.PressKey("c"))
	v.must(v.page.Await("您已领取"))
	v.shoot("claimed")
	for range 3 {
		v.must(v.page.Key("j"))
	}
	v.must(v.page.Await("左转"))
	v.shoot("paper")
	v.must(v.page.Key("?"))
	v.shoot("keys")
	v.must(v.page.Key(kb.Escape))
	v.must(v.page.Key("p"))
	v.shoot("pass")
	v.must(v.page.PressKey(kb.Enter))
	v.must(v.page.Await("待审的备案"))
	v.looksWell()
}
