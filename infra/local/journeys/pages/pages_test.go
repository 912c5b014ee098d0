package pages_test

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"beian/infra/local/browser"
	"beian/infra/local/clock"
	"beian/infra/local/demo"
	"beian/infra/local/dynamodb"
	"beian/infra/local/outbox"
	"beian/infra/local/privilege"
	"beian/infra/local/scenario"
	"beian/infra/local/system"
	"beian/infra/local/systemtest"
	"beian/shared/filing"
)

var (
	suite    *systemtest.Suite
	chromium *browser.Browser
	modules  dynamodb.Modules // folder of the npm packages
)

func TestMain(m *testing.M) {
	var err error
	camera := []chromedp.ExecAllocatorOption{chromedp.Flag("use-fake-device-for-media-stream", true), chromedp.Flag("use-fake-ui-for-media-stream", true)}
	if chromium, err = browser.Start(camera...); err == nil {
		modules, err = dynamodb.FindModules(".") // the system changes the working directory
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	people, err := demo.People()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	today := time.Date(2026, 11, 30, 2, 0, 0, 0, time.UTC) // a Monday
	systemtest.Main(m, system.Config{Clock: clock.StandingAt(today), People: people, Agencies: agencies, Accounts: map[string]string{agencyLogin: agencyAccount},
		SecondReadings: filing.SecondReadings{Risks: []filing.Risk{filing.RiskExplained}}}, "../../../stack/testdata/golden", func(s *systemtest.Suite) { suite = s }, unusedPermissions)
}

// unusedPermissions reports what the role of the portal on AWS allows and no page needed, if all tests ran.
func unusedPermissions(s *systemtest.Suite, proof *privilege.Proof) error {
	if flag.Lookup("test.run").Value.String() != "" {
		return nil
	}
	unused := slices.DeleteFunc(proof.Unused(s.Calls(proof)), func(line string) bool { return !strings.HasPrefix(line, "portal may ") })
	if len(unused) > 0 {
		return errors.New(strings.Join(unused, "\n"))
	}
	return nil
}

// A visitor is a person with a browser. Each action ends the test if it fails.
type visitor struct {
	*testing.T
	page *browser.Page
	manner
}

func newVisitor(t *testing.T, size browser.Size) visitor {
	t.Helper()
	p, err := chromium.NewPage(size)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	return visitor{T: t, page: p}
}

func (v visitor) must(err error) {
	v.Helper()
	if err != nil {
		v.shoot("failed")
		v.Fatal(err)
	}
}

func (v visitor) visit(path string) { v.Helper(); v.must(v.page.Visit(suite.System.PortalURL + path)) }

func (v visitor) press(words string) {
	v.Helper()
	words = v.control(words)
	if !v.keyboard {
		v.must(v.page.Press(words))
		return
	}
	v.byKeys(words, false)
	v.must(v.page.PressKey(kb.Enter))
}

func (v visitor) choose(labels ...string) {
	v.Helper()
	for _, label := range labels {
		label = v.control(label)
		if !v.keyboard {
			v.must(v.page.Choose(label))
			continue
		}
		v.byKeys(label, true)
		if focus, err := v.page.Focus(); err != nil || !focus.Chosen {
			v.must(err)
			v.must(v.page.Key(" "))
		}
	}
}

// fill fills in fields: pairs of a label and a value.
func (v visitor) fill(pairs ...string) {
	v.Helper()
	for pair := range slices.Chunk(pairs, 2) {
		label, value := v.control(pair[0]), v.labelled("option", pair[1])
		if !v.keyboard {
			v.must(v.page.Fill(label, value))
			continue
		}
		v.byKeys(label, true)
		v.typeValue(value)
	}
}

// sees checks that the page shows texts.
func (v visitor) sees(texts ...string) {
	v.Helper()
	shown, err := v.page.Text()
	v.must(err)
	for _, text := range texts {
		if text = v.in(text); !strings.Contains(shown, text) {
			v.shoot("failed")
			v.Fatalf("the page does not say %q:\n%s", text, shown)
		}
	}
}

// shoot stores a screenshot in the folder SCREENSHOTS, if it is set.
func (v visitor) shoot(name string) {
	folder := os.Getenv("SCREENSHOTS")
	if folder == "" {
		return
	}
	picture, err := v.page.Screenshot()
	if err == nil {
		err = os.WriteFile(filepath.Join(folder, strings.ReplaceAll(v.Name(), "/", "-")+"-"+name+".png"), picture, 0o600)
	}
	if err != nil {
		v.Error(err)
	}
}

// logIn logs in with a code that arrives by SMS.
func (v visitor) logIn(mobile string) {
	v.Helper()
	v.visit("/login?to=/filings")
	v.enterCode(mobile)
	v.sees("我的备案")
}

// enterCode logs in at the issuer's page, with a mobile or an email address.
func (v visitor) enterCode(login string) {
	v.Helper()
	to := login
	if !strings.Contains(login, "@") {
		to = "+86" + login
	}
	v.fill("手机号码或邮箱", login)
	v.press("获取验证码")
	sent := slices.DeleteFunc(slices.Clone(suite.System.Outbox.Sent(to)), func(m outbox.Message) bool { return !strings.Contains(m.Text, v.in("登录验证码")) })
	v.fill("6 位验证码", sent[len(sent)-1].Code())
	v.press("登录")
}

// An enterprise is an invented enterprise in Jiangsu whose legal representative files its first site.
type enterprise struct {
	name, number, domain, server string
	leader, certificate, email   string
	mobile, emergency, office    string
}

// TestFirstFiling: enterprises in Jiangsu file their first site in the browser, until the number is on the page: on a phone without JavaScript, on a tablet in
// English with a phone for papers and liveness, and on a PC without a mouse.
func TestFirstFiling(t *testing.T) {
	for _, one := range []struct {
		manner
		enterprise
	}{
		{manner{size: browser.Phone, noScript: true}, enterprise{"南京示例绿洲农业有限公司", "91320102MA02EX2B8P", "lvzhou-example.com", "ecs-nj-0003",
			"陈示范", "320102198012051382", "chen@lvzhou-example.com", "13900000031", "13900000032", "025-83000003"}},
		{manner{size: browser.Tablet, english: true}, enterprise{"南京示例青禾农业有限公司", "91320102MA02EX3C9H", "qinghe-example.com", "ecs-nj-0013",
			"林示范", "320102198106071392", "lin@qinghe-example.com", "13900000131", "13900000132", "025-83000013"}},
		{withoutMouse, enterprise{"南京示例稻香农业有限公司", "91320102MA02EX4D1F", "daoxiang-example.com", "ecs-nj-0023",
			"周示范", "320102198208091407", "zhou@daoxiang-example.com", "13900000231", "13900000232", "025-83000023"}},
	} {
		t.Run(one.size.Name, func(t *testing.T) { one.manner.come(t).fileFirst(one.enterprise) })
	}
}

func (v visitor) fileFirst(e enterprise) {
	a := sample(v.T, "enterprise-jiangsu")
	a.Login, a.Server.ID = "+86"+e.mobile, e.server
	applicant, err := suite.Client.LoginApplicant(v.Context(), suite.Admin, a, suite.System.Clock.Now())
	v.must(err)
	v.logIn(e.mobile)
	v.shoot("filings")
	v.press("开始新的备案")
	v.choose("企业")
	v.fill("证件上的地址在哪个省？", "江苏省")
	v.shoot("begin-0")
	v.press("继续")
	v.fill("单位名称", e.name, "证件号码", e.number)
	v.choose("营业执照")
	v.shoot("begin-1")
	v.press("继续")
	v.fill("域名", e.domain)
	v.shoot("begin-2")
	v.press("继续")
	v.fill("电子邮箱", e.email)
	v.press("继续")
	v.await("请选择用于备案的服务器") // the page follows the system
	v.shoot("order")
	v.press("继续办理")
	v.fill("服务器编号", e.server)
	v.press("保存并继续")
	v.await("主体信息") // the page follows the system
	v.press("主体信息")
	v.fill("证件有效期：开始日", "2017-03-01", "证件有效期：到期日", "长期", "证件上的地址", "江苏省南京市玄武区示例街3号", "通信地址所在的县区", "玄武区",
		"通信地址", "示例街3号", "投资人或主管单位", e.name)
	v.shoot("subject")
	v.press("保存并继续")
	v.shoot("subject-saved")
	v.choose("负责人就是法定代表人")
	v.fill("负责人姓名", e.leader, "证件类型", "居民身份证", "证件号码", e.certificate, "证件有效期：开始日", "2015-05-01", "证件有效期：到期日", "2035-05-01",
		"手机号码", e.mobile, "应急联系电话", e.emergency, "办公电话", e.office, "电子邮箱", e.email)
	v.press("保存并继续")
	v.shoot("leader-saved")
	v.fill("网站名称", "绿洲农场", "网站备注", "介绍农场的蔬果和采摘活动。")
	v.choose("中文")
	v.press("保存并继续")
	v.sees("还没有选择服务内容")
	v.shoot("site-wrong")
	v.choose("单位门户网站")
	v.press("保存并继续")
	v.press("是，填入同样的信息")
	v.sees("上传资料")
	address, err := v.page.Address()
	v.must(err)
	id := filing.ID(strings.Split(address, "/")[2])
	v.press("上传资料")
	v.uploadAll()
	v.shoot("papers")
	v.visit("/orders/" + string(id) + "/contact/email")
	v.press("获取验证码")
	v.fill("6 位验证码", awaitCode(v.T, e.email))
	v.press("确认")

	if v.english { // the check takes 15 seconds, so only one of them does it in the browser
		v.visit("/orders/" + string(id) + "/liveness")
		v.handOff("用手机做真人核验").passLiveness(e.leader)
		v.await("真人核验都已通过。")
	} else {
		v.must(applicant.PassLiveness(v.Context(), id, 0))
	}

	v.visit("/orders/" + string(id))
	v.awaitNext("请核对全部信息")
	v.press("核对并提交")
	v.sees(e.name, e.leader, "绿洲农场", "玄武区")
	v.choose("我已核对以上全部信息，保证真实、准确、有效，并同意由示例云提交管局审核。")
	v.press("确认并提交")
	v.sees("初审中")
	v.must(suite.Reviewer.Approve(v.Context(), id))
	_, err = applicant.AwaitStep(v.Context(), id, filing.VerifySMS)
	v.must(err)
	code, err := suite.Client.AwaitOrderCode(v.Context(), e.mobile, id)
	v.must(err)
	leader := v.manner.come(v.T) // who has no account
	leader.visit("/sms/" + string(id))
	leader.fill("短信里的 6 位验证码", code, "您的证件号码后 6 位", e.certificate[12:])
	leader.press("确认")
	leader.sees("核验全部完成，谢谢。负责人不用再操作，结果会通知申请人。")
	_, err = applicant.AwaitStep(v.Context(), id, filing.Done)
	v.must(err)
	v.visit("/orders/" + string(id))
	v.sees("备案已通过", "苏ICP备", "版权所有")
	v.shoot("approved")
}

// handOff presses a button on a PC, and returns the visitor at the phone that goes on.
func (v visitor) handOff(words string) visitor {
	v.Helper()
	v.press(words)
	phone := manner{size: browser.Phone, english: v.english}.come(v.T)
	phone.visit("/phone/" + strings.ReplaceAll(v.code(), " ", ""))
	phone.press("在这部手机上继续")
	return phone
}

// uploadAll uploads all papers that are missing; from a PC with a phone.
func (v visitor) uploadAll() {
	v.Helper()
	paper, phone := photo(v.T, "paper.jpg", 1200, 800), v
	if v.size != browser.Phone {
		phone = v.handOff("用手机上传资料")
	}
	shows := func(words string) bool {
		shown, err := phone.page.Text()
		v.must(err)
		return strings.Contains(shown, phone.in(words))
	}
	for phone.press("上传下一份"); shows("选择照片"); {
		phone.upload("选择照片", paper)
		if v.noScript {
			phone.press("上传")
			phone.press("检查这张照片")
			phone.press("看得清")
			continue
		}
		phone.await("照片已选好，请按“上传”。")
		phone.press("上传")
		phone.sees("已收下")
		if phone.press("全部资料"); !shows("上传下一份") {
			break
		}
		phone.press("上传下一份")
	}
	if v.size != browser.Phone {
		v.await("需要的资料都已收下。")
		v.press("在电脑上继续")
	}
}

// passLiveness passes the check of the first site's leader, whose name it is.
func (v visitor) passLiveness(leader string) {
	v.Helper()
	v.press("第 1 个网站的负责人：" + leader)
	v.script(`document.querySelector("[data-begin]").click()`)
	v.await("真人核验都已通过。")
}

// awaitNext waits until the application says that this is next.
func (v visitor) awaitNext(words string) {
	v.Helper()
	var shown string
	v.must(scenario.Poll(v.Context(), func() (_ bool, err error) {
		if shown, err = v.page.Text(); err == nil && strings.Contains(shown, v.in(words)) {
			return true, nil
		}
		address, err := v.page.Address()
		if err != nil { // the page follows the system, and is being left
			return false, nil
		}
		return false, v.page.Visit(suite.System.PortalURL + address)
	}))
}

func sample(t *testing.T, name string) scenario.Application {
	t.Helper()
	a, err := demo.Application(name)
	if err != nil {
		t.Fatal(err)
	}
	return a
}
