package journeys_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"beian/infra/local/outbox"
	"beian/infra/local/scenario"
	"beian/shared/filing"
	"beian/shared/rules/workday"
)

const days = 24 * time.Hour

// chineseDate formats a day like the messages.
func chineseDate(t time.Time) string { return t.In(workday.Shanghai).Format("2006年1月2日") }

// wantReminder waits for the next reminder and checks its text. Only the last one goes by SMS too.
func (j *journey) wantReminder(after []filing.NoticeKind, days int, waiting string, expires time.Time) []filing.NoticeKind {
	j.t.Helper()
	after = append(slices.Clone(after), filing.NoticeIdle)
	mails := j.wantNotices(after...)
	link := fmt.Sprintf("%s/orders/%s", sys.PortalURL, j.id)
	short := fmt.Sprintf("%s/o/%s", sys.PortalURL, j.id.Link())
	order := "订单 " + string(j.id[len(j.id)-6:])
	sms := fmt.Sprintf("【示例云】订单%s的备案已等您 %d 天，现在需要您：%s。请在%s前完成，逾期失效：%s", string(j.id[len(j.id)-6:]), days, waiting, chineseDate(expires), short)
	texts := slices.DeleteFunc(j.noticesTo(j.phone()), func(m outbox.Message) bool { return kindOf(m) != filing.NoticeIdle })
	if last := days == slices.Max(filing.ReminderDays); !last && len(texts) > 0 {
		j.t.Errorf("a reminder after %d days by SMS", days)
	} else if last && (len(texts) == 0 || texts[len(texts)-1].Text != sms) {
		j.t.Errorf("the SMS are\n%v, want\n%q", texts, sms)
	}
	mail := mails[len(mails)-1]
	if subject := fmt.Sprintf("%s 的备案等您继续，%s到期", order, chineseDate(expires)); mail.Subject != subject {
		j.t.Errorf("the subject is %q, want %q", mail.Subject, subject)
	}
	for _, part := range []string{fmt.Sprintf("已经等了您 %d 天", days), "现在需要您：" + waiting + "。", link} {
		if !strings.Contains(mail.Text, part) {
			j.t.Errorf("the email lacks %q:\n%s", part, mail.Text)
		}
	}
	return after
}

// TestIdle checks that an idle applicant gets three reminders, that the application then expires, and that everything it reserved
// is released.
func TestIdle(t *testing.T) {
	j := journeyAt(t, 500, filing.CollectEvidence)
	j.wantPath(1, toReview[:5])
	since := sys.Clock.Now()
	expires := since.Add(filing.MaxIdleDays * days)
	var notices []filing.NoticeKind
	for _, day := range filing.ReminderDays {
		sys.Clock.Set(reminderAfter(since, day))
		notices = j.wantReminder(notices, day, "上传材料", expires)
	}
	sys.Clock.Set(since.Add(44 * days))
	j.runReminders()
	if o := j.order(); o.Step != filing.CollectEvidence {
		t.Fatalf("at %s too early", o.Step)
	}
	sys.Clock.Set(since.Add(filing.MaxIdleDays*days + time.Hour))
	j.awaitStep(filing.Done, filing.Expired)
	j.wantNotices(append(notices, filing.NoticeExpired)...)
	wantProblem(t, j.applicant.UploadMissing(t.Context(), j.id, scenario.SamplePicture("late", 1)), 409, "step-out-of-order ")
	l, err := reviewer.Ledger(t.Context(), j.id)
	j.must(err)
	entries := withoutContact(l.Decisions())
	if !l.Verified || !slices.Equal(entries[4:7], []string{"remind", "remind", "remind"}) || entries[len(entries)-1] != "close" || len(entries) != 9 {
		t.Errorf("ledger %v", entries)
	}
	var got []string
	j.must(scenario.Poll(t.Context(), func() (bool, error) { // the execution ends after the order
		got, err = sys.Path(t.Context(), j.id, 1)
		return len(got) > 6 && got[len(got)-1] == "Closed", err
	}))
	if !slices.Equal(got[:5], toReview[:5]) || got[5] != "Expire" {
		t.Errorf("path %v", got)
	}
	j.wantReleased()
}

