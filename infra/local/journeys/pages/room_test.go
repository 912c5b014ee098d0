package pages_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/chromedp/chromedp/kb"

	"beian/infra/local/browser"
	"beian/infra/local/demo"
	"beian/infra/local/faults"
	"beian/infra/local/outbox"
	"beian/infra/local/scenario"
	"beian/infra/local/system"
	"beian/shared/bureau/document"
	"beian/shared/bureau/simulator"
	"beian/shared/bureau/wire"
	"beian/shared/filing"
	"beian/shared/process/decide"
	"beian/shared/process/exchange"
	"beian/shared/process/late"
	"beian/shared/rules/workday"
)

// A trouble is something that an operator finds and repairs on the pages of staff alone.
type trouble struct {
	name   string
	seed   func(*testing.T) applicant          // harms an order of an applicant
	repair func(operator visitor, a applicant) // finds it on the pages, and repairs it there
	effect func(*testing.T, applicant) error   // returns why the order has not gone on; it is called until it has
}

// An operator repairs each of ten troubles of one system. What is listed as late is not listed afterwards.
var troubles = []trouble{
	{"no codes, as the execution was stopped", func(t *testing.T) applicant {
		a := applicantAt(t, 10710, filing.InitialReview)
		a.stopExecution(t)
		a.must(t, suite.Reviewer.Approve(t.Context(), a.id))
		return a
	}, repairLate("流程被人中止", "重新启动流程"), func(t *testing.T, a applicant) error {
		_, err := suite.Client.AwaitOrderCode(t.Context(), a.mobile, a.id)
		return err
	}},

	{"the execution is behind", func(t *testing.T) applicant {
		a := applicantAt(t, 10711, filing.VerifyProduct)
		a.awaitState(t, string(filing.VerifyProduct))
		a.must(t, suite.System.Parts.Store().SaveTaskToken(t.Context(), a.id, decide.WaitingTask{Step: filing.VerifyType, StepVisit: 1}))
		return a
	}, repairLate("流程还停在原处", "重新启动流程"), func(t *testing.T, a applicant) error { return a.follows(t, 2) }},

	{"an abandoned order stays open", func(t *testing.T) applicant {
		a := applicantAt(t, 10712, filing.VerifyProduct)
		a.stopExecution(t)
		a.must(t, a.Abandon(t.Context(), a.id))
		return a
	}, repairLate("流程被人中止", "重新启动流程"), func(t *testing.T, a applicant) error { return a.isAt(t, filing.Done, filing.Abandoned) }},

	{"a rejected message", func(t *testing.T) applicant {
		a := applicantAt(t, 10714, filing.AwaitConfirmation)
		suite.System.Faults.Set(faults.EmailRejected, true)
		defer suite.System.Faults.Set(faults.EmailRejected, false)
		a.must(t, a.Confirm(t.Context(), a.id))
		a.must(t, scenario.Poll(t.Context(), func() (bool, error) {
			dead, err := suite.System.Parts.Store().Outbox(t.Context(), decide.DeadLetter, 100)
			return slices.ContainsFunc(dead, func(e decide.OutboxEntry) bool { return e.Order == a.id }), err
		}))
		return a
	}, repairLate("错误代码：BadRequest", "重新投递"), func(t *testing.T, a applicant) error {
		if !slices.ContainsFunc(suite.System.Outbox.Sent(fmt.Sprint(a.app.Contact["email"])), func(m outbox.Message) bool { return strings.Contains(m.Text, "我们收到了") }) {
			return errors.New("no mail")
		}
		return nil
	}},

	{"an undecoded file of the bureau", undecodedRefusal, func(v visitor, a applicant) {
		v.visit("/staff/late")
		v.sees("管局的一个文件不能用")
		v.press(a.fileName())
		v.sees("重新处理时会用到的内容")
		v.visit("/staff/late")
		v.repairRow(`form[action*="`+a.fileName()+`"]`, "重新处理文件")
	}, func(t *testing.T, a applicant) error { return a.isAt(t, filing.Done, filing.BureauRejected) }},

	{"no second reviewer", func(t *testing.T) applicant {
		a := advance(t, scenario.Invented(10716).WithExplainedName(), filing.InitialReview)
		a.must(t, suite.Reviewer.Claim(t.Context(), a.id))
		a.must(t, suite.Reviewer.Review(t.Context(), a.id, "return", scenario.Remark{Pointer: "/sites/0/name", Message: map[string]string{"zh-CN": "请改网站名称。"}}))
		return a
	}, func(v visitor, a applicant) {
		v.visit("/staff/late")
		v.sees("等待另一位审核员再审已超过2个工作日")
		v.press("到任务")
		v.sees("没有第二位审核员来审")
		v.shoot("tasks")
		v.script(`document.querySelector('form[action*="` + string(a.id) + `"] input[name=note]').focus()`)
		v.key("其他审核员都在休假。")
		v.follow(kb.Enter)
		v.visit("/staff/late")
	}, func(t *testing.T, a applicant) error { return a.isAt(t, filing.CollectDetails, filing.Returned) }},

	{"a server without a slot", func(t *testing.T) applicant {
		one := scenario.Invented(10717)
		one.Server.Quota = 0
		a := advance(t, one, filing.VerifyProduct)
		a.wantRefused(t, a.ChooseServer(t.Context(), a.id, a.app.Server.ID))
		return a
	}, func(v visitor, a applicant) {
		v.visit("/staff/servers?account=" + a.Account())
		v.sees("0 / 0")
		v.press(a.app.Server.ID)
		v.must(v.page.Shortcut("a"))
		v.must(v.page.Fill("备案名额", "5"))
		v.press("保存")
		v.sees("0 / 5")
	}, func(t *testing.T, a applicant) error { return a.ChooseServer(t.Context(), a.id, a.app.Server.ID) }},

	{"missing servers", func(t *testing.T) applicant {
		a := applicantAt(t, 10718, filing.VerifyProduct)
		a.wantRefused(t, a.ChooseServer(t.Context(), a.id, "ecs-room"))
		return a
	}, uploadServers, func(t *testing.T, a applicant) error { return a.ChooseServer(t.Context(), a.id, "ecs-room") }},

	{"a missing service code", func(t *testing.T) applicant {
		a := applicantAt(t, 10719, filing.VerifyProduct)
		a.wantRefused(t, a.useCode(t))
		return a
	}, func(v visitor, a applicant) {
		v.visit("/staff/servers/codes?server=" + a.app.Server.ID)
		v.sees("没有符合条件的记录")
		v.must(v.page.Shortcut("a"))
		v.must(v.page.Fill("备案服务号", "CODE-10719"))
		v.press("保存")
		v.sees("CODE-10719", "未使用")
	}, func(t *testing.T, a applicant) error { return a.useCode(t) }},
}

