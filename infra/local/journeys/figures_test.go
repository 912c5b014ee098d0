package journeys_test

import (
	"testing"

	"beian/functions/operator"
	"beian/infra/local/scenario"
	"beian/shared/filing"
)

// A flow is what the operator's figures count of the days since the tests began.
type flow struct {
	operator.FlowDay
	first, firstPass     int // of first filings
	reasons              int // given by reviewers in their own words
	checks, answered     int
	returnedBySMS, mails int // messages about a return
}

// readFlow reads the figures.
func readFlow(t *testing.T) (f flow) {
	t.Helper()
	got, err := scenario.Figures(t.Context(), sys, admin)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range got.Flow {
		f.Entered, f.Passed, f.Returned = f.Entered+d.Entered, f.Passed+d.Passed, f.Returned+d.Returned
		f.Sent, f.Approved = f.Sent+d.Sent, f.Approved+d.Approved
	}
	for _, p := range got.FirstPassKinds {
		if p.Type == filing.First {
			f.first, f.firstPass = p.Cases, p.Passed
		}
	}
	for _, r := range got.Refusals {
		if r.By == filing.RefusedByReviewer && r.Code == "reviewer" {
			f.reasons += r.Count
		}
	}
	for _, c := range got.SMSChecks {
		f.checks, f.answered = f.checks+c.Sent, f.answered+c.Answered
	}
	for _, m := range got.Messages {
		if m.Kind == string(filing.NoticeReturned) {
			f.returnedBySMS, f.mails = m.SMS, m.Mail
		}
	}
	return f
}

// wantFlow checks that an application that was returned once by a reviewer and then approved counts once everywhere, and is no first pass. Orders of other tests may
// reach the bureau meanwhile.
func wantFlow(t *testing.T, before flow) {
	t.Helper()
	after := readFlow(t)
	for _, c := range []struct {
		name    string
		got     int
		want    int
		atLeast bool
	}{
		{"reached the review", after.Entered - before.Entered, 2, true}, {"passed", after.Passed - before.Passed, 2, false}, {"returned", after.Returned - before.Returned, 1, false},
		{"sent", after.Sent - before.Sent, 1, true}, {"approved", after.Approved - before.Approved, 1, true}, {"first filings at the bureau", after.first - before.first, 1, true},
		{"other than first passes", after.first - after.firstPass - before.first + before.firstPass, 1, true}, {"reasons", after.reasons - before.reasons, 1, false},
		{"SMS checks", after.checks - before.checks, 1, true}, {"answered", after.answered - before.answered, 1, false},
		{"SMS about the return", after.returnedBySMS - before.returnedBySMS, 1, false}, {"emails about it", after.mails - before.mails, 1, false},
	} {
		if c.got != c.want && (!c.atLeast || c.got < c.want) {
			t.Errorf("%s: %d, want %d", c.name, c.got, c.want)
		}
	}
}
