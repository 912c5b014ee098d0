package filing_test

import (
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"beian/shared/filing"
	"beian/shared/filing/filingtest"
	"beian/shared/rules/finding"
)

// A flowCounter sums up what the changes of a walk count.
type flowCounter struct {
	events  map[filing.FlowEvent]int
	reasons map[string]int // by who and code
	last    filing.Flow
}

func countFlow(w *filingtest.Walk) *flowCounter {
	n := &flowCounter{events: map[filing.FlowEvent]int{}, reasons: map[string]int{}}
	w.Store = func(c filing.Change) filing.Order {
		if c.Flow != nil {
			n.last = *c.Flow
			for _, e := range c.Flow.Events {
				n.events[e]++
			}
			for _, code := range c.Flow.Codes {
				n.reasons[string(c.Flow.Refuser)+" "+string(code)]++
			}
		}
		return c.Order
	}
	return n
}

func (n *flowCounter) want(t *testing.T, events map[filing.FlowEvent]int, reasons map[string]int) {
	t.Helper()
	if diff := cmp.Diff(events, n.events); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
	if !maps.Equal(reasons, n.reasons) {
		t.Errorf("reasons %v, want %v", n.reasons, reasons)
	}
	for e := range n.events {
		if !slices.Contains(filing.FlowEvents, e) {
			t.Errorf("the event %s is in no list", e)
		}
	}
}

// TestFlowOfFirstPass: an application that was never returned counts once in each part of the flow.
func TestFlowOfFirstPass(t *testing.T) {
	c, err := filing.Open(filingtest.IndividualZhejiang().OpenInput("01EXAMPLE"), filingtest.Applicant, filingtest.December2019)
	if err != nil || c.Flow == nil || !slices.Equal(c.Flow.Events, []filing.FlowEvent{filing.FlowOpened}) || c.Flow.Province != "33" {
		t.Fatalf("%+v, %v", c.Flow, err)
	}
	w := filingtest.Open(t, filingtest.IndividualZhejiang(), filingtest.December2019)
	n := countFlow(w)
	w.AdvanceTo(filing.Done)
	n.want(t, map[filing.FlowEvent]int{filing.FlowEntered: 1, filing.FlowPassed: 1, filing.FlowSMSSent: 1, filing.FlowSMSAnswered: 1, filing.FlowSent: 1, filing.FlowFirst: 1,
		filing.FlowFirstPass: 1, filing.FlowApproved: 1}, map[string]int{})
	if n.last.Type != filing.First || n.last.Province != "33" || w.Order.Received != 1 || w.Order.Returns != 0 {
		t.Errorf("%+v; received %d times, returned %d times", n.last, w.Order.Received, w.Order.Returns)
	}
}

// TestFlowOfReturns: a return and a refusal count with their reasons, each once; after a return, the application is no first pass, and in its second round no first case.
func TestFlowOfReturns(t *testing.T) {
	w := filingtest.OpenAt(t, filingtest.EnterpriseBeijing(), filingtest.December2019, filing.InitialReview)
	n := countFlow(w)
	found := finding.List{{Pointer: "/sites/0/name", Code: "site-name-unclear"}, {Pointer: "/sites/0/remark", Code: "site-name-unclear"}, {Pointer: "/sites/0/name", Code: "reviewer"}}
	w.Decide(filingtest.Reviewer, filing.ClaimOrder{})
	w.Decide(filingtest.Reviewer, filing.Return{Findings: found})
	w.AdvanceTo(filing.AwaitBureau)
	w.Decide(filing.TheBureau, filing.Receive{Sequence: 1})
	w.Decide(filing.TheBureau, filing.Refuse{Record: w.Order.Bureau.Record, Codes: []int{1002}, Opinion: "请更正", Findings: finding.List{{Code: "bureau-refused"}}})
	w.Decide(filing.Beian, filing.AnnounceResult{})
	w.Decide(filingtest.Applicant, filing.Resubmit{})
	w.AdvanceTo(filing.Done)
	n.want(t, map[filing.FlowEvent]int{filing.FlowReturned: 1, filing.FlowEntered: 2, filing.FlowPassed: 2, filing.FlowSent: 2, filing.FlowFirst: 1, filing.FlowRefused: 1, filing.FlowApproved: 1},
		map[string]int{"reviewer site-name-unclear": 1, "reviewer reviewer": 1, "bureau bureau-refused": 1})
}

