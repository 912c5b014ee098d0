package pages_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"beian/infra/local/browser"
	"beian/infra/local/demo"
	"beian/shared/filing"
	"beian/shared/filing/register"
	"beian/shared/process/bureautask"
	"beian/shared/process/event"
	"beian/shared/process/figures"
	"beian/shared/process/subscription"
	"beian/shared/rules/province"
	"beian/shared/rules/workday"
)

// staffLooks are the pages of staff: of the reviewer's desk, then of the operator's room. {order} is an order at the review that the reviewer has claimed, {reviewer} the
// reviewer's account, {task} a task of the bureau.
var staffLooks = []struct {
	login, name, path string
}{
	{demo.ReviewerLogin, "queue", "/queue"},
	{demo.ReviewerLogin, "case", "/orders/{order}"},
	{demo.ReviewerLogin, "calls", "/orders/{order}/calls"},
	{demo.ReviewerLogin, "history", "/orders/{order}/history"},
	{demo.ReviewerLogin, "appointments", "/appointments"},
	{demo.ReviewerLogin, "appeals", "/appeals"},
	{demo.ReviewerLogin, "coaching", "/coaching"},
	{demo.ReviewerLogin, "verification-tasks", "/bureau-tasks"},
	{demo.ReviewerLogin, "not-found", "/nothing"},
	{demo.AdminLogin, "order", "/orders/{order}"},
	{demo.AdminLogin, "people", "/people"},
	{demo.AdminLogin, "person", "/people/{reviewer}"},
	{demo.AdminLogin, "audit", "/audit?account={reviewer}"},
	{demo.AdminLogin, "coaching-team", "/coaching"},
	{demo.AdminLogin, "figures", "/figures"},
	{demo.AdminLogin, "agreement", "/agreement"},
	{demo.AdminLogin, "duties", "/duties?days=366"},
	{demo.AdminLogin, "filing-duties", "/duties/{filing}"},
	{demo.AdminLogin, "annual-reviews", "/duties/reviews"},
	{demo.AdminLogin, "late", "/late"},
	{demo.AdminLogin, "machine", "/orders/{order}/machine"},
	{demo.AdminLogin, "servers", "/servers"},
	{demo.AdminLogin, "server", "/servers/at/{server}"},
	{demo.AdminLogin, "service-codes", "/servers/codes"},
	{demo.AdminLogin, "bureau", "/bureau"},
	{demo.AdminLogin, "bureau-tasks", "/bureau-tasks"},
	{demo.AdminLogin, "bureau-task", "/bureau-tasks/{task}"},
	{demo.AdminLogin, "sent-files", "/bureau/sent"},
	{demo.AdminLogin, "received-files", "/bureau/received"},
	{demo.AdminLogin, "sheets", "/bureau/sheets"},
	{demo.AdminLogin, "reconciliation", "/bureau/reconciliation"},
	{demo.AdminLogin, "webhooks", "/webhooks"},
	{demo.AdminLogin, "webhook", "/webhooks/{webhook}"},
	{demo.AdminLogin, "dead-letters", "/webhooks/{webhook}?dead=true"},
	{demo.AdminLogin, "rules", "/rules"},
	{demo.AdminLogin, "rule-changes", "/rules/changes?from=2026-11-01&to=2027-01-01"},
	{demo.AdminLogin, "pack-changes", "/rules/pack"},
	{demo.AdminLogin, "findings", "/rules/findings?q=phone"},
}

// TestEveryStaffPage looks at each page of staff at 1280 pixels, in Chinese and light, and at 1920, in English and dark: axe finds nothing wrong, and nobody has to scroll
// sideways. With SCREENSHOTS, it stores a picture of each.
func TestEveryStaffPage(t *testing.T) {
	a := applicantAt(t, 10410, filing.InitialReview)
	storeFigures(t)
	storeTask(t)
	filed := storeUnowned(t, 9911, "13700009911")
	webhook := storeWebhook(t)
	for _, one := range []struct {
		size     browser.Size
		language string
		dark     bool
	}{{browser.Desktop, "zh-CN", false}, {browser.Wide, "en", true}} {
		visitors := map[string]visitor{}
		for _, l := range staffLooks {
			t.Run(one.size.Name+" "+l.name, func(t *testing.T) {
				v, known := visitors[l.login]
				v.T = t
				if !known {
					page, err := chromium.NewPage(one.size)
					v.page = page
					v.must(err)
					v.must(page.SetDark(one.dark))
					v.visit("/staff/login")
					v.enterCode(l.login)
					visitors[l.login] = v
				}
				path := strings.NewReplacer("{order}", string(a.id), "{server}", a.app.Server.ID, "{reviewer}", url.PathEscape(suite.Reviewer.Account()), "{task}", "hand-look", "{webhook}", webhook, "{filing}", string(filed.ID)).Replace(l.path)
				if l.name == "case" {
					v.must(suite.Reviewer.Claim(t.Context(), a.id))
				}
				language := "?lang="
				if strings.Contains(path, "?") {
					language = "&lang="
				}
				v.visit("/staff" + path + language + one.language)
				v.shoot("look")
				found, err := v.page.Violations(string(modules))
				v.must(err)
				if len(found) > 0 {
					t.Errorf("%s:\n%s", path, strings.Join(found, "\n"))
				}
				v.must(v.page.Overflow())
			})
		}
		for _, v := range visitors {
			v.page.Close()
		}
	}
}

