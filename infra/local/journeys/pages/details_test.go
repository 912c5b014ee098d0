package pages_test

import (
	"fmt"
	"maps"
	"testing"

	"beian/infra/local/browser"
	"beian/infra/local/scenario"
	"beian/shared/filing"
	"beian/shared/filing/register"
)

// inBrowser logs the person of an application in, in a browser and at the API, and opens the application.
func inBrowser(t *testing.T, a scenario.Application, size browser.Size) ownOrder {
	t.Helper()
	applicant, err := suite.Client.LoginApplicant(t.Context(), suite.Admin, a, suite.System.Clock.Now())
	if err != nil {
		t.Fatal(err)
	}
	o := ownOrder{newVisitor(t, size), a, applicant, ""}
	opened, err := applicant.OpenOrder(t.Context(), a)
	o.must(err)
	o.id = opened.ID
	o.must(a.Advance(t.Context(), o.id, applicant, suite.Reviewer, filing.CollectDetails))
	o.logIn(o.mobile())
	return o
}

// entered returns the details that the order has.
func (o ownOrder) entered() (register.Subject, []register.Site) {
	o.Helper()
	var order struct {
		Subject register.Subject
		Sites   []register.Site
	}
	o.must(o.applicant.Call(o.Context(), "GET", o.href(""), nil, &order))
	return order.Subject, order.Sites
}

// fillSubject fills in the pages about an individual in Beijing.
func (o ownOrder) fillSubject() {
	o.Helper()
	o.visit(o.href("/subject"))
	o.fill("证件有效期：开始日", "2015-05-01", "证件有效期：到期日", "2035-05-01", "证件上的地址", "北京市东城区示例胡同1号", "通信地址所在的县区", "东城区",
		"通信地址", "东城区示例胡同1号", "投资人或主管单位", "示例人")
	o.shoot("subject")
	o.press("保存并继续")
	o.sees("负责人就是您本人", "示例人")
	o.shoot("leader")
	o.fill("应急联系电话", fmt.Sprint(o.app.Details.Subject["leader"].(map[string]any)["emergencyPhone"]))
	o.press("保存并继续")
}

// unfold opens the folded part of the page with a summary.
func (v visitor) unfold(summary string) {
	v.Helper()
	found, err := browser.Evaluate[bool](v.page, fmt.Sprintf("(() => { const s = [...document.querySelectorAll('summary')].find(s => s.innerText.startsWith(%q)); if (s) s.click(); return !!s })()", summary))
	if v.must(err); !found {
		v.Fatalf("nothing is folded under %q", summary)
	}
}

// remark returns a finding of a reviewer.
func remark(pointer, text string) scenario.Remark {
	return scenario.Remark{Pointer: pointer, Message: map[string]string{"zh-CN": text, "en": text}}
}

// TestSeveralSites: an individual allots two domains to two sites. Who the leaders are is not asked again, and how to reach them is filled in.
func TestSeveralSites(t *testing.T) {
	a := scenario.Invented(9850)
	a.Open["domains"] = []string{"invented-9850-example.com", "invented-9850-b-example.com"}
	o := inBrowser(t, a, browser.Phone)
	o.visit(o.href(""))
	o.sees("域名与网站", "1 个网站", "网站：信息")
	o.press("域名与网站")
	o.fill("invented-9850-b-example.com", "另一个新网站（网站 2）")
	o.shoot("sites")
	o.press("保存并继续")
	o.visit(o.href(""))
	o.sees("2 个网站", "网站 2：负责人")
	o.fillSubject()
	o.sees("网站 1：信息", "invented-9850-example.com")
	for n, name := range []string{"木作手记", "2046"} {
		o.fill("网站名称", name, "网站备注", "记录手工木作的过程。")
		o.choose("博客/个人空间", "中文简体")
		o.shoot("site")
		o.press("保存并继续")
		if n == 1 {
			o.sees("有 1 处需要处理")
			o.shoot("explain")
			o.fill("情况属实", "作品名就是 2046。")
			o.press("保存并继续")
		}
		o.sees(fmt.Sprintf("网站 %d：负责人", n+1), "负责人就是您本人")
		o.press("保存并继续")
	}
	o.awaitStep(filing.CollectEvidence)
	subject, sites := o.entered()
	if len(sites) != 2 || sites[1].Name != "2046" || len(sites[1].Domains) != 1 || sites[1].Leader.Certificate.Number != subject.Certificate.Number || !sites[1].Leader.LegalRepresentative {
		t.Errorf("sites %+v", len(sites))
	}
	o.visit(o.href("/sites/1"))
	o.sees("invented-9850-b-example.com")
	o.visit(o.href("/sites"))
	o.fill("invented-9850-b-example.com", "网站 1：木作手记")
	o.press("保存并继续")
	if _, sites := o.entered(); len(sites) != 1 || len(sites[0].Domains) != 2 {
		t.Errorf("%d sites after they were joined", len(sites))
	}
	o.shoot("explained")
}

