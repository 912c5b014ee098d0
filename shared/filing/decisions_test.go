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

// wantError checks that a decision returns an error.
func wantError(t *testing.T, o filing.Order, by filing.Actor, d filing.Decision, want error) {
	t.Helper()
	if _, err := o.Apply(d, by, filingtest.December2019); !errors.Is(err, want) {
		t.Errorf("%s at %s: %v, want %v", d.Name(), o.Step, err, want)
	}
}

// wantFault checks that a decision returns a fault with a finding.
func wantFault(t *testing.T, w *filingtest.Walk, by filing.Actor, d filing.Decision, kind fault.Kind, code finding.Code) {
	t.Helper()
	_, err := w.Order.Apply(d, by, w.At)
	if f := fault.Of(err); f.Kind != kind || !f.Findings.Has(code) {
		t.Errorf("%s at %s: %v, want %s with %s", d.Name(), w.Order.Step, err, kind, code)
	}
}

var reviewFindings = finding.List{finding.New(filing.CodeAddressMissing, "/subject/address")}

// A decisionCase is a decision and the steps at which it is possible.
type decisionCase struct {
	by         filing.Actor
	decision   filing.Decision
	steps      []filing.Step // at which it changes the order
	idempotent bool          // at other steps the error is ErrNothingToDo instead of a conflict
}

func decisionCases(w *filingtest.Walk) []decisionCase {
	applicants := []filing.Step{filing.VerifyType, filing.VerifyProduct, filing.CollectDetails, filing.CollectEvidence,
		filing.VerifyAuthenticity, filing.AwaitConfirmation}
	other := filingtest.Product()
	other.Server = "server-2"
	form := evidence.SiteSlot(0, evidence.VerificationForm)
	again := filingtest.Evidence(form)
	again.Key = "original/again"
	return []decisionCase{
		{filingtest.Applicant, filing.CorrectType{Opening: w.App.Opening, SubjectKey: "another"}, applicants[:1], false},
		{filing.Beian, filing.DetermineType{Facts: w.Facts(filing.Facts{})}, applicants[:1], true},
		{filingtest.Applicant, filing.ChooseProduct{Product: other}, applicants[1:], false},
		{filingtest.Applicant, filing.EnterDetails{Subject: w.App.Subject, Sites: w.App.Sites}, applicants[2:], false},
		{filingtest.Applicant, filing.AcceptEvidence{Accepted: map[evidence.Slot]filing.Evidence{form: again}}, applicants[3:], false},
		{filingtest.Applicant, filing.IssueChallenge{}, applicants[3:], false},
		{filingtest.Applicant, filing.Confirm{Digest: w.Order.Summary().Digest}, applicants[5:], false},
		{filingtest.Reviewer, filing.ClaimOrder{}, []filing.Step{filing.InitialReview, filing.MailDocuments}, false},
		{filingtest.Applicant, filing.SendPapers{Courier: "示例快递", Tracking: "EX1"}, []filing.Step{filing.MailDocuments}, false},
		{filing.Beian, filing.IssueCodes{NewCode: filingtest.SequentialCodes()}, []filing.Step{filing.VerifySMS}, false},
		{filing.Beian, filing.QueueUpload{FirstID: 1}, []filing.Step{filing.Transmit}, true},
		{filing.TheBureau, filing.Receive{Sequence: 1}, []filing.Step{filing.AwaitBureau}, false},
		{filing.Beian, filing.AnnounceResult{}, []filing.Step{filing.Announce}, true},
		{filing.Beian, filing.SetDuties{}, []filing.Step{filing.FollowUp}, true},
		{filingtest.Applicant, filing.Resubmit{}, nil, false},
		{filingtest.Applicant, filing.AskToClose{As: filing.ClosingWithdraw}, []filing.Step{filing.InitialReview, filing.MailDocuments, filing.VerifySMS}, false},
		{filingtest.Applicant, filing.AskToClose{As: filing.ClosingAbandon}, applicants, false},
		{filingtest.Applicant, filing.AskToClose{As: filing.ClosingReject}, nil, false},
		{filing.Beian, filing.AskToClose{As: filing.ClosingExpire}, nil, false},
		{filing.Beian, filing.Close{}, nil, false},
	}
}

