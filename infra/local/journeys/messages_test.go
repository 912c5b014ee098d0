package journeys_test

import (
	"net/http"
	"testing"

	"beian/infra/local/outbox"
	"beian/infra/local/scenario"
	"beian/shared/filing"
)

// TestMessagesFail checks that messages that cannot be sent are sent later, in order (S20).
func TestMessagesFail(t *testing.T) {
	j := journeyAt(t, 600, filing.AwaitConfirmation)
	for _, status := range []int{http.StatusTooManyRequests, http.StatusServiceUnavailable, http.StatusInternalServerError} {
		sys.Outbox.FailNext("", 2, status)
	}
	j.must(j.applicant.Confirm(t.Context(), j.id))
	j.must(j.applicant.Withdraw(t.Context(), j.id))
	j.wantNotices(filing.NoticeSubmitted, filing.NoticeWithdrawn)
}

// TestMessagesLostAnswer checks that a message whose answer is lost is sent again with the same key.
func TestMessagesLostAnswer(t *testing.T) {
	j := journeyAt(t, 610, filing.AwaitConfirmation)
	sys.Outbox.LoseNext(4)
	j.must(j.applicant.Confirm(t.Context(), j.id))
	var got, mailed map[string]int
	j.must(scenario.Poll(t.Context(), func() (bool, error) {
		got, mailed = map[string]int{}, map[string]int{}
		for _, m := range j.noticesTo(j.phone()) {
			if kindOf(m) != filing.NoticeSubmitted {
				t.Errorf("unexpected notice %s", kindOf(m))
			}
			got[m.Attributes[keyName]]++
		}
		for _, m := range j.noticesTo(j.mailbox()) {
			mailed[m.Attributes[keyName]]++
		}
		return len(mailed) > 0, nil
	}))
	if len(got) != 1 || len(mailed) != 1 {
		t.Errorf("one notice under %d keys by SMS and %d by email", len(got), len(mailed))
	}
	for key, n := range got {
		if n < 2 || mailed[key] == 0 {
			t.Errorf("%d times by SMS, %d by email", n, mailed[key])
		}
	}
	j.must(j.applicant.Withdraw(t.Context(), j.id))
}

// TestMessagesContinueWithEmail checks that an SMS is not repeated while email is unavailable.
func TestMessagesContinueWithEmail(t *testing.T) {
	j := journeyAt(t, 620, filing.AwaitConfirmation)
	sys.Outbox.FailNext(outbox.Email, 4, http.StatusServiceUnavailable)
	j.must(j.applicant.Confirm(t.Context(), j.id))
	j.must(j.applicant.Withdraw(t.Context(), j.id))
	j.wantNotices(filing.NoticeSubmitted, filing.NoticeWithdrawn)
}

// TestMessagesEmailAfterSMSRejected checks that the email is sent if the phone rejects the SMS.
func TestMessagesEmailAfterSMSRejected(t *testing.T) {
	j := journeyAt(t, 621, filing.AwaitConfirmation)
	sys.Outbox.FailNext(outbox.SMS, 1, http.StatusBadRequest)
	j.must(j.applicant.Confirm(t.Context(), j.id))
	j.must(scenario.Poll(t.Context(), func() (bool, error) { return len(j.noticesTo(j.mailbox())) == 1, nil }))
	if n := len(j.noticesTo(j.phone())); n != 0 {
		t.Errorf("%d SMS", n)
	}
	j.must(j.applicant.Withdraw(t.Context(), j.id))
}
