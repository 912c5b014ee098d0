package filing_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"beian/shared/filing"
	"beian/shared/filing/filingtest"
	"beian/shared/rules/fault"
)

// hashed stands for the MD5 of a filing password.
const hashed = "0123456789abcdef0123456789abcdef"

// movingIn returns an order that adds our access to a site that is filed elsewhere, at the confirmation.
func movingIn(t *testing.T, at time.Time) *filingtest.Walk {
	w := filingtest.Open(t, filingtest.EnterpriseBeijing(), at)
	w.Decide(filing.Beian, filing.DetermineType{DomainFacts: w.DomainFacts(), Facts: w.Facts(filing.Facts{SubjectFiled: true, DomainFiled: true, SameSubject: true,
		SubjectNumber: "京ICP备2015000009号", SiteNumber: "京ICP备2015000009号-1"})})
	w.AdvanceTo(filing.VerifyProduct)
	w.Decide(filingtest.Applicant, filing.ChooseProduct{Product: filingtest.Product()})
	w.AdvanceTo(filing.AwaitConfirmation)
	if w.Order.Type != filing.AddAccessForeign {
		t.Fatalf("type %s", w.Order.Type)
	}
	return w
}

// TestFilingPassword: a new access requires the filing password until 2020-08-17. The bureau's answer sends a wrong one back; of the right one only the
// hash stays, and the register gets it (icp-filing 2.3).
func TestFilingPassword(t *testing.T) {
	w := movingIn(t, filingtest.December2019)
	if got := blockingPlaces(w.Order.PasswordFindings(w.At)); fmt.Sprint(got) != "[filing-password-missing /filingPassword]" {
		t.Errorf("findings %v", got)
	}
	wantFault(t, w, filingtest.Applicant, filing.Confirm{Digest: w.Order.Summary().Digest}, fault.Invalid, filing.CodePasswordMissing)
	wantFault(t, w, filingtest.Applicant, filing.EnterFilingPassword{}, fault.Invalid, filing.CodePasswordMissing)
	wantFault(t, w, filingtest.Applicant, filing.EnterFilingPassword{Password: "密码😀"}, fault.Invalid, filing.CodeCharacter)
	d := filing.EnterFilingPassword{Password: "Beian@2016"}
	if text := fmt.Sprintf("%v %+v %#v", d, d, d); strings.Contains(text, "2016") {
		t.Errorf("printed as %s", text)
	}
	c := w.Decide(filingtest.Applicant, d)
	if text := fmt.Sprint(c.Entry.Facts, c.Order); strings.Contains(text, "2016") {
		t.Errorf("ledger or order show the password: %s", text)
	}
	wantError(t, w.Order, filingtest.Applicant, d, filing.ErrNothingToDo)
	for verdict, code := range map[filing.PasswordVerdict]string{filing.PasswordWrong: "filing-password-wrong", filing.PasswordLocked: "filing-password-locked"} {
		back := movingIn(t, filingtest.December2019)
		back.Decide(filingtest.Applicant, d)
		back.AdvanceTo(filing.Transmit)
		c := back.Decide(filing.Beian, filing.CheckFilingPassword{Verdict: verdict})
		o := back.Order
		if o.Step != filing.AwaitConfirmation || o.Status != filing.Returned || o.Private.FilingPassword != "" || fmt.Sprint(codesIn(o.Private.Findings)) != "["+code+"]" ||
			len(c.Notices) != 1 || c.Notices[0].Kind != filing.NoticeReturned || len(o.PasswordFindings(back.At)) == 0 {
			t.Errorf("%s: at %s with %v", verdict, o.Step, codesIn(o.Private.Findings))
		}
		wantFault(t, back, filing.Beian, filing.CheckFilingPassword{Verdict: verdict}, fault.Conflict, filing.CodeStepOutOfOrder)
		back.Decide(filingtest.Applicant, filing.EnterFilingPassword{Password: "Beian@2017"})
		back.AdvanceTo(filing.Transmit)
	}
	w.AdvanceTo(filing.Transmit)
	if !w.Order.AsksBureauAboutPassword(w.At) {
		t.Error("the bureau is not asked")
	}
	w.Decide(filing.Beian, filing.CheckFilingPassword{Verdict: filing.PasswordRight, Hash: hashed})
	wantError(t, w.Order, filing.Beian, filing.CheckFilingPassword{Verdict: filing.PasswordRight, Hash: hashed}, filing.ErrNothingToDo)
	w.AdvanceTo(filing.AwaitBureau)
	w.Decide(filing.TheBureau, filing.Receive{Sequence: 1})
	c = w.Decide(filing.TheBureau, w.Approval())
	if c.Register == nil || c.Register.After.Private.FilingPassword != hashed || w.Order.Private.FilingPassword != "" {
		t.Error("the register has no hash, or the order keeps the password")
	}
	// The register's is enough, and without a day of passwords nothing is asked.
	w = movingIn(t, filingtest.December2019)
	w.Order.Private.Filed.FilingPassword = hashed
	if len(w.Order.PasswordFindings(w.At)) > 0 {
		t.Error("the password is asked for although the register has it")
	}
	w = movingIn(t, time.Date(2020, 8, 17, 1, 0, 0, 0, time.UTC))
	wantFault(t, w, filingtest.Applicant, d, fault.Conflict, filing.CodePasswordNotAsked)
	w.AdvanceTo(filing.InitialReview)
}
