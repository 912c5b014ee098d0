package filing_test

import (
	"slices"
	"testing"

	"beian/shared/filing"
	"beian/shared/filing/filingtest"
	"beian/shared/rules/evidence"
	"beian/shared/rules/fault"
	"beian/shared/rules/finding"
)

const leaderFront = evidence.Slot("sites/0/leader-certificate-front")

// TestChallengeNeedsPortrait: a challenge is issued only when the picture is accepted with which the face is compared (S14).
func TestChallengeNeedsPortrait(t *testing.T) {
	for name, tc := range map[string]struct {
		app  filingtest.Application
		want evidence.Slot
	}{
		"individual":            {filingtest.IndividualZhejiang(), "subject-certificate-front"},
		"leader of the subject": {leadByOne(filingtest.EnterpriseBeijing()), "subject-leader-certificate-front"},
		"leader of the site":    {filingtest.EnterpriseBeijing(), leaderFront},
		"two sites of a leader": {filingtest.EnterpriseJiangsu(), "subject-leader-certificate-front"},
	} {
		t.Run(name, func(t *testing.T) {
			w := filingtest.OpenAt(t, tc.app, filingtest.December2019, filing.CollectEvidence)
			if got := w.Order.PortraitSlot(0); got != tc.want {
				t.Errorf("the portrait is %s, want %s", got, tc.want)
			}
			others := w.RequiredEvidence()
			delete(others, tc.want)
			w.Decide(filingtest.Applicant, filing.AcceptEvidence{Accepted: others})
			_, err := w.Order.Apply(filing.IssueChallenge{}, filingtest.Applicant, w.At)
			if f := fault.Of(err); f.Kind != fault.Invalid || len(f.Findings) != 1 || f.Findings[0].Code != filing.CodePortraitMissing || f.Findings[0].Pointer != evidence.Pointer(tc.want) {
				t.Errorf("%v", err)
			}
			w.Decide(filingtest.Applicant, filing.AcceptEvidence{Accepted: map[evidence.Slot]filing.Evidence{tc.want: filingtest.Evidence(tc.want)}})
			w.IssueChallenge(0)
		})
	}
}

// leadByOne returns an application whose subject leader also leads the first site.
func leadByOne(a filingtest.Application) filingtest.Application {
	a.Sites = slices.Clone(a.Sites)
	a.Sites[0].Leader = a.Subject.Leader
	return a
}

func replaced(slot evidence.Slot) filing.AcceptEvidence {
	e := filingtest.Evidence(slot)
	e.Key, e.SHA256 = e.Key+"-2", "02"
	return filing.AcceptEvidence{Accepted: map[evidence.Slot]filing.Evidence{slot: e}}
}

