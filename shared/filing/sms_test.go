package filing_test

import (
	"testing"
	"time"

	"beian/shared/filing"
	"beian/shared/filing/filingtest"
	"beian/shared/rules/fault"
	"beian/shared/rules/province"
)

// inTianjin moves the enterprise with its two leaders to Tianjin, where the SMS verification has been since 2017-12-18.
func inTianjin() filingtest.Application {
	app := filingtest.EnterpriseBeijing()
	app.Opening.Province, app.Subject.Division = "12", "120101"
	return app
}

func verifying(t *testing.T, app filingtest.Application) (*filingtest.Walk, filing.Change) {
	t.Helper()
	w := filingtest.To(t, app, filingtest.Christmas, filing.VerifySMS)
	return w, w.Do(filing.Beian, filing.IssueCodes{Draw: filingtest.Draw()})
}

func answer(w *filingtest.Walk, i int) filing.AnswerSMS {
	sent := w.Order.Private.Codes[i]
	return filing.AnswerSMS{Mobile: sent.Mobile, Code: sent.Code, Tail: sent.Tail}
}

func TestTwoLeadersWithTwoMobiles(t *testing.T) {
	w, c := verifying(t, inTianjin())
	if len(w.Order.SMS.Codes) != 2 || len(c.Notices) != 2 || len(c.Replies) != 2 || c.Notices[1].Code != 1 {
		t.Fatalf("%d codes, notices %v", len(w.Order.SMS.Codes), c.Notices)
	}
	w.Do(filingtest.Applicant, answer(w, 0))
	if w.Order.Step != filing.VerifySMS {
		t.Fatal("the other leader is not waited for")
	}
	wantError(t, w.Order, filingtest.Applicant, answer(w, 0), filing.ErrNothingToDo)
	wantFault(t, w, filingtest.Applicant, filing.ResendCode{Index: 0, Draw: filingtest.Draw()}, fault.Invalid, filing.CodeSMSVerified)
	w.Do(filingtest.Applicant, filing.AnswerSMS{Mobile: w.Order.Private.Codes[1].Mobile, Code: " " + w.Order.Private.Codes[1].Code, Reply: true})
	if w.Order.Step != filing.Transmit {
		t.Errorf("both have answered and the order is at %s", w.Order.Step)
	}
}

func TestSharedMobile(t *testing.T) {
	app := inTianjin()
	app.Sites[0].Leader.Mobile = app.Subject.Leader.Mobile // a warning only
	w, c := verifying(t, app)
	if len(w.Order.SMS.Codes) != 1 || len(c.Notices) != 1 || len(c.Replies) != 1 || len(w.Order.SMS.Codes[0].Roles) != 2 {
		t.Fatalf("codes %+v", w.Order.SMS.Codes)
	}
	w.Do(filingtest.Applicant, answer(w, 0))
	if w.Order.Step != filing.Transmit {
		t.Errorf("the order is at %s", w.Order.Step)
	}
}

// TestWrongCodes: five wrong answers are allowed, in the code or in the certificate's last six characters; the sixth ends the
// check. Resending the code does not reset the count.
func TestWrongCodes(t *testing.T) {
	w, _ := verifying(t, inTianjin())
	right := answer(w, 0)
	wrong := []filing.AnswerSMS{right, right, right}
	wrong[0].Code, wrong[1].Tail, wrong[2].Code = "000000", "000000", ""
	for i := range filing.WrongLimit {
		w.Do(filingtest.Applicant, wrong[i%3])
		if w.Order.Step != filing.VerifySMS || !w.Order.Private.Findings.Has(filing.CodeSMSWrong) || w.Order.SMS.Codes[0].Wrong != i+1 {
			t.Fatalf("after %d: %s, %v", i+1, w.Order.Step, codes(w.Order.Private.Findings))
		}
	}
	w.At = w.At.Add(filing.ResendGap)
	w.Do(filingtest.Applicant, filing.ResendCode{Index: 0, Draw: func() string { return "999999" }})
	if answer(w, 0).Code != "999999" {
		t.Error("the code is the old one")
	}
	c := w.Do(filingtest.Applicant, right)
	if w.Order.Step != filing.InitialReview || !w.Order.Private.Findings.Has(filing.CodeSMSTooWrong) || w.Order.SMS != nil || len(c.Notices) != 1 {
		t.Errorf("after the sixth: %s, %v", w.Order.Step, codes(w.Order.Private.Findings))
	}
	w.To(filing.VerifySMS) // the reviewer passes it unchanged
	w.To(filing.Transmit)
}

