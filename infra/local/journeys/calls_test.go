package journeys_test

import (
	"strings"
	"testing"

	"beian/shared/filing"
)

// TestCalledTwice: a reviewer who reached nobody in two calls records it, and the applicant gets one message, and reads it in the history.
func TestCalledTwice(t *testing.T) {
	j := newJourney(t, 10201)
	ctx := t.Context()
	j.advanceTo(filing.InitialReview)
	order := "/orders/" + string(j.id)
	j.must(reviewer.Claim(ctx, j.id))
	for _, note := range []string{"示例甲没有接", "又没有接"} {
		j.must(reviewer.Call(ctx, "POST", order+"/calls", map[string]any{"person": "contact", "outcome": "no-answer-twice", "note": note}, nil))
	}
	mails := j.wantNotices(filing.NoticeSubmitted, filing.NoticeCalled)
	if text := mails[1].Text; strings.Contains(text, "没有接\n") || !strings.Contains(text, "都没有接通") {
		t.Errorf("the message:\n%s", text)
	}
	var earlier struct{ Items []struct{ ID filing.ID } }
	j.must(reviewer.Call(ctx, "GET", order+"/earlier", nil, &earlier))
	if len(earlier.Items) != 0 {
		t.Errorf("earlier orders of a new subject: %v", earlier.Items)
	}
	j.wantLedger(opened, collected, []string{"claim", "record-call", "record-call"})
	j.must(reviewer.Call(ctx, "POST", order+"/review", map[string]any{"verdict": "pass"}, nil))
	j.awaitStep(filing.VerifySMS, filing.SMSPending)
}
