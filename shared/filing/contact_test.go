package filing_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"beian/shared/filing"
	"beian/shared/filing/filingtest"
	"beian/shared/rules/contact"
	"beian/shared/rules/fault"
	"beian/shared/rules/finding"
)

// TestContactIsChanged: a mistyped mobile or email address, or the wrong language, is corrected at every step, also after the approval, and
// changes nothing else. Complaint: "I never got a message; one digit of my number was wrong".
func TestContactIsChanged(t *testing.T) {
	for _, step := range []filing.Step{filing.VerifyType, filing.CollectDetails, filing.InitialReview, filing.VerifySMS, filing.AwaitBureau, filing.Done} {
		w := filingtest.OpenAt(t, zhejiang(), filingtest.December2019, step)
		before := w.Order
		c := w.Decide(filingtest.Applicant, filing.ChangeContact{Contact: filing.Contact{Mobile: "+86 199-0000-0099"}, Language: "en"})
		o := w.Order
		if o.Private.Contact.Mobile != "19900000099" || o.Private.Contact.Email != before.Private.Contact.Email || o.Language != "en" {
			t.Errorf("at %s: contact or language is wrong", step)
		}
		if o.Step != before.Step || o.Status != before.Status || o.StepVisit != before.StepVisit || c.ResumeExecution {
			t.Errorf("at %s: the order moved to %s", step, o.Step)
		}
		if o.Confirmation != nil && o.Summary().Digest != o.Confirmation.Digest {
			t.Errorf("at %s: the confirmed summary changed", step)
		}
		if _, err := o.Apply(filing.ChangeContact{Contact: o.Private.Contact}, filingtest.Applicant, w.At); !errors.Is(err, filing.ErrNothingToDo) {
			t.Errorf("the same contact again: %v", err)
		}
	}
}

func TestWrongContact(t *testing.T) {
	w := filingtest.OpenAt(t, zhejiang(), filingtest.December2019, filing.CollectDetails)
	for _, tc := range []struct {
		change  filing.ChangeContact
		code    finding.Code
		pointer string
	}{
		{filing.ChangeContact{Contact: filing.Contact{Mobile: "12"}}, contact.MobileFormat, "/mobile"},
		{filing.ChangeContact{Contact: filing.Contact{Email: "nobody"}}, contact.EmailFormat, "/email"},
		{filing.ChangeContact{Language: "fr"}, filing.CodeLanguageUnknown, "/language"},
	} {
		_, err := w.Order.Apply(tc.change, filingtest.Applicant, w.At)
		if found := fault.Of(err).Findings; len(found) != 1 || found[0].Code != tc.code || found[0].Pointer != tc.pointer {
			t.Errorf("%s: %v", tc.code, found)
		}
	}
	w.Decide(filingtest.Applicant, filing.AskToClose{As: filing.ClosingAbandon})
	w.Decide(filing.Beian, filing.Close{})
	if _, err := w.Order.Apply(filing.ChangeContact{Language: "en"}, filingtest.Applicant, w.At); fault.KindOf(err) != fault.Conflict {
		t.Errorf("of an abandoned order: %v", err)
	}
}

// openWith opens an order whose contact has these verified addresses.
func openWith(t *testing.T, verified filing.Contact) *filingtest.Walk {
	w := &filingtest.Walk{T: t, App: zhejiang(), At: filingtest.December2019}
	in := w.App.OpenInput("01EXAMPLE")
	in.Verified = verified
	w.ContinueWith(filing.Open(in, filingtest.Applicant, w.At))
	return w
}