func TestSixthCodeIsRight(t *testing.T) {
	w, _ := verifying(t, filingtest.IndividualZhejiang())
	wrong := answer(w, 0)
	wrong.Code = "000000"
	for range filing.WrongLimit {
		w.Do(filingtest.Applicant, wrong)
	}
	w.Do(filingtest.Applicant, answer(w, 0))
	if w.Order.Step != filing.Transmit {
		t.Errorf("the order is at %s", w.Order.Step)
	}
}

func TestSMSTime(t *testing.T) {
	begin := func() *filingtest.Walk { w, _ := verifying(t, filingtest.IndividualZhejiang()); return w }

	w := begin()
	w.At = w.At.Add(filing.SMSHours*time.Hour - time.Second)
	w.Do(filingtest.Applicant, answer(w, 0))
	if w.Order.Step != filing.Transmit {
		t.Errorf("in time, the order is at %s", w.Order.Step)
	}

	for name, d := range map[string]func(*filingtest.Walk) filing.Decision{
		"an answer":    func(w *filingtest.Walk) filing.Decision { return answer(w, 0) },
		"a resend":     func(*filingtest.Walk) filing.Decision { return filing.ResendCode{Draw: filingtest.Draw()} },
		"the machine":  func(*filingtest.Walk) filing.Decision { return filing.Timeout{} },
		"wrong answer": func(w *filingtest.Walk) filing.Decision { a := answer(w, 0); a.Code = ""; return a },
	} {
		w := begin()
		w.At = w.At.Add(filing.SMSHours * time.Hour)
		c := w.Do(filing.Beian, d(w))
		if w.Order.Step != filing.InitialReview || !w.Order.Private.Findings.Has(filing.CodeSMSExpired) || w.Order.Private.Codes != nil ||
			len(c.Notices) != 1 || c.Notices[0].Kind != filing.NoticeSMSLapsed {
			t.Errorf("%s, too late: %s, %v", name, w.Order.Step, codes(w.Order.Private.Findings))
		}
	}

	w = begin()
	w.At = w.At.Add(filing.SMSHours*time.Hour - 2*time.Minute)
	wantError(t, w.Order, filing.Beian, filing.Timeout{}, filing.ErrNothingToDo)
}

func TestResend(t *testing.T) {
	w, _ := verifying(t, filingtest.IndividualZhejiang())
	again := filing.ResendCode{Draw: func() string { return "777777" }}
	wantFault(t, w, filingtest.Applicant, again, fault.TooMany, filing.CodeSMSTooSoon)
	for _, i := range []int{-1, 1} {
		wantFault(t, w, filingtest.Applicant, filing.ResendCode{Index: i}, fault.Invalid, filing.CodeSMSUnknown)
	}
	stranger := answer(w, 0)
	stranger.Mobile = "19900000099"
	wantFault(t, w, filingtest.Applicant, stranger, fault.Invalid, filing.CodeSMSUnknown)
	old, ends := answer(w, 0), w.Order.SMS.ExpiresAt
	w.At = w.At.Add(filing.ResendGap)
	c := w.Do(filingtest.Applicant, again)
	if len(c.Notices) != 1 || c.Notices[0] != (filing.Notice{Kind: filing.NoticeSMSCode}) || w.Order.SMS.ExpiresAt != ends {
		t.Errorf("notices %v", c.Notices)
	}
	wantFault(t, w, filingtest.Applicant, again, fault.TooMany, filing.CodeSMSTooSoon)
	w.Do(filingtest.Applicant, old)
	if w.Order.SMS.Codes[0].Wrong != 1 {
		t.Error("the old code still holds")
	}
}

// TestSMSByDate goes through all provinces: the 22 of S18 in December 2019, in three waves, everywhere since
// 2020-08-17 (icp-filing 3.3).
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
		}{{day.Add(-time.Second), filing.Transmit}, {day, filing.VerifySMS}, {filingtest.Christmas, ""}} {
			w := filingtest.To(t, filingtest.EnterpriseBeijing(), filingtest.Christmas, filing.InitialReview)
			w.Order.Province, w.At = p.Code, c.at // as if opened there
			w.Do(filingtest.Reviewer, filing.TakeClaim{})
			w.Do(filingtest.Reviewer, filing.Pass{})
			switch {
			case c.step == "" && w.Order.Step == filing.VerifySMS:
				verified++
			case c.step != "" && w.Order.Step != c.step:
				t.Errorf("%s at %s: %s", p.Name.English, c.at, w.Order.Step)
			}
		}
	}
	if verified != 22 {
		t.Errorf("%d provinces had the verification in December 2019", verified)
	}
}
