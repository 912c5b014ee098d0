package journeys_test

import (
	"errors"
	"net/http"

	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"beian/functions/api"

	"beian/infra/local/demo"
	"beian/infra/local/scenario"
	"beian/shared/filing"
)

// wrongCode returns a code that differs from the correct one.
func wrongCode(code string) string {
	return fmt.Sprintf("%c%s", '0'+(code[0]-'0'+1)%10, code[1:])
}

// certificate returns the number of the individual's certificate.
func (j *journey) certificate() string {
	paper, _ := j.app.Open["certificate"].(map[string]any)
	return fmt.Sprint(paper["number"])
}

// TestSMSByReply checks replies to the SMS in several notations.
func TestSMSByReply(t *testing.T) {
	j := journeyAt(t, 200, filing.VerifySMS)
	mobile := fmt.Sprint(j.app.Contact["mobile"])
	code := j.awaitCode(mobile)
	if err := client.ReplySMS(t.Context(), "say-"+string(j.id), mobile, "好的，收到"); !errors.Is(err, scenario.ErrReplyIgnored) {
		t.Errorf("a reply without code: %v", err)
	}
	j.must(client.ReplySMS(t.Context(), "wrong-"+string(j.id), mobile, wrongCode(code)))
	if left := j.order().SMS.Codes[0].TriesLeft; left != 5 {
		t.Errorf("%d tries left", left)
	}
	j.must(client.ReplySMS(t.Context(), "right-"+string(j.id), mobile, "您好，验证码是 "+code[:3]+" "+code[3:]))
	j.awaitApproved()
	j.wantNotices(filing.NoticeSubmitted, filing.NoticePassed, filing.NoticeTransmitted, filing.NoticeApproved)
	j.wantPath(1, toReview, bySMS, toEnd)
	l := j.wantLedger(opened, collected, reviewed, []string{"issue-codes", "answer-sms", "answer-sms"}, transmitted, filed)
	if n := len(l.Entries) - len(transmitted) - len(filed) - 3; l.Entries[n+1].Facts["wrong"] != "1" || l.Entries[n+2].Facts["wrong"] != "" {
		t.Errorf("the ledger does not distinguish the wrong answer from the correct one: %v", l.Entries[n:])
	}
}

// TestSMSOnThePage checks answers on the page, with the last characters of the certificate number.
func TestSMSOnThePage(t *testing.T) {
	j := journeyAt(t, 201, filing.VerifySMS)
	ctx := t.Context()
	mobile, tail := fmt.Sprint(j.app.Contact["mobile"]), j.certificateTail()
	code := j.awaitCode(mobile)
	wantProblem(t, j.applicant.AnswerSMS(ctx, j.id, mobile, code, "00000X"), 422, "sms-wrong /code")
	wantProblem(t, j.applicant.AnswerSMS(ctx, j.id, mobile, wrongCode(code), tail), 422, "sms-wrong /code")
	wantProblem(t, j.applicant.AnswerSMS(ctx, j.id, "18900000000", code, tail), 422, "sms-mobile-unknown /mobile")
	j.must(j.applicant.AnswerSMS(ctx, j.id, mobile[:3]+" "+mobile[3:7]+" "+mobile[7:], code, strings.ToLower(tail)))
	j.awaitApproved()
	j.wantPath(1, toReview, bySMS, toEnd)
	j.wantLedger(opened, collected, reviewed, []string{"issue-codes", "answer-sms", "answer-sms", "answer-sms"}, transmitted, filed)
}

