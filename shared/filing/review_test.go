package filing_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"beian/shared/filing"
	"beian/shared/filing/filingtest"
	"beian/shared/rules/contact"
	"beian/shared/rules/evidence"
	"beian/shared/rules/fault"
	"beian/shared/rules/finding"
)

// claimedOrder returns an order that the reviewer has claimed.
func claimedOrder(t *testing.T, app filingtest.Application) *filingtest.Walk {
	t.Helper()
	w := filingtest.OpenAt(t, app, filingtest.December2019, filing.InitialReview)
	w.Decide(filingtest.Reviewer, filing.ClaimOrder{})
	return w
}

// TestReturn: a finding moves the order to the step where it can be corrected. Other parts are kept.
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
		w := claimedOrder(t, filingtest.EnterpriseBeijing())
		visit := w.Order.StepVisit
		var found finding.List
		for _, p := range c.pointers {
			found = append(found, finding.New(filing.CodeAddressMissing, p))
		}
		change := w.Decide(filingtest.Reviewer, filing.Return{Findings: found})
		o := w.Order
		if o.Step != c.step || o.Status != filing.Returned || o.StepVisit != visit+1 || o.Claim != nil || o.Confirmation != nil {
			t.Errorf("%v: %s, %s", c.pointers, o.Step, o.Status)
		}
		if slices.Contains(c.pointers, "/evidence") {
			found = append(found, finding.New(filing.CodeLivenessDropped, "/sites/0")) // the portrait is among the evidence
		}
		if len(o.Private.Findings) != len(found) || !change.ResumeExecution || len(change.Notices) != 1 || (change.ReleaseSlot != nil) != (c.step == filing.VerifyProduct) {
			t.Errorf("%v: %d findings, notices %v, release %v", c.pointers, len(o.Private.Findings), change.Notices, change.ReleaseSlot)
		}
		w.AdvanceTo(filing.InitialReview)
		if w.Order.Status != filing.Submitted {
			t.Errorf("%v: corrected, the order is %s", c.pointers, w.Order.Status)
		}
	}
}

func TestReturnedStaysReturnedUntilSubmitted(t *testing.T) {
	w := claimedOrder(t, filingtest.EnterpriseBeijing())
	w.Decide(filingtest.Reviewer, filing.Return{Findings: finding.List{
		finding.New(filing.CodeAddressMissing, "/product"), finding.New(filing.CodeAddressMissing, "/evidence")}})
	w.Decide(filingtest.Applicant, filing.ChooseProduct{Product: filingtest.Product()})
	if w.Order.Step != filing.CollectEvidence || w.Order.Status != filing.Returned {
		t.Errorf("%s, %s", w.Order.Step, w.Order.Status)
	}
}

