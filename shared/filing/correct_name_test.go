package filing_test

import (
	"slices"
	"testing"
	"time"

	"beian/shared/filing"
	"beian/shared/filing/filingtest"
	"beian/shared/rules/evidence"
	"beian/shared/rules/finding"
	"beian/shared/rules/person"
	"beian/shared/rules/sitename"
)

// stepsWithDetails are the steps at which details can be entered.
var stepsWithDetails = []filing.Step{filing.CollectDetails, filing.CollectEvidence, filing.VerifyAuthenticity, filing.AwaitConfirmation}

// TestNameIsCorrectedAtEachStep: a mistyped name ("有限责任公司") is corrected at each step at which details can be entered, and the order goes
// on to the reviewer with the new name. Complaint: "one wrong character in the name, and I have to start again".
func TestNameIsCorrectedAtEachStep(t *testing.T) {
	for _, step := range stepsWithDetails {
		for _, app := range []func() filingtest.Application{beijing, zhejiang} {
			w := filingtest.OpenAt(t, app(), filingtest.December2019, step)
			domains, typ := slices.Clone(w.Order.Domains), w.Order.Type
			w.At = w.At.Add(time.Hour)
			w.App.Subject.Name += "新"
			c := w.Decide(filingtest.Applicant, filing.EnterDetails{Subject: w.App.Subject, Sites: w.App.Sites})
			if c.Entry.Facts["corrected"] != "name" || len(c.AcquireLocks)+len(c.ReleaseLocks) != 0 {
				t.Errorf("at %s: facts %v, locks %v %v", step, c.Entry.Facts, c.AcquireLocks, c.ReleaseLocks)
			}
			w.AdvanceTo(filing.InitialReview)
			o := w.Order
			if o.Private.Subject.Name != w.App.Subject.Name || o.Type != typ || o.Provisional || !slices.Equal(o.Domains, domains) ||
				o.Summary().Digest != o.Confirmation.Digest {
				t.Errorf("at %s: type %s, domains %v", step, o.Type, o.Domains)
			}
		}
	}
}

// TestCorrectedNameOfIndividual: the leaders and the investor, who are the same person, get the corrected name, and the liveness check
// is made again. Pictures of the identity card stay, because they show the registered name.
func TestCorrectedNameOfIndividual(t *testing.T) {
	w := filingtest.OpenAt(t, zhejiang(), filingtest.December2019, filing.AwaitConfirmation)
	open := w.IssueChallenge(0)
	a := w.App
	a.Subject.Name = "示例秉"
	w.Decide(filingtest.Applicant, filing.EnterDetails{Subject: a.Subject, Sites: a.Sites})
	o := w.Order
	if o.Private.Subject.Leader.Name != "示例秉" || o.Private.Sites[0].Leader.Name != "示例秉" || o.Private.Subject.Investor != "示例秉" {
		t.Error("a leader or the investor has the name before the correction")
	}
	if !o.LivenessPassed[0].Dropped || o.Step != filing.CollectEvidence {
		t.Error("the liveness check of the name before is kept")
	}
	if _, err := w.Order.OpenChallenge(open.ID, w.At); err == nil {
		t.Error("a challenge that was issued for the name before can be answered")
	}
	if _, kept := o.Evidence[evidence.Slot(evidence.SubjectCertificateFront)]; !kept {
		t.Error("the identity card has to be uploaded again")
	}
	if o.Step != filing.CollectEvidence {
		t.Errorf("at %s, want the step at which the verification form is uploaded again", o.Step)
	}
}

