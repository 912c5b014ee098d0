package journeys_test

import (
	"encoding/json"
	"net/http"
	"slices"
	"testing"
	"time"

	"beian/functions/operator"
	"beian/infra/local/demo"
	"beian/infra/local/faults"
	"beian/infra/local/scenario"
	"beian/shared/filing"
	"beian/shared/process/late"
	"beian/shared/rules/sitename"
	"beian/shared/rules/workday"
	"beian/shared/web"
)

// Orders with an explained finding are read by two reviewers in this package.
var readTwice = filing.SecondReadings{Risks: []filing.Risk{filing.RiskExplained}}

// nameKept accepts the explained name of a site.
var nameKept = []filing.OverrideRequest{{Code: sitename.OnlyDigits, Pointer: "/sites/0/name", Reason: "作品已出版，名称属实。"}}

// otherReaders returns two reviewers besides the first.
func otherReaders(t *testing.T) (second, third *scenario.User) {
	t.Helper()
	second, err := client.Login(t.Context(), secondReviewer)
	if err == nil {
		third, err = client.Login(t.Context(), demo.SecondReviewerLogin)
	}
	if err != nil {
		t.Fatal(err)
	}
	return second, third
}

// explainedAtReview returns an application at the review that two reviewers have to read.
func explainedAtReview(t *testing.T, n int) *journey {
	t.Helper()
	j := startJourney(t, scenario.Invented(n).WithExplainedName())
	j.advanceTo(filing.InitialReview)
	return j
}

// read claims the order as a reviewer and gives a verdict, twice with the same key, and in parallel.
func (j *journey) read(by *scenario.User, verdict map[string]any) {
	j.t.Helper()
	j.must(by.Claim(j.t.Context(), j.id))
	body, err := json.Marshal(verdict)
	j.must(err)
	for _, err := range callInParallel(3, func(int) error {
		answer, err := client.Send(j.t.Context(), by, scenario.Request{Method: http.MethodPost, Path: "/orders/" + string(j.id) + "/review", Body: body,
			Header: map[string]string{"Idempotency-Key": "read-" + string(j.id) + by.Account()}})
		if err == nil && answer.Status != http.StatusOK {
			j.t.Errorf("the verdict: %d %s", answer.Status, answer.Body)
		}
		return err
	}) {
		j.must(err)
	}
}

// isInQueueOf reports whether a reviewer has the order in the queue.
func (j *journey) isInQueueOf(u *scenario.User) bool {
	j.t.Helper()
	var list web.Page[web.Brief]
	j.must(u.Call(j.t.Context(), http.MethodGet, "/review/orders?limit=100&risk="+string(filing.RiskExplained), nil, &list))
	return slices.ContainsFunc(list.Items, func(o web.Brief) bool { return o.ID == j.id })
}

// wantReaders checks what the ledger has about the readings, once.
func (j *journey) wantReaders(decision, want string) {
	j.t.Helper()
	l, err := reviewer.Ledger(j.t.Context(), j.id)
	j.must(err)
	found := 0
	for _, e := range l.Entries {
		if e.Decision == decision && e.Facts["readings"] == want {
			found++
		}
	}
	if found != 1 || !l.Verified {
		j.t.Errorf("the ledger (verified: %t) has %d entries %s with the readings %s: %+v", l.Verified, found, decision, want, l.Entries)
	}
}

// TestReadingsAgree: a name that a rule refuses is explained. The first reviewer's verdict has no effect, also if it is sent again; that of the second does, once,
// although Step Functions is down when it is given.
func TestReadingsAgree(t *testing.T) {
	j, ctx := explainedAtReview(t, 10700), t.Context()
	second, _ := otherReaders(t)
	j.must(reviewer.Claim(ctx, j.id))
	wantProblem(t, reviewer.Review(ctx, j.id, "pass"), 422, "override-missing /overrides")
	pass := map[string]any{"verdict": "pass", "overrides": nameKept}
	j.read(reviewer, pass)
	if o := j.order(); o.Step != filing.InitialReview || o.Status != filing.Submitted || j.isInQueueOf(reviewer) || !j.isInQueueOf(second) {
		t.Errorf("after the first verdict the order is at %s, %s", o.Step, o.Status)
	}
	j.wantNotices(filing.NoticeSubmitted)
	wantProblem(t, reviewer.Claim(ctx, j.id), 403, "second-reading-own ")

	sys.Faults.Set(faults.MachineDown, true)
	t.Cleanup(func() { sys.Faults.Set(faults.MachineDown, false) })
	j.read(second, pass)
	if o := j.order(); o.Step != filing.VerifySMS {
		t.Errorf("after the second verdict the order is at %s", o.Step)
	}
	sys.Faults.Set(faults.MachineDown, false)
	j.awaitStep(filing.VerifySMS, filing.SMSPending)
	j.replySMS()
	j.awaitApproved()
	j.wantNotices(filing.NoticeSubmitted, filing.NoticePassed, filing.NoticeTransmitted, filing.NoticeApproved)
	j.wantPath(1, toReview, bySMS, toEnd)
	j.wantLedger(opened, collected, []string{"claim", "keep-reading", "claim", "pass"}, answered, transmitted, filed)
	j.wantReaders("pass", reviewer.Account()+":pass "+second.Account()+":pass")
}