// TestRoom: an operator finds each of ten troubles on the pages and repairs it there. Each has its effect, and nothing that was repaired is late any more.
func TestRoom(t *testing.T) {
	var harmed []applicant
	for _, one := range troubles {
		harmed = append(harmed, one.seed(t))
	}
	// Operators are alerted in the morning.
	suite.System.Clock.Set(workday.DateOf(workday.Add(suite.System.Clock.Now(), filing.SecondReadingDays+1)).Time().Add(10 * time.Hour))
	_, err := suite.System.Functions.Invoke(t.Context(), "reminders", []byte("{}")) // opens the task for the overdue reading
	if err != nil {
		t.Fatal(err)
	}
	v := staffAt(t, browser.Desktop, demo.AdminLogin)
	v.visit("/staff/late")
	v.shoot("late")
	v.looksWell()
	v.must(v.page.Resize(browser.Desktop.Width, browser.Desktop.Height))
	for i, one := range troubles {
		t.Run(one.name, func(t *testing.T) {
			a, v := harmed[i], v
			v.T = t
			began := time.Now()
			one.repair(v, a)
			first := one.effect(t, a)
			if first != nil && scenario.Poll(t.Context(), func() (bool, error) { return one.effect(t, a) == nil, nil }) != nil {
				v.shoot("failed")
				t.Fatalf("order %s did not go on: %v", a.id, first)
			}
			t.Logf("repaired in %s", time.Since(began).Round(10*time.Millisecond))
		})
	}
	v.visit("/staff/orders/" + string(harmed[1].id) + "/machine")
	v.sees("第2次启动", "产品验证", "执行中")
	v.shoot("machine")
	v.visit("/staff/late")
	v.shoot("repaired")
	for i, a := range harmed {
		left, err := browser.Evaluate[int](v.page, `document.querySelectorAll('tr:has(a[href*="`+string(a.id)+`"]) form, form[action*="`+a.fileName()+`"]').length`)
		v.must(err)
		if left > 0 {
			t.Errorf("%s: it is still late", troubles[i].name)
		}
	}
}

