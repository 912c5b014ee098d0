package filing_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"beian/shared/filing"
	"beian/shared/filing/filingtest"
	"beian/shared/rules/fault"
	"beian/shared/rules/finding"
	"beian/shared/rules/workday"
)

var (
	third     = filing.Actor{Account: "reviewer-3", Role: filing.Reviewer}
	everyRead = filing.SecondReadings{Percent: 100}
)

// verdictOf returns a verdict with reasons of some codes, which must be read twice.
func verdictOf(v filing.Verdict, codes ...finding.Code) filing.RecordVerdict {
	d := filing.RecordVerdict{Verdict: filing.GivenVerdict{Verdict: v}, Readings: everyRead}
	for _, code := range codes {
		d.Verdict.Findings = append(d.Verdict.Findings, finding.New(code, "/subject/address"))
	}
	return d
}

// readOnce returns an order on which the reviewer gave a verdict that awaits a second reading, which another reviewer has claimed.
func readOnce(t *testing.T, d filing.RecordVerdict) *filingtest.Walk {
	t.Helper()
	w := claimedOrder(t, filingtest.EnterpriseBeijing())
	before := w.Order
	c := w.Decide(filingtest.Reviewer, d)
	o := w.Order
	if o.Step != filing.InitialReview || o.Status != filing.Submitted || o.Claim != nil || o.Review != nil || !o.MovedAt.Equal(before.MovedAt) || len(c.Notices) > 0 || c.ResumeExecution ||
		len(o.Private.Findings) != len(before.Private.Findings) {
		t.Fatalf("the first verdict took effect: %s, claim %v, review %v, notices %v", o.Status, o.Claim, o.Review, c.Notices)
	}
	if c.Entry.Decision != "keep-reading" || c.Entry.By.Account != filingtest.Reviewer.Account || c.Entry.Facts["findings"] != "" || len(c.Entry.Facts["verdict"]) != 64 {
		t.Errorf("entry %+v", c.Entry)
	}
	wantFault(t, w, filingtest.Reviewer, filing.ClaimOrder{}, fault.Forbidden, filing.CodeReadBefore)
	w.Decide(second, filing.ClaimOrder{})
	return w
}

// TestSecondReadingAgrees: the same verdict of two reviewers takes effect. The applicant gets the reasons of both, without repetition.
func TestSecondReadingAgrees(t *testing.T) {
	w := readOnce(t, verdictOf(filing.VerdictReturn, filing.CodeAddressMissing))
	by := func(a filing.Account) filing.Call { return filing.Call{By: a} }
	if o := w.Order; !o.HidesCall("reviewer-2", by("reviewer-1")) || o.HidesCall("reviewer-1", by("reviewer-1")) || o.HidesCall("reviewer-2", by("reviewer-9")) {
		t.Error("a call of the first reading is shown to the second reviewer, or another one is not")
	}
	c := w.Decide(second, verdictOf(filing.VerdictReturn, filing.CodeAddressMissing, filing.CodeAddressIncomplete))
	o := w.Order
	if o.Status != filing.Returned || len(o.Private.Findings) != 2 || len(c.Notices) != 1 || len(o.Readings)+len(o.Private.Verdicts) > 0 {
		t.Errorf("%s, findings %v, notices %v", o.Status, o.Private.Findings, c.Notices)
	}
	if c.Entry.Decision != "return" || c.Entry.By.Account != second.Account || c.Entry.Facts["readings"] != "reviewer-1:return reviewer-2:return" {
		t.Errorf("entry %+v", c.Entry)
	}
	want := [2][]finding.Code{{filing.CodeAddressMissing}, {filing.CodeAddressMissing, filing.CodeAddressIncomplete}}
	if p := c.Pair; p == nil || p.Verdicts != [2]filing.Verdict{"return", "return"} || !slices.Equal(p.Codes[0], want[0]) || len(p.Codes[1]) != 2 {
		t.Errorf("pair %+v", p)
	}
}