// TestReadingsDiffer: of two reviewers one passes an order and one returns it. A third, who is neither of them, decides.
func TestReadingsDiffer(t *testing.T) {
	j, ctx := explainedAtReview(t, 10701), t.Context()
	second, third := otherReaders(t)
	j.read(reviewer, map[string]any{"verdict": "pass", "overrides": nameKept})
	toReturn := map[string]any{"verdict": "return", "findings": []scenario.Remark{{Pointer: "/sites/0/name", Message: map[string]string{"zh-CN": "请改网站名称。"}}}}
	j.read(second, toReturn)
	if o := j.order(); o.Step != filing.InitialReview || o.Status != filing.Submitted || o.Findings.Blocking() {
		t.Errorf("after two verdicts that differ the order is at %s, %s, with %v", o.Step, o.Status, o.Findings)
	}
	for _, reader := range []*scenario.User{reviewer, second} {
		wantProblem(t, reader.Claim(ctx, j.id), 403, "second-reading-own ")
		if j.isInQueueOf(reader) {
			t.Error("a reader has the order in the queue again")
		}
	}
	j.read(third, toReturn)
	j.awaitStep(filing.CollectDetails, filing.Returned)
	j.wantNotices(filing.NoticeSubmitted, filing.NoticeReturned)
	j.wantReaders("return", reviewer.Account()+":pass "+second.Account()+":return "+third.Account()+":return")
	j.must(j.applicant.Abandon(ctx, j.id))
	j.awaitStep(filing.Done, filing.Abandoned)
}

// TestReadingOverdue: an order that no second reviewer reads is late after two working days. The operator has a task, and lets the first verdict take effect.
func TestReadingOverdue(t *testing.T) {
	j, ctx := explainedAtReview(t, 10702), t.Context()
	j.read(reviewer, map[string]any{"verdict": "pass", "overrides": nameKept})
	// Operators are alerted in the morning.
	sys.Clock.Set(workday.DateOf(workday.Add(sys.Clock.Now(), filing.SecondReadingDays+1)).Time().Add(10 * time.Hour))
	if item := j.awaitLate("second-reading"); item.Action != nil || item.Step != filing.InitialReview {
		t.Errorf("%+v", item)
	}
	for range 2 {
		j.runReminders()
	}
	var tasks web.Page[web.Task]
	j.asAdmin(http.MethodGet, "/tasks?limit=100", &tasks)
	if n := len(slices.DeleteFunc(tasks.Items, func(t web.Task) bool { return t.Order.ID != j.id || t.Kind != filing.TaskSecondReading })); n != 1 {
		t.Errorf("the operator has %d tasks", n)
	}
	for range 2 {
		answer := postOnce(t, admin, "single-"+string(j.id), "/orders/"+string(j.id)+"/single-reading", `{"note": "其他审核员都在休假"}`, nil)
		if answer.Status != http.StatusOK {
			t.Fatalf("%d %s", answer.Status, answer.Body)
		}
	}
	j.awaitStep(filing.VerifySMS, filing.SMSPending)
	j.wantReaders("pass", reviewer.Account()+":pass")
	var list web.Page[operator.LateItem]
	j.asAdmin(http.MethodGet, "/late", &list)
	if slices.ContainsFunc(list.Items, func(i operator.LateItem) bool { return i.Order == j.id && i.Clock != late.ClockName("notice") }) {
		t.Errorf("the order is still late: %+v", list.Items)
	}
	j.must(j.applicant.Withdraw(ctx, j.id))
}