// repairLate returns a repair of what an order has on the list of what is late: its cause, and the button.
func repairLate(cause, button string) func(visitor, applicant) {
	return func(v visitor, a applicant) {
		v.Helper()
		row := `tr:has(a[href*="` + string(a.id) + `"]):has(form)`
		v.must(scenario.Poll(v.Context(), func() (bool, error) { // the watch of executions runs at an interval
			v.visit("/staff/late")
			words, err := browser.Evaluate[string](v.page, `document.querySelector('`+row+`')?.innerText ?? ""`)
			return strings.Contains(words, cause), err
		}))
		v.repairRow(row+" form", button)
	}
}

// repairRow presses the button of a form on the list, again while an exchange with the bureau is running.
func (v visitor) repairRow(form, button string) {
	v.Helper()
	words, err := browser.Evaluate[string](v.page, `document.querySelector('`+form+` button')?.innerText.trim() ?? ""`)
	v.must(err)
	if words != button {
		v.shoot("failed")
		v.Fatalf("the button is %q, want %q", words, button)
	}
	v.must(scenario.Poll(v.Context(), func() (bool, error) {
		if err := v.page.PressFirst(form + " button"); err != nil {
			return false, err
		}
		shown, err := v.page.Text()
		return strings.Contains(shown, "已处理"), err
	}))
}

// undecodedRefusal brings an order to the bureau, whose refusal lies in a file that could not be decoded when it came.
func undecodedRefusal(t *testing.T) applicant {
	ctx, link := t.Context(), strconv.Itoa(system.BureauProvider)
	a := applicantAt(t, 10715, filing.VerifySMS)
	a.must(t, suite.System.Bureau.Apply(simulator.Scenario{Rules: []simulator.Rule{{Match: simulator.Match{Domain: "invented-10715-example.com"}, Times: 1, Then: simulator.Action{Silent: true}}}}))
	code, err := suite.Client.AwaitOrderCode(ctx, a.mobile, a.id)
	a.must(t, err)
	a.must(t, suite.Client.ReplySMS(ctx, "room-1", a.mobile, code))
	_, err = a.AwaitStep(ctx, a.id, filing.AwaitBureau)
	a.must(t, err)
	o, err := suite.System.Parts.Decisions().Order(ctx, a.id)
	a.must(t, err)
	download := document.NewDownload()
	download.ICP = &document.ICPDownload{Results: &document.Results{Opinions: []document.Opinion{{
		Time: document.FormatTime(suite.System.Clock.Now()), Decision: document.Refused, Operation: document.NewFilingOperation, Record: o.Bureau.FirstID}}}}
	content, err := download.Marshal()
	a.must(t, err)
	codec := wire.Codec{Key: system.BureauKey, IV: system.BureauIV, Encryption: wire.AESEncryption}
	parcel, err := codec.Encode(wire.File{Name: a.fileName(), Content: content}, suite.System.Clock.Now())
	a.must(t, err)
	file := exchange.Received{ID: a.fileName() + "-1", Name: a.fileName(), Object: "bureau/" + link + "/received/" + a.fileName(), State: exchange.Poison, At: suite.System.Clock.Now(),
		Undecoded: &exchange.Encoding{Hash: parcel.Hash, Encryption: parcel.Encryption, HashKind: parcel.HashKind, Compression: parcel.Compression}}
	a.must(t, suite.System.Parts.Objects().WriteShared(ctx, nil, file.Object, parcel.Data))
	a.must(t, suite.System.Parts.Store().PutReceived(ctx, link, file))
	return a
}