// TestSMSOfTwoLeaders checks that each mobile gets a code and that the application waits for both.
func TestSMSOfTwoLeaders(t *testing.T) {
	app, err := demo.Application("enterprise-beijing")
	if err != nil {
		t.Fatal(err)
	}
	j := startJourney(t, app)
	j.advanceTo(filing.VerifySMS)
	mobiles := scenario.LeaderMobiles(app.Details)
	first, second := j.awaitCode(mobiles[0]), j.awaitCode(mobiles[1])
	if codes := j.order().SMS.Codes; len(codes) != 2 || !slices.Equal(codes[0].Roles, []string{"/subject/leader"}) ||
		!slices.Equal(codes[1].Roles, []string{"/sites/0/leader"}) {
		t.Fatalf("codes %+v", codes)
	}
	// A code is valid only for its mobile, and a reply counts for the sending phone.
	j.must(client.ReplySMS(t.Context(), "mixed-"+string(j.id), mobiles[1], first))
	j.must(client.ReplySMS(t.Context(), "one-"+string(j.id), mobiles[0], first))
	o := j.order()
	if o.Step != filing.VerifySMS || o.SMS.Codes[0].VerifiedAt.IsZero() || !o.SMS.Codes[1].VerifiedAt.IsZero() {
		t.Fatalf("after one answer: %s %+v", o.Step, o.SMS)
	}
	j.must(j.applicant.AnswerSMS(t.Context(), j.id, mobiles[1], second, "023420"))
	j.awaitApproved()
	if sent := j.noticesTo("+86" + mobiles[1]); len(sent) != 1 {
		t.Errorf("the site's leader got %d messages", len(sent))
	}
	j.wantNotices(filing.NoticeSubmitted, filing.NoticePassed, filing.NoticeTransmitted, filing.NoticeApproved)
	j.wantPath(1, toReview, bySMS, toEnd)
	j.wantLedger(opened, collected, reviewed, []string{"issue-codes"}, slices.Repeat([]string{"answer-sms"}, 3), transmitted, filed)
}

// TestSMSWrongSixTimes checks that six wrong codes return the application to the reviewer, whose approval issues new codes.
func TestSMSWrongSixTimes(t *testing.T) {
	j := journeyAt(t, 202, filing.VerifySMS)
	ctx := t.Context()
	mobile, tail := fmt.Sprint(j.app.Contact["mobile"]), j.certificateTail()
	old := j.awaitCode(mobile)
	for try := range filing.MaxWrongCodes {
		wantProblem(t, j.applicant.AnswerSMS(ctx, j.id, mobile, wrongCode(old), tail), 422, "sms-wrong /code")
		if left := j.order().SMS.Codes[0].TriesLeft; left != filing.MaxWrongCodes-try {
			t.Errorf("%d tries left after %d", left, try+1)
		}
	}
	wantProblem(t, j.applicant.AnswerSMS(ctx, j.id, mobile, wrongCode(old), tail), 409, "sms-too-many-wrong ")
	j.awaitStep(filing.InitialReview, filing.Submitted)
	mails := j.wantNotices(filing.NoticeSubmitted, filing.NoticePassed, filing.NoticeSMSLapsed)
	if sms := j.lastSMS(); !strings.Contains(sms.Text, "输错次数过多") || !strings.Contains(mails[2].Text, "输错次数过多") {
		t.Errorf("the messages do not mention the wrong codes: %q\n%s", sms.Text, mails[2].Text)
	}
	wantProblem(t, j.applicant.AnswerSMS(ctx, j.id, mobile, old, tail), 409, "step-out-of-order ")
	j.must(reviewer.Approve(ctx, j.id))
	j.awaitStep(filing.VerifySMS, filing.SMSPending)
	j.must(scenario.Poll(ctx, func() (bool, error) { return j.awaitCode(mobile) != old, nil }))
	j.replySMS()
	j.awaitApproved()
	j.wantNotices(filing.NoticeSubmitted, filing.NoticePassed, filing.NoticeSMSLapsed, filing.NoticePassed, filing.NoticeTransmitted, filing.NoticeApproved)
	j.wantPath(1, toReview, bySMS, []string{"Return", "Step", "InitialReview"}, bySMS, toEnd)
	j.wantLedger(opened, collected, reviewed, []string{"issue-codes"}, slices.Repeat([]string{"answer-sms"}, filing.MaxWrongCodes+1),
		reviewed, answered, transmitted, filed)
}

