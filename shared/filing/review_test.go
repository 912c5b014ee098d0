package filing_test

import (
	"testing"
	"time"

	"beian/shared/filing"
	"beian/shared/filing/filingtest"
	"beian/shared/rules/evidence"
	"beian/shared/rules/fault"
	"beian/shared/rules/finding"
)

// reviewed returns an order that the reviewer has claimed.
func reviewed(t *testing.T, app filingtest.Application) *filingtest.Walk {
	t.Helper()
	w := filingtest.To(t, app, filingtest.Christmas, filing.InitialReview)
	w.Do(filingtest.Reviewer, filing.TakeClaim{})
	return w
}

// TestReturn: a finding returns the order to the step where it can be corrected, and everything else is kept.
func TestReturn(t *testing.T) {
	form := evidence.SiteSlot(0, evidence.VerificationForm)
	for _, c := range []struct {
		pointers []string
		step     filing.Step
	}{
		{[]string{"/product"}, filing.VerifyProduct},
		{[]string{"/product/ips", "/product"}, filing.VerifyProduct},
		{[]string{"/subject/address"}, filing.CollectDetails},
		{[]string{"/sites/0/name"}, filing.CollectDetails},
		{[]string{evidence.Pointer(form)}, filing.CollectEvidence},
		{[]string{evidence.Pointer(form) + "/copyKey"}, filing.CollectEvidence},
		{[]string{"/evidence"}, filing.CollectEvidence},
		{[]string{"/authenticity/0"}, filing.VerifyAuthenticity},
		{[]string{""}, filing.AwaitConfirmation},
		{[]string{"/elsewhere"}, filing.AwaitConfirmation},
		{[]string{"/authenticity", "/sites/0/name", evidence.Pointer(form)}, filing.CollectDetails},
	} {
		w := reviewed(t, filingtest.EnterpriseBeijing())
		visit := w.Order.StepVisit
		var found finding.List
		for _, p := range c.pointers {
			found = append(found, finding.New(filing.CodeAddressMissing, p))
		}
		change := w.Do(filingtest.Reviewer, filing.Return{Findings: found})
		o := w.Order
		if o.Step != c.step || o.Status != filing.Returned || o.StepVisit != visit+1 || o.Claim != nil || o.Confirmation != nil {
			t.Errorf("%v: %s, %s", c.pointers, o.Step, o.Status)
		}
		if len(o.Private.Findings) != len(found) || !change.Resume || len(change.Notices) != 1 || (change.Release != nil) != (c.step == filing.VerifyProduct) {
			t.Errorf("%v: %d findings, notices %v, release %v", c.pointers, len(o.Private.Findings), change.Notices, change.Release)
		}
		w.To(filing.InitialReview)
		if w.Order.Status != filing.Submitted {
			t.Errorf("%v: corrected, the order is %s", c.pointers, w.Order.Status)
		}
	}
}

func TestReturnedStaysReturnedUntilSubmitted(t *testing.T) {
	w := reviewed(t, filingtest.EnterpriseBeijing())
	w.Do(filingtest.Reviewer, filing.Return{Findings: finding.List{
		finding.New(filing.CodeAddressMissing, "/product"), finding.New(filing.CodeAddressMissing, "/evidence")}})
	w.Do(filingtest.Applicant, filing.ChooseProduct{Product: filingtest.Product()})
	if w.Order.Step != filing.CollectEvidence || w.Order.Status != filing.Returned {
		t.Errorf("%s, %s", w.Order.Step, w.Order.Status)
	}
}