func TestClaims(t *testing.T) {
	colleague := filing.Actor{Account: "reviewer-2", Role: filing.Reviewer}
	w := filingtest.OpenAt(t, filingtest.EnterpriseBeijing(), filingtest.December2019, filing.InitialReview)
	wantFault(t, w, filingtest.Reviewer, filing.Pass{}, fault.Conflict, filing.CodeNotClaimed)
	wantFault(t, w, filingtest.Reviewer, filing.ReleaseClaim{}, fault.Conflict, filing.CodeNotClaimed)
	w.Decide(filingtest.Reviewer, filing.ClaimOrder{})
	wantError(t, w.Order, filingtest.Reviewer, filing.ClaimOrder{}, filing.ErrNothingToDo) // a double click
	w.At = w.At.Add(time.Minute)
	w.Decide(filingtest.Reviewer, filing.ClaimOrder{}) // renewed
	for _, d := range []filing.Decision{filing.Pass{}, filing.Return{Findings: reviewFindings}, filing.Reject{Findings: reviewFindings}, filing.ReleaseClaim{}} {
		wantFault(t, w, colleague, d, fault.Conflict, filing.CodeNotClaimed)
	}
	wantFault(t, w, colleague, filing.ClaimOrder{}, fault.Conflict, filing.CodeClaimed)
	w.At = w.At.Add(filing.ClaimDuration)
	wantFault(t, w, filingtest.Reviewer, filing.Pass{}, fault.Conflict, filing.CodeNotClaimed)
	w.Decide(colleague, filing.ClaimOrder{})
	w.Decide(colleague, filing.ReleaseClaim{})
	w.Decide(filingtest.Reviewer, filing.ClaimOrder{})
	wantFault(t, w, filingtest.Reviewer, filing.Return{}, fault.Invalid, filing.CodeReasonMissing)
	wantFault(t, w, filingtest.Reviewer, filing.Reject{}, fault.Invalid, filing.CodeReasonMissing)
	wantFault(t, w, filingtest.Reviewer, filing.Pass{Documents: []evidence.Slot{"other"}}, fault.Invalid, filing.CodePaperUnknown)
	nowhere := finding.List{finding.New(filing.CodeAddressMissing, "/sites/1")}
	wantFault(t, w, filingtest.Reviewer, filing.Return{Findings: nowhere}, fault.Invalid, filing.CodeReasonPointer)
	wantFault(t, w, filingtest.Reviewer, filing.Reject{Findings: nowhere}, fault.Invalid, filing.CodeReasonPointer)
	w.Decide(filingtest.Reviewer, filing.Reject{Findings: reviewFindings})
	if w.Order.Closing != filing.ClosingReject {
		t.Errorf("closing %q", w.Order.Closing)
	}
	wantFault(t, w, filingtest.Reviewer, filing.Pass{}, fault.Conflict, filing.CodeStepOutOfOrder)
	c := w.Decide(filing.Beian, filing.Close{})
	if w.Order.Status != filing.InitialRejected || len(c.ReleaseLocks) != 4 || c.ReleaseSlot == nil || w.Order.Claim != nil {
		t.Errorf("status %s, released locks %v", w.Order.Status, c.ReleaseLocks)
	}
}

// TestOwnOrder: staff decide nothing on an order that they opened, or in which they are the contact or a leader.
func TestOwnOrder(t *testing.T) {
	w := claimedOrder(t, filingtest.EnterpriseBeijing())
	leader := w.Order.Private.Sites[0].Leader
	w.Order.Private.Verified.Email = "notified@example.com"
	w.Order.Private.Former = []filing.FormerContact{{Contact: filing.Contact{Mobile: "13900008888"}}}
	for name, own := range map[string]filing.Actor{
		"account":          {Account: w.Order.Account},
		"contact":          {Account: "other", Mobile: w.Order.Private.Contact.Mobile},
		"notified address": {Account: "other", Email: "notified@example.com"},
		"former contact":   {Account: "other", Mobile: "13900008888"},
		"mobile":           {Account: "other", Mobile: leader.Mobile},
		"phone":            {Account: "other", Mobile: contact.Mobile(leader.EmergencyPhone)},
		"email":            {Account: "other", Email: contact.Email(strings.ToUpper(leader.Email.Reveal()))},
		"organisation":     {Account: "other", Affiliation: &filing.Affiliation{Accounts: []filing.Account{"x", w.Order.Account}}},
		"own subject":      {Account: "other", Affiliation: &filing.Affiliation{SubjectKeys: []string{"x", w.Order.SubjectKey}}},
	} {
		for _, role := range []filing.Role{filing.Reviewer, filing.Admin} {
			own.Role = role
			for _, d := range []filing.Decision{filing.ClaimOrder{}, filing.Pass{}, filing.Return{}, filing.ReceivePapers{}, filing.Erase{}} {
				_, err := w.Order.Apply(d, own, w.At)
				if f := fault.Of(err); f.Kind != fault.Forbidden || !f.Findings.Has(filing.CodeOwnOrder) {
					t.Errorf("%s as %s, by %s: %v", d.Name(), role, name, err)
				}
			}
		}
	}
	colleague := filing.Actor{Account: "other", Role: filing.Reviewer, Mobile: "13900009999", Email: "colleague@provider.example",
		Affiliation: &filing.Affiliation{Accounts: []filing.Account{"x"}, SubjectKeys: []string{"x", ""}}}
	if (filing.Order{Account: "erased"}).IsOwn(colleague) {
		t.Error("an order without subject is of an organisation without certificate")
	}
	wantFault(t, w, colleague, filing.Pass{}, fault.Conflict, filing.CodeNotClaimed)
	w.At = w.At.Add(filing.ClaimDuration)
	colleague.Name = "colleague"
	if c := w.Decide(colleague, filing.ClaimOrder{}); c.Entry.By != (filing.Actor{Account: "other", Role: filing.Reviewer}) || c.Order.Claim.Name != "colleague" {
		t.Error("the ledger has more of the reviewer than account and role, or the claim has no name")
	}
}

