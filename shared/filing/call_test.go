package filing_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"beian/shared/filing"
	"beian/shared/filing/filingtest"
	"beian/shared/rules/fault"
)

// TestCalls: a reviewer records calls under a claim. The applicant gets at most one message a day, and only if nobody was reached; the ledger has no note.
func TestCalls(t *testing.T) {
	w := filingtest.OpenAt(t, filingtest.EnterpriseBeijing(), filingtest.December2019, filing.InitialReview)
	call := filing.RecordCall{Person: filing.CallContact, Outcome: filing.CallReached, Note: "示例甲说下周补齐"}
	wantFault(t, w, filingtest.Reviewer, call, fault.Conflict, filing.CodeNotClaimed)
	w.Decide(filingtest.Reviewer, filing.ClaimOrder{})
	c := w.Decide(filingtest.Reviewer, call)
	if len(c.Notices) != 0 || c.Entry.Facts["outcome"] != "reached" || strings.Contains(fmt.Sprint(c.Entry), "下周") || w.Order.Private.Calls[0].Note != call.Note {
		t.Errorf("%v, %v", c.Notices, c.Entry)
	}
	wantError(t, w.Order, filingtest.Reviewer, call, filing.ErrNothingToDo)

	messages := 0
	for i, outcome := range []filing.CallOutcome{filing.CallNoAnswer, filing.CallNoAnswerTwice, filing.CallWrongNumber, filing.CallNoSuchNumber} {
		c := w.Decide(filingtest.Reviewer, filing.RecordCall{At: w.At.Add(-time.Duration(i+1) * time.Minute), Person: filing.CallSiteLeader, Outcome: outcome})
		messages += len(c.Notices)
	}
	if messages != 1 {
		t.Errorf("%d messages on one day, want 1", messages)
	}
	w.At = w.At.Add(24 * time.Hour)
	w.Decide(filingtest.Reviewer, filing.ClaimOrder{})
	if c := w.Decide(filingtest.Reviewer, filing.RecordCall{Person: filing.CallSubjectLeader, Outcome: filing.CallNoAnswerTwice}); len(c.Notices) != 1 || c.Notices[0].Kind != filing.NoticeCalled {
		t.Errorf("messages of the next day: %v", c.Notices)
	}
	if text := fmt.Sprintf("%v %+v", w.Order.Private.Calls, w.Order.Private.Calls[0]); strings.Contains(text, "下周") {
		t.Error("a printed call shows its note")
	}
	for want, wrong := range map[string]filing.RecordCall{
		"call-note":   {Person: filing.CallContact, Outcome: filing.CallReached, Note: strings.Repeat("一", 501)},
		"call-time":   {Person: filing.CallContact, Outcome: filing.CallReached, At: w.At.Add(time.Minute)},
		"call-time ":  {Person: filing.CallContact, Outcome: filing.CallReached, At: w.At.AddDate(0, 0, -8)},
		"call-person": {Person: filing.CallSiteLeader, Site: 1, Outcome: filing.CallReached},
	} {
		_, err := w.Order.Apply(wrong, filingtest.Reviewer, w.At)
		if f := fault.Of(err); f.Kind != fault.Invalid || len(f.Findings) != 1 || string(f.Findings[0].Code) != strings.TrimSpace(want) {
			t.Errorf("%s: %v", want, err)
		}
	}
	for i := range 44 {
		w.Decide(filingtest.Reviewer, filing.RecordCall{At: w.At.Add(-time.Duration(i+1) * time.Hour), Person: filing.CallContact, Outcome: filing.CallNoAnswer})
	}
	wantFault(t, w, filingtest.Reviewer, filing.RecordCall{Person: filing.CallContact, Outcome: filing.CallNoAnswer}, fault.Invalid, filing.CodeCallsMany)
}