// TestSMSWrongReplies checks that wrong replies return the application to the reviewer too.
func TestSMSWrongReplies(t *testing.T) {
	j := journeyAt(t, 206, filing.VerifySMS)
	mobile := fmt.Sprint(j.app.Contact["mobile"])
	code := wrongCode(j.awaitCode(mobile))
	for try := range filing.MaxWrongCodes + 1 {
		j.must(client.ReplySMS(t.Context(), fmt.Sprintf("wrong-%s-%d", j.id, try), mobile, code))
	}
	j.awaitStep(filing.InitialReview, filing.Submitted)
	j.wantPath(1, toReview, bySMS, []string{"Return", "Step", "InitialReview"})
}

// TestSMSResent checks that a resent code replaces the old one, and that a resend needs a minute in between.
func TestSMSResent(t *testing.T) {
	j := journeyAt(t, 203, filing.VerifySMS)
	ctx := t.Context()
	mobile, tail := fmt.Sprint(j.app.Contact["mobile"]), j.certificateTail()
	old := j.awaitCode(mobile)
	wantProblem(t, j.applicant.ResendSMS(ctx, j.id, 0), 429, "sms-resend-too-soon ")
	wantProblem(t, j.applicant.ResendSMS(ctx, j.id, 1), 422, "sms-mobile-unknown /index")
	sys.Clock.Advance(filing.ResendPauses[0])
	j.must(j.applicant.ResendSMS(ctx, j.id, 0))
	wantProblem(t, j.applicant.ResendSMS(ctx, j.id, 0), 429, "sms-resend-too-soon ")
	j.must(scenario.Poll(ctx, func() (bool, error) { return j.awaitCode(mobile) != old, nil }))
	wantProblem(t, j.applicant.AnswerSMS(ctx, j.id, mobile, old, tail), 422, "sms-wrong /code")
	j.must(j.applicant.AnswerSMS(ctx, j.id, mobile, j.awaitCode(mobile), tail))
	j.awaitApproved()
	j.wantPath(1, toReview, bySMS, toEnd)
	j.wantLedger(opened, collected, reviewed, []string{"issue-codes", "resend-code", "answer-sms", "answer-sms"}, transmitted, filed)
}

// TestSMSExpires checks that an application without an answer for a day returns to the reviewer, and gets new codes later.
func TestSMSExpires(t *testing.T) {
	j := journeyAt(t, 204, filing.VerifySMS)
	ctx := t.Context()
	sys.Clock.Advance(filing.SMSHours*time.Hour + time.Second)
	o := j.awaitStep(filing.InitialReview, filing.Submitted)
	if got := findingPlaces(o.Findings); !slices.Equal(got, []string{"sms-expired "}) {
		t.Errorf("findings %q", got)
	}
	j.wantPath(1, toReview, bySMS, []string{"Expire", "Step", "InitialReview"})
	j.wantNotices(filing.NoticeSubmitted, filing.NoticePassed, filing.NoticeSMSLapsed)
	j.awaitMachine(filing.InitialReview) // the domains are looked up again after a day
	j.must(reviewer.Claim(ctx, j.id))
	j.must(reviewer.Review(ctx, j.id, "return", scenario.Remark{Pointer: "/subject/leader/mobile",
		Message: map[string]string{"zh-CN": "负责人手机没有收到短信，请核对号码。"}}))
	j.awaitStep(filing.CollectDetails, filing.Returned)
	j.must(j.applicant.EnterDetails(ctx, j.id, j.app.Details))
	j.must(j.applicant.Confirm(ctx, j.id))
	j.awaitMachine(filing.InitialReview)
	j.must(reviewer.Approve(ctx, j.id))
	j.awaitStep(filing.VerifySMS, filing.SMSPending)
	j.must(scenario.Poll(ctx, func() (bool, error) { return j.order().SMS != nil, nil }))
	j.must(scenario.Poll(ctx, func() (bool, error) { return len(j.sentCodes()) == 2, nil }))
	j.replySMS()
	j.awaitApproved()
	j.wantPath(1, toReview, bySMS, []string{"Expire", "Step", "InitialReview", "Return", "Step"}, statesFrom(filing.CollectDetails), bySMS, toEnd)
	j.wantLedger(opened, collected, reviewed, []string{"issue-codes", "timeout", "check-domains", "claim", "return", "enter-details", "confirm"}, reviewed, answered, transmitted, filed)
}