func TestMailedOriginals(t *testing.T) {
	w := filingtest.OpenAt(t, filingtest.EnterpriseBeijing(), filingtest.December2019, filing.MailDocuments)
	wantFault(t, w, filingtest.Applicant, filing.SendPapers{Tracking: " "}, fault.Invalid, filing.CodeCourierMissing)
	wantFault(t, w, filingtest.Applicant, filing.SendPapers{Courier: "示例快递"}, fault.Invalid, filing.CodeTrackingMissing)
	w.Decide(filingtest.Applicant, filing.SendPapers{Courier: " 示例快递 ", Tracking: "EX1"})
	w.Decide(filingtest.Reviewer, filing.ClaimOrder{})
	w.Decide(filingtest.Reviewer, filing.Return{Findings: reviewFindings})
	if w.Order.Originals != nil || w.Order.Step != filing.CollectDetails {
		t.Errorf("returned to %s with originals %v", w.Order.Step, w.Order.Originals)
	}
	w.AdvanceTo(filing.InitialReview)
	w.Decide(filingtest.Reviewer, filing.ClaimOrder{})
	form := evidence.SiteSlot(0, evidence.VerificationForm)
	w.Decide(filingtest.Reviewer, filing.Pass{Documents: []evidence.Slot{form, form}})
	if n := len(w.Order.Originals.Documents); n != 1 {
		t.Errorf("%d papers are required, one of them twice", n)
	}
	w.AdvanceTo(filing.Transmit)
	if w.Order.Originals.ReceivedAt.IsZero() {
		t.Error("the receipt of the originals is not recorded")
	}
}

// TestLeaderReplaced: documents and liveness checks of the previous leader are removed.
func TestLeaderReplaced(t *testing.T) {
	w := filingtest.OpenAt(t, filingtest.EnterpriseBeijing(), filingtest.December2019, filing.VerifyAuthenticity)
	challenge := w.IssueChallenge(0)
	w.PassLiveness(0)
	w.App = filingtest.EnterpriseBeijing()
	l := &w.App.Sites[0].Leader
	l.Name, l.Certificate.Number = "示例戊", filingtest.ResidentID("11010119870303000")
	w.Decide(filingtest.Applicant, filing.EnterDetails{Subject: w.App.Subject, Sites: w.App.Sites})
	o := w.Order
	if o.Step != filing.CollectEvidence || !o.LivenessPassed[0].Dropped {
		t.Errorf("%s, %+v", o.Step, o.LivenessPassed)
	}
	for _, kind := range []evidence.Kind{evidence.LeaderCertificateFront, evidence.LeaderCertificateBack, evidence.VerificationForm} {
		if _, kept := o.Evidence[evidence.SiteSlot(0, kind)]; kept {
			t.Errorf("%s of the previous leader is kept", kind)
		}
	}
	if _, kept := o.Evidence[evidence.Slot(evidence.SubjectCertificateFront)]; !kept {
		t.Error("the subject's certificate was removed")
	}
	wantFault(t, w, filingtest.Applicant, filing.AnswerChallenge{ID: challenge.ID, Passed: true}, fault.Conflict, filing.CodeChallengeOutdated)
	w.AdvanceTo(filing.InitialReview)
}

