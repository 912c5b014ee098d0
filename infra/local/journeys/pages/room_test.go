package pages_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"

	"beian/infra/local/browser"
	"beian/infra/local/demo"
	"beian/infra/local/system"
	"beian/shared/filing"
	"beian/shared/process/late"
)

// TestRoom: an operator finds a stuck order and repairs it by keys, sees the way of its execution, and uploads servers, first with a wrong row.
func TestRoom(t *testing.T) {
	a := applicantAt(t, 10310, filing.VerifyProduct)
	_, err := sfn.NewFromConfig(suite.System.Parts.AWS).StopExecution(t.Context(), &sfn.StopExecutionInput{
		ExecutionArn: aws.String(fmt.Sprintf("arn:aws:states:%s:%s:execution:%s:%s-1", system.Region, system.Account, system.MachineName, a.id))})
	if err != nil {
		t.Fatal(err)
	}
	suite.System.Clock.Advance(2 * late.Grace)
	v := staffAt(t, browser.Desktop, demo.AdminLogin)
	v.visit("/staff/late")
	v.sees(string(a.id), "流程被人中止")
	v.shoot("late")
	v.must(v.page.PressFirst(`tr:has(a[href*="` + string(a.id) + `"]) form button`)) // other tests leave orders that are late, too
	v.await("已处理")
	v.visit("/staff/orders/" + string(a.id) + "/machine")
	v.sees("第2次启动", "产品验证", "执行中")
	v.shoot("machine")
	v.visit("/staff/servers")
	wrong, right := filepath.Join(t.TempDir(), "wrong.csv"), filepath.Join(t.TempDir(), "right.csv")
	const header = "服务器编号,账号,省份代码,接入方式,公网IP,租用日期,到期日期,备案名额\r\n"
	for path, rows := range map[string]string{wrong: header + "ecs-room,a,99,5,,2026-01-01,2027-01-01,5\r\n", right: header + "ecs-room,a,11,5,,2026-01-01,2027-01-01,5\r\n"} {
		if err := os.WriteFile(path, []byte(rows), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	v.key("u")
	v.must(v.page.UploadTo("#file", wrong))
	v.press("检查并保存")
	v.sees("第2行 C列")
	v.shoot("wrong")
	v.key("u")
	v.must(v.page.UploadTo("#file", right))
	v.press("检查并保存")
	v.sees("已保存1行", "ecs-room")
	v.visit("/staff/servers/at/ecs-room")
	v.sees("没有订单使用这台服务器")
	v.looksWell()
}