// uploadServers uploads a table of servers, first with a wrong row.
func uploadServers(v visitor, a applicant) {
	wrong, right := filepath.Join(v.TempDir(), "wrong.csv"), filepath.Join(v.TempDir(), "right.csv")
	const header = "服务器编号,账号,省份代码,接入方式,公网IP,租用日期,到期日期,备案名额\r\n"
	row := "ecs-room," + a.Account() + ",%s,5,8.130.1.1,2026-01-01,2027-12-31,5\r\n"
	for path, province := range map[string]string{wrong: "99", right: "11"} {
		if err := os.WriteFile(path, []byte(header+fmt.Sprintf(row, province)), 0o600); err != nil {
			v.Fatal(err)
		}
	}
	v.visit("/staff/servers")
	v.must(v.page.Shortcut("u"))
	v.must(v.page.UploadTo("#file", wrong))
	v.press("检查并保存")
	v.sees("第2行 C列")
	v.shoot("wrong")
	v.must(v.page.Shortcut("u"))
	v.must(v.page.UploadTo("#file", right))
	v.press("检查并保存")
	v.sees("已保存1行")
	v.visit("/staff/servers/at/ecs-room")
	v.sees("没有订单使用这台服务器")
	v.looksWell()
	v.must(v.page.Resize(browser.Desktop.Width, browser.Desktop.Height))
}

func (a applicant) must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("order %s: %v", a.id, err)
	}
}

// fileName is the name of a file of the bureau about the order.
func (a applicant) fileName() string { return "refusal" + string(a.id) + ".xml" }

func (a applicant) order(t *testing.T) scenario.Order {
	t.Helper()
	o, err := a.Order(t.Context(), a.id)
	a.must(t, err)
	return o
}

// useCode chooses the server by its service code.
func (a applicant) useCode(t *testing.T) error {
	return a.Call(t.Context(), http.MethodPut, "/orders/"+string(a.id)+"/product", map[string]any{"serviceCode": "CODE-10719"}, nil)
}

// wantRefused checks that the applicant cannot choose a server.
func (a applicant) wantRefused(t *testing.T, err error) {
	t.Helper()
	if err == nil {
		t.Fatalf("order %s: the server was chosen although it cannot be", a.id)
	}
}

// stopExecution stops the order's execution once it waits for the order.
func (a applicant) stopExecution(t *testing.T) {
	t.Helper()
	a.awaitState(t, string(a.order(t).Step))
	_, err := sfn.NewFromConfig(suite.System.Parts.AWS).StopExecution(t.Context(), &sfn.StopExecutionInput{
		ExecutionArn: aws.String(fmt.Sprintf("arn:aws:states:%s:%s:execution:%s:%s-1", system.Region, system.Account, system.MachineName, a.id))})
	a.must(t, err)
}

// awaitState waits until the order's execution is in a state.
func (a applicant) awaitState(t *testing.T, state string) {
	t.Helper()
	a.must(t, scenario.Poll(t.Context(), func() (bool, error) { return suite.System.InState(t.Context(), a.id, 1, state) }))
}

// isAt checks the step and the status of the order.
func (a applicant) isAt(t *testing.T, step filing.Step, status filing.Status) error {
	t.Helper()
	if o := a.order(t); o.Step != step || o.Status != status {
		return fmt.Errorf("it is at %s, %s", o.Step, o.Status)
	}
	return nil
}

// follows checks that an attempt of the order's execution runs at the order's step.
func (a applicant) follows(t *testing.T, attempt int) error {
	t.Helper()
	answer, err := suite.Client.Send(t.Context(), suite.Admin, scenario.Request{Method: http.MethodGet, Path: "/orders/" + string(a.id) + "/machine"})
	a.must(t, err)
	var m struct {
		Step      string
		Execution struct {
			Attempt int
			Status  late.ExecutionStatus
			State   string
		}
	}
	a.must(t, json.Unmarshal(answer.Body, &m))
	if m.Execution.Attempt != attempt || m.Execution.Status != late.Running || m.Execution.State != m.Step {
		return fmt.Errorf("the execution is %+v", m.Execution)
	}
	return nil
}
