package journeys_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"beian/infra/local/scenario"
	"beian/shared/filing"
	"beian/shared/rules/workday"
)

var appealNotices = []filing.NoticeKind{filing.NoticeSubmitted, filing.NoticeInitialReject, filing.NoticeAppealReceived}

// rejectedJourney returns an application that the reviewer rejected, and another reviewer.
func rejectedJourney(t *testing.T, n int) (*journey, *scenario.User) {
	t.Helper()
	j := journeyAt(t, n, filing.InitialReview)
	j.must(reviewer.Claim(t.Context(), j.id))
	j.must(reviewer.Review(t.Context(), j.id, "reject", scenario.Remark{Pointer: "/subject", Message: map[string]string{
		"zh-CN": "网站内容不属于可以备案的范围。", "en": "The content cannot be filed."}}))
	j.awaitStep(filing.Done, filing.InitialRejected)
	j.wantPath(1, toReview, []string{"Reject", "Closed"})
	second, err := client.Login(t.Context(), secondReviewer)
	j.must(err)
	return j, second
}

// TestAppealUpheld checks the refusals of an appeal, that another reviewer decides it, and that it cannot be contested again.
func TestAppealUpheld(t *testing.T) {
	j, second := rejectedJourney(t, 130)
	ctx := t.Context()
	until := workday.DateOf(workday.Add(sys.Clock.Now(), filing.AppealDays))
	if o := j.order(); o.Appeal == nil || o.Appeal.Until != string(until) {
		t.Errorf("appeal %+v, want until %s", o.Appeal, until)
	}
	if mails := j.wantNotices(appealNotices[:2]...); !strings.Contains(mails[1].Text, chineseDate(until.Time())+"前（含当天）申诉一次") {
		t.Errorf("the email does not say until when:\n%s", mails[1].Text)
	}
	wantProblem(t, j.applicant.WithdrawAppeal(ctx, j.id), 409, "appeal-none ")
	wantProblem(t, j.applicant.Appeal(ctx, j.id, "  "), 422, "appeal-reason /reason")
	wantProblem(t, reviewer.Appeal(ctx, j.id, "越权"), 403)
	other, err := j.applicant.OpenOrder(ctx, j.app)
	j.must(err)
	wantProblem(t, j.applicant.Appeal(ctx, j.id, "内容可以备案"), 409, "appeal-other-order ")
	_, err = j.applicant.AwaitStep(ctx, other.ID, filing.VerifyProduct)
	j.must(err)
	wantProblem(t, j.applicant.Appeal(ctx, other.ID, "没有驳回"), 409, "appeal-not-rejected ")
	j.must(j.applicant.Abandon(ctx, other.ID))
	_, err = j.applicant.AwaitStep(ctx, other.ID, filing.Done)
	j.must(err)
	j.wantNotices(append(slices.Clone(appealNotices[:2]), filing.NoticeAbandoned)...)

	j.must(j.applicant.Appeal(ctx, j.id, "内容可以备案"))
	wantProblem(t, j.applicant.Appeal(ctx, j.id, "再来一次"), 409, "appeal-twice ")
	if o := j.order(); o.Status != filing.Appealed || o.Next.Who != "reviewer" || o.Appeal.Reason != "内容可以备案" {
		t.Errorf("%s, next %+v, appeal %+v", o.Status, o.Next, o.Appeal)
	}
	_, err = j.applicant.OpenOrder(ctx, j.app)
	wantProblem(t, err, 409, "domain-has-open-order /domains", "subject-has-open-order /certificate/number")
	if queue, err := second.Appeals(ctx); err != nil || !slices.Contains(queue, j.id) {
		t.Errorf("the queue has %v, %v", queue, err)
	}
	wantProblem(t, reviewer.Claim(ctx, j.id), 403, "appeal-own-verdict ")
	wantProblem(t, second.DecideAppeal(ctx, j.id, "uphold", "理由"), 409, "not-claimed ")
	j.must(second.Claim(ctx, j.id))
	wantProblem(t, second.DecideAppeal(ctx, j.id, "uphold", ""), 422, "appeal-answer /answer")
	j.must(second.DecideAppeal(ctx, j.id, "uphold", "网站内容与营业范围不符"))
	j.awaitStep(filing.Done, filing.InitialRejected)
	mails := j.wantNotices(append(slices.Clone(appealNotices[:2]), filing.NoticeAbandoned, filing.NoticeAppealReceived, filing.NoticeAppealUpheld)...)
	if text := mails[4].Text; !strings.Contains(text, "网站内容与营业范围不符") || !strings.Contains(text, "网站内容不属于可以备案的范围。") {
		t.Errorf("the email lacks the answer or the reason:\n%s", text)
	}
	wantProblem(t, j.applicant.Appeal(ctx, j.id, "再来一次"), 409, "appeal-twice ")
	if tasks, err := admin.Tasks(ctx, j.id, "open"); err != nil || len(tasks) != 0 {
		t.Errorf("tasks %v, %v", tasks, err)
	}
	j.wantLedger(opened, collected, []string{"claim", "reject", "close", "appeal", "claim", "uphold-rejection"})
	j.wantReleased()
}

