package pages_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"beian/functions/api"
	"beian/infra/local/browser"
	"beian/infra/local/scenario"
	"beian/shared/bureau/simulator"
	"beian/shared/filing"
	"beian/shared/filing/register"
	"beian/shared/rules/contact"
	"beian/shared/rules/domainname"
	"beian/shared/rules/number"
	"beian/shared/rules/person"
	"beian/shared/web"
)

// A filed is a person with a filing, and a browser in which the person is logged in.
type filed struct {
	ownOrder
	filing web.Filing
}

// fileOne files an application through the API, and logs the person in.
func fileOne(t *testing.T, a scenario.Application, m manner) filed {
	t.Helper()
	applicant, err := suite.Client.LoginApplicant(t.Context(), suite.Admin, a, suite.System.Clock.Now())
	if err != nil {
		t.Fatal(err)
	}
	f := filed{ownOrder{m.come(t), a, applicant, ""}, web.Filing{}}
	opened, err := applicant.OpenOrder(t.Context(), a)
	f.must(err)
	f.id = opened.ID
	f.finishWith(a.Details)
	all, err := applicant.Filings(t.Context())
	f.must(err)
	f.filing, err = applicant.Filing(t.Context(), all[0].ID)
	f.must(err)
	f.logIn(f.mobile())
	return f
}

// finishWith takes the order to its end through the API.
func (o ownOrder) finishWith(d scenario.Details) {
	o.Helper()
	_, err := scenario.Course{Applicant: o.applicant, Reviewer: suite.Reviewer, Server: o.app.Server.ID, Details: d}.Finish(o.Context(), o.id)
	o.must(err)
}

// read returns the filing as it stands.
func (f filed) read() web.Filing {
	f.Helper()
	now, err := f.applicant.Filing(f.Context(), f.filing.ID)
	f.must(err)
	return now
}

// at returns the address of a page of the filing.
func (f filed) at(rest string) string { return "/filings/" + string(f.filing.ID) + rest }

// opened takes the order of the page's address as the person's order.
func (f *filed) opened() {
	f.Helper()
	address, err := f.page.Address()
	f.must(err)
	id, _, _ := strings.Cut(strings.TrimPrefix(address, "/orders/"), "/")
	if f.id = filing.ID(id); id == "" || !strings.HasPrefix(address, "/orders/") {
		f.Fatalf("the browser is at %s", address)
	}
}

// TestSecondSite: a subject that is filed adds a site. Only the domain is asked, then only the site.
func TestSecondSite(t *testing.T) {
	f := fileOne(t, scenario.Invented(9860), withoutMouse)
	f.visit(f.at(""))
	f.shoot("filing")
	f.press("新增网站、APP 或接入")
	f.sees("主体信息用已备案的", f.filing.Number.String())
	f.shoot("add")
	f.fill("域名", "invented-9860-second-example.com")
	f.press("继续")
	f.opened()
	f.awaitNext("请选择用于备案的服务器")
	f.sees("新增网站（主体已在我处备案）")
	f.shoot("order")
	f.must(f.applicant.ChooseServer(t.Context(), f.id, f.app.Server.ID))
	f.visit(f.href(""))
	if asked, err := browser.Evaluate[bool](f.page, `!!document.querySelector('a[href$="/subject"]')`); err != nil || asked {
		t.Error("the page asks for the subject", err)
	}
	f.press("网站：信息")
	f.fill("网站名称", "山行手记", "网站备注", "记录山间徒步的路线。")
	f.choose("博客/个人空间", "中文简体")
	f.press("保存并继续")
	f.fill("应急联系电话", "18900019721")
	f.press("保存并继续")
	f.awaitStep(filing.CollectEvidence)
	f.finishWith(scenario.Details{})
	if now := f.read(); len(now.Sites) != 2 || now.Sites[1].Details.Name != "山行手记" {
		t.Errorf("%d sites", len(now.Sites))
	}
}