// TestFlowOfEnds: each end of an application counts once, also if it is asked for and carried out in two decisions.
func TestFlowOfEnds(t *testing.T) {
	for _, c := range []struct {
		name    string
		end     func(*filingtest.Walk)
		events  map[filing.FlowEvent]int
		reasons map[string]int
	}{
		{"rejected", func(w *filingtest.Walk) {
			w.Decide(filingtest.Reviewer, filing.ClaimOrder{})
			w.Decide(filingtest.Reviewer, filing.Reject{Findings: finding.List{{Code: "reviewer"}}})
			w.Decide(filing.Beian, filing.Close{})
		}, map[filing.FlowEvent]int{filing.FlowRejected: 1}, map[string]int{"reviewer reviewer": 1}},
		{"withdrawn", func(w *filingtest.Walk) {
			w.Decide(filingtest.Applicant, filing.AskToClose{As: filing.ClosingWithdraw})
			w.Decide(filing.Beian, filing.Close{})
		}, map[filing.FlowEvent]int{filing.FlowWithdrawn: 1}, nil},
		{"refused by the interface", func(w *filingtest.Walk) {
			w.AdvanceTo(filing.AwaitBureau)
			w.Decide(filing.Beian, filing.Refuse{Record: w.Order.Bureau.Record, Findings: finding.List{{Code: "record-length"}}})
			w.Decide(filing.Beian, filing.AnnounceResult{})
			w.Decide(filingtest.Applicant, filing.AskToClose{As: filing.ClosingAbandon})
			w.Decide(filing.Beian, filing.Close{})
		}, map[filing.FlowEvent]int{filing.FlowPassed: 1, filing.FlowRefused: 1, filing.FlowAbandoned: 1}, map[string]int{"checks record-length": 1}},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := filingtest.OpenAt(t, filingtest.EnterpriseBeijing(), filingtest.December2019, filing.InitialReview)
			n := countFlow(w)
			c.end(w)
			n.want(t, c.events, c.reasons)
		})
	}
}

// TestFlowOfSMSChecks: a check without an answer in time, and one with too many wrong codes, lead to the review again.
func TestFlowOfSMSChecks(t *testing.T) {
	for name, c := range map[string]struct {
		fail func(*filingtest.Walk)
		want filing.FlowEvent
	}{
		"unanswered": {func(w *filingtest.Walk) {
			w.At = w.At.Add(filing.SMSHours * time.Hour)
			w.Decide(filing.Beian, filing.Timeout{})
		}, filing.FlowSMSUnanswered},
		"wrong": {func(w *filingtest.Walk) {
			for range filing.MaxWrongCodes + 1 {
				w.Decide(filingtest.Applicant, filing.AnswerSMS{Mobile: w.Order.Private.Codes[0].Mobile, Code: "000000", CertificateTail: w.Order.Private.Codes[0].CertificateTail})
			}
		}, filing.FlowSMSWrong},
	} {
		w := filingtest.OpenAt(t, filingtest.IndividualZhejiang(), filingtest.December2019, filing.VerifySMS)
		n := countFlow(w)
		w.Decide(filing.Beian, filing.IssueCodes{NewCode: filingtest.SequentialCodes()})
		c.fail(w)
		t.Log(name)
		n.want(t, map[filing.FlowEvent]int{filing.FlowSMSSent: 1, c.want: 1, filing.FlowEntered: 1}, nil)
	}
}