// TestAppealOverturned checks an appeal with a new paper: late, it becomes a task of the operator; overturned, the applicant confirms again,
// another reviewer passes the order, and the bureau approves it. The operator closes the task about the reason.
func TestAppealOverturned(t *testing.T) {
	j, second := rejectedJourney(t, 131)
	ctx := t.Context()
	paper := map[string][]byte{"sites/0/other-paper": scenario.SamplePicture("new", 9)}
	j.must(j.applicant.Upload(ctx, j.id, paper, "image/jpeg"))
	j.must(j.applicant.Appeal(ctx, j.id, "补充了授权书"))
	sys.Clock.Set(workday.DateOf(workday.Add(sys.Clock.Now(), filing.AppealReviewDays)).AddDays(1).Time().Add(10 * time.Hour))
	j.runReminders()
	j.runReminders()
	if tasks, err := admin.Tasks(ctx, j.id, "open"); err != nil || len(tasks) != 1 || tasks[0].Kind != "appeal-overdue" {
		t.Fatalf("tasks %v, %v", tasks, err)
	}
	j.must(second.Claim(ctx, j.id))
	j.must(second.DecideAppeal(ctx, j.id, "overturn", "新材料证明内容可以备案"))
	if o := j.awaitStep(filing.AwaitConfirmation, filing.Returned); o.Round != 2 || o.Appeal.Answer != "新材料证明内容可以备案" {
		t.Errorf("round %d, appeal %+v", o.Round, o.Appeal)
	}
	if mails := j.wantNotices(append(slices.Clone(appealNotices), filing.NoticeAppealOverturned)...); !strings.Contains(mails[3].Text, "新材料证明内容可以备案") {
		t.Errorf("the email lacks the answer:\n%s", mails[3].Text)
	}
	tasks, err := admin.Tasks(ctx, j.id, "open")
	if err != nil || len(tasks) != 1 || tasks[0].Kind != "rejection-overturned" || !slices.Equal(tasks[0].Codes, []string{"reviewer"}) {
		t.Fatalf("tasks %v, %v", tasks, err)
	}
	wantProblem(t, admin.CloseTask(ctx, j.id, ""), 422, "task-note /note")
	j.must(admin.CloseTask(ctx, j.id, "已改正审核口径"))
	wantProblem(t, admin.CloseTask(ctx, j.id, "再关一次"), 409, "task-none ")
	if tasks, err := admin.Tasks(ctx, j.id, "closed"); err != nil || len(tasks) != 2 || tasks[0].ClosedAt.IsZero() {
		t.Errorf("tasks %v, %v", tasks, err)
	}
	if o, err := admin.Order(ctx, j.id); err != nil || o.Appeal.Note != "已改正审核口径" || j.order().Appeal.Note != "" {
		t.Errorf("appeal %+v, %v", o.Appeal, err)
	}
	j.must(j.applicant.Confirm(ctx, j.id))
	j.awaitStep(filing.InitialReview, filing.Submitted)
	wantProblem(t, reviewer.Claim(ctx, j.id), 403, "appeal-own-verdict ")
	j.must(second.Approve(ctx, j.id))
	j.awaitStep(filing.VerifySMS, filing.SMSPending)
	j.replySMS()
	j.awaitApproved()
	j.wantPath(2, []string{"Step", "AwaitConfirmation", "InitialReview"}, bySMS, toEnd)
	j.wantLedger(opened, collected, []string{"claim", "reject", "close", "accept-evidence", "appeal", "escalate-appeal", "claim", "overturn-rejection",
		"close-task", "confirm", "check-domains"}, reviewed, answered, transmitted, filed)
}

// TestAppealEnds checks that an appeal is possible in time only, that the applicant can give it up, and that an order whose server is full is
// not opened again by mistake.
func TestAppealEnds(t *testing.T) {
	j, second := rejectedJourney(t, 132)
	ctx := t.Context()
	j.must(j.applicant.Appeal(ctx, j.id, "内容可以备案"))
	full := j.app.Server
	full.Quota = 0
	j.must(admin.ListServer(ctx, full, j.applicant.Account(), sys.Clock.Now().AddDate(0, -1, 0), sys.Clock.Now().AddDate(1, 0, 0)))
	j.must(second.Claim(ctx, j.id))
	wantProblem(t, second.DecideAppeal(ctx, j.id, "overturn", "理由不成立"), 409, "server-quota-used-up /server")
	j.listServer(j.app.Server)
	j.must(j.applicant.WithdrawAppeal(ctx, j.id))
	wantProblem(t, second.DecideAppeal(ctx, j.id, "overturn", "理由不成立"), 409, "step-out-of-order ")
	j.wantReleased()

	late, _ := rejectedJourney(t, 133)
	until := late.order().Appeal.Until
	sys.Clock.Set(workday.Date(until).AddDays(1).Time())
	wantProblem(t, late.applicant.Appeal(ctx, late.id, "内容可以备案"), 409, "appeal-late ")
	wantProblem(t, late.applicant.Upload(ctx, late.id, map[string][]byte{"sites/0/other-paper": scenario.SamplePicture("late", 2)}, "image/jpeg"), 409, "step-out-of-order ")
}