// TestChangeLeader: a change has everything filled in. The applicant changes the phone of the leader, and sees it before and after.
func TestChangeLeader(t *testing.T) {
	f := fileOne(t, scenario.Invented(9861), inEnglish)
	f.visit(f.at(""))
	f.press("变更备案")
	f.sees("管局最多需要 20 个工作日")
	f.shoot("change")
	f.press("开始变更")
	f.opened()
	f.sees("变更备案", "主体负责人", "可修改")
	f.shoot("order")
	f.press("主体负责人")
	f.sees("负责人就是您本人")
	f.fill("手机号码", "18900019722")
	f.press("保存并继续")
	f.awaitStep(filing.CollectEvidence)
	f.must(f.applicant.UploadMissing(t.Context(), f.id, scenario.SamplePicture("paper", 1)))
	f.awaitStep(filing.AwaitConfirmation)
	f.visit(f.href("/check"))
	f.sees("这次变更的内容", "18800019722", "18900019722")
	f.shoot("check")
	f.visit(f.at("/change"))
	f.sees("有一份申请正在办理")
	f.shoot("busy")
}

// TestCancelAccess: what a cancellation means is ticked one by one, and confirmed once more before it is submitted.
func TestCancelAccess(t *testing.T) {
	f := fileOne(t, scenario.Invented(9862), withoutMouse)
	f.must(suite.System.Bureau.Apply(simulator.Scenario{Hosted: []simulator.Hosting{{Site: f.filing.Sites[0].Number.String()}}}))
	f.visit(f.at("/cancel"))
	f.sees("取消接入", "注销网站", "注销主体")
	f.shoot("cancel")
	f.press("取消接入")
	f.sees("只结束我们为这个网站提供的接入", "invented-9862-example.com")
	f.shoot("access")
	f.press("开始注销申请")
	f.sees("还没有勾选这一条", "这一项还没有填写")
	f.shoot("access-wrong")
	ticks, err := browser.Evaluate[int](f.page, "(() => { const all = [...document.querySelectorAll('input[type=checkbox]')]; all.forEach(e => e.click()); return all.length })()")
	if f.must(err); ticks < 2 {
		t.Errorf("%d ticks", ticks)
	}
	f.choose("更换接入商")
	f.press("开始注销申请")
	f.opened()
	f.sees("要注销的内容", "更换接入商")
	f.press("修改")
	f.choose("网站停止服务")
	f.shoot("reason")
	f.press("保存并继续")
	f.sees("网站停止服务")
	f.finishWith(scenario.Details{})
	if now := f.read(); len(now.Sites) != 1 || len(now.Sites[0].Accesses) != 0 {
		t.Errorf("sites %d", len(now.Sites))
	}
}

// TestRenewDocuments: the applicant chooses the documents to renew, and is asked for these alone.
func TestRenewDocuments(t *testing.T) {
	f := fileOne(t, scenario.Invented(9863), onTablet)
	f.visit(f.at("/evidence"))
	f.shoot("parts")
	f.press("主体和主体负责人的资料")
	f.press("下一步：上传资料")
	f.sees("有 1 处需要处理")
	f.shoot("papers-wrong")
	f.choose("主体证件（正面）")
	f.press("下一步：上传资料")
	f.opened()
	slots, err := f.applicant.MissingPapers(t.Context(), f.id)
	if f.must(err); len(slots) != 1 || slots[0] != "subject-certificate-front" {
		t.Errorf("papers %v", slots)
	}
}

