package filing_test

import (
	"fmt"
	"testing"

	"beian/shared/filing"
	"beian/shared/filing/filingtest"
	"beian/shared/rules/finding"
)

func lockNames(locks []filing.Lock) string {
	var names []string
	for _, l := range locks {
		names = append(names, fmt.Sprintf("%s of %q", l.Kind, l.Account))
	}
	return fmt.Sprint(names)
}

// TestLocks: an order locks out other accounts only while it is submitted, and its own account from the opening to the end.
func TestLocks(t *testing.T) {
	c, err := filing.Open(filingtest.EnterpriseBeijing().OpenInput("01EXAMPLE"), filingtest.Applicant, filingtest.December2019)
	if err != nil || lockNames(c.AcquireLocks) != `[subject of "account-1" domain of "account-1"]` {
		t.Errorf("an opening acquires %s, %v", lockNames(c.AcquireLocks), err)
	}
	w := filingtest.OpenAt(t, filingtest.EnterpriseBeijing(), filingtest.December2019, filing.AwaitConfirmation)
	const submitted = `[subject of "" domain of "" subject of "account-1"]`
	c = w.Decide(filingtest.Applicant, filing.Confirm{Digest: w.Order.Summary().Digest})
	if got := lockNames(c.AcquireLocks); got != submitted || len(c.ReleaseLocks) != 0 || w.Order.Unsubmitted {
		t.Errorf("the submission acquires %s, releases %s", got, lockNames(c.ReleaseLocks))
	}
	w.Decide(filingtest.Reviewer, filing.ClaimOrder{})
	c = w.Decide(filingtest.Reviewer, filing.Return{Findings: finding.List{finding.New(filing.CodeAddressMissing, "/subject/address")}})
	if lockNames(c.AcquireLocks) != `[subject of "account-1"]` || lockNames(c.ReleaseLocks) != `[subject of "" domain of ""]` || !w.Order.Unsubmitted {
		t.Errorf("the return acquires %s, releases %s", lockNames(c.AcquireLocks), lockNames(c.ReleaseLocks))
	}
	w.Decide(filingtest.Applicant, filing.EnterDetails{Subject: w.App.Subject, Sites: w.App.Sites})
	c = w.Decide(filingtest.Applicant, filing.Confirm{Digest: w.Order.Summary().Digest})
	if got := lockNames(c.AcquireLocks); got != submitted {
		t.Errorf("the second submission acquires %s", got)
	}
}

// TestLocksOfEarlierVersions: a draft of a version that locked at the opening gives its locks back.
func TestLocksOfEarlierVersions(t *testing.T) {
	w := filingtest.Open(t, filingtest.EnterpriseBeijing(), filingtest.December2019)
	w.Order.Unsubmitted = false
	w.Decide(filing.Beian, filing.DetermineType{Facts: w.Facts(filing.Facts{DomainBlacklisted: true})})
	opening := w.App.Opening
	opening.Domains = []string{"beijing-sample.com"}
	c := w.Decide(filingtest.Applicant, filing.CorrectType{Opening: opening, SubjectKey: "another"})
	if got := lockNames(c.ReleaseLocks); got != `[subject of "account-1" domain of "account-1" subject of "" domain of ""]` || c.ReleaseLocks[3].Key != "beijing-example.com" {
		t.Errorf("the correction releases %s %v", got, c.ReleaseLocks)
	}
	c = w.Decide(filing.Beian, filing.DetermineType{Facts: w.Facts(filing.Facts{})})
	if len(c.ReleaseLocks) != 0 || !w.Order.Unsubmitted {
		t.Errorf("the next step releases %s", lockNames(c.ReleaseLocks))
	}
}
