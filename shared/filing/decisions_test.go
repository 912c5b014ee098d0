package filing_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"beian/shared/filing"
	"beian/shared/filing/filingtest"
	"beian/shared/rules/evidence"
	"beian/shared/rules/fault"
	"beian/shared/rules/finding"
	"beian/shared/rules/number"
)

// refuse wants a decision to be refused with an error.
func refuse(t *testing.T, o filing.Order, by filing.Actor, d filing.Decision, want error) {
	t.Helper()
	if _, err := o.Apply(d, by, filingtest.Christmas); !errors.Is(err, want) {
		t.Errorf("%s at %s: %v, want %v", d.Name(), o.Step, err, want)
	}
}

// refuseWith wants a decision to be refused with a finding.
func refuseWith(t *testing.T, w *filingtest.Walk, by filing.Actor, d filing.Decision, kind fault.Kind, code finding.Code) {
	t.Helper()
	_, err := w.Order.Apply(d, by, w.At)
	if f := fault.Of(err); f.Kind != kind || !f.Findings.Has(code) {
		t.Errorf("%s at %s: %v, want %s with %s", d.Name(), w.Order.Step, err, kind, code)
	}
}

var why = finding.List{finding.New(filing.CodeAddressMissing, "/subject/address")}

// A made is a decision of each kind, as it would be made on an order that is where it fits.
type made struct {
	by    filing.Actor
	d     filing.Decision
	steps []filing.Step // at which it changes the order
	past  bool          // elsewhere there is nothing to do, instead of a conflict
}

func everyDecision(w *filingtest.Walk) []made {
	applicants := []filing.Step{filing.VerifyType, filing.VerifyProduct, filing.CollectDetails, filing.CollectEvidence,
		filing.VerifyAuthenticity, filing.AwaitConfirmation}
	other := filingtest.Product()
	other.Server = "server-2"
	form := evidence.SiteSlot(0, evidence.VerificationForm)
	again := filingtest.Paper(form)
	again.Key = "original/again"
	return []made{
		{filingtest.Applicant, filing.CorrectType{Opening: w.App.Opening, SubjectKey: "another"}, applicants[:1], false},
		{filing.Beian, filing.DetermineType{Facts: w.Facts(filing.Facts{})}, applicants[:1], true},
		{filingtest.Applicant, filing.ChooseProduct{Product: other}, applicants[1:], false},
		{filingtest.Applicant, filing.EnterDetails{Subject: w.App.Subject, Sites: w.App.Sites}, applicants[2:], false},
		{filingtest.Applicant, filing.AcceptEvidence{Papers: map[evidence.Slot]filing.Evidence{form: again}}, applicants[3:], false},
		{filingtest.Applicant, filing.IssueChallenge{}, applicants[3:], false},
		{filingtest.Applicant, filing.Confirm{Digest: w.Order.Summary().Digest}, applicants[5:], false},
		{filingtest.Reviewer, filing.TakeClaim{}, []filing.Step{filing.InitialReview, filing.MailDocuments}, false},
		{filingtest.Applicant, filing.SendPapers{Courier: "示例快递", Tracking: "EX1"}, []filing.Step{filing.MailDocuments}, false},
		{filing.Beian, filing.IssueCodes{Draw: filingtest.Draw()}, []filing.Step{filing.VerifySMS}, false},
		{filing.Beian, filing.HandOver{FirstID: 1}, []filing.Step{filing.Transmit}, true},
		{filing.TheBureau, filing.Receive{Sequence: 1}, []filing.Step{filing.AwaitBureau}, false},
		{filing.Beian, filing.AnnounceResult{}, []filing.Step{filing.Announce}, true},
		{filing.Beian, filing.SetDuties{}, []filing.Step{filing.FollowUp}, true},
		{filingtest.Applicant, filing.Resubmit{}, nil, false},
		{filingtest.Applicant, filing.AskToClose{As: filing.ClosingWithdraw}, []filing.Step{filing.InitialReview, filing.MailDocuments, filing.VerifySMS}, false},
		{filingtest.Applicant, filing.AskToClose{As: filing.ClosingAbandon}, applicants, false},
		{filingtest.Applicant, filing.AskToClose{As: filing.ClosingReject}, nil, false},
		{filing.Beian, filing.AskToClose{As: filing.ClosingExpire}, nil, false},
		{filing.Beian, filing.Close{}, nil, false},
		{filingtest.Reviewer, filing.ViewEvidence{Slot: form}, filing.Steps[slices.Index(filing.Steps, filing.VerifyAuthenticity):], false},
	}
}

// TestWhereDecisionsFit makes every decision at every step. Whatever comes of it, the given order stays as it was.
func TestWhereDecisionsFit(t *testing.T) {
	for _, step := range filing.Steps {
		w := filingtest.To(t, filingtest.IndividualZhejiang(), filingtest.Christmas, step)
		for _, m := range everyDecision(w) {
			before := image(t, w.Order)
			c, err := w.Order.Apply(m.d, m.by, w.At)
			if after := image(t, w.Order); after != before {
				t.Errorf("%s at %s changed the order it was given", m.d.Name(), step)
			}
			fits := slices.Contains(m.steps, step)
			switch kind := fault.KindOf(err); {
			case fits && err != nil:
				t.Errorf("%s at %s: %v", m.d.Name(), step, err)
			case fits:
				chained(t, w.Order, c)
			case m.past && !errors.Is(err, filing.ErrNothingToDo):
				t.Errorf("%s at %s: %v, want nothing to do", m.d.Name(), step, err)
			case !m.past && err == nil, !m.past && kind != fault.Conflict && kind != fault.NotFound && !errors.Is(err, filing.ErrNothingToDo):
				t.Errorf("%s at %s: %v, want a conflict", m.d.Name(), step, err)
			}
		}
	}
}