// TestTransferInBrowsers: the owner creates a code in one browser, another account enters it in another, and the owner compares and confirms.
func TestTransferInBrowsers(t *testing.T) {
	owner := fileOne(t, scenario.Invented(9864), onTablet)
	taker := withoutMouse.come(t)
	taker.logIn(strings.TrimPrefix(scenario.Invented(9865).Login, "+86"))
	owner.visit(owner.at(""))
	owner.press("转移到别的账号")
	owner.sees("备案号和备案内容都不变")
	owner.shoot("offer")
	owner.press("生成转移码")
	owner.shoot("code")
	code, err := browser.Evaluate[string](owner.page, "document.getElementById('code').innerText")
	owner.must(err)
	taker.visit("/filings")
	taker.press("接收转移")
	taker.fill("转移码", "AAAA-BBBB-CCCC")
	taker.press("提交转移码")
	taker.sees("转移码无效")
	taker.shoot("wrong")
	taker.fill("转移码", code)
	taker.press("提交转移码")
	taker.sees("等对方确认", owner.filing.Number.String())
	taker.shoot("taken")
	taker.visit("/filings")
	taker.sees("您已填写转移码，等对方确认", "等对方处理")
	taker.shoot("waits")
	taker.press("接收转移 " + owner.filing.Number.String())
	taker.sees("等对方确认")
	owner.visit(owner.at("/transfer"))
	owner.sees("188****9730")
	owner.shoot("compare")
	owner.press("确认转移")
	owner.sees("还没有勾选这一条")
	owner.choose("我已核对对方的账号")
	owner.press("确认转移")
	owner.sees("还没有通过我们备案的主体")
	address, err := taker.page.Address()
	taker.must(err)
	taker.visit(address)
	taker.sees("备案已归您的账号管理")
	taker.shoot("done")
	taker.visit("/filings")
	taker.sees(owner.filing.Number.String())
}

// TestRevokeAndDecline: either side ends a transfer before it is confirmed.
func TestRevokeAndDecline(t *testing.T) {
	owner := fileOne(t, scenario.Invented(9866), onPhone)
	owner.visit(owner.at("/transfer"))
	owner.press("生成转移码")
	owner.press("撤销转移")
	owner.sees("生成转移码")
	offer, err := owner.applicant.OfferTransfer(t.Context(), owner.filing.ID)
	owner.must(err)
	taker := newVisitor(t, browser.Phone)
	taker.logIn(strings.TrimPrefix(scenario.Invented(9867).Login, "+86"))
	taker.visit("/transfer")
	taker.fill("转移码", offer.Code)
	taker.press("提交转移码")
	taker.press("不接收了")
	taker.sees("已撤销或谢绝")
	owner.visit(owner.at("/transfer"))
	owner.sees("生成转移码")
}

// storeUnowned stores a filing that no account has, as an import does. Its subject leader has the mobile.
func storeUnowned(t *testing.T, n int, mobile string) register.Filing {
	t.Helper()
	running, err := number.ParseFiling(fmt.Sprintf("浙ICP备%d号-1", 60000000+n))
	if err != nil {
		t.Fatal(err)
	}
	domain := domainname.Domain(fmt.Sprintf("unowned-%d-example.cn", n))
	f := register.Filing{ID: register.ID(fmt.Sprintf("01KJZ2Y0M0QK8W3V5T7R9P%04d", n)), SubjectKey: fmt.Sprintf("unowned-%d", n), Province: "33", Entity: 4, Number: running.Subject,
		Sites: []register.FiledSite{{Number: running, Domains: []register.FiledDomain{{Name: domain}}}}}
	f.Private.Subject.Name = person.Name(fmt.Sprintf("杭州示例%d公司", n))
	f.Private.Subject.Leader.Mobile = contact.Mobile(mobile)
	f.Private.Sites = []register.Site{{Name: "示例网站", Domains: []domainname.Domain{domain}}}
	change, _ := register.Filing{}.Replace(f, register.Source{Kind: register.FromImport, ID: "import-1"}, suite.System.Clock.Now())
	if err := suite.System.Parts.Store().CommitFiling(t.Context(), change); err != nil {
		t.Fatal(err)
	}
	return change.After
}

