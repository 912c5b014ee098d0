package filing_test

import (
	"errors"
	"testing"

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
		if o.Step != before.Step || o.Status != before.Status || o.StepVisit != before.StepVisit || c.ResumeExecution || len(c.Notices) != 0 {
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