// TestEveryDecisionAtEveryStep applies every decision at every step, and checks that Apply does not modify its receiver.
func TestEveryDecisionAtEveryStep(t *testing.T) {
	for _, step := range filing.Steps {
		w := filingtest.OpenAt(t, filingtest.IndividualZhejiang(), filingtest.December2019, step)
		if step == filing.CollectEvidence { // a challenge needs the portrait
			front := evidence.Slot(evidence.SubjectCertificateFront)
			w.Decide(filingtest.Applicant, filing.AcceptEvidence{Accepted: map[evidence.Slot]filing.Evidence{front: filingtest.Evidence(front)}})
		}
		for _, m := range decisionCases(w) {
			before := orderText(t, w.Order)
			c, err := w.Order.Apply(m.decision, m.by, w.At)
			if after := orderText(t, w.Order); after != before {
				t.Errorf("%s at %s modified the order that Apply was called on", m.decision.Name(), step)
			}
			possible := slices.Contains(m.steps, step)
			switch kind := fault.KindOf(err); {
			case possible && err != nil:
				t.Errorf("%s at %s: %v", m.decision.Name(), step, err)
			case possible:
				wantNextEntry(t, w.Order, c)
			case m.idempotent && !errors.Is(err, filing.ErrNothingToDo):
				t.Errorf("%s at %s: %v, want nothing to do", m.decision.Name(), step, err)
			case !m.idempotent && err == nil, !m.idempotent && kind != fault.Conflict && kind != fault.NotFound && !errors.Is(err, filing.ErrNothingToDo):
				t.Errorf("%s at %s: %v, want a conflict", m.decision.Name(), step, err)
			}
		}
	}
}

// orderText returns all data of an order as text.
func orderText(t *testing.T, o filing.Order) string {
	t.Helper()
	doc, err := json.Marshal([]any{o, o.Private})
	if err != nil {
		t.Fatal(err)
	}
	return string(doc) + fmt.Sprint(o.Evidence == nil)
}

// wantNextEntry checks that a change's ledger entry follows the last one.
func wantNextEntry(t *testing.T, before filing.Order, c filing.Change) {
	t.Helper()
	e := c.Entry
	if e.Previous != before.LastHash || e.Seq != before.LastSeq+1 || e.Hash != e.Sum() || c.Order.LastHash != e.Hash ||
		c.Order.Version != before.Version+1 || e.Status != c.Order.Status || e.Step != c.Order.Step {
		t.Errorf("%s: the ledger entry does not continue the chain", e.Decision)
	}
}

