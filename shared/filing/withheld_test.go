package filing_test

import (
	"fmt"
	"testing"

	"beian/shared/filing"
	"beian/shared/filing/filingtest"
)

// TestWithheld: what is known about a subject changes nothing that the applicant sees, until papers and liveness are complete. At the
// confirmation the type is determined again, with everything.
func TestWithheld(t *testing.T) {
	secrets := filing.Facts{SubjectFiled: true, SubjectBound: true, SubjectKnown: true, SubjectBlacklisted: true}
	w := filingtest.Open(t, filingtest.EnterpriseBeijing(), filingtest.December2019)
	w.Decide(filing.Beian, filing.DetermineType{Facts: w.Facts(secrets), DomainFacts: w.DomainFacts()})
	if o := w.Order; o.Type != filing.First || o.Step != filing.VerifyProduct || o.Private.Findings.Blocking() || !o.Private.Findings.Has(filing.CodeSubjectLater) {
		t.Fatalf("%s at %s with %v", o.Type, o.Step, codesIn(o.Private.Findings))
	}
	for _, code := range codesIn(w.Order.Private.Withheld) {
		if !w.Order.StaffFindings(nil).Has(code) || w.Order.Private.Findings.Has(code) {
			t.Errorf("%s is not for staff only", code)
		}
	}
	if !w.Order.Private.Withheld.Has(filing.CodeSubjectBlacklisted) || !w.Order.Private.Withheld.Has(filing.CodeSubjectBound) {
		t.Errorf("withheld %v", codesIn(w.Order.Private.Withheld))
	}
	w.AdvanceTo(filing.AwaitConfirmation)
	visit := w.Order.StepVisit
	c := w.Decide(filingtest.Applicant, filing.Confirm{Digest: w.Order.Summary().Digest})
	if outcome, moved := w.Order.Outcome(filing.AwaitConfirmation, visit); w.Order.Step != filing.VerifyType || w.Order.Type != "" || len(c.AcquireLocks) != 0 ||
		!moved || outcome.Cause != string(filing.VerifyType) {
		t.Errorf("confirmed: %s, outcome %v", w.Order.Step, outcome)
	}
	again := w.Order
	c = w.Decide(filing.Beian, filing.DetermineType{Facts: w.Facts(secrets), DomainFacts: w.DomainFacts()})
	if o := w.Order; !o.Private.Findings.Has(filing.CodeSubjectBlacklisted) || o.Step != filing.VerifyType || len(c.Notices) != 1 || len(o.Evidence) == 0 {
		t.Errorf("determined again: %s with %v", o.Step, codesIn(o.Private.Findings))
	}
	t.Run("the subject was filed at the opening only", func(t *testing.T) {
		w := &filingtest.Walk{T: t, App: w.App, At: w.At, Order: again}
		w.Decide(filing.Beian, filing.DetermineType{Facts: w.Facts(filing.Facts{}), DomainFacts: w.DomainFacts()})
		w.Decide(filingtest.Applicant, filing.Confirm{Digest: w.Order.Summary().Digest})
		if w.Order.Step != filing.InitialReview || w.Order.Private.Findings.Has(filing.CodeSubjectLater) {
			t.Errorf("at %s with %v", w.Order.Step, codesIn(w.Order.Private.Findings))
		}
	})
	t.Run("papers of one subject answer nothing about another", func(t *testing.T) {
		other := filingtest.NumberedEnterprise(3).Opening
		other.Province, other.Domains = w.App.Opening.Province, w.App.Opening.Domains
		w.Decide(filingtest.Applicant, filing.CorrectType{Opening: other, SubjectKey: "key-of-a-stranger"})
		w.Decide(filing.Beian, filing.DetermineType{Facts: w.Facts(secrets), DomainFacts: w.DomainFacts()})
		if o := w.Order; o.Type != filing.First || o.Private.Findings.Blocking() || len(o.Evidence)+len(o.LivenessPassed) != 0 || o.DetailsComplete {
			t.Errorf("%s, %d papers, %v", o.Type, len(o.Evidence), codesIn(o.Private.Findings))
		}
	})
}

// TestToBeClaimed: the applicant of a subject that the register has without an account learns it at the confirmation only, when papers and liveness
// are complete (ADR 19). The order goes on once the account has claimed the filing.
func TestToBeClaimed(t *testing.T) {
	unclaimed := filing.Facts{SubjectFiled: true, SubjectUnclaimed: true}
	w := filingtest.Open(t, filingtest.EnterpriseBeijing(), filingtest.December2019)
	w.Decide(filing.Beian, filing.DetermineType{Facts: w.Facts(unclaimed), DomainFacts: w.DomainFacts()})
	if o := w.Order; o.Type != filing.First || o.Private.Findings.Has(filing.CodeToBeClaimed) || !o.Private.Withheld.Has(filing.CodeToBeClaimed) {
		t.Fatalf("%s with %v, withheld %v", o.Type, codesIn(o.Private.Findings), codesIn(o.Private.Withheld))
	}
	w.AdvanceTo(filing.AwaitConfirmation)
	w.Decide(filingtest.Applicant, filing.Confirm{Digest: w.Order.Summary().Digest})
	w.Decide(filing.Beian, filing.DetermineType{Facts: w.Facts(unclaimed), DomainFacts: w.DomainFacts()})
	if o := w.Order; o.Step != filing.VerifyType || o.Type != "" || !o.Private.Findings.Has(filing.CodeToBeClaimed) || !o.Unsubmitted {
		t.Fatalf("%q at %s with %v", o.Type, o.Step, codesIn(o.Private.Findings))
	}
	w.Decide(filingtest.Applicant, filing.CorrectType{Opening: w.App.Opening, SubjectKey: w.Order.SubjectKey})
	w.Decide(filing.Beian, filing.DetermineType{Facts: w.Facts(filing.Facts{SubjectFiled: true, SubjectKnown: true}), DomainFacts: w.DomainFacts()})
	if o := w.Order; o.Type != filing.AddSiteOwn {
		t.Errorf("claimed: %q with %v", o.Type, codesIn(o.Private.Findings))
	}
}

// TestNothingAboutTheSubject: for every combination of facts, an applicant without papers sees the same as if nothing was known about the subject.
func TestNothingAboutTheSubject(t *testing.T) {
	seen := map[string]string{}
	for bits := range 1 << 11 {
		has := func(n int) bool { return bits&(1<<n) != 0 }
		f := filing.Facts{
			DomainBlacklisted: has(0), AccountBound: has(1), DomainFiled: has(2), SubjectUnasked: has(3),
			SubjectBlacklisted: has(4), SubjectBound: has(5), SubjectFiled: has(6), SubjectKnown: has(7) && has(5), SameSubject: has(8), OurAccess: has(9),
			SubjectUnclaimed: has(10) && !has(5) && !has(7),
		}
		w := filingtest.Open(t, filingtest.EnterpriseBeijing(), filingtest.December2019)
		c := w.Decide(filing.Beian, filing.DetermineType{Facts: w.Facts(f), DomainFacts: w.DomainFacts()})
		public := fmt.Sprint(bits & 0b1111)
		view := fmt.Sprint(w.Order.Type, w.Order.Step, w.Order.Status, w.Order.Private.Findings, c.Notices, c.Entry.Facts)
		if before, ok := seen[public]; ok && before != view {
			t.Fatalf("%+v: the applicant sees %s, and %s of another subject", f, view, before)
		}
		seen[public] = view
	}
}
