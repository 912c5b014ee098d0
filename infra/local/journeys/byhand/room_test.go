package byhand_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"beian/infra/local/browser"
	"beian/infra/local/demo"
	"beian/shared/filing"
)

// TestRoom: an operator enters an application at the bureau's console and records its result on the pages of staff. What the bureau does not know is refused, and what was
// entered stays.
func TestRoom(t *testing.T) {
	j := atConsole(t, 10451)
	chromium, err := browser.Start()
	j.must(err)
	defer chromium.Close()
	p, err := chromium.NewPage(browser.Desktop)
	j.must(err)
	defer p.Close()
	look := func(name string, texts ...string) {
		t.Helper()
		shown, err := p.Text()
		j.must(err)
		for _, text := range texts {
			if !strings.Contains(shown, text) {
				t.Errorf("%s lacks %q:\n%s", name, text, shown)
			}
		}
		found, err := p.Violations(string(modules))
		j.must(err)
		if len(found) > 0 {
			t.Errorf("%s:\n%s", name, strings.Join(found, "\n"))
		}
		if folder := os.Getenv("SCREENSHOTS"); folder != "" {
			picture, err := p.Screenshot()
			j.must(err)
			j.must(os.WriteFile(filepath.Join(folder, "sheet-"+name+".png"), picture, 0o600))
		}
	}
	j.must(p.Visit(sys.PortalURL + "/staff"))
	j.must(p.Fill("手机号码或邮箱", demo.AdminLogin))
	j.must(p.Press("获取验证码"))
	sent := client.Sent(demo.AdminLogin)
	j.must(p.Fill("6 位验证码", sent[len(sent)-1].Code()))
	j.must(p.Press("登录"))

	j.must(p.Visit(sys.PortalURL + "/staff/bureau/sheets"))
	look("list", "等待录入", "invented-10451-example.com")
	j.must(p.PressFirst(`a[href*="` + string(j.id) + `"]`))
	look("to-enter", "录入单", "记下已录入")
	j.must(p.Visit(sys.PortalURL + j.sheet().Page.URL))
	look("printed", "主体信息", "接入信息")
	j.must(p.Visit(sys.PortalURL + "/staff/orders/" + string(j.id) + "/sheet"))
	j.must(p.Press("记下已录入"))
	j.awaitStep(filing.AwaitBureau, filing.BureauReview)
	j.must(p.PressFirst(`a[href*="` + string(j.id) + `"]`))
	j.must(p.Fill("结果代码，一行一个", "1003、77，一零"))
	j.must(p.Fill("管局意见", "网站名称与内容不符"))
	j.must(p.Press("记下退回"))
	look("refused", "结果代码，一行一个：这一项的内容不对", "应为不带小数点和指数的整数")
	if value, err := p.Value("管局意见"); err != nil || value != "网站名称与内容不符" {
		t.Errorf("the opinion is %q, %v", value, err)
	}
	j.must(p.Fill("结果代码，一行一个", "1003 1055"))
	j.must(p.Press("记下退回"))
	o := j.awaitStep(filing.Done, filing.BureauRejected)
	if !slices.Equal(o.Bureau.Codes, []int{1003, 1055}) {
		t.Errorf("codes %v", o.Bureau.Codes)
	}
	j.lastMail("网站名称与内容不符")
}
