package api_test

import (
	"strings"
	"testing"

	"beian/shared/filing"
	"beian/shared/filing/filingtest"
	"beian/shared/process/decide"
	"beian/shared/process/figures"
	"beian/shared/rules/finding"
	"beian/shared/rules/province"
)

// providerFigures: the operator reads the backlog of each day and the durations of the steps, also as CSV; below 20 visits there are no percentiles.
func providerFigures(t *testing.T, f *fixture) {
	f.orderOf("account-1", queued(40), filing.InitialReview)
	counts, err := figures.Count(t.Context(), f.store, filing.DefaultReviewPromise, f.now)
	for range 2 {
		if err != nil || f.store.PutCounts(t.Context(), counts) != nil {
			t.Fatal(err)
		}
	}
	for n := range 20 {
		o := filingtest.OpenAt(t, filingtest.NumberedEnterprise(10150+n), f.now, filing.InitialReview).Order
		o.ID, o.Version = o.ID+filing.ID(rune('A'+n)), 1
		visits := []filing.Visit{{Step: filing.AwaitBureau, Days: n}}
		if n == 0 {
			visits = append(visits, filing.Visit{Step: filing.InitialReview, Days: 1})
		}
		if _, err := f.store.Commit(t.Context(), filing.Change{Order: o, Entry: filing.Entry{Order: o.ID, Seq: 1, At: f.now}, Visits: visits}, decide.Request{}); err != nil {
			t.Fatal(err)
		}
	}
	for range 2 {
		if err := figures.SumDays(t.Context(), f.store, f.now); err != nil {
			t.Fatal(err)
		}
	}
	admin, days := f.admin(), "?from=2019-12-01&to=2019-12-31"
	got := admin.do("GET /figures"+days, nil).wantStatus(200).wantValue("2019-12-26", "backlog", 0, "day").wantValue(1.0, "backlog", 0, "review").
		wantValue("InitialReview", "steps", 0, "step").wantValue(1.0, "steps", 0, "count").
		wantValue(20.0, "steps", 1, "count").wantValue(9.0, "steps", 1, "p50").wantValue(15.0, "steps", 1, "p80").wantValue(18.0, "steps", 1, "p95")
	got.wantValue("2019-12-26", "flow", 0, "day").wantValue(1.0, "flow", 0, "opened").wantValue(1.0, "flow", 0, "entered").wantValue(0.0, "flow", 0, "passed")
	if strings.Count(got.text, "p50") != 1 || len(got.value("backlog").([]any)) != 1 {
		t.Errorf("%s", got.text)
	}
	admin.do("GET /figures"+days+"&province=54", nil).wantStatus(200)
	for path, want := range map[string]string{"backlog": "\ufeff日期,未办结,待审,超期,管局审核中\r\n2019-12-26,1,1,0,0\r\n", "steps": "\ufeff步骤,次数,50%工作日,80%工作日,95%工作日\r\nInitialReview,1,,,\r\nAwaitBureau,20,9,15,18\r\n"} {
		if out := admin.do("GET /figures/"+path+days, nil).wantStatus(200); out.text != want {
			t.Errorf("%s: %q, want %q", path, out.text, want)
		}
	}
	for _, wrong := range []string{"", "?from=2019-12-01", "?from=2019-12-02&to=2019-12-01", "?from=2019-02-30&to=2019-12-01", "?from=2018-12-01&to=2019-12-02", "?from=2019-12-01&to=2019-12-02&province=10", "?from=x&to=y"} {
		admin.do("GET /figures"+wrong, nil).wantStatus(422)
	}
	f.reviewer().do("GET /figures"+days, nil).wantStatus(403)
}