func TestLedger(t *testing.T) {
	var entries []filing.Entry
	w := filingtest.Open(t, filingtest.IndividualZhejiang(), filingtest.December2019)
	w.Store = func(c filing.Change) filing.Order {
		entries = append(entries, c.Entry)
		return c.Order
	}
	first := w.Order.LastHash
	w.AdvanceTo(filing.Done)
	for i, e := range entries {
		if e.Previous != first || e.Sum() != e.Hash || e.Seq != i+2 {
			t.Fatalf("entry %d does not continue the chain", e.Seq)
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

// TestVerifyLedger changes one part of a ledger or of its order at a time.
func TestVerifyLedger(t *testing.T) {
	var entries []filing.Entry
	w := &filingtest.Walk{T: t, App: filingtest.IndividualZhejiang(), At: filingtest.December2019, Store: func(c filing.Change) filing.Order {
		c.Entry.MACValid = true
		entries = append(entries, c.Entry)
		return c.Order
	}}
	w.ContinueWith(filing.Open(w.App.OpenInput("01EXAMPLE"), filingtest.Applicant, w.At))
	w.AdvanceTo(filing.CollectEvidence)
	earlier := w.Order
	w.Decide(filingtest.Applicant, filing.AcceptEvidence{Accepted: w.RequiredEvidence()})
	for _, o := range []filing.Order{earlier, w.Order} {
		if !filing.VerifyLedger(entries, o) {
			t.Fatalf("the ledger of version %d does not verify", o.Version)
		}
	}
	last := len(entries) - 1
	for name, change := range map[string]func(e []filing.Entry, o *filing.Order){
		"content of an entry":      func(e []filing.Entry, _ *filing.Order) { e[1].Round++ },
		"hash of an entry":         func(e []filing.Entry, _ *filing.Order) { e[1].Hash = "x" },
		"HMAC of an entry":         func(e []filing.Entry, _ *filing.Order) { e[last].MACValid = false },
		"entries of another order": func(_ []filing.Entry, o *filing.Order) { o.ID = "01OTHER" },
		"order of the entries":     func(e []filing.Entry, _ *filing.Order) { e[1], e[2] = e[2], e[1] },
		"sequence number": func(e []filing.Entry, o *filing.Order) {
			e[last].Seq++
			e[last].Hash = e[last].Sum()
			o.LastHash = e[last].Hash
		},
		"chain": func(e []filing.Entry, o *filing.Order) {
			e[last].Previous = e[0].Hash
			e[last].Hash = e[last].Sum()
			o.LastHash = e[last].Hash
		},
		"newest entry":  func(_ []filing.Entry, o *filing.Order) { o.LastSeq-- },
		"no entry":      func(_ []filing.Entry, o *filing.Order) { o.LastSeq = 0 },
		"missing entry": func(_ []filing.Entry, o *filing.Order) { o.LastSeq++ },
		"newest hash":   func(_ []filing.Entry, o *filing.Order) { o.LastHash = entries[0].Hash },
		"account":       func(_ []filing.Entry, o *filing.Order) { o.Account = "account-2" },
		"province":      func(_ []filing.Entry, o *filing.Order) { o.Province = "65" },
		"domains":       func(_ []filing.Entry, o *filing.Order) { o.Domains = nil },
		"status":        func(_ []filing.Entry, o *filing.Order) { o.Status = filing.Approved },
		"step":          func(_ []filing.Entry, o *filing.Order) { o.Step = filing.Transmit },
		"round":         func(_ []filing.Entry, o *filing.Order) { o.Round++ },
	} {
		forged, o := slices.Clone(entries), w.Order
		change(forged, &o)
		if filing.VerifyLedger(forged, o) {
			t.Errorf("a changed %s is not detected", name)
		}
	}
}

// TestRepeatedDecisions: a decision that was made before returns ErrNothingToDo.
func TestRepeatedDecisions(t *testing.T) {
	w := filingtest.OpenAt(t, filingtest.IndividualZhejiang(), filingtest.December2019, filing.CollectEvidence)
	wantError(t, w.Order, filingtest.Applicant, filing.ChooseProduct{Product: filingtest.Product()}, filing.ErrNothingToDo)
	uploads := w.RequiredEvidence()
	w.Decide(filingtest.Applicant, filing.AcceptEvidence{Accepted: uploads})
	wantError(t, w.Order, filingtest.Applicant, filing.AcceptEvidence{Accepted: uploads}, filing.ErrNothingToDo)
	w.AdvanceTo(filing.VerifySMS)
	w.Decide(filing.Beian, filing.IssueCodes{NewCode: filingtest.SequentialCodes()})
	wantError(t, w.Order, filing.Beian, filing.IssueCodes{NewCode: filingtest.SequentialCodes()}, filing.ErrNothingToDo)
	w.AdvanceTo(filing.AwaitBureau)
	wantError(t, w.Order, filing.Beian, filing.QueueUpload{}, filing.ErrNothingToDo)
	w.Decide(filing.TheBureau, filing.Receive{Sequence: 7})
	wantError(t, w.Order, filing.TheBureau, filing.Receive{Sequence: 8}, filing.ErrNothingToDo)
	approval := w.Approval()
	w.Decide(filing.TheBureau, approval)
	wantError(t, w.Order, filing.TheBureau, approval, filing.ErrNothingToDo)
	w.AdvanceTo(filing.Done)
	wantError(t, w.Order, filing.Beian, filing.AnnounceResult{}, filing.ErrNothingToDo)
	wantError(t, w.Order, filing.Beian, filing.SetDuties{}, filing.ErrNothingToDo)
	wantError(t, w.Order, filing.Beian, filing.Close{}, filing.ErrNothingToDo)
}

func TestRoundTrip(t *testing.T) {
	for _, step := range filing.Steps {
		w := filingtest.OpenAt(t, filingtest.IndividualZhejiang(), filingtest.December2019, step)
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
			t.Errorf("at %s the order changes in a JSON round trip:\n%s", step, diff)
		}
		if o.Summary().Digest != w.Order.Summary().Digest {
			t.Errorf("at %s the summary's digest changed", step)
		}
	}
}
