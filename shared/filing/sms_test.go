package filing_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"beian/shared/filing"
	"beian/shared/filing/filingtest"
	"beian/shared/rules/fault"
	"beian/shared/rules/province"
)

// inTianjin returns the enterprise with two leaders, moved to Tianjin, which requires the SMS verification since 2017-12-18.
func inTianjin() filingtest.Application {
	app := filingtest.EnterpriseBeijing()
	app.Opening.Province, app.Subject.Division = "12", "120101"
	return app
}

func orderWithCodes(t *testing.T, app filingtest.Application) (*filingtest.Walk, filing.Change) {
	t.Helper()
	w := filingtest.OpenAt(t, app, filingtest.December2019, filing.VerifySMS)
	return w, w.Decide(filing.Beian, filing.IssueCodes{NewCode: filingtest.SequentialCodes()})
}

func correctAnswer(w *filingtest.Walk, i int) filing.AnswerSMS {
	sent := w.Order.Private.Codes[i]
	return filing.AnswerSMS{Mobile: sent.Mobile, Code: sent.Code, CertificateTail: sent.CertificateTail}
}

func TestTwoMobiles(t *testing.T) {
	w, c := orderWithCodes(t, inTianjin())
	if len(w.Order.SMS.Codes) != 2 || len(c.Notices) != 2 || len(c.ExpectReplies) != 2 || c.Notices[1].Code != 1 {
		t.Fatalf("%d codes, notices %v", len(w.Order.SMS.Codes), c.Notices)
	}
	w.Decide(filingtest.Applicant, correctAnswer(w, 0))
	if w.Order.Step != filing.VerifySMS {
		t.Fatal("the order does not wait for the other leader")
	}
	wantError(t, w.Order, filingtest.Applicant, correctAnswer(w, 0), filing.ErrNothingToDo)
	wantFault(t, w, filingtest.Applicant, filing.ResendCode{Index: 0, NewCode: filingtest.SequentialCodes()}, fault.Invalid, filing.CodeSMSVerified)
	w.Decide(filingtest.Applicant, filing.AnswerSMS{Mobile: w.Order.Private.Codes[1].Mobile, Code: " " + w.Order.Private.Codes[1].Code, Reply: true})
	if w.Order.Step != filing.Transmit {
		t.Errorf("both leaders have answered; the order is at %s", w.Order.Step)
	}
}

func TestSharedMobile(t *testing.T) {
	app := inTianjin()
	app.Sites[0].Leader.Mobile = app.Subject.Leader.Mobile // a warning only
	w, c := orderWithCodes(t, app)
	if len(w.Order.SMS.Codes) != 1 || len(c.Notices) != 1 || len(c.ExpectReplies) != 1 || len(w.Order.SMS.Codes[0].Roles) != 2 {
		t.Fatalf("codes %+v", w.Order.SMS.Codes)
	}
	w.Decide(filingtest.Applicant, correctAnswer(w, 0))
	if w.Order.Step != filing.Transmit {
		t.Errorf("the order is at %s", w.Order.Step)
	}
}

// TestWrongCodes: five wrong answers are allowed, in the code or in the certificate's last six characters; the sixth ends the
// check. Resending the code does not reset the count.
func TestWrongCodes(t *testing.T) {
	w, _ := orderWithCodes(t, inTianjin())
	right := correctAnswer(w, 0)
	wrong := []filing.AnswerSMS{right, right, right}
	wrong[0].Code, wrong[1].CertificateTail, wrong[2].CertificateTail = "000000", "000000", ""
	for i := range filing.MaxWrongCodes {
		w.Decide(filingtest.Applicant, wrong[i%3])
		if w.Order.Step != filing.VerifySMS || !w.Order.Private.Findings.Has(filing.CodeSMSWrong) || w.Order.SMS.Codes[0].Wrong != i+1 {
			t.Fatalf("after %d wrong codes: at %s, findings %v", i+1, w.Order.Step, codesIn(w.Order.Private.Findings))
		}
	}
	w.At = w.At.Add(filing.ResendPauses[0])
	w.Decide(filingtest.Applicant, filing.ResendCode{Index: 0, NewCode: func() string { return "999999" }})
	if correctAnswer(w, 0).Code != "999999" {
		t.Error("the code was not replaced")
	}
	c := w.Decide(filingtest.Applicant, right)
	if w.Order.Step != filing.InitialReview || !w.Order.Private.Findings.Has(filing.CodeSMSTooManyWrong) || w.Order.SMS != nil || len(c.Notices) != 1 {
		t.Errorf("after the sixth wrong code: at %s, findings %v", w.Order.Step, codesIn(w.Order.Private.Findings))
	}
	w.AdvanceTo(filing.VerifySMS) // the reviewer passes it unchanged
	w.AdvanceTo(filing.Transmit)
}