// reminderAfter returns a time just after the reminder of an idle day is sent.
func reminderAfter(since time.Time, day int) time.Time {
	return filing.ReminderTime(since.AddDate(0, 0, day)).Add(time.Minute)
}

// runReminders runs the function. A second run changes nothing.
func (j *journey) runReminders() {
	j.t.Helper()
	_, err := sys.Functions.Invoke(j.t.Context(), "reminders", []byte("{}"))
	j.must(err)
}

// TestIdleEndsByActing checks that each action of the applicant restarts the period of idleness.
func TestIdleEndsByActing(t *testing.T) {
	j := journeyAt(t, 501, filing.CollectDetails)
	ctx := t.Context()
	since := sys.Clock.Now()
	sys.Clock.Set(reminderAfter(since, 7))
	notices := j.wantReminder(nil, 7, "填写主体和网站信息", since.Add(filing.MaxIdleDays*days))
	sys.Clock.Set(since.Add(14 * days))
	j.must(j.applicant.EnterDetails(ctx, j.id, j.app.Details))
	since = sys.Clock.Now()
	sys.Clock.Set(since.Add(6 * days))
	j.runReminders()
	j.runReminders()
	j.wantNotices(notices...)
	sys.Clock.Set(reminderAfter(since, 7))
	notices = j.wantReminder(notices, 7, "上传材料", since.Add(filing.MaxIdleDays*days))
	sys.Clock.Set(since.Add(40 * days)) // only the reminder of day 30 is sent; that of day 15 was missed
	notices = j.wantReminder(notices, 30, "上传材料", since.Add(filing.MaxIdleDays*days))
	// The last action was just before the deadline, so the execution has not timed out.
	j.must(j.applicant.UploadMissing(ctx, j.id, scenario.SamplePicture("paper", 1)))
	j.must(j.applicant.PassLiveness(ctx, j.id, 0))
	sys.Clock.Set(since.Add(46 * days))
	j.runReminders()
	j.must(j.applicant.Confirm(ctx, j.id))
	j.awaitStep(filing.InitialReview, filing.Submitted)
	j.wantNotices(append(notices, filing.NoticeSubmitted)...)
	j.wantPath(1, toReview)
	j.must(j.applicant.Withdraw(ctx, j.id))
}

// TestIdleAfterSubmission checks that an application expires if the originals are not mailed, or if a refusal is not corrected.
func TestIdleAfterSubmission(t *testing.T) {
	mail := journeyAt(t, 502, filing.MailDocuments)
	mailNotices := []filing.NoticeKind{filing.NoticeSubmitted, filing.NoticePapersAsked}
	mail.wantNotices(mailNotices...)
	bad := journeyAt(t, 503, filing.VerifySMS)
	bad.refuseByBureau()
	bad.replySMS()
	bad.awaitStep(filing.Done, filing.BureauRejected)
	refusalNotices := append(slices.Clone(noticesToBureau), filing.NoticeRefused)
	bad.wantNotices(refusalNotices...)
	since := sys.Clock.Now()
	sys.Clock.Set(reminderAfter(since, 15))
	mail.wantNotices(append(mailNotices, filing.NoticeIdle)...)
	bad.wantNotices(append(refusalNotices, filing.NoticeIdle)...)
	sys.Clock.Set(since.Add(45*days + 13*time.Hour)) // in daytime, or after the next morning
	for _, j := range []*journey{mail, bad} {
		j.awaitStep(filing.Done, filing.Expired)
		wantProblem(t, j.applicant.Resubmit(t.Context(), j.id), 409, "step-out-of-order ")
	}
	mail.wantNotices(append(mailNotices, filing.NoticeIdle, filing.NoticeExpired)...)
	bad.wantNotices(append(refusalNotices, filing.NoticeIdle, filing.NoticeExpired)...)
	bad.wantPath(2, []string{"Step", "Expire", "Step", "Closed"})
	mail.wantReleased()
	bad.wantReleased()
}