// TestPapersAfterCorrectionOfName: papers that are written in the subject's name are uploaded again, also those that were optional;
// documents of an authority and pictures of the leaders stay.
func TestPapersAfterCorrectionOfName(t *testing.T) {
	w := filingtest.OpenAt(t, jiangsu(), later, filing.CollectEvidence)
	all := w.RequiredEvidence()
	for _, slot := range []evidence.Slot{evidence.SiteSlot(0, evidence.DomainCertificate), evidence.SiteSlot(1, evidence.PreApprovalStatement)} {
		all[slot] = filingtest.Evidence(slot)
	}
	w.Decide(filingtest.Applicant, filing.AcceptEvidence{Accepted: all})
	w.AdvanceTo(filing.AwaitConfirmation)
	before := w.Order.Evidence
	w.App.Subject.Name = "南京样列家居有限公司"
	w.Decide(filingtest.Applicant, filing.EnterDetails{Subject: w.App.Subject, Sites: w.App.Sites})
	o := w.Order
	again := map[evidence.Slot]bool{"commitment-letter": true, "responsibility-notice": true, "sites/0/verification-form": true,
		"sites/1/verification-form": true, "sites/1/pre-approval-statement": true}
	for slot := range before {
		_, kept := o.Evidence[slot]
		warned := slices.ContainsFunc(o.Private.Findings, func(f finding.Finding) bool {
			return f.Code == filing.CodePaperShowsOldName && f.Pointer == evidence.Pointer(slot)
		})
		if kept == again[slot] || warned != again[slot] {
			t.Errorf("%s: kept %t, warned %t", slot, kept, warned)
		}
		delete(again, slot)
	}
	if len(again) != 0 {
		t.Errorf("not uploaded in this test: %v", again)
	}
	if len(o.LivenessPassed) != 2 {
		t.Errorf("%d of 2 liveness checks are kept, though no leader changed", len(o.LivenessPassed))
	}
	if o.Private.Subject.Investor != "南京样列家居有限公司" {
		t.Error("the investor has the subject's name before the correction")
	}
}

// TestOldLicenceIsShownToReviewer: a licence that was uploaded before the name was corrected is a warning until it is uploaded again, also for
// the reviewer: after a change of registration the picture shows the name before.
func TestOldLicenceIsShownToReviewer(t *testing.T) {
	w := filingtest.OpenAt(t, beijing(), filingtest.December2019, filing.AwaitConfirmation)
	w.At = w.At.Add(time.Hour)
	w.App.Subject.Name = "北京样例智能科技有限公司"
	w.Decide(filingtest.Applicant, filing.EnterDetails{Subject: w.App.Subject, Sites: w.App.Sites})
	w.AdvanceTo(filing.InitialReview)
	if !w.Order.Private.Findings.Has(filing.CodeCertificateShownOlder) {
		t.Errorf("the reviewer sees %v", codesIn(w.Order.Private.Findings))
	}
	w.Decide(filingtest.Reviewer, filing.ClaimOrder{})
	w.Decide(filingtest.Reviewer, filing.Return{Findings: finding.List{{Pointer: "/evidence/subject-certificate-front", Code: "other"}}})
	w.At = w.At.Add(time.Hour)
	licence := filingtest.Evidence("subject-certificate-front")
	licence.AcceptedAt = w.At
	w.Decide(filingtest.Applicant, filing.AcceptEvidence{Accepted: map[evidence.Slot]filing.Evidence{"subject-certificate-front": licence}})
	w.AdvanceTo(filing.InitialReview)
	if w.Order.Private.Findings.Has(filing.CodeCertificateShownOlder) {
		t.Error("the licence that was uploaded again is still a warning")
	}
}

// TestNationalWordIsCheckedAgain: a site may begin with 中国 while the unit's name does. After the correction of the unit's name it may not.
func TestNationalWordIsCheckedAgain(t *testing.T) {
	a := beijing()
	a.Opening.Name, a.Subject.Name, a.Sites[0].Name = "中国样例石油有限公司", "中国样例石油有限公司", "中国样例石油"
	w := filingtest.OpenAt(t, a, filingtest.December2019, filing.AwaitConfirmation)
	a.Subject.Name = "北京样例石油有限公司"
	c, err := w.Order.Apply(filing.EnterDetails{Subject: a.Subject, Sites: a.Sites}, filingtest.Applicant, w.At)
	if found := findings(c, err); err == nil || !found.Has(sitename.National) {
		t.Errorf("findings %v", codesIn(found))
	}
}

// TestSameNameIsNoCorrection: entering the details again with the same name, or without one, keeps papers and liveness checks.
func TestSameNameIsNoCorrection(t *testing.T) {
	for _, name := range []person.Name{"北京样例科技有限公司", "", " 北京样例\u200b科技有限公司 "} {
		w := filingtest.OpenAt(t, beijing(), filingtest.December2019, filing.AwaitConfirmation)
		a := w.App
		a.Subject.Name = name
		c := w.Decide(filingtest.Applicant, filing.EnterDetails{Subject: a.Subject, Sites: a.Sites})
		if w.Order.Step != filing.AwaitConfirmation || c.Entry.Facts["corrected"] != "" || !w.Order.NameCorrectedAt.IsZero() {
			t.Errorf("%q: at %s, facts %v", name.Reveal(), w.Order.Step, c.Entry.Facts)
		}
	}
}