// TestSecondReadingDiffers: a third reviewer, who is neither of the two, decides.
func TestSecondReadingDiffers(t *testing.T) {
	w := readOnce(t, verdictOf(filing.VerdictPass))
	c := w.Decide(second, verdictOf(filing.VerdictReject, filing.CodeAddressMissing))
	if o := w.Order; o.Status != filing.Submitted || o.Closing != "" || c.Pair == nil || !o.AwaitsThirdReading() || len(c.Notices) > 0 {
		t.Fatalf("%s, closing %s", o.Status, o.Closing)
	}
	for _, by := range []filing.Actor{filingtest.Reviewer, second} {
		wantFault(t, w, by, filing.ClaimOrder{}, fault.Forbidden, filing.CodeReadBefore)
	}
	w.Decide(third, filing.ClaimOrder{})
	c = w.Decide(third, verdictOf(filing.VerdictReject, filing.CodeAddressMissing))
	if o := w.Order; o.Closing != filing.ClosingReject || c.Pair != nil || c.Entry.Facts["readings"] != "reviewer-1:pass reviewer-2:reject reviewer-3:reject" || len(o.Review.Others) != 2 {
		t.Errorf("%s, facts %v, review %+v", o.Closing, c.Entry.Facts, o.Review)
	}
	w.Decide(filing.Beian, filing.Close{})
	w.Decide(filingtest.Applicant, contest)
	for _, by := range []filing.Actor{filingtest.Reviewer, second, third} {
		wantFault(t, w, by, filing.ClaimOrder{}, fault.Forbidden, filing.CodeAppealOwnVerdict)
	}
}

// TestSecondReadingWithdrawn: a withdrawal ends the readings.
func TestSecondReadingWithdrawn(t *testing.T) {
	w := readOnce(t, verdictOf(filing.VerdictReject, filing.CodeAddressMissing))
	w.Decide(filingtest.Applicant, filing.AskToClose{As: filing.ClosingWithdraw})
	if o := w.Order; len(o.Readings)+len(o.Private.Verdicts) > 0 {
		t.Errorf("readings %v", o.Readings)
	}
	wantFault(t, w, second, verdictOf(filing.VerdictPass), fault.Conflict, filing.CodeStepOutOfOrder)
}

// TestDecideByOne: without another reviewer for two working days, the operator gets a task, and lets one decide.
func TestDecideByOne(t *testing.T) {
	note := filing.DecideByOne{Note: "其他审核员都在休假"}
	for _, c := range []struct {
		name    string
		readers []filing.Verdict
		want    filing.Closing
	}{{"one reading", []filing.Verdict{"reject"}, filing.ClosingReject}, {"two that differ", []filing.Verdict{"reject", "pass"}, ""}} {
		w := readOnce(t, verdictOf(c.readers[0], filing.CodeAddressMissing))
		if len(c.readers) > 1 {
			w.Decide(second, verdictOf(c.readers[1]))
		}
		wantFault(t, claimedOrder(t, filingtest.EnterpriseBeijing()), operator, note, fault.Conflict, filing.CodeReadingNone)
		wantFault(t, w, operator, note, fault.Conflict, filing.CodeReadingInTime)
		wantError(t, w.Order, filing.Beian, filing.EscalateReading{}, filing.ErrNothingToDo)
		w.At = workday.Add(w.At, filing.SecondReadingDays).Add(24 * time.Hour)
		if tasks := w.Decide(filing.Beian, filing.EscalateReading{}).Tasks; len(tasks) != 1 || tasks[0].Kind != filing.TaskSecondReading {
			t.Errorf("%s: tasks %v", c.name, tasks)
		}
		wantFault(t, w, operator, filing.DecideByOne{}, fault.Invalid, filing.CodeReadingNote)
		for _, r := range w.Order.Readings { // who is an operator, too
			wantFault(t, w, filing.Actor{Account: r.Reviewer, Role: filing.Admin}, note, fault.Forbidden, filing.CodeReadBefore)
		}
		change := w.Decide(operator, note)
		if o := w.Order; o.Closing != c.want || len(change.Tasks) != 1 || change.Tasks[0].ClosedAt.IsZero() || change.Entry.Facts["allowedBy"] != "operator-1" {
			t.Errorf("%s: closing %q, tasks %v, facts %v", c.name, o.Closing, change.Tasks, change.Entry.Facts)
		}
		if c.want == "" {
			w.Decide(filingtest.Reviewer, filing.ClaimOrder{})
			w.Decide(filingtest.Reviewer, verdictOf(filing.VerdictPass))
			if w.Order.Step == filing.InitialReview {
				t.Errorf("%s: the verdict took no effect", c.name)
			}
		}
	}
}