func TestCorrectAfterFiveWrongCodes(t *testing.T) {
	w, _ := orderWithCodes(t, filingtest.IndividualZhejiang())
	wrong := correctAnswer(w, 0)
	wrong.Code = "000000"
	for range filing.MaxWrongCodes {
		w.Decide(filingtest.Applicant, wrong)
	}
	w.Decide(filingtest.Applicant, correctAnswer(w, 0))
	if w.Order.Step != filing.Transmit {
		t.Errorf("the order is at %s", w.Order.Step)
	}
}

func TestSMSExpiry(t *testing.T) {
	begin := func() *filingtest.Walk { w, _ := orderWithCodes(t, filingtest.IndividualZhejiang()); return w }

	w := begin()
	w.At = w.At.Add(filing.SMSHours*time.Hour - time.Second)
	w.Decide(filingtest.Applicant, correctAnswer(w, 0))
	if w.Order.Step != filing.Transmit {
		t.Errorf("in time, the order is at %s", w.Order.Step)
	}

	for name, d := range map[string]func(*filingtest.Walk) filing.Decision{
		"an answer": func(w *filingtest.Walk) filing.Decision { return correctAnswer(w, 0) },
		"a resend": func(*filingtest.Walk) filing.Decision {
			return filing.ResendCode{NewCode: filingtest.SequentialCodes()}
		},
		"the machine":  func(*filingtest.Walk) filing.Decision { return filing.Timeout{} },
		"wrong answer": func(w *filingtest.Walk) filing.Decision { a := correctAnswer(w, 0); a.Code = ""; return a },
	} {
		w := begin()
		w.At = w.At.Add(filing.SMSHours * time.Hour)
		c := w.Decide(filing.Beian, d(w))
		if w.Order.Step != filing.InitialReview || !w.Order.Private.Findings.Has(filing.CodeSMSExpired) || w.Order.Private.Codes != nil ||
			len(c.Notices) != 1 || c.Notices[0].Kind != filing.NoticeSMSLapsed {
			t.Errorf("%s, too late: %s, %v", name, w.Order.Step, codesIn(w.Order.Private.Findings))
		}
		if failed := c.Failure != nil && c.Failure.Kind == fault.Conflict && c.Failure.Findings.Has(filing.CodeSMSExpired); failed != (name != "the machine") {
			t.Errorf("%s, too late: the failure is %v", name, c.Failure)
		}
	}

	w = begin()
	w.At = w.At.Add(filing.SMSHours*time.Hour - 2*time.Minute)
	wantError(t, w.Order, filing.Beian, filing.Timeout{}, filing.ErrNothingToDo)
}

// TestSMSRepetition: an expired check starts again without a review; one that wrong codes ended does not (icp-filing 3.3).
func TestSMSRepetition(t *testing.T) {
	w, _ := orderWithCodes(t, filingtest.IndividualZhejiang())
	if _, err := w.Order.Apply(filing.RepeatSMS{}, filingtest.Applicant, w.At); fault.KindOf(err) != fault.Conflict {
		t.Errorf("during a check: %v", err)
	}
	w.At = w.At.Add(filing.SMSHours * time.Hour)
	w.Decide(filing.Beian, filing.Timeout{})
	if !w.Order.CanRepeatSMS(w.At) {
		t.Fatal("the check cannot be repeated")
	}
	w.Decide(filingtest.Applicant, filing.RepeatSMS{})
	if w.Order.Step != filing.VerifySMS || w.Order.SMS != nil || len(w.Order.Private.Findings) > 0 {
		t.Fatalf("the order is at %s with %v", w.Order.Step, codesIn(w.Order.Private.Findings))
	}
	w.Decide(filing.Beian, filing.IssueCodes{NewCode: filingtest.SequentialCodes()})
	wrong := correctAnswer(w, 0)
	wrong.Code = "000000"
	for range filing.MaxWrongCodes + 1 {
		w.Decide(filingtest.Applicant, wrong)
	}
	if w.Order.Step != filing.InitialReview || w.Order.CanRepeatSMS(w.At) {
		t.Errorf("the order is at %s", w.Order.Step)
	}
}

// TestAnswersAsTyped: an input method writes digits in full width, and the certificates of officers have Chinese characters.
func TestAnswersAsTyped(t *testing.T) {
	app := inTianjin()
	app.Sites[0].Leader.Certificate.Kind, app.Sites[0].Leader.Certificate.Number = 8, "军字第1号"
	w, _ := orderWithCodes(t, app)
	if tail := w.Order.Private.Codes[1].CertificateTail; tail != "军字第1号" {
		t.Fatalf("the tail is %q", tail)
	}
	a := correctAnswer(w, 1)
	a.Code = strings.Map(func(r rune) rune { return r - '0' + '０' }, a.Code)
	a.CertificateTail = "军字第１号"
	w.Decide(filingtest.Applicant, a)
	if w.Order.SMS.Codes[1].VerifiedAt.IsZero() {
		t.Error("the answer was wrong")
	}
}