// storeTask stores a task that an operator copied from the bureau's console.
func storeTask(t *testing.T) {
	task, err := bureautask.EnterTask(bureautask.Unfiled, bureautask.NewAbout("", "unfiled-example.com", "8.8.8.8"), "请在三个工作日内处理未备案网站", time.Time{}, suite.System.Clock.Now(), nil)
	if err != nil {
		t.Fatal(err)
	}
	task.ID = "hand-look"
	if _, err := suite.System.Parts.Store().PutBureauTask(t.Context(), task); err != nil {
		t.Fatal(err)
	}
}

// storeWebhook stores an endpoint that is paused, with deliveries of each state, and returns its id.
func storeWebhook(t *testing.T) string {
	store, now := suite.System.Parts.Store(), suite.System.Parts.Wall()
	service := suite.System.Parts.Subscriptions()
	to, err := service.Add(t.Context(), subscription.Edit{By: "admin-look", URL: "https://portal.example/events", Types: []event.Type{event.DutyNear, event.OrderApproved}, Description: "客户门户", Disabled: true})
	if err != nil {
		t.Fatal(err)
	}
	for i, result := range []subscription.Result{{}, {Status: 204}, {Status: 503}, {Problem: subscription.Timeout}} {
		e := event.Duty{Key: "annual-review", Kind: "annual-review", Filing: "01EXAMPLE", Due: "2027-01-01", At: now.Add(time.Duration(i-9) * time.Hour)}.Near()
		d := subscription.NewDelivery(to.ID, e, now.Add(time.Duration(i-9)*time.Hour))
		for version := 1; version <= 2; version++ {
			if d.Version = version; version == 2 {
				for d.State == subscription.Pending && i > 0 {
					d = d.After(result, now, 0)
				}
			}
			if err := store.PutDelivery(t.Context(), d); err != nil {
				t.Fatal(err)
			}
		}
	}
	return to.ID
}

// storeFigures stores what happened on the 28 days before today, so that the figures have something to show.
func storeFigures(t *testing.T) {
	store, today := suite.System.Parts.Store(), workday.DateOf(suite.System.Clock.Now())
	for n := 28; n > 0; n-- {
		day := today.AddDays(-n)
		if w := day.Time().Weekday(); w == time.Saturday || w == time.Sunday {
			continue
		}
		sum := figures.Day{Day: day, Messages: []figures.Delivery{{Kind: string(filing.NoticeSubmitted), SMS: 30 + n%7, Mail: 28 + n%7, FailedMail: n % 3, Limited: n % 2},
			{Kind: string(filing.NoticeSMSCode), SMS: 52 + n%11, FailedSMS: n % 4}, {Kind: string(filing.NoticeReturned), SMS: 6 + n%4, Mail: 6 + n%4, Bounced: n % 2}, {Kind: string(register.NoticeLeaderChanged), SMS: 1}},
			Reasons: []figures.Reason{{By: filing.RefusedByReviewer, Code: "reviewer", Province: "31", Count: 1 + n%3}, {By: filing.RefusedByReviewer, Code: "site-name-is-person", Province: "32", Count: 2},
				{By: filing.RefusedByBureau, Code: "bureau-1002", Province: "32", Count: n % 3}, {By: filing.RefusedByChecks, Code: "filing-changed-meanwhile", Province: "44", Count: 1}}}
		for i, one := range []struct {
			kind filing.Type
			in   province.Code
		}{{filing.First, "31"}, {filing.First, "32"}, {filing.ChangeFiling, "44"}, {filing.CancelSite, "65"}} {
			entered := (20 + n%5) / (i + 1)
			sum.Flow = append(sum.Flow, figures.Tally{Type: one.kind, Province: one.in, Events: map[filing.FlowEvent]int{filing.FlowOpened: entered + 1, filing.FlowEntered: entered, filing.FlowPassed: entered - 1,
				filing.FlowReturned: n % 3, filing.FlowRejected: n % 2, filing.FlowSent: entered - 1, filing.FlowApproved: entered - 2, filing.FlowRefused: n % 2, filing.FlowWithdrawn: n % 2,
				filing.FlowFirst: entered / 2, filing.FlowFirstPass: entered/2 - n%2, filing.FlowSMSSent: entered, filing.FlowSMSAnswered: entered - 2, filing.FlowSMSUnanswered: 1 + n%2}})
		}
		if err := store.PutDay(t.Context(), sum); err != nil {
			t.Fatal(err)
		}
	}
}