// TestSecondReadingsSelect: the share is drawn from a key that differs between orders and submissions, the same for each verdict; risks and rejections are
// always read twice.
func TestSecondReadingsSelect(t *testing.T) {
	base := claimedOrder(t, filingtest.EnterpriseBeijing())
	kept := func(o filing.Order, d filing.RecordVerdict) bool {
		c, err := o.Apply(d, filingtest.Reviewer, base.At)
		if err != nil {
			t.Fatal(err)
		}
		return len(c.Order.Readings) == 1
	}
	n := 0
	for i := range 2000 {
		o := base.Order
		o.Private.DigestKey = strings.Repeat("k", i%7) + time.Duration(i).String()
		pass := verdictOf(filing.VerdictPass)
		pass.Readings = filing.DefaultSecondReadings()
		reject := verdictOf(filing.VerdictReject, filing.CodeAddressMissing)
		reject.Readings = pass.Readings
		selected := kept(o, pass)
		if selected != kept(o, reject) {
			t.Fatal("the draw depends on the verdict")
		}
		if selected {
			n++
		}
	}
	if n < 60 || n > 140 { // 100 expected, standard deviation 9.7
		t.Errorf("%d of 2000 orders are read twice, want about 100", n)
	}
	for _, c := range []struct {
		verdict filing.RecordVerdict
		rules   filing.SecondReadings
		want    bool
	}{
		{verdictOf(filing.VerdictPass), filing.SecondReadings{}, false},
		{verdictOf(filing.VerdictPass), filing.SecondReadings{Rejections: true}, false},
		{verdictOf(filing.VerdictReject, filing.CodeAddressMissing), filing.SecondReadings{Rejections: true}, true},
		{verdictOf(filing.VerdictPass), filing.SecondReadings{Risks: []filing.Risk{filing.RiskAgency}}, false},
		{verdictOf(filing.VerdictPass), filing.SecondReadings{Risks: []filing.Risk{filing.RiskRefused}}, true},
	} {
		c.verdict.Readings = c.rules
		o := base.Order
		o.Risks = []filing.Risk{filing.RiskRefused}
		if got := kept(o, c.verdict); got != c.want {
			t.Errorf("%+v: %s is read twice: %v", c.rules, c.verdict.Verdict.Verdict, got)
		}
	}
}

// TestParseSecondReadings: the setting is read strictly, and missing means five percent.
func TestParseSecondReadings(t *testing.T) {
	for text, ok := range map[string]bool{"": true, `{"percent":0}`: true, `{"percent":7,"risks":["agency"],"rejections":true}`: true,
		`{"percent":101}`: false, `{"percent":-1}`: false, `{"risks":["luck"]}`: false, `{"share":1}`: false, `[]`: false} {
		s, err := filing.ParseSecondReadings(text)
		if (err == nil) != ok {
			t.Errorf("%q: %+v, %v", text, s, err)
		}
	}
	if s, _ := filing.ParseSecondReadings(""); s.Percent != 5 {
		t.Errorf("the default is %+v", s)
	}
}