// TestAppDetails: an app is filled in with its platforms.
func TestAppDetails(t *testing.T) {
	a := scenario.Invented(9851).AsApp("app")
	o := inBrowser(t, a, browser.Desktop)
	o.fillSubject()
	o.sees("APP：信息")
	o.shoot("app")
	o.press("保存并继续")
	o.shoot("app-wrong")
	key := "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
	for range 3 {
		key += key
	}
	o.unfold("再添加平台")
	o.fill("APP名称", "木作手记", "运行平台 1", "安卓", "平台 1：包名", "cn.example.notes", "平台 1：公钥", key, "平台 1：签名证书指纹", "0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a",
		"运行平台 2", "iOS", "平台 2：包名", "cn.example.notes", "平台 2：公钥", key, "平台 2：签名证书指纹", "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b",
		"它访问的服务器域名", "api.invented-9851-example.com", "APP备注", "记录手工木作的过程。")
	o.choose("其他")
	o.press("保存并继续")
	o.sees("APP：负责人")
	o.press("保存并继续")
	o.awaitStep(filing.CollectEvidence)
	if _, sites := o.entered(); len(sites) != 1 || sites[0].App == nil || len(sites[0].App.Platforms) != 2 || sites[0].App.Platforms[1].System != "ios" {
		t.Errorf("%d sites", len(sites))
	}
}

// TestReturnedDetails: of a returned application, only what was returned is open. The applicant opens the rest, and goes through each returned page once.
func TestReturnedDetails(t *testing.T) {
	o := orderAt(t, 9852, onPhone, filing.InitialReview)
	o.must(suite.Reviewer.Claim(t.Context(), o.id))
	o.must(suite.Reviewer.Review(t.Context(), o.id, "return", remark("/subject/address", "门牌号不全"), remark("/sites/0/name", "名称与内容不符")))
	o.awaitStep(filing.CollectDetails)
	o.visit(o.href(""))
	o.sees("门牌号不全", "需要修改")
	o.shoot("order")
	o.press("主体信息")
	o.sees("只需要修改退回的内容", "门牌号不全", "东城区示例胡同1号")
	o.shoot("subject")
	o.fill("通信地址", "东城区示例胡同1号院2号楼")
	o.press("保存并继续")
	o.sees("名称与内容不符", "网站：信息")
	o.shoot("site")
	o.press("其他内容也有变化")
	o.fill("网站名称", "木作笔记", "网站备注", "记录手工木作与修理。")
	o.shoot("site-open")
	o.press("保存并继续")
	o.awaitStep(filing.AwaitConfirmation)
	if subject, sites := o.entered(); subject.Address != "东城区示例胡同1号院2号楼" || sites[0].Name != "木作笔记" || sites[0].Remark != "记录手工木作与修理。" {
		t.Errorf("entered %q, %+v", subject.Address, sites[0].Name)
	}
	o.visit(o.href("/subject/leader"))
	o.sees("没有退回的内容")
	o.shoot("leader")
}

// TestCompanyDetails: a company takes the subject's leader for its site, and enters a licence that its trade requires.
func TestCompanyDetails(t *testing.T) {
	a := sample(t, "enterprise-beijing")
	applicant, err := suite.Client.LoginApplicant(t.Context(), suite.Admin, a, suite.System.Clock.Now())
	if err != nil {
		t.Fatal(err)
	}
	o := ownOrder{newVisitor(t, browser.Phone), a, applicant, ""}
	o.id, err = a.AdvanceTo(t.Context(), applicant, suite.Reviewer, filing.CollectDetails)
	o.must(err)
	site := maps.Clone(a.Details.Sites[0])
	delete(site, "leader")
	o.must(applicant.Call(t.Context(), "PUT", o.href("/details-draft"), map[string]any{"subject": a.Details.Subject, "sites": []any{site}}, nil))
	o.logIn(o.mobile())
	o.visit(o.href("/sites/0"))
	o.unfold("网站的行业需要前置审批")
	o.fill("许可 1：行业", "news", "许可 1：批准文号或许可证号", "", "许可 1：有效期至", "2020-01-01")
	o.press("保存并继续")
	o.sees("有 2 处需要处理")
	o.shoot("licence-wrong")
	o.fill("许可 1：批准文号或许可证号", "京新网〔2026〕1号", "许可 1：有效期至", "2030-01-01")
	o.press("保存并继续")
	o.sees("网站：负责人", "是，填入同样的信息")
	o.shoot("same")
	o.press("是，填入同样的信息")
	o.awaitStep(filing.CollectEvidence)
	subject, sites := o.entered()
	if len(sites) != 1 || len(sites[0].PreApprovals) != 1 || sites[0].PreApprovals[0].Trade != "news" || sites[0].Leader.Certificate.Number != subject.Leader.Certificate.Number {
		t.Errorf("%d sites", len(sites))
	}
	o.visit(o.href("/sites/0"))
	o.sees("再添加一份许可")
	o.shoot("licence")
}