func TestChallenges(t *testing.T) {
	w := filingtest.OpenAt(t, filingtest.EnterpriseJiangsu(), filingtest.December2019, filing.VerifyAuthenticity)
	wantFault(t, w, filingtest.Applicant, filing.AnswerChallenge{ID: "none"}, fault.NotFound, filing.CodeChallengeUnknown)
	for _, site := range []int{-1, 2} {
		wrong := filing.IssueChallenge{}
		wrong.Challenge.SiteIndex = site
		wantFault(t, w, filingtest.Applicant, wrong, fault.Invalid, filing.CodeSiteUnknown)
	}
	first := w.IssueChallenge(0)
	w.Decide(filingtest.Applicant, filing.AnswerChallenge{ID: first.ID, Findings: reviewFindings})
	wantFault(t, w, filingtest.Applicant, filing.AnswerChallenge{ID: first.ID, Passed: true}, fault.Conflict, filing.CodeChallengeUsed)
	if len(w.Order.LivenessPassed) != 0 || len(w.Order.Private.Findings) != 1 {
		t.Error("a failed check was recorded as passed, or its findings are missing")
	}
	late := w.IssueChallenge(0)
	w.At = w.At.Add(11 * time.Minute)
	wantFault(t, w, filingtest.Applicant, filing.AnswerChallenge{ID: late.ID, Passed: true}, fault.Conflict, filing.CodeChallengeExpired)
	w.PassLiveness(0)
	if w.Order.Step != filing.VerifyAuthenticity {
		t.Errorf("one of two leaders has passed; the order is at %s", w.Order.Step)
	}
	for len(w.Order.Challenges) < filing.ChallengesPerDay {
		w.IssueChallenge(1)
	}
	wantFault(t, w, filingtest.Applicant, filing.IssueChallenge{}, fault.TooMany, filing.CodeTooManyChecks)
	w.At = w.At.Add(25 * time.Hour)
	w.PassLiveness(1)
	if w.Order.Step != filing.AwaitConfirmation {
		t.Errorf("the order is at %s", w.Order.Step)
	}
	wantFault(t, w, filingtest.Applicant, filing.Confirm{Digest: "of something else"}, fault.Conflict, filing.CodeSummaryChanged)
}

// TestUnrequestedEvidence: documents that the application does not accept are refused.
func TestUnrequestedEvidence(t *testing.T) {
	w := filingtest.OpenAt(t, filingtest.EnterpriseBeijing(), filingtest.December2019, filing.CollectEvidence)
	for slot, accepted := range map[evidence.Slot]bool{
		evidence.Slot(evidence.SubjectCertificateFront):           true,
		evidence.Slot(evidence.OtherDocument):                     true,
		evidence.SiteSlot(0, evidence.SiteOtherDocument):          true,
		evidence.SiteSlot(0, evidence.SiteAuthorizationLetter):    true,
		evidence.Slot(evidence.ResidencePermit):                   false,
		evidence.SiteSlot(1, evidence.SiteOtherDocument):          false,
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
		d := filing.AcceptEvidence{Accepted: map[evidence.Slot]filing.Evidence{slot: filingtest.Evidence(slot)}}
		_, err := w.Order.Apply(d, filingtest.Applicant, w.At)
		if f := fault.Of(err); (err == nil) != accepted || err != nil && (f.Kind != fault.Invalid || f.Findings[0].Pointer != evidence.Pointer(slot)) {
			t.Errorf("%s: %v", slot, err)
		}
	}
}