// TestClaimInBrowser: the number leads to a code on the phone of the leader, and the code to the filing.
func TestClaimInBrowser(t *testing.T) {
	f := storeUnowned(t, 9868, "13700009868")
	v := withoutMouse.come(t)
	v.logIn(strings.TrimPrefix(scenario.Invented(9868).Login, "+86"))
	v.press("认领备案")
	v.fill("备案号", "12345")
	v.press("发送验证码")
	v.sees("填写的不是备案号")
	v.shoot("number")
	v.fill("备案号", f.Number.String())
	v.press("发送验证码")
	v.sees("填写验证码")
	v.fill("6 位验证码", "000000")
	v.press("认领")
	v.sees("验证码不正确")
	v.shoot("code")
	code, err := suite.Client.AwaitClaimCode(t.Context(), "13700009868", f.Number.String())
	v.must(err)
	v.fill("6 位验证码", code)
	v.press("认领")
	if address, _ := v.page.Address(); address != "/filings/"+string(f.ID) {
		t.Errorf("the browser is at %s", address)
	}
	v.visit("/filings")
	v.sees(f.Number.String())
}

// TestCorrectType: what keeps the type from being determined is corrected on one page, and the type is then determined and explained.
func TestCorrectType(t *testing.T) {
	owner := fileOne(t, scenario.Invented(9870), onPhone)
	a := scenario.Invented(9871)
	a.Open["domains"] = []string{string(owner.filing.Domains[0]), "invented-9871-example.com"}
	applicant, err := suite.Client.LoginApplicant(t.Context(), suite.Admin, a, suite.System.Clock.Now())
	if err != nil {
		t.Fatal(err)
	}
	o := ownOrder{newVisitor(t, browser.Phone), a, applicant, ""}
	opened, err := applicant.OpenOrder(t.Context(), a)
	o.must(err)
	o.id = opened.ID
	o.logIn(o.mobile())
	o.visit(o.href(""))
	o.awaitNext("请注意")
	o.shoot("blocked")
	o.visit(o.href("/type"))
	o.sees("修改主体或域名", "处需要处理")
	o.shoot("type")
	o.fill("域名", "invented-9871-example.com")
	o.press("重新判断备案类型")
	o.awaitNext("请选择用于备案的服务器")
	o.sees("先按首次备案办理")
	o.shoot("determined")
}

// States of an order or a filing that looks need besides the steps.
const (
	severalSites     filing.Step = "several sites"
	anApp            filing.Step = "an app"
	returnedOrder    filing.Step = "returned"
	filedSubject     filing.Step = "filed"
	takenTransfer    filing.Step = "transfer taken"
	openCancellation filing.Step = "cancellation"
)