// TestSMSAnswerWithSigns: spaces, signs and words around a code cost no try, nor does a code without six digits.
func TestSMSAnswerWithSigns(t *testing.T) {
	for _, typed := range []struct{ code, tail string }{
		{"%[1]s %[2]s", "%s"}, {"%[1]s-%[2]s。", "%s"}, {"验证码：%[1]s,%[2]s", " %s."}, {"\u202d%[1]s%[2]s\u202c", "尾号%s"}, {"%[1]s%[2]s", "330106-19900307-%s"},
	} {
		w, _ := orderWithCodes(t, filingtest.IndividualZhejiang())
		a := correctAnswer(w, 0)
		short := a
		short.Code = a.Code[:5]
		wantFault(t, w, filingtest.Applicant, short, fault.Invalid, filing.CodeSMSFormat)
		a.Code, a.CertificateTail = fmt.Sprintf(typed.code, a.Code[:3], a.Code[3:]), fmt.Sprintf(typed.tail, strings.ToLower(a.CertificateTail))
		w.Decide(filingtest.Applicant, a)
		if w.Order.Step != filing.Transmit {
			t.Errorf("%+v: the order is at %s", typed, w.Order.Step)
		}
	}
}

func TestResend(t *testing.T) {
	w, _ := orderWithCodes(t, filingtest.IndividualZhejiang())
	again := filing.ResendCode{NewCode: func() string { return "777777" }}
	wantFault(t, w, filingtest.Applicant, again, fault.TooMany, filing.CodeSMSTooSoon)
	for _, i := range []int{-1, 1} {
		wantFault(t, w, filingtest.Applicant, filing.ResendCode{Index: i}, fault.Invalid, filing.CodeSMSUnknown)
	}
	stranger := correctAnswer(w, 0)
	stranger.Mobile = "19900000099"
	wantFault(t, w, filingtest.Applicant, stranger, fault.Invalid, filing.CodeSMSUnknown)
	old, ends := correctAnswer(w, 0), w.Order.SMS.ExpiresAt
	w.At = w.At.Add(filing.ResendPauses[0])
	c := w.Decide(filingtest.Applicant, again)
	if len(c.Notices) != 1 || c.Notices[0] != (filing.Notice{Kind: filing.NoticeSMSCode}) || w.Order.SMS.ExpiresAt != ends {
		t.Errorf("notices %v", c.Notices)
	}
	wantFault(t, w, filingtest.Applicant, again, fault.TooMany, filing.CodeSMSTooSoon)
	w.Decide(filingtest.Applicant, old)
	if w.Order.SMS.Codes[0].Wrong != 1 {
		t.Error("the old code is still valid")
	}
}

// TestResendLimit: the pauses between codes to one mobile grow, and after the last one no further code is sent.
func TestResendLimit(t *testing.T) {
	w, _ := orderWithCodes(t, filingtest.IndividualZhejiang())
	again := filing.ResendCode{NewCode: func() string { return "777777" }}
	for _, pause := range filing.ResendPauses {
		w.At = w.At.Add(pause - time.Second)
		wantFault(t, w, filingtest.Applicant, again, fault.TooMany, filing.CodeSMSTooSoon)
		w.At = w.At.Add(time.Second)
		w.Decide(filingtest.Applicant, again)
	}
	w.At = w.At.Add(12 * time.Hour)
	wantFault(t, w, filingtest.Applicant, again, fault.TooMany, filing.CodeSMSTooOften)
}

// TestSMSByDate checks the first day of the verification in each province: three waves of 22 provinces until December 2019, all others
// on 2020-08-17 (icp-filing 3.3).
func TestSMSByDate(t *testing.T) {
	first := map[province.Code]string{}
	for wave, of := range map[string][]province.Code{
		"2017-12-18": {"12", "62", "63", "54", "64", "65", "46"},
		"2018-09-10": {"33", "35", "45", "50", "51", "61", "53"},
		"2018-09-24": {"14", "15", "23", "34", "37", "41", "42", "43"},
	} {
		for _, p := range of {
			first[p] = wave
		}
	}
	verified := 0
	for _, p := range province.All() {
		since, ok := first[p.Code]
		if !ok {
			since = "2020-08-17"
		}
		day, err := time.Parse(time.RFC3339, since+"T00:00:00+08:00")
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range []struct {
			at   time.Time
			step filing.Step
		}{{day.Add(-time.Second), filing.Transmit}, {day, filing.VerifySMS}, {filingtest.December2019, ""}} {
			w := filingtest.OpenAt(t, filingtest.EnterpriseBeijing(), filingtest.December2019, filing.InitialReview)
			w.Order.Province, w.At = p.Code, c.at // as if opened there
			w.Decide(filingtest.Reviewer, filing.ClaimOrder{})
			w.Decide(filingtest.Reviewer, filing.Pass{})
			switch {
			case c.step == "" && w.Order.Step == filing.VerifySMS:
				verified++
			case c.step != "" && w.Order.Step != c.step:
				t.Errorf("%s at %s: %s", p.Name.English, c.at, w.Order.Step)
			}
		}
	}
	if verified != 22 {
		t.Errorf("%d provinces required the verification in December 2019, want 22", verified)
	}
}
