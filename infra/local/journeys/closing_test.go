package journeys_test

import (
	"slices"
	"testing"

	"beian/shared/filing"
)

// An application is taken back while it is with the provider; all that it held is free then.
func TestWithdrawn(t *testing.T) {
	for i, tc := range []struct {
		step    filing.Step
		told    []filing.NoticeKind
		path    []string
		entries []string
	}{
		{filing.InitialReview, nil, nil, nil},
		{filing.MailDocuments, []filing.NoticeKind{filing.NoticePapersAsked}, []string{"DocumentsByMail", "MailDocuments"}, reviewed},
		{filing.VerifySMS, []filing.NoticeKind{filing.NoticePassed}, bySMS, append(slices.Clone(reviewed), "issue-codes")},
	} {
		t.Run(string(tc.step), func(t *testing.T) {
			j := at(t, 300+i, tc.step)
			told := append([]filing.NoticeKind{filing.NoticeSubmitted}, tc.told...)
			j.heard(told...)
			refused(t, j.me.Abandon(t.Context(), j.id), 409, "step-out-of-order ")
			j.must(j.me.Withdraw(t.Context(), j.id))
			j.await(filing.Done, filing.Withdrawn)
			j.heard(append(told, filing.NoticeWithdrawn)...)
			j.path(1, toReview, tc.path, []string{"Withdraw", "Closed"})
			j.ledger(opened, collected, tc.entries, []string{"ask-withdraw", "close"})
			refused(t, j.me.Abandon(t.Context(), j.id), 409, "step-out-of-order ")
			j.must(j.me.Withdraw(t.Context(), j.id)) // once more does no harm
			j.ledger(opened, collected, tc.entries, []string{"ask-withdraw", "close"})
			j.free()
		})
	}
}

// Once the bureau has it, nobody takes it back.
func TestNotWithdrawnAfterTransmission(t *testing.T) {
	j := at(t, 310, filing.VerifySMS)
	j.silent()
	j.reply()
	j.await(filing.AwaitBureau, filing.BureauReview)
	refused(t, j.me.Withdraw(t.Context(), j.id), 409, "step-out-of-order ")
	refused(t, j.me.Abandon(t.Context(), j.id), 409, "step-out-of-order ")
	j.release()
	j.approved()
	refused(t, j.me.Withdraw(t.Context(), j.id), 409, "step-out-of-order ")
	j.path(1, toReview, bySMS, toFiled)
	j.ledger(opened, collected, reviewed, answered, handed, filed)
}

// An application is given up at any step where the applicant is at work.
func TestAbandoned(t *testing.T) {
	for i, step := range []filing.Step{filing.VerifyProduct, filing.CollectDetails, filing.CollectEvidence, filing.VerifyAuthenticity,
		filing.AwaitConfirmation} {
		t.Run(string(step), func(t *testing.T) {
			j := at(t, 320+i, step)
			j.path(1, toReview[:slices.Index(toReview, string(step))+1])
			refused(t, j.me.Withdraw(t.Context(), j.id), 409, "step-out-of-order ")
			j.must(j.me.Abandon(t.Context(), j.id))
			j.await(filing.Done, filing.Abandoned)
			j.heard(filing.NoticeAbandoned)
			j.path(1, toReview[:slices.Index(toReview, string(step))+1], []string{"Abandon", "Closed"})
			done := map[filing.Step]int{filing.CollectDetails: 1, filing.CollectEvidence: 2, filing.VerifyAuthenticity: 3, filing.AwaitConfirmation: 5}
			j.ledger(opened, collected[:done[step]], []string{"ask-abandon", "close"})
			j.free()
		})
	}
}