// image is all of an order as text.
func image(t *testing.T, o filing.Order) string {
	t.Helper()
	doc, err := json.Marshal([]any{o, o.Private})
	if err != nil {
		t.Fatal(err)
	}
	return string(doc) + fmt.Sprint(o.Evidence == nil)
}

// chained wants a change's ledger entry to follow the last one.
func chained(t *testing.T, before filing.Order, c filing.Change) {
	t.Helper()
	e := c.Entry
	if e.Previous != before.LastHash || e.Seq != before.LastSeq+1 || e.Hash != e.Sum() || c.Order.LastHash != e.Hash ||
		c.Order.Version != before.Version+1 || e.Status != c.Order.Status || e.Step != c.Order.Step {
		t.Errorf("%s: the entry does not follow", e.Decision)
	}
}

func TestLedger(t *testing.T) {
	var entries []filing.Entry
	w := filingtest.Open(t, filingtest.IndividualZhejiang(), filingtest.Christmas)
	w.Store = func(c filing.Change) filing.Order {
		entries = append(entries, c.Entry)
		return c.Order
	}
	first := w.Order.LastHash
	w.To(filing.Done)
	for i, e := range entries {
		if e.Previous != first || e.Sum() != e.Hash || e.Seq != i+2 {
			t.Fatalf("entry %d does not follow", e.Seq)
		}
		first = e.Hash
		for _, change := range []func(*filing.Entry){
			func(e *filing.Entry) { e.Decision += "x" }, func(e *filing.Entry) { e.Seq++ }, func(e *filing.Entry) { e.By.Account = "x" },
			func(e *filing.Entry) { e.At = e.At.Add(1) }, func(e *filing.Entry) { e.Facts = map[string]string{"x": "y"} },
			func(e *filing.Entry) { e.Previous = "x" },
		} {
			forged := e
			change(&forged)
			if forged.Sum() == e.Hash {
				t.Errorf("%s: a forged entry has the same hash", e.Decision)
			}
		}
	}
}

// TestTwice makes decisions again whose effect is there already.
func TestTwice(t *testing.T) {
	w := filingtest.To(t, filingtest.IndividualZhejiang(), filingtest.Christmas, filing.CollectEvidence)
	refuse(t, w.Order, filingtest.Applicant, filing.ChooseProduct{Product: filingtest.Product()}, filing.ErrNothingToDo)
	papers := w.Papers()
	w.Do(filingtest.Applicant, filing.AcceptEvidence{Papers: papers})
	refuse(t, w.Order, filingtest.Applicant, filing.AcceptEvidence{Papers: papers}, filing.ErrNothingToDo)
	w.To(filing.VerifySMS)
	w.Do(filing.Beian, filing.IssueCodes{Draw: filingtest.Draw()})
	refuse(t, w.Order, filing.Beian, filing.IssueCodes{Draw: filingtest.Draw()}, filing.ErrNothingToDo)
	w.To(filing.AwaitBureau)
	refuse(t, w.Order, filing.Beian, filing.HandOver{}, filing.ErrNothingToDo)
	w.Do(filing.TheBureau, filing.Receive{Sequence: 7})
	refuse(t, w.Order, filing.TheBureau, filing.Receive{Sequence: 8}, filing.ErrNothingToDo)
	approval := w.Approval()
	w.Do(filing.TheBureau, approval)
	refuse(t, w.Order, filing.TheBureau, approval, filing.ErrNothingToDo)
	w.To(filing.Done)
	refuse(t, w.Order, filing.Beian, filing.AnnounceResult{}, filing.ErrNothingToDo)
	refuse(t, w.Order, filing.Beian, filing.SetDuties{}, filing.ErrNothingToDo)
	refuse(t, w.Order, filing.Beian, filing.Close{}, filing.ErrNothingToDo)
}

func TestRoundTrip(t *testing.T) {
	for _, step := range filing.Steps {
		w := filingtest.To(t, filingtest.IndividualZhejiang(), filingtest.Christmas, step)
		var o filing.Order
		doc, err := json.Marshal(w.Order)
		if err == nil {
			err = json.Unmarshal(doc, &o)
		}
		if err != nil {
			t.Fatal(err)
		}
		private, err := json.Marshal(w.Order.Private)
		if err == nil {
			err = json.Unmarshal(private, &o.Private)
		}
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(w.Order, o, cmpopts.EquateEmpty(), cmp.AllowUnexported(number.Subject{})); diff != "" {
			t.Errorf("at %s something was lost:\n%s", step, diff)
		}
		if o.Summary().Digest != w.Order.Summary().Digest {
			t.Errorf("at %s the summary's digest changed", step)
		}
	}
}