// TestContactIsVerified: the summary cannot be confirmed until both channels of the contact are verified. A code is valid for half an hour
// and for five wrong tries.
func TestContactIsVerified(t *testing.T) {
	w := openWith(t, filing.Contact{Mobile: zhejiang().Contact.Mobile, Email: "of-another@example.com"})
	email := filing.SendContactCode{Channel: filing.ChannelEmail, NewCode: filingtest.SequentialCodes()}
	answer := filing.AnswerContactCode{Channel: filing.ChannelEmail, Code: "100001"}
	wantFault(t, w, filingtest.Applicant, answer, fault.Conflict, filing.CodeContactCodeExpired)
	w.AdvanceTo(filing.AwaitConfirmation)
	wantFault(t, w, filingtest.Applicant, filing.Confirm{Digest: w.Order.Summary().Digest}, fault.Invalid, filing.CodeContactUnverified)
	c := w.Decide(filingtest.Applicant, email)
	if len(c.Notices) != 1 || c.Notices[0] != (filing.Notice{Kind: filing.NoticeContactCode, Channel: filing.ChannelEmail, Code: c.Entry.Seq}) {
		t.Errorf("notices %v", c.Notices)
	}
	for range filing.MaxWrongCodes + 1 {
		c = w.Decide(filingtest.Applicant, filing.AnswerContactCode{Channel: filing.ChannelEmail, Code: "999999"})
	}
	if len(c.Notices) != 0 || c.Failure == nil || c.Failure.Findings[0].Code != filing.CodeContactCodeExpired {
		t.Errorf("after the last try: %v", c.Failure)
	}
	wantFault(t, w, filingtest.Applicant, answer, fault.Conflict, filing.CodeContactCodeExpired)
	w.At = w.At.Add(filing.ResendPauses[0])
	w.Decide(filingtest.Applicant, email)
	if c = w.Decide(filingtest.Applicant, answer); c.Failure == nil || c.Failure.Findings[0].Code != filing.CodeContactCodeWrong {
		t.Errorf("the former code: %v", c.Failure)
	}
	w.At = w.At.Add(filing.ContactCodeLifetime)
	answer.Code = "１００ ００２"
	wantFault(t, w, filingtest.Applicant, answer, fault.Conflict, filing.CodeContactCodeExpired)
	w.Decide(filingtest.Applicant, email)
	answer.Code = "验证码 100003"
	c = w.Decide(filingtest.Applicant, answer)
	if c.RememberContact != (filing.Contact{Email: w.Order.Private.Contact.Email}) || w.Order.Private.Verified != w.Order.Private.Contact {
		t.Error("the email address is not verified")
	}
	for _, again := range []filing.Decision{email, answer} {
		if _, err := w.Order.Apply(again, filingtest.Applicant, w.At); !errors.Is(err, filing.ErrNothingToDo) {
			t.Errorf("%s again: %v", again.Name(), err)
		}
	}
	w.AdvanceTo(filing.InitialReview)
}

// TestContactCodeLimits: codes to one address have growing pauses and an end, and an order sends codes to few addresses a day.
func TestContactCodeLimits(t *testing.T) {
	w := openWith(t, filing.Contact{})
	send := filing.SendContactCode{Channel: filing.ChannelMobile, NewCode: filingtest.SequentialCodes()}
	w.Decide(filingtest.Applicant, send)
	for _, pause := range filing.ResendPauses {
		w.At = w.At.Add(pause - 1e6)
		wantFault(t, w, filingtest.Applicant, send, fault.TooMany, filing.CodeContactCodeTooSoon)
		w.At = w.At.Add(1e6)
		w.Decide(filingtest.Applicant, send)
	}
	w.At = w.At.Add(12 * time.Hour)
	wantFault(t, w, filingtest.Applicant, send, fault.TooMany, filing.CodeContactCodeTooOften)
	for i := range filing.MaxContactAddresses {
		mobile := contact.Mobile(fmt.Sprintf("1990000009%d", i))
		if c := w.Decide(filingtest.Applicant, filing.ChangeContact{Contact: filing.Contact{Mobile: mobile}}); len(c.Notices) != 0 {
			t.Errorf("notices %v to an address that is not verified", c.Notices)
		}
		if i < filing.MaxContactAddresses-1 {
			w.Decide(filingtest.Applicant, send)
		}
	}
	wantFault(t, w, filingtest.Applicant, send, fault.TooMany, filing.CodeContactAddresses)
	w.At = w.At.Add(24 * time.Hour)
	w.Decide(filingtest.Applicant, send)
}

// TestFormerContactIsInformed: messages go to the verified address until the new one is verified, and it is informed of the change.
func TestFormerContactIsInformed(t *testing.T) {
	w := filingtest.OpenAt(t, zhejiang(), filingtest.December2019, filing.InitialReview)
	former := w.Order.Private.Contact
	change := func(mobile contact.Mobile) filing.ChangeContact {
		return filing.ChangeContact{Contact: filing.Contact{Mobile: mobile}}
	}
	for i := range filing.MaxContactChanges {
		c := w.Decide(filingtest.Applicant, change(contact.Mobile(fmt.Sprintf("1990000009%d", i))))
		if len(c.Notices) != 1 || c.Notices[0] != (filing.Notice{Kind: filing.NoticeContactChanged, Former: i}) || w.Order.Private.Former[i].Contact != former {
			t.Errorf("change %d: notices %v", i, c.Notices)
		}
		if w.Order.Private.Verified != former || w.Order.Verified(filing.ChannelMobile) || !w.Order.ContactFindings().Has(filing.CodeContactUnverified) {
			t.Error("the former address is not in use any more")
		}
	}
	wantFault(t, w, filingtest.Applicant, change("19900000098"), fault.TooMany, filing.CodeContactChangedOften)
	if c := w.Decide(filingtest.Applicant, change(former.Mobile)); len(c.Notices) != 0 || !w.Order.Verified(filing.ChannelMobile) {
		t.Errorf("back to the former address: notices %v", c.Notices)
	}
	w.At = w.At.Add(24 * time.Hour)
	verified := change("+86 199 0000 0098")
	verified.Verified.Mobile = "19900000098" // by the identity provider
	if c := w.Decide(filingtest.Applicant, verified); len(c.Notices) != 1 || w.Order.Private.Verified.Mobile != "19900000098" {
		t.Errorf("notices %v", c.Notices)
	}
}