// TestSMSRepeats checks that the applicant starts an expired check again, without another review, and only an expired one.
func TestSMSRepeats(t *testing.T) {
	j := journeyAt(t, 9610, filing.InitialReview)
	ctx, path := t.Context(), "/orders/"+string(j.id)+"/sms-repetition"
	if err := j.applicant.Call(ctx, http.MethodPost, path, nil, nil); err == nil {
		t.Error("a check that was not started is repeated")
	}
	j.must(reviewer.Approve(ctx, j.id))
	j.awaitStep(filing.VerifySMS, filing.SMSPending)
	j.must(scenario.Poll(ctx, func() (bool, error) { return len(j.sentCodes()) == 1, nil }))
	sys.Clock.Advance(filing.SMSHours*time.Hour + time.Second)
	j.awaitStep(filing.InitialReview, filing.Submitted)
	j.must(j.applicant.Call(ctx, http.MethodPost, path, nil, nil))
	j.awaitStep(filing.VerifySMS, filing.SMSPending)
	j.must(scenario.Poll(ctx, func() (bool, error) { return len(j.sentCodes()) == 2, nil }))
	j.replySMS()
	j.awaitApproved()
}

// TestSMSByLink checks that a leader without an account answers by the link in the SMS, and what others learn from it.
func TestSMSByLink(t *testing.T) {
	j := journeyAt(t, 9611, filing.VerifySMS)
	ctx, path := t.Context(), "/sms-checks/"+string(j.id)
	j.must(scenario.Poll(ctx, func() (bool, error) { return j.order().SMS != nil, nil }))
	mobile := scenario.LeaderMobiles(j.app.Details)[0]
	var check api.SMSCheck
	visit := func(method, path string, body any) error {
		return client.CallAsVisitor(ctx, method, path, body, &check)
	}
	j.must(visit(http.MethodGet, path, nil))
	if len(check.Codes) != 1 || check.State != "waiting" || check.Codes[0].Mobile != mobile[:3]+"****"+mobile[7:] || len(check.Codes[0].Roles) != 2 || !check.Codes[0].AsksTail {
		t.Fatalf("%+v", check)
	}
	code, tail := j.awaitCode(mobile), j.certificateTail()
	wantProblem(t, visit(http.MethodGet, "/sms-checks/01ARZ3NDEKTSV4RRFFQ69G5FAV", nil), 404)
	wantProblem(t, visit(http.MethodPost, path+"/answers", map[string]any{"index": 1, "code": code, "tail": tail}), 422, "sms-mobile-unknown /index")
	wantProblem(t, visit(http.MethodPost, path+"/answers", map[string]any{"index": 0, "code": code, "tail": "000000"}), 422, "sms-wrong /code")
	wantProblem(t, visit(http.MethodPost, path+"/codes", map[string]any{"index": 0}), 429, "sms-resend-too-soon ")
	j.must(visit(http.MethodPost, path+"/answers", map[string]any{"index": 0, "code": code, "tail": tail}))
	if check.State != "done" {
		t.Errorf("%+v", check)
	}
	j.awaitApproved()
	j.must(visit(http.MethodGet, path, nil))
	if check.State != "done" {
		t.Errorf("after the approval: %+v", check)
	}
}

// certificateTail is the last six characters of the certificate number.
func (j *journey) certificateTail() string {
	number := j.certificate()
	return strings.ToUpper(number[len(number)-6:])
}