func TestClaims(t *testing.T) {
	colleague := filing.Actor{Account: "reviewer-2", Role: filing.Reviewer}
	w := filingtest.To(t, filingtest.EnterpriseBeijing(), filingtest.Christmas, filing.InitialReview)
	wantFault(t, w, filingtest.Reviewer, filing.Pass{}, fault.Conflict, filing.CodeNotClaimed)
	wantFault(t, w, filingtest.Reviewer, filing.ReleaseClaim{}, fault.Conflict, filing.CodeNotClaimed)
	w.Do(filingtest.Reviewer, filing.TakeClaim{})
	w.Do(filingtest.Reviewer, filing.TakeClaim{}) // renewed
	for _, d := range []filing.Decision{filing.Pass{}, filing.Return{Findings: reasons}, filing.Reject{Findings: reasons}, filing.ReleaseClaim{}} {
		wantFault(t, w, colleague, d, fault.Conflict, filing.CodeNotClaimed)
	}
	wantFault(t, w, colleague, filing.TakeClaim{}, fault.Conflict, filing.CodeClaimed)
	w.At = w.At.Add(filing.ClaimFor)
	wantFault(t, w, filingtest.Reviewer, filing.Pass{}, fault.Conflict, filing.CodeNotClaimed)
	w.Do(colleague, filing.TakeClaim{})
	w.Do(colleague, filing.ReleaseClaim{})
	w.Do(filingtest.Reviewer, filing.TakeClaim{})
	wantFault(t, w, filingtest.Reviewer, filing.Return{}, fault.Invalid, filing.CodeReasonMissing)
	wantFault(t, w, filingtest.Reviewer, filing.Reject{}, fault.Invalid, filing.CodeReasonMissing)
	wantFault(t, w, filingtest.Reviewer, filing.Pass{Documents: []evidence.Slot{"other"}}, fault.Invalid, filing.CodePaperUnknown)
	nowhere := finding.List{finding.New(filing.CodeAddressMissing, "/sites/1")}
	wantFault(t, w, filingtest.Reviewer, filing.Return{Findings: nowhere}, fault.Invalid, filing.CodeReasonPointer)
	wantFault(t, w, filingtest.Reviewer, filing.Reject{Findings: nowhere}, fault.Invalid, filing.CodeReasonPointer)
	w.Do(filingtest.Reviewer, filing.Reject{Findings: reasons})
	if w.Order.Closing != filing.ClosingReject {
		t.Errorf("closing %q", w.Order.Closing)
	}
	wantFault(t, w, filingtest.Reviewer, filing.Pass{}, fault.Conflict, filing.CodeStepOutOfOrder)
	c := w.Do(filing.Beian, filing.Close{})
	if w.Order.Status != filing.InitialRejected || len(c.Free) != 2 || c.Release == nil || w.Order.Claim != nil {
		t.Errorf("%s, frees %v", w.Order.Status, c.Free)
	}
}

func TestPapersByMail(t *testing.T) {
	w := filingtest.To(t, filingtest.EnterpriseBeijing(), filingtest.Christmas, filing.MailDocuments)
	wantFault(t, w, filingtest.Applicant, filing.SendPapers{Tracking: " "}, fault.Invalid, filing.CodeCourierMissing)
	wantFault(t, w, filingtest.Applicant, filing.SendPapers{Courier: "示例快递"}, fault.Invalid, filing.CodeTrackingMissing)
	w.Do(filingtest.Applicant, filing.SendPapers{Courier: " 示例快递 ", Tracking: "EX1"})
	w.Do(filingtest.Reviewer, filing.TakeClaim{})
	w.Do(filingtest.Reviewer, filing.Return{Findings: reasons})
	if w.Order.Originals != nil || w.Order.Step != filing.CollectDetails {
		t.Errorf("returned to %s with papers %v", w.Order.Step, w.Order.Originals)
	}
	w.To(filing.InitialReview)
	w.Do(filingtest.Reviewer, filing.TakeClaim{})
	form := evidence.SiteSlot(0, evidence.VerificationForm)
	w.Do(filingtest.Reviewer, filing.Pass{Documents: []evidence.Slot{form, form}})
	if n := len(w.Order.Originals.Documents); n != 1 {
		t.Errorf("%d papers are required, one of them twice", n)
	}
	w.To(filing.Transmit)
	if w.Order.Originals.ReceivedAt.IsZero() {
		t.Error("the papers were not received")
	}
}

// TestLeaderReplaced: papers and liveness checks of the previous leader are removed.
func TestLeaderReplaced(t *testing.T) {
	w := filingtest.To(t, filingtest.EnterpriseBeijing(), filingtest.Christmas, filing.VerifyAuthenticity)
	begun := w.Challenge(0)
	w.Prove(0)
	w.App = filingtest.EnterpriseBeijing()
	l := &w.App.Sites[0].Leader
	l.Name, l.Certificate.Number = "示例戊", filingtest.ResidentID("11010119870303000")
	w.Do(filingtest.Applicant, filing.EnterDetails{Subject: w.App.Subject, Sites: w.App.Sites})
	o := w.Order
	if o.Step != filing.CollectEvidence || len(o.LivenessPassed) != 0 {
		t.Errorf("%s, %d checks", o.Step, len(o.LivenessPassed))
	}
	for _, paper := range []evidence.Kind{evidence.LeaderCertificateFront, evidence.LeaderCertificateBack, evidence.VerificationForm} {
		if _, kept := o.Evidence[evidence.SiteSlot(0, paper)]; kept {
			t.Errorf("%s of another person is kept", paper)
		}
	}
	if _, kept := o.Evidence[evidence.Slot(evidence.SubjectCertificateFront)]; !kept {
		t.Error("the subject's certificate is gone")
	}
	wantFault(t, w, filingtest.Applicant, filing.AnswerChallenge{ID: begun.ID, Passed: true}, fault.Conflict, filing.CodeChallengeUsed)
	w.To(filing.InitialReview)
}

