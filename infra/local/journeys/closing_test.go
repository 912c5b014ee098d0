package journeys_test

import (
	"slices"
	"testing"

	"beian/shared/filing"
)

// TestWithdrawn checks that an application can be withdrawn before transmission, and that everything it reserved is released.
func TestWithdrawn(t *testing.T) {
	for i, tc := range []struct {
		step      filing.Step
		smsBefore []filing.NoticeKind
		path      []string
		entries   []string
	}{
		{filing.InitialReview, nil, nil, nil},
		{filing.MailDocuments, []filing.NoticeKind{filing.NoticePapersAsked}, []string{"MailDocuments"}, reviewed},
		{filing.VerifySMS, []filing.NoticeKind{filing.NoticePassed}, bySMS, append(slices.Clone(reviewed), "issue-codes")},
	} {
		t.Run(string(tc.step), func(t *testing.T) {
			j := journeyAt(t, 300+i, tc.step)
			notices := append([]filing.NoticeKind{filing.NoticeSubmitted}, tc.smsBefore...)
			j.wantNotices(notices...)
			wantProblem(t, j.applicant.Abandon(t.Context(), j.id), 409, "step-out-of-order ")
			j.must(j.applicant.Withdraw(t.Context(), j.id))
			j.awaitStep(filing.Done, filing.Withdrawn)
			j.wantNotices(append(notices, filing.NoticeWithdrawn)...)
			j.wantPath(1, toReview, tc.path, []string{"Withdraw", "Closed"})
			j.wantLedger(opened, collected, tc.entries, []string{"ask-withdraw", "close"})
			wantProblem(t, j.applicant.Abandon(t.Context(), j.id), 409, "step-out-of-order ")
			j.must(j.applicant.Withdraw(t.Context(), j.id)) // repeating it has no effect
			j.wantLedger(opened, collected, tc.entries, []string{"ask-withdraw", "close"})
			j.wantReleased()
		})
	}
}

// TestNotWithdrawnAfterTransmission checks that an application cannot be withdrawn once the bureau has it.
func TestNotWithdrawnAfterTransmission(t *testing.T) {
	j := journeyAt(t, 310, filing.VerifySMS)
	j.silenceBureau()
	j.replySMS()
	j.awaitStep(filing.AwaitBureau, filing.BureauReview)
	wantProblem(t, j.applicant.Withdraw(t.Context(), j.id), 409, "step-out-of-order ")
	wantProblem(t, j.applicant.Abandon(t.Context(), j.id), 409, "step-out-of-order ")
	j.releaseBureau()
	j.awaitApproved()
	wantProblem(t, j.applicant.Withdraw(t.Context(), j.id), 409, "step-out-of-order ")
	j.wantPath(1, toReview, bySMS, toEnd)
	j.wantLedger(opened, collected, reviewed, answered, transmitted, filed)
}

// TestAbandoned checks that an application can be abandoned at each step of the applicant.
func TestAbandoned(t *testing.T) {
	for i, step := range []filing.Step{filing.VerifyProduct, filing.CollectDetails, filing.CollectEvidence, filing.VerifyAuthenticity,
		filing.AwaitConfirmation} {
		t.Run(string(step), func(t *testing.T) {
			j := journeyAt(t, 320+i, step)
			j.wantPath(1, toReview[:slices.Index(toReview, string(step))+1])
			wantProblem(t, j.applicant.Withdraw(t.Context(), j.id), 409, "step-out-of-order ")
			j.must(j.applicant.Abandon(t.Context(), j.id))
			j.awaitStep(filing.Done, filing.Abandoned)
			j.wantNotices(filing.NoticeAbandoned)
			j.wantPath(1, toReview[:slices.Index(toReview, string(step))+1], []string{"Abandon", "Closed"})
			done := map[filing.Step]int{filing.CollectDetails: 1, filing.CollectEvidence: 2, filing.VerifyAuthenticity: 3, filing.AwaitConfirmation: 5}
			j.wantLedger(opened, collected[:done[step]], []string{"ask-abandon", "close"})
			j.wantReleased()
		})
	}
}
