package filing_test

import (
	"testing"
	"time"

	"beian/shared/filing"
	"beian/shared/filing/filingtest"
	"beian/shared/rules/domainfacts"
)

// TestRecordPage: a site that is open before its approval warns the applicant once, and everybody who reads the order until it is closed again.
func TestRecordPage(t *testing.T) {
	w := filingtest.OpenAt(t, filingtest.EnterpriseBeijing(), filingtest.December2019, filing.AwaitConfirmation)
	domain := w.Order.Domains[0]
	nothing := func(d filing.RecordPage) {
		t.Helper()
		if _, err := w.Order.Apply(d, filing.Beian, w.At); err != filing.ErrNothingToDo {
			t.Errorf("%+v at %s: %v", d, w.Order.Step, err)
		}
	}
	opened, closed := filing.RecordPage{Domain: domain, Open: true}, filing.RecordPage{Domain: domain}
	nothing(opened) // it is not submitted
	w.AdvanceTo(filing.InitialReview)
	nothing(closed)
	nothing(filing.RecordPage{Domain: "other-example.cn", Open: true})

	step, before := w.Order.Step, w.Order.StaffFindings(nil)
	c := w.Decide(filing.Beian, opened)
	if len(c.Notices) != 1 || c.Notices[0].Kind != filing.NoticeSiteOpen || w.Order.Step != step || c.ResumeExecution {
		t.Errorf("at %s, notices %v", w.Order.Step, c.Notices)
	}
	if found := w.Order.PageFindings(); len(found) != 1 || found[0].Code != domainfacts.CodeHasPage || found[0].Pointer != "/sites/0/domains/0" ||
		len(w.Order.StaffFindings(nil)) != len(before)+1 {
		t.Errorf("findings %v", found)
	}
	nothing(opened)
	w.AdvanceTo(filing.AwaitBureau)
	nothing(opened)
	if !w.Order.PageFindings().Has(domainfacts.CodeHasPage) {
		t.Error("the warning ended with the review")
	}
	if c := w.Decide(filing.Beian, closed); len(c.Notices) != 0 || len(w.Order.PageFindings()) != 0 {
		t.Errorf("notices %v", c.Notices)
	}
	w.At = w.At.Add(24 * time.Hour)
	if c := w.Decide(filing.Beian, opened); len(c.Notices) != 1 {
		t.Errorf("notices %v", c.Notices)
	}
	w.AdvanceTo(filing.Done)
	nothing(closed)
	if len(w.Order.PageFindings()) != 0 {
		t.Error("an approved site must be closed")
	}
}
