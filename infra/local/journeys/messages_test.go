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

// returned brings an order to the reviewers, waits for the email about that, and returns the order while messages fail as set: that notice goes by SMS and email.
func returned(t *testing.T, n int, fail func()) *journey {
	t.Helper()
	j := journeyAt(t, n, filing.InitialReview)
	j.wantNotices(filing.NoticeSubmitted)
	j.must(reviewer.Claim(t.Context(), j.id))
	fail()
	j.must(reviewer.Review(t.Context(), j.id, "return", scenario.Remark{Pointer: "/sites/0/name", Message: map[string]string{"zh-CN": "网站名称与内容不符。"}}))
	return j
}

// TestMessagesLostAnswer checks that a message whose answer is lost is sent again with the same key.
func TestMessagesLostAnswer(t *testing.T) {
	j := returned(t, 610, func() { sys.Outbox.LoseNext(4) })
	var got, mailed map[string]int
	j.must(scenario.Poll(t.Context(), func() (bool, error) {
		got, mailed = map[string]int{}, map[string]int{}
		for _, m := range j.noticesTo(j.phone()) {
			if kindOf(m) != filing.NoticeReturned {
				t.Errorf("unexpected notice %s", kindOf(m))
			}
			got[m.Attributes[keyName]]++
		}
		for _, m := range j.noticesTo(j.mailbox()) {
			if kindOf(m) == filing.NoticeReturned {
				mailed[m.Attributes[keyName]]++
			}
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
	j.must(j.applicant.Abandon(t.Context(), j.id))
}

// TestMessagesContinueWithEmail checks that an SMS is not repeated while email is unavailable.
func TestMessagesContinueWithEmail(t *testing.T) {
	j := returned(t, 620, func() { sys.Outbox.FailNext(outbox.Email, 4, http.StatusServiceUnavailable) })
	j.must(j.applicant.Abandon(t.Context(), j.id))
	j.wantNotices(filing.NoticeSubmitted, filing.NoticeReturned, filing.NoticeAbandoned)
}

// TestMessagesEmailAfterSMSRejected checks that the email is sent if the phone rejects the SMS.
func TestMessagesEmailAfterSMSRejected(t *testing.T) {
	j := returned(t, 621, func() { sys.Outbox.FailNext(outbox.SMS, 1, http.StatusBadRequest) })
	j.must(scenario.Poll(t.Context(), func() (bool, error) { return len(j.noticesTo(j.mailbox())) == 2, nil }))
	if n := len(j.noticesTo(j.phone())); n != 0 {
		t.Errorf("%d SMS", n)
	}
	j.must(j.applicant.Abandon(t.Context(), j.id))
}