func TestChallenges(t *testing.T) {
	w := filingtest.To(t, filingtest.EnterpriseJiangsu(), filingtest.Christmas, filing.VerifyAuthenticity)
	wantFault(t, w, filingtest.Applicant, filing.AnswerChallenge{ID: "none"}, fault.NotFound, filing.CodeChallengeUnknown)
	for _, site := range []int{-1, 2} {
		wrong := filing.IssueChallenge{}
		wrong.Challenge.SiteIndex = site
		wantFault(t, w, filingtest.Applicant, wrong, fault.Invalid, filing.CodeSiteUnknown)
	}
	first := w.Challenge(0)
	w.Do(filingtest.Applicant, filing.AnswerChallenge{ID: first.ID, Findings: reasons})
	wantFault(t, w, filingtest.Applicant, filing.AnswerChallenge{ID: first.ID, Passed: true}, fault.Conflict, filing.CodeChallengeUsed)
	if len(w.Order.LivenessPassed) != 0 || len(w.Order.Private.Findings) != 1 {
		t.Error("a failed check counts")
	}
	late := w.Challenge(0)
	w.At = w.At.Add(11 * time.Minute)
	wantFault(t, w, filingtest.Applicant, filing.AnswerChallenge{ID: late.ID, Passed: true}, fault.Conflict, filing.CodeChallengeExpired)
	w.Prove(0)
	if w.Order.Step != filing.VerifyAuthenticity {
		t.Errorf("one of two sites is proven and the order is at %s", w.Order.Step)
	}
	for len(w.Order.Challenges) < filing.ChallengesPerDay {
		w.Challenge(1)
	}
	wantFault(t, w, filingtest.Applicant, filing.IssueChallenge{}, fault.TooMany, filing.CodeTooManyChecks)
	w.At = w.At.Add(25 * time.Hour)
	w.Prove(1)
	if w.Order.Step != filing.AwaitConfirmation {
		t.Errorf("the order is at %s", w.Order.Step)
	}
	wantFault(t, w, filingtest.Applicant, filing.Confirm{Digest: "of something else"}, fault.Conflict, filing.CodeSummaryChanged)
}

// TestUnrequestedPapers: papers that the application does not accept are refused.
func TestUnrequestedPapers(t *testing.T) {
	w := filingtest.To(t, filingtest.EnterpriseBeijing(), filingtest.Christmas, filing.CollectEvidence)
	for slot, accepted := range map[evidence.Slot]bool{
		evidence.Slot(evidence.SubjectCertificateFront):           true,
		evidence.Slot(evidence.OtherPaper):                        true,
		evidence.SiteSlot(0, evidence.SiteOtherPaper):             true,
		evidence.SiteSlot(0, evidence.SiteAuthorizationLetter):    true,
		evidence.Slot(evidence.ResidencePermit):                   false,
		evidence.SiteSlot(1, evidence.SiteOtherPaper):             false,
		evidence.PreApprovalSlot(0, 0, 2):                         false,
		evidence.Slot(evidence.SubjectEmploymentProof):            false,
		evidence.SiteSlot(0, evidence.LeaderPhoto):                false,
		evidence.Slot(evidence.ConstructionPlan):                  false,
		evidence.SiteSlot(0, evidence.DomainCertificate):          true,
		evidence.Slot(evidence.SubjectLeaderCertificateFront):     true,
		evidence.Slot(evidence.SubjectAuthorizationLetter):        false,
		evidence.SiteSlot(0, evidence.PreApprovalStatement):       true,
		evidence.Slot(evidence.ResponsibilityNotice):              false,
		evidence.Slot(evidence.PartyBuildingConfirmation):         false,
		evidence.SiteSlot(0, evidence.LeaderCertificateFront):     true,
		evidence.SiteSlot(64, evidence.LeaderCertificateFront):    false,
		evidence.Slot(evidence.SubjectLeaderCertificateFront[1:]): false,
	} {
		d := filing.AcceptEvidence{Papers: map[evidence.Slot]filing.Evidence{slot: filingtest.Paper(slot)}}
		_, err := w.Order.Apply(d, filingtest.Applicant, w.At)
		if f := fault.Of(err); (err == nil) != accepted || err != nil && (f.Kind != fault.Invalid || f.Findings[0].Pointer != evidence.Pointer(slot)) {
			t.Errorf("%s: %v", slot, err)
		}
	}
}

func TestViewEvidence(t *testing.T) {
	w := filingtest.To(t, filingtest.EnterpriseBeijing(), filingtest.Christmas, filing.InitialReview)
	before := w.Order
	c := w.Do(filingtest.Reviewer, filing.ViewEvidence{Slot: evidence.Slot(evidence.SubjectCertificateFront)})
	if c.Entry.Facts["slot"] != string(evidence.SubjectCertificateFront) || c.Order.Step != before.Step || c.Resume || len(c.Notices) > 0 {
		t.Errorf("the entry says %v", c.Entry.Facts)
	}
	if _, err := w.Order.Apply(filing.ViewEvidence{Slot: "other"}, filingtest.Reviewer, w.At); fault.KindOf(err) != fault.NotFound {
		t.Errorf("a paper that is not there: %v", err)
	}
}
