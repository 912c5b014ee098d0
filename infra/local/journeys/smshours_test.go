package journeys_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"beian/functions/api"
	"beian/infra/local/scenario"
	"beian/shared/filing"
	"beian/shared/rules/workday"
)

// startMorning moves the clock to the next morning, so that hours of that day can be chosen.
func startMorning() {
	nine := 9
	sys.Clock.Set(filing.Daytime.Next(sys.Clock.Now().Add(time.Hour), &nine))
}

// hourFromNow returns the hour of the day, in Shanghai, that begins after a number of hours.
func hourFromNow(hours int) int {
	return sys.Clock.Now().In(workday.Shanghai).Add(time.Duration(hours) * time.Hour).Hour()
}

// awaitPlanned approves an order at the review and waits until the hour of its codes is planned.
func (j *journey) awaitPlanned() scenario.Order {
	j.t.Helper()
	j.must(reviewer.Approve(j.t.Context(), j.id))
	j.awaitStep(filing.VerifySMS, filing.SMSPending)
	j.must(scenario.Poll(j.t.Context(), func() (bool, error) { o := j.order(); return o.SMSTime != nil && !o.SMSTime.SendAt.IsZero(), nil }))
	return j.order()
}

// TestSMSHourAndReminders checks that the codes of the SMS verification (S18) are sent at the hour that the applicant chose, and that a leader who does not answer is reminded after 4, 12,
// 20 and 23 hours, once each, until the answer.
func TestSMSHourAndReminders(t *testing.T) {
	startMorning()
	j := journeyAt(t, 9970, filing.InitialReview)
	ctx := t.Context()
	var hours api.SMSHours
	j.must(j.applicant.Call(ctx, http.MethodGet, "/orders/"+string(j.id)+"/sms-hour", nil, &hours))
	if len(hours.Choices) != 13 || hours.Choices[0].Hour != nil || *hours.Choices[1].Hour != 9 {
		t.Fatalf("%+v", hours)
	}
	wantProblem(t, j.applicant.ChooseSMSHour(ctx, j.id, 24), 422, "field-value /hour")
	wantProblem(t, j.applicant.ChooseSMSHour(ctx, j.id, 23), 422, "sms-hour /hour")
	j.must(j.applicant.ChooseSMSHour(ctx, j.id, hourFromNow(5)))
	j.awaitPlanned()
	j.must(j.applicant.ChooseSMSHour(ctx, j.id, hourFromNow(3))) // it can be changed until the codes are sent
	o := j.order()
	sendAt := o.SMSTime.SendAt
	if wait := sendAt.Sub(sys.Clock.Now()); wait <= 2*time.Hour || wait > 3*time.Hour || o.Next.Who != "nobody" || !strings.Contains(o.Next.What.Chinese, sendAt.In(workday.Shanghai).Format("1月2日15:04")) {
		t.Fatalf("the codes are sent in %s; next %+v", wait, o.Next)
	}
	var check api.SMSCheck
	j.must(client.CallAsVisitor(ctx, http.MethodGet, "/sms-checks/"+string(j.id), nil, &check))
	if check.State != "planned" || !check.SendAt.Equal(sendAt) || len(check.Codes) > 0 || len(j.sentCodes()) > 0 {
		t.Errorf("%+v, %d codes", check, len(j.sentCodes()))
	}
	sys.Clock.Set(sendAt.Add(time.Second))
	j.must(scenario.Poll(ctx, func() (bool, error) { return len(j.sentCodes()) == 1, nil }))
	wantProblem(t, j.applicant.ChooseSMSHour(ctx, j.id, 10), 409, "step-out-of-order ")
	notices := []filing.NoticeKind{filing.NoticeSubmitted, filing.NoticePassed}
	for _, hours := range filing.SMSReminderHours {
		sys.Clock.Set(sendAt.Add(time.Duration(hours)*time.Hour + time.Minute))
		notices = append(notices, filing.NoticeSMSReminder)
		mails := j.wantNotices(notices...)
		if mail := mails[len(mails)-1].Text; !strings.Contains(mail, "****") || strings.Contains(mail, j.awaitCode(scenario.LeaderMobiles(j.app.Details)[0])) {
			t.Errorf("the email to the applicant: %s", mail)
		}
	}
	j.must(client.CallAsVisitor(ctx, http.MethodGet, "/sms-checks/"+string(j.id), nil, &check))
	if check.State != "waiting" || check.ExpiresAt.Before(sendAt.Add(24*time.Hour)) || check.ExpiresAt.After(sendAt.Add(24*time.Hour+time.Minute)) {
		t.Errorf("%+v", check)
	}
	j.replySMS()
	j.awaitApproved()
	j.wantNotices(append(notices, filing.NoticeTransmitted, filing.NoticeApproved)...)
	j.wantPath(1, toReview, bySMS, []string{"Return", "Step", "VerifySMS"}, toEnd)
	j.wantLedger(opened, collected, []string{"choose-sms-hour"}, reviewed, []string{"schedule-codes", "choose-sms-hour", "issue-codes"},
		slices.Repeat([]string{"remind-leaders"}, len(filing.SMSReminderHours)), []string{"answer-sms", "check-domains"}, transmitted, filed)
}

// TestSMSHourWithdrawn checks that an order that waits for the hour of its codes can be withdrawn at once, and sends no codes.
func TestSMSHourWithdrawn(t *testing.T) {
	startMorning()
	j := journeyAt(t, 9971, filing.InitialReview)
	j.must(j.applicant.ChooseSMSHour(t.Context(), j.id, hourFromNow(6)))
	j.awaitPlanned()
	j.must(j.applicant.Withdraw(t.Context(), j.id))
	j.awaitStep(filing.Done, filing.Withdrawn)
	j.wantReleased()
	sys.Clock.Advance(6 * time.Hour)
	j.wantNotices(filing.NoticeSubmitted, filing.NoticePassed, filing.NoticeWithdrawn, filing.NoticeAbandoned)
	if sent := j.sentCodes(); len(sent) > 0 {
		t.Errorf("%d codes were sent", len(sent))
	}
}

// TestSMSHourAfterExpiry checks that a check that is started again waits for the chosen hour, too.
func TestSMSHourAfterExpiry(t *testing.T) {
	j := journeyAt(t, 9972, filing.VerifySMS)
	ctx := t.Context()
	sys.Clock.Advance(filing.SMSHours*time.Hour + time.Second)
	j.awaitStep(filing.InitialReview, filing.Submitted)
	startMorning()
	j.must(j.applicant.ChooseSMSHour(ctx, j.id, hourFromNow(4)))
	j.must(j.applicant.Call(ctx, http.MethodPost, "/orders/"+string(j.id)+"/sms-repetition", nil, nil))
	j.awaitStep(filing.VerifySMS, filing.SMSPending)
	j.must(scenario.Poll(ctx, func() (bool, error) { o := j.order(); return o.SMSTime != nil && !o.SMSTime.SendAt.IsZero(), nil }))
	sys.Clock.Advance(4 * time.Hour)
	j.must(scenario.Poll(ctx, func() (bool, error) { return len(j.sentCodes()) == 2, nil }))
	j.replySMS()
	j.awaitApproved()
}
