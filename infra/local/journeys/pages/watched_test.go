package pages_test

import (
	"crypto/ed25519"
	"encoding/base64"
	"strings"
	"testing"

	"beian/functions/operator"
	"beian/infra/local/browser"
	"beian/infra/local/demo"
	"beian/infra/local/scenario"
	"beian/shared/filing"
	"beian/shared/process/sitewatch"
)

// TestWatchedSites: the pages of the applicant and of staff show when a site was visited, what is wrong since when, and the code to copy; the history that staff
// download is verified with the key on the page.
func TestWatchedSites(t *testing.T) {
	a := scenario.Invented(10913)
	domain := "no-number-10913-example.com"
	a.Open["domains"] = []string{domain}
	a.Details.Sites[0]["domains"] = []string{domain}
	f := fileOne(t, a, onPhone)
	f.visit(f.at(""))
	f.sees("网站检查", "还没有检查过")
	suite.System.Clock.Advance(sitewatch.Period)
	_, err := suite.System.Functions.Invoke(t.Context(), "sitewatch", []byte("{}"))
	f.must(err)
	f.visit(f.at(""))
	f.sees(domain, "上次检查", "的首页没有备案号", `<a href="https://beian.miit.gov.cn/"`, "1 个问题")
	f.must(f.page.Overflow())
	f.accessible()
	f.shoot("watched-phone-zh")
	f.must(f.page.Resize(browser.Desktop.Width, browser.Desktop.Height))
	f.shoot("watched-desktop-zh")
	f.visit(f.at("?lang=en"))
	f.shoot("watched-phone-en")

	staff := staffAt(t, browser.Desktop, demo.AdminLogin)
	path := "/staff/duties/" + string(f.filing.ID)
	staff.visit(path)
	staff.sees("网站监测", domain, "上次访问", "的首页没有备案号", "有应答", "下载签名记录")
	staff.must(staff.page.Overflow())
	staff.accessible()
	staff.shoot("watched-staff-zh")
	file := ownOrder{visitor: staff}.fetch(path + "/sites/" + domain + "/history")
	var key operator.WatchKey
	f.must(suite.Admin.Call(t.Context(), "GET", "/site-watch-key", nil, &key))
	staff.sees(key.PublicKey)
	public, err := base64.StdEncoding.DecodeString(key.PublicKey)
	f.must(err)
	if s, err := sitewatch.Verify([]byte(strings.TrimSpace(file)), ed25519.PublicKey(public)); err != nil || len(s) != 1 || s[0].Host != domain {
		t.Errorf("%+v, %v", s, err)
	}
	staff.visit(path + "?lang=en")
	staff.shoot("watched-staff-en")
}

// TestOpenSite: a site that is open before its approval is a warning with the fix on the page of the order, for the applicant and for the reviewer.
func TestOpenSite(t *testing.T) {
	a := scenario.Invented(10914)
	domain := "has-page-10914-example.com"
	a.Open["domains"] = []string{domain}
	a.Details.Sites[0]["domains"] = []string{domain}
	v := onPhone.come(t)
	u, err := suite.Client.LoginApplicant(t.Context(), suite.Admin, a, suite.System.Clock.Now())
	v.must(err)
	id, err := a.AdvanceTo(t.Context(), u, suite.Reviewer, filing.InitialReview)
	v.must(err)
	o := ownOrder{v, a, u, id}
	suite.System.Clock.Advance(sitewatch.Period)
	_, err = suite.System.Functions.Invoke(t.Context(), "sitewatch", []byte("{}"))
	v.must(err)
	v.logIn(o.mobile())
	v.visit(o.href(""))
	v.sees("已经能打开网页", "请暂停域名解析")
	v.must(v.page.Overflow())
	v.accessible()
	v.shoot("open-site-phone")
	staff := staffAt(t, browser.Desktop, demo.ReviewerLogin)
	staff.visit("/staff/orders/" + string(id))
	staff.follow("c")
	staff.await("您已领取")
	staff.sees("已经能打开网页")
	staff.shoot("open-site-staff")
}
