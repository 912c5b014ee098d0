package filing_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"beian/shared/filing"
	"beian/shared/filing/filingtest"
	"beian/shared/rules/certificate"
	"beian/shared/rules/evidence"
	"beian/shared/rules/fault"
	"beian/shared/rules/finding"
	"beian/shared/rules/province"
	"beian/shared/rules/sitename"
)

// TestOverride: an order with an explained finding passes only if the reviewer overrides it. The reason is not in the ledger.
func TestOverride(t *testing.T) {
	w := explainedOrder(t)
	if f := w.Order.Private.Findings; len(f) != 1 || f[0].Severity != finding.Warn {
		t.Fatalf("the reviewer sees %+v", f)
	}
	for name, c := range map[string]struct {
		requests []filing.OverrideRequest
		want     []string
	}{
		"none":                  {nil, []string{"override-missing /overrides"}},
		"no reason":             {[]filing.OverrideRequest{{sitename.OnlyDigits, pointerName, "\u200b "}}, []string{"override-reason /overrides/0/reason"}},
		"a long reason":         {[]filing.OverrideRequest{{sitename.OnlyDigits, pointerName, strings.Repeat("字", 501)}}, []string{"override-reason /overrides/0/reason"}},
		"another field":         {[]filing.OverrideRequest{overrideName, {sitename.OnlyDigits, "/sites/1/name", "是"}}, []string{"override-unknown /overrides/1/pointer"}},
		"a rule of identity":    {[]filing.OverrideRequest{overrideName, {certificate.ResidentIDCheckDigit, "/subject/certificate/number", "是"}}, []string{"override-rule /overrides/1/code"}},
		"twice":                 {[]filing.OverrideRequest{overrideName, overrideName}, []string{"override-twice /overrides/1"}},
		"only one of the wrong": {[]filing.OverrideRequest{{province.LeaderTooYoung, pointerName, "是"}}, []string{"override-missing /overrides", "override-unknown /overrides/0/pointer"}},
	} {
		_, err := w.Order.Apply(filing.Pass{Overrides: c.requests}, filingtest.Reviewer, w.At)
		if got := blockingIn(err); !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
	c := w.Decide(filingtest.Reviewer, filing.Pass{Overrides: []filing.OverrideRequest{overrideName}})
	wantExplained(t, w.Order, "+site-name-only-digits /sites/0/name")
	if e := w.Order.Private.Explained[0].Override; e.Reason != overrideName.Reason || e.Reviewer != filingtest.Reviewer.Account || !e.At.Equal(w.At) {
		t.Errorf("the override was stored with %s at %s", e.Reviewer, e.At)
	}
	if facts := fmt.Sprint(c.Entry.Facts); !strings.Contains(facts, "override site-name-only-digits /sites/0/name:") || strings.Contains(facts, overrideName.Reason) {
		t.Errorf("facts %v", facts)
	}
	recorded := w.Order.OverridesIn(c.Entry)
	if len(recorded) != 1 || recorded[0] != (filing.RecordedOverride{Code: sitename.OnlyDigits, Pointer: pointerName, Reason: overrideName.Reason}) {
		t.Errorf("recorded %v", recorded)
	}
	if recorded = w.Order.Erased(filing.Erasure{At: w.At}).OverridesIn(c.Entry); len(recorded) != 1 || recorded[0].Reason != "" {
		t.Errorf("after the erasure: %v", recorded)
	}
	w.AdvanceTo(filing.Done)
	wantExplained(t, w.Order, "+site-name-only-digits /sites/0/name")
}

// TestOverrideSurvives: an override counts in later submissions and rounds, without a new explanation, while the field keeps its value.
func TestOverrideSurvives(t *testing.T) {
	w := explainedOrder(t)
	w.Decide(filingtest.Reviewer, filing.Pass{Documents: []evidence.Slot{"sites/0/verification-form"}, Overrides: []filing.OverrideRequest{overrideName}})
	w.Decide(filingtest.Reviewer, filing.ClaimOrder{})
	w.Decide(filingtest.Reviewer, filing.Return{Findings: reviewFindings})
	again := digitsOnly()
	again.Subject.Address = "示例通信路8号"
	w.Decide(filingtest.Applicant, entered(again))
	if f := w.Order.Private.Findings; len(f) != 1 || !strings.Contains(f[0].Remedy.Chinese, "已同意") {
		t.Errorf("%+v", f)
	}
	w.App = again
	w.AdvanceTo(filing.InitialReview)
	w.Decide(filingtest.Reviewer, filing.ClaimOrder{})
	w.Decide(filingtest.Reviewer, filing.Pass{}) // nothing to override
	w.AdvanceTo(filing.AwaitBureau)
	w.Decide(filing.TheBureau, filing.Receive{Sequence: 1})
	w.Decide(filing.TheBureau, filing.Refuse{Record: w.Order.Bureau.Record, Findings: reviewFindings})
	w.Decide(filing.Beian, filing.AnnounceResult{})
	w.Decide(filingtest.Applicant, filing.Resubmit{})
	w.AdvanceTo(filing.InitialReview)
	w.Decide(filingtest.Reviewer, filing.ClaimOrder{})
	w.Decide(filingtest.Reviewer, filing.Pass{})
	wantExplained(t, w.Order, "+site-name-only-digits /sites/0/name")
}

// TestOverrideOfAnotherValue: for another value, or with another explanation, an override does not count. Its record is kept, and
// it counts again for the old value.
func TestOverrideOfAnotherValue(t *testing.T) {
	w := explainedOrder(t)
	w.Decide(filingtest.Reviewer, filing.Pass{Documents: []evidence.Slot{"sites/0/verification-form"}, Overrides: []filing.OverrideRequest{overrideName}})
	w.Decide(filingtest.Reviewer, filing.ClaimOrder{})
	w.Decide(filingtest.Reviewer, filing.Return{Findings: reviewFindings})
	other := digitsOnly()
	other.Sites[0].Name = "2047"
	_, err := w.Order.Apply(entered(other), filingtest.Applicant, w.At)
	if got := blockingIn(err); !slices.Equal(got, []string{"site-name-only-digits /sites/0/name"}) {
		t.Errorf("another name: %q", got)
	}
	w.Decide(filingtest.Applicant, entered(other, filing.Explanation{Code: sitename.OnlyDigits, Pointer: pointerName, Text: "续作"}))
	wantExplained(t, w.Order, "site-name-only-digits /sites/0/name", "-+site-name-only-digits /sites/0/name")
	w.Decide(filingtest.Applicant, entered(digitsOnly()))
	wantExplained(t, w.Order, "+site-name-only-digits /sites/0/name")
	w.Decide(filingtest.Applicant, entered(digitsOnly(), filing.Explanation{Code: sitename.OnlyDigits, Pointer: pointerName, Text: "另一个原因"}))
	wantExplained(t, w.Order, "site-name-only-digits /sites/0/name", "-+site-name-only-digits /sites/0/name")
	w.AdvanceTo(filing.InitialReview)
	w.Decide(filingtest.Reviewer, filing.ClaimOrder{})
	wantFault(t, w, filingtest.Reviewer, filing.Pass{}, fault.Invalid, filing.CodeOverrideMissing)
}

// TestRefusedExplanation: a reviewer who returns the order with a finding at the field refuses its explanation, and no other.
func TestRefusedExplanation(t *testing.T) {
	for pointer, want := range map[string][]string{pointerName: {"site-name-only-digits /sites/0/name"}, "/sites/0/remark": nil} {
		w := explainedOrder(t)
		w.Decide(filingtest.Reviewer, filing.Return{Findings: finding.List{finding.New(sitename.OnlyDigits, pointer)}})
		_, err := w.Order.Apply(entered(digitsOnly()), filingtest.Applicant, w.At)
		if got := blockingIn(err); !slices.Equal(got, want) {
			t.Errorf("returned because of %s: %q, want %q", pointer, got, want)
		}
	}
}

// TestRefusedOverride: a reviewer, or the bureau, who names the field later takes the override back. The applicant corrects the field or
// explains it anew, and does not read that a reviewer agreed. The record of the override stays, and does not count again.
func TestRefusedOverride(t *testing.T) {
	refused := finding.List{finding.New(sitename.OnlyDigits, pointerName)}
	for name, refuse := range map[string]func(w *filingtest.Walk){
		"by a reviewer": func(w *filingtest.Walk) {
			w.Decide(filingtest.Reviewer, filing.ClaimOrder{})
			w.Decide(filingtest.Reviewer, filing.Return{Findings: refused})
		},
		"by the bureau": func(w *filingtest.Walk) {
			w.Decide(filingtest.Reviewer, filing.ClaimOrder{})
			w.Decide(filingtest.Reviewer, filing.ReceivePapers{})
			w.AdvanceTo(filing.AwaitBureau)
			w.Decide(filing.TheBureau, filing.Receive{Sequence: 1})
			w.Decide(filing.TheBureau, filing.Refuse{Record: w.Order.Bureau.Record, Findings: refused})
			w.Decide(filing.Beian, filing.AnnounceResult{})
			w.Decide(filingtest.Applicant, filing.Resubmit{})
		},
	} {
		w := explainedOrder(t)
		w.Decide(filingtest.Reviewer, filing.Pass{Documents: []evidence.Slot{"sites/0/verification-form"}, Overrides: []filing.OverrideRequest{overrideName}})
		refuse(w)
		wantExplained(t, w.Order, "-+site-name-only-digits /sites/0/name")
		wantFault(t, w, filingtest.Applicant, entered(digitsOnly()), fault.Invalid, sitename.OnlyDigits)
		w.Decide(filingtest.Applicant, entered(digitsOnly(), nameExplained))
		if f := w.Order.Private.Findings; len(f) != 1 || strings.Contains(f[0].Remedy.Chinese, "已同意") {
			t.Errorf("refused %s: %+v", name, f)
		}
		w.AdvanceTo(filing.InitialReview)
		wantExplained(t, w.Order, "site-name-only-digits /sites/0/name", "-+site-name-only-digits /sites/0/name")
		w.Decide(filingtest.Reviewer, filing.ClaimOrder{})
		wantFault(t, w, filingtest.Reviewer, filing.Pass{}, fault.Invalid, filing.CodeOverrideMissing)
		w.Decide(filingtest.Reviewer, filing.Pass{Overrides: []filing.OverrideRequest{overrideName}})
		wantExplained(t, w.Order, "+site-name-only-digits /sites/0/name", "-+site-name-only-digits /sites/0/name")
	}
}

// TestRefusedOpening: the opening cannot be corrected in the order, but a refused explanation of it does not vanish: the applicant explains
// anew, or abandons the order, and a reviewer decides.
func TestRefusedOpening(t *testing.T) {
	const pointer = "/subject/certificate/number"
	a := beijing()
	wrong := certificate.Number("91110105000000000W")
	a.Opening.Certificate.Number, a.Subject.Certificate.Number = wrong, wrong
	a.Opening.Explanations = []filing.Explanation{{Code: certificate.UnifiedCheckDigit, Pointer: "/certificate/number", Text: "执照上就是这个代码"}}
	w := filingtest.Open(t, a, filingtest.December2019)
	w.AdvanceTo(filing.InitialReview)
	for range 2 {
		w.Decide(filingtest.Reviewer, filing.ClaimOrder{})
		w.Decide(filingtest.Reviewer, filing.Return{Findings: finding.List{finding.New(certificate.UnifiedCheckDigit, pointer)}})
		wantExplained(t, w.Order, "-unified-code-check-digit "+pointer)
		wantFault(t, w, filingtest.Applicant, entered(a), fault.Invalid, certificate.UnifiedCheckDigit)
		w.Decide(filingtest.Applicant, entered(a, filing.Explanation{Code: certificate.UnifiedCheckDigit, Pointer: pointer, Text: "再核对过"}))
		w.AdvanceTo(filing.InitialReview)
		wantExplained(t, w.Order, "unified-code-check-digit "+pointer, "-unified-code-check-digit "+pointer)
	}
	w.Decide(filingtest.Reviewer, filing.ClaimOrder{})
	wantFault(t, w, filingtest.Reviewer, filing.Pass{}, fault.Invalid, filing.CodeOverrideMissing)
}
