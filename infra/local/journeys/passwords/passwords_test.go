// Package passwords_test files in December 2019, when a new access needed the bureau's filing password (备案密码).
package passwords_test

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"beian/infra/local/browser"
	"beian/infra/local/clock"
	"beian/infra/local/outbox"
	"beian/infra/local/scenario"
	"beian/infra/local/system"
	"beian/infra/local/systemtest"
	"beian/shared/bureau/simulator"
	"beian/shared/filing"
	"beian/shared/rules/finding"
)

// day is when the journeys start, a Wednesday.
var day = time.Date(2019, 12, 25, 1, 30, 0, 0, time.UTC)

// The system of all tests.
var (
	sys             *system.System
	client          *scenario.Client
	reviewer, admin *scenario.User
)

func TestMain(m *testing.M) {
	config := system.Config{Programs: os.Getenv("PROGRAMS"), Clock: clock.StandingAt(day), Limits: system.Unlimited}
	systemtest.Main(m, config, "../../../stack/testdata/golden", func(s *systemtest.Suite) {
		sys, client, reviewer, admin = s.System, s.Client, s.Reviewer, s.Admin
	})
}

// TestFilingPassword: the bureau checks the filing password when the application is confirmed. A wrong one returns the application at once, before a
// reviewer sees it, and with the right one, entered in the browser, it is filed.
func TestFilingPassword(t *testing.T) {
	ctx, app := t.Context(), scenario.Invented(3640)
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	user, err := client.LoginApplicant(ctx, admin, app, sys.Clock.Now())
	must(err)
	number := app.Open["certificate"].(map[string]any)["number"].(string)
	must(sys.Bureau.Apply(simulator.Scenario{Filed: []simulator.Seed{{Name: "示例人", Nature: 5, CertificateKind: 2, CertificateNumber: number, Division: 110101,
		Password: "Beian@2016", Sites: []simulator.SeedSite{{Name: "木作手记", Domains: app.Open["domains"].([]string)}}}}}))
	o, err := user.OpenOrder(ctx, app)
	must(err)
	id := o.ID
	await := func(is func(scenario.Order) bool) scenario.Order {
		t.Helper()
		err := scenario.Poll(ctx, func() (bool, error) {
			var err error
			o, err = user.Order(ctx, id)
			return err == nil && is(o), err
		})
		if err != nil {
			t.Fatalf("the order is %s at %s with %v: %v", o.Status, o.Step, o.Findings, err)
		}
		return o
	}
	enter := func(password string) {
		t.Helper()
		must(user.Call(ctx, http.MethodPut, "/orders/"+string(id)+"/filing-password", map[string]string{"password": password}, nil))
	}
	must(app.Advance(ctx, id, user, reviewer, filing.AwaitConfirmation))
	if o := await(func(o scenario.Order) bool { return o.Step == filing.AwaitConfirmation }); o.Type != filing.AddAccessForeign || !o.Findings.Has(filing.CodePasswordMissing) {
		t.Fatalf("%s with %v", o.Type, o.Findings)
	}
	enter("Beian@2015")
	must(user.Confirm(ctx, id))
	returned := await(func(o scenario.Order) bool { return o.Status == filing.Returned && o.Step == filing.AwaitConfirmation })
	if i := slices.IndexFunc(returned.Findings, func(f finding.Finding) bool { return f.Code == filing.CodePasswordWrong }); i < 0 || returned.Findings[i].Pointer != "/filingPassword" ||
		returned.Findings[i].Remedy.Chinese == "" {
		t.Errorf("returned with %v", returned.Findings)
	}
	enterInBrowser(t, app, id, returned, "Beian@2016")
	_, err = user.AwaitStep(ctx, id, filing.AwaitConfirmation)
	must(err)
	must(user.Confirm(ctx, id))
	await(func(o scenario.Order) bool { return o.Step == filing.InitialReview })
	must(reviewer.Approve(ctx, id))
	if o := await(func(o scenario.Order) bool { return o.Step == filing.Done }); o.Status != filing.Approved {
		t.Errorf("%s with %v", o.Status, o.Findings)
	}
	l, err := reviewer.Ledger(ctx, id)
	must(err)
	made := slices.DeleteFunc(l.Decisions(), func(d string) bool {
		return !slices.Contains([]string{"enter-filing-password", "confirm", "check-filing-password"}, d)
	})
	if want := []string{"enter-filing-password", "confirm", "check-filing-password"}; !slices.Equal(made, slices.Concat(want, want)) {
		t.Errorf("decisions %v", made)
	}
}

// enterInBrowser enters the filing password on the page to which the returned application leads.
func enterInBrowser(t *testing.T, app scenario.Application, id filing.ID, returned scenario.Order, password string) {
	t.Helper()
	chromium, err := browser.Start()
	if err != nil {
		t.Fatal(err)
	}
	defer chromium.Close()
	page, err := chromium.NewPage(browser.Phone)
	if err != nil {
		t.Fatal(err)
	}
	defer page.Close()
	mobile := strings.TrimPrefix(app.Login, "+86")
	reason := returned.Findings[slices.IndexFunc(returned.Findings, func(f finding.Finding) bool { return f.Code == filing.CodePasswordWrong })].Message.Chinese
	sees := func(texts ...string) error {
		shown, err := page.Text()
		for _, text := range texts {
			if !strings.Contains(shown, text) {
				err = errors.Join(err, fmt.Errorf("the page does not say %q:\n%s", text, shown))
			}
		}
		return err
	}
	shoot := func(name string) error {
		picture, err := page.Screenshot()
		if folder := os.Getenv("SCREENSHOTS"); folder != "" && err == nil {
			err = os.WriteFile(filepath.Join(folder, "password-"+name+".png"), picture, 0o600)
		}
		return err
	}
	for _, do := range []func() error{
		func() error { return page.Visit(sys.PortalURL + "/login?to=/orders/" + string(id)) },
		func() error { return page.Fill("手机号码或邮箱", mobile) },
		func() error { return page.Press("获取验证码") },
		func() error {
			sent := slices.DeleteFunc(slices.Clone(sys.Outbox.Sent(app.Login)), func(m outbox.Message) bool { return !strings.Contains(m.Text, "登录验证码") })
			return page.Fill("6 位验证码", regexp.MustCompile(`\d{6}`).FindString(sent[len(sent)-1].Text))
		},
		func() error { return page.Press("登录") },
		func() error { return errors.Join(sees(reason), shoot("returned")) },
		func() error { return page.Press(reason) },
		func() error { return errors.Join(sees("填写备案密码"), shoot("page")) },
		func() error { return page.Fill("备案密码", " ") },
		func() error { return page.Press("保存并继续") },
		func() error { return errors.Join(sees("处需要处理"), shoot("empty")) },
		func() error { return page.Fill("备案密码", password) },
		func() error { return page.Press("保存并继续") },
		func() error { return sees("核对") },
	} {
		if err := do(); err != nil {
			t.Fatal(errors.Join(err, shoot("failed")))
		}
	}
	if address, err := page.Address(); err != nil || strings.Contains(address, password) {
		t.Errorf("the page is at %s: %v", address, err)
	}
}