// openings bring an order of invented person n to these states.
var openings = map[filing.Step]func(*testing.T, int) filing.ID{
	filing.VerifyType: func(t *testing.T, n int) filing.ID {
		other := scenario.Invented(9946)
		owner := account(t, other)
		first := mustOpen(t, owner, other)
		finish(t, owner, other, first)
		a := scenario.Invented(n)
		a.Open["domains"] = []string{fmt.Sprintf("invented-%d-example.com", n), "invented-9946-example.com"}
		applicant := account(t, a)
		id := mustOpen(t, applicant, a)
		if err := scenario.Poll(t.Context(), func() (bool, error) {
			o, err := applicant.Order(t.Context(), id)
			return o.Findings.Blocking(), err
		}); err != nil {
			t.Fatal(err)
		}
		return id
	},
	severalSites: func(t *testing.T, n int) filing.ID {
		a := scenario.Invented(n)
		a.Open["domains"] = []string{fmt.Sprintf("invented-%d-example.com", n), fmt.Sprintf("invented-%d-b-example.com", n)}
		first, second := a.Details.Sites[0], maps.Clone(a.Details.Sites[0])
		second["domains"], second["name"] = []string{fmt.Sprintf("invented-%d-b-example.com", n)}, "山行手记"
		applicant := account(t, a)
		id := advanced(t, applicant, a, filing.CollectDetails)
		draft := map[string]any{"subject": a.Details.Subject, "sites": []any{first, second}}
		if err := applicant.Call(t.Context(), "PUT", "/orders/"+string(id)+"/details-draft", draft, nil); err != nil {
			t.Fatal(err)
		}
		return id
	},
	anApp: func(t *testing.T, n int) filing.ID {
		a := scenario.Invented(n).AsApp("app")
		return advanced(t, account(t, a), a, filing.CollectDetails)
	},
	returnedOrder: func(t *testing.T, n int) filing.ID {
		a := scenario.Invented(n)
		applicant := account(t, a)
		id := advanced(t, applicant, a, filing.InitialReview)
		err := suite.Reviewer.Claim(t.Context(), id)
		if err == nil {
			err = suite.Reviewer.Review(t.Context(), id, "return", remark("/subject/address", "门牌号不全"), remark("/sites/0/name", "名称与内容不符"))
		}
		if err != nil {
			t.Fatal(err)
		}
		return id
	},
	filedSubject: func(t *testing.T, n int) filing.ID {
		a := scenario.Invented(n)
		applicant := account(t, a)
		id := mustOpen(t, applicant, a)
		finish(t, applicant, a, id)
		return id
	},
	takenTransfer: func(t *testing.T, n int) filing.ID {
		a := scenario.Invented(n)
		applicant := account(t, a)
		id := mustOpen(t, applicant, a)
		finish(t, applicant, a, id)
		offer, err := applicant.OfferTransfer(t.Context(), register.ID(filingOf(t, n)))
		if err == nil {
			_, err = account(t, scenario.Invented(9945)).TakeTransfer(t.Context(), offer.Code)
		}
		if err != nil {
			t.Fatal(err)
		}
		return id
	},
	openCancellation: func(t *testing.T, n int) filing.ID {
		a := scenario.Invented(n)
		applicant := account(t, a)
		finish(t, applicant, a, mustOpen(t, applicant, a))
		id := register.ID(filingOf(t, n))
		offers, err := applicant.Cancellations(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		i := slices.IndexFunc(offers, func(o api.CancellationOffer) bool { return o.Kind == filing.CancelSite })
		o, err := applicant.Cancel(t.Context(), id, offers[i], a.Contact)
		if err != nil {
			t.Fatal(err)
		}
		return o.ID
	},
}

func account(t *testing.T, a scenario.Application) *scenario.User {
	t.Helper()
	u, err := suite.Client.LoginApplicant(t.Context(), suite.Admin, a, suite.System.Clock.Now())
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func mustOpen(t *testing.T, u *scenario.User, a scenario.Application) filing.ID {
	t.Helper()
	o, err := u.OpenOrder(t.Context(), a)
	if err != nil {
		t.Fatal(err)
	}
	return o.ID
}

func advanced(t *testing.T, u *scenario.User, a scenario.Application, step filing.Step) filing.ID {
	t.Helper()
	id, err := a.AdvanceTo(t.Context(), u, suite.Reviewer, step)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func finish(t *testing.T, u *scenario.User, a scenario.Application, id filing.ID) {
	t.Helper()
	if _, err := (scenario.Course{Applicant: u, Reviewer: suite.Reviewer, Server: a.Server.ID, Details: a.Details}).Finish(t.Context(), id); err != nil {
		t.Fatal(err)
	}
}

// filingOf returns the id of the filing of invented person n.
func filingOf(t *testing.T, n int) string {
	t.Helper()
	all, err := account(t, scenario.Invented(n)).Filings(t.Context())
	if err != nil || len(all) == 0 {
		t.Fatalf("%d filings, %v", len(all), err)
	}
	return string(all[0].ID)
}

// pressSave presses the button that saves a page of the details, in the page's language.
func (v visitor) pressSave() {
	v.Helper()
	v.must(v.page.PressFirst("main form:last-of-type button.button:not(.plain)"))
}

// setName enters the name of the second site, in any language of the page.
func (v visitor) setName(name string) {
	v.Helper()
	_, err := browser.Evaluate[string](v.page, fmt.Sprintf("document.getElementById('f-sites-1-name').value = %q", name))
	v.must(err)
}

// unfoldAll opens all folded parts of the page.
func (v visitor) unfoldAll() {
	v.Helper()
	_, err := browser.Evaluate[bool](v.page, "document.querySelectorAll('main details').forEach(d => d.open = true), true")
	v.must(err)
}