// TestLivenessDropped: a passed check and an open challenge are dropped when the portrait or the leader changes, by whichever decision; and
// stay when anything else changes.
func TestLivenessDropped(t *testing.T) {
	details := func(change func(*filingtest.Application)) func(*filingtest.Walk) {
		return func(w *filingtest.Walk) {
			a := w.App
			a.Sites = slices.Clone(a.Sites)
			change(&a)
			w.Decide(filingtest.Applicant, filing.EnterDetails{Subject: a.Subject, Sites: a.Sites})
		}
	}
	returned := func(pointers ...string) func(*filingtest.Walk) {
		return func(w *filingtest.Walk) {
			w.AdvanceTo(filing.InitialReview)
			w.Decide(filingtest.Reviewer, filing.ClaimOrder{})
			var found finding.List
			for _, p := range pointers {
				found = append(found, finding.New(filing.CodeAddressMissing, p))
			}
			w.Decide(filingtest.Reviewer, filing.Return{Findings: found})
		}
	}
	refused := func(pointer string) func(*filingtest.Walk) {
		return func(w *filingtest.Walk) {
			w.AdvanceTo(filing.AwaitBureau)
			w.Decide(filing.TheBureau, filing.Receive{Sequence: 1})
			w.Decide(filing.TheBureau, filing.Refuse{Record: w.Order.Bureau.Record, Findings: finding.List{finding.New(filing.CodeAddressMissing, pointer)}})
			w.Decide(filing.Beian, filing.AnnounceResult{})
			w.Decide(filingtest.Applicant, filing.Resubmit{})
		}
	}
	const form = evidence.Slot("sites/0/verification-form")
	for name, tc := range map[string]struct {
		change  func(*filingtest.Walk)
		dropped bool
		step    filing.Step
	}{
		"another picture": {func(w *filingtest.Walk) { w.Decide(filingtest.Applicant, replaced(leaderFront)) }, true, filing.VerifyAuthenticity},
		"the same picture again": {func(w *filingtest.Walk) {
			again := replaced(leaderFront)
			e := again.Accepted[leaderFront]
			e.SHA256 = "00"
			again.Accepted[leaderFront] = e
			w.Decide(filingtest.Applicant, again)
		}, false, filing.AwaitConfirmation},
		"another form": {func(w *filingtest.Walk) { w.Decide(filingtest.Applicant, replaced(form)) }, false, filing.AwaitConfirmation},
		"another name": {details(func(a *filingtest.Application) { a.Sites[0].Leader.Name = "示例己" }), true, filing.VerifyAuthenticity},
		"another number": {details(func(a *filingtest.Application) {
			a.Sites[0].Leader.Certificate.Number = filingtest.ResidentID("11010119870303000")
		}), true, filing.CollectEvidence},
		"the subject leader":             {details(func(a *filingtest.Application) { a.Sites[0].Leader = a.Subject.Leader }), true, filing.CollectEvidence},
		"another phone":                  {details(func(a *filingtest.Application) { a.Sites[0].Leader.Mobile = "18800000077" }), false, filing.AwaitConfirmation},
		"another site name":              {details(func(a *filingtest.Application) { a.Sites[0].Remark = "另一个说明。" }), false, filing.AwaitConfirmation},
		"returned because of it":         {returned(evidence.Pointer(leaderFront)), true, filing.CollectEvidence},
		"returned because of everything": {returned("/evidence"), true, filing.CollectEvidence},
		"returned because of the form":   {returned(evidence.Pointer(form)), false, filing.CollectEvidence},
		"refused because of it":          {refused(evidence.Pointer(leaderFront)), true, filing.CollectEvidence},
		"refused because of the form":    {refused(evidence.Pointer(form)), false, filing.CollectEvidence},
	} {
		t.Run(name, func(t *testing.T) {
			w := filingtest.OpenAt(t, filingtest.EnterpriseBeijing(), filingtest.December2019, filing.AwaitConfirmation)
			open := w.IssueChallenge(0)
			tc.change(w)
			o := w.Order
			if o.LivenessPassed[0].Dropped != tc.dropped || o.Step != tc.step {
				t.Errorf("at %s, dropped %t", o.Step, o.LivenessPassed[0].Dropped)
			}
			if got := o.Private.Findings.Has(filing.CodeLivenessDropped); got != tc.dropped {
				t.Errorf("findings %+v", o.Private.Findings)
			}
			if !tc.dropped {
				return
			}
			wantFault(t, w, filingtest.Applicant, filing.AnswerChallenge{ID: open.ID, Passed: true}, fault.Conflict, filing.CodeChallengeOutdated)
			for w.Order.Step != filing.VerifyAuthenticity {
				w.AdvanceTo(filing.VerifyAuthenticity)
			}
			if !w.Order.Private.Findings.Has(filing.CodeLivenessDropped) {
				t.Error("the reason is gone before the leader passed again")
			}
			w.PassLiveness(0)
			if o := w.Order; len(o.LivenessPassed) != 1 || o.LivenessPassed[0].Dropped || o.Private.Findings.Has(filing.CodeLivenessDropped) || o.Step != filing.AwaitConfirmation {
				t.Errorf("passed again: at %s, %+v, %+v", o.Step, o.LivenessPassed, o.Private.Findings)
			}
		})
	}
}

// TestLivenessStaysDropped: a check does not come back when the change is undone.
func TestLivenessStaysDropped(t *testing.T) {
	w := filingtest.OpenAt(t, filingtest.EnterpriseBeijing(), filingtest.December2019, filing.AwaitConfirmation)
	before := w.Order.Evidence[leaderFront]
	w.Decide(filingtest.Applicant, replaced(leaderFront))
	w.Decide(filingtest.Applicant, filing.AcceptEvidence{Accepted: map[evidence.Slot]filing.Evidence{leaderFront: before}})
	if o := w.Order; o.Step != filing.VerifyAuthenticity || !o.LivenessPassed[0].Dropped {
		t.Errorf("at %s: %+v", o.Step, o.LivenessPassed)
	}
}

// TestPortraitOfSubjectLeader: when the subject leader takes over a site, the certificate of the leader before is removed, and the subject
// leader's serves both. A picture that the reviewer asks for at the site's own slot becomes the portrait.
func TestPortraitOfSubjectLeader(t *testing.T) {
	w := filingtest.OpenAt(t, filingtest.EnterpriseBeijing(), filingtest.December2019, filing.AwaitConfirmation)
	subject := w.App.Subject
	subject.Leader = w.App.Sites[0].Leader
	w.Decide(filingtest.Applicant, filing.EnterDetails{Subject: subject, Sites: w.App.Sites})
	o := w.Order
	if _, kept := o.Evidence[leaderFront]; kept || o.PortraitSlot(0) != "subject-leader-certificate-front" || !o.LivenessPassed[0].Dropped {
		t.Errorf("the portrait is %s, the site's own picture is kept: %t", o.PortraitSlot(0), kept)
	}
	w.App.Subject = subject
	w.AdvanceTo(filing.InitialReview)
	w.Decide(filingtest.Reviewer, filing.ClaimOrder{})
	w.Decide(filingtest.Reviewer, filing.Return{Findings: finding.List{finding.New(filing.CodeAddressMissing, evidence.Pointer(leaderFront))}})
	w.Decide(filingtest.Applicant, replaced(leaderFront))
	if o := w.Order; o.PortraitSlot(0) != leaderFront || o.Step != filing.VerifyAuthenticity || !o.Accepts(leaderFront, w.At) {
		t.Errorf("the portrait is %s, at %s", o.PortraitSlot(0), o.Step)
	}
}