// flowOfProvider: the operator reads what happened on each day, the first-pass rate, refusals and messages, of all provinces or of one, also as CSV.
func flowOfProvider(t *testing.T, f *fixture) {
	admin, days := f.admin(), "?from=2019-11-25&to=2019-12-01"
	empty := admin.do("GET /figures"+days, nil).wantStatus(200)
	for _, list := range []string{"flow", "firstPassWeeks", "firstPassKinds", "refusals", "refusalProvinces", "messages", "messageDays", "smsChecks"} {
		if got := empty.value(list).([]any); len(got) != 0 {
			t.Errorf("%s of an empty system: %v", list, got)
		}
	}
	tally := func(kind filing.Type, in province.Code, events map[filing.FlowEvent]int) figures.Tally {
		return figures.Tally{Type: kind, Province: in, Events: events}
	}
	for _, day := range []figures.Day{
		{Day: "2019-11-24", Flow: []figures.Tally{tally(filing.First, "11", map[filing.FlowEvent]int{filing.FlowOpened: 99})}},
		{Day: "2019-11-26", Flow: []figures.Tally{tally("", "11", map[filing.FlowEvent]int{filing.FlowOpened: 3}),
			tally(filing.First, "11", map[filing.FlowEvent]int{filing.FlowEntered: 12, filing.FlowReturned: 2, filing.FlowRejected: 1, filing.FlowFirst: 8, filing.FlowFirstPass: 6, filing.FlowSent: 8}),
			tally(filing.ChangeFiling, "44", map[filing.FlowEvent]int{filing.FlowEntered: 4, filing.FlowFirst: 2, filing.FlowFirstPass: 2, filing.FlowSent: 2, filing.FlowRefused: 1, filing.FlowExpired: 1, filing.FlowAbandoned: 1})},
			Reasons:  []figures.Reason{{By: filing.RefusedByReviewer, Code: "reviewer", Province: "11", Count: 2}, {By: filing.RefusedByBureau, Code: "bureau-1002", Province: "44", Count: 1}},
			Messages: []figures.Delivery{{Kind: "passed", SMS: 4, Mail: 3, Bounced: 1}, {Kind: "submitted", SMS: 5, FailedSMS: 1, FailedMail: 2, Limited: 1}}},
		{Day: "2019-11-29", Flow: []figures.Tally{tally(filing.First, "11", map[filing.FlowEvent]int{filing.FlowSMSSent: 5, filing.FlowSMSAnswered: 3, filing.FlowSMSUnanswered: 1, filing.FlowSMSWrong: 1, filing.FlowFirst: 4, filing.FlowFirstPass: 2})},
			Reasons:  []figures.Reason{{By: filing.RefusedByReviewer, Code: "reviewer", Province: "11", Count: 1}},
			Messages: []figures.Delivery{{Kind: "passed", SMS: 1}}},
	} {
		if err := f.store.PutDay(t.Context(), day); err != nil {
			t.Fatal(err)
		}
	}
	got := admin.do("GET /figures"+days, nil).wantStatus(200).wantValue(0.0, "flow", 1, "opened").wantValue(14.0, "firstPassWeeks", 0, "cases").wantValue(12.0, "firstPassKinds", 1, "cases").
		wantValue("2019-11-25", "firstPassWeeks", 0, "week").wantValue(8.0/12, "firstPassKinds", 1, "rate").wantValue("reviewer", "refusals", 0, "code").wantValue(3.0, "refusals", 0, "count")
	if strings.Count(got.text, `"rate"`) != 2 || len(got.value("flow").([]any)) != 4 {
		t.Errorf("%s", got.text)
	}
	admin.do("GET /figures"+days+"&province=44", nil).wantStatus(200).wantValue(0.0, "flow", 0, "opened").wantValue(4.0, "flow", 0, "entered").wantValue("bureau", "refusals", 0, "by").
		wantValue("44", "refusalProvinces", 0, "province").wantValue(5.0, "messages", 0, "sms")
	for path, want := range map[string][]string{
		"flow":              {"日期,新建,进入初审,初审通过,退回修改,初审驳回,已提交管局,备案成功,管局驳回,撤销,放弃或失效", "2019-11-26,3,16,0,2,1,10,0,1,0,2", "2019-11-27,0,0,0,0,0,0,0,0,0,0", "2019-11-28,0,0,0,0,0,0,0,0,0,0", "2019-11-29,0,0,0,0,0,0,0,0,0,0"},
		"first-pass":        {"周（周一）,备案类型,首次提交管局,未被退回,一次通过率%", "2019-11-25,,14,10,71.4", ",CHANGE,2,2,", ",FIRST,12,8,66.7"},
		"refusals":          {"退回方,原因代码,原因,省份代码,次数", "reviewer,reviewer,审核员自己写的原因,11,3", "bureau,bureau-1002," + finding.New("bureau-1002", "").Message.Chinese + ",44,1"},
		"refusal-provinces": {"省份代码,进入初审,退回修改,初审驳回,已提交管局,管局驳回", "11,12,2,1,8,0", "44,4,0,0,2,1"},
		"messages":          {"消息种类,短信,短信失败,邮件,邮件失败,邮件退信,超出上限未发", "passed,5,0,3,0,1,0", "submitted,5,1,0,2,0,1"},
		"message-days":      {"日期,短信,短信失败,邮件,邮件失败,邮件退信,超出上限未发", "2019-11-26,9,1,3,2,1,1", "2019-11-27,0,0,0,0,0,0", "2019-11-28,0,0,0,0,0,0", "2019-11-29,1,0,0,0,0,0"},
		"sms-checks":        {"日期,已发验证码,已核验,到期未回复,错误过多", "2019-11-26,0,0,0,0", "2019-11-27,0,0,0,0", "2019-11-28,0,0,0,0", "2019-11-29,5,3,1,1"},
	} {
		if out := admin.do("GET /figures/"+path+days, nil).wantStatus(200); out.text != "\ufeff"+strings.Join(want, "\r\n")+"\r\n" {
			t.Errorf("%s: %q", path, out.text)
		}
	}
}
