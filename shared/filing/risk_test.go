package filing_test

import (
	"slices"
	"testing"

	"beian/shared/filing"
	"beian/shared/filing/filingtest"
	"beian/shared/rules/finding"
)

// TestRisks: an order that reaches the review has the risks that it shows.
func TestRisks(t *testing.T) {
	for name, c := range map[string]struct {
		app  func() filingtest.Application
		make func(*filingtest.Walk)
		want []filing.Risk
	}{
		"an enterprise": {filingtest.EnterpriseBeijing, func(*filingtest.Walk) {}, nil},
		"an individual": {filingtest.IndividualZhejiang, func(*filingtest.Walk) {}, []filing.Risk{filing.RiskIndividual}},
		"an explained name": {digitsOnly, func(w *filingtest.Walk) {
			w.AdvanceTo(filing.CollectDetails)
			w.Decide(filingtest.Applicant, entered(digitsOnly(), nameExplained))
		}, []filing.Risk{filing.RiskExplained, filing.RiskWarnings, filing.RiskIndividual}},
		"a warning on a paper": {filingtest.EnterpriseBeijing, func(w *filingtest.Walk) {
			w.AdvanceTo(filing.AwaitConfirmation)
			for slot, e := range w.Order.Evidence {
				e.Warnings = finding.List{{Code: "unlike", Severity: finding.Warn}}
				w.Order.Evidence[slot] = e
				break
			}
		}, []filing.Risk{filing.RiskPaperWarnings}},
		"a note on a paper is no risk": {filingtest.EnterpriseBeijing, func(w *filingtest.Walk) {
			w.AdvanceTo(filing.AwaitConfirmation)
			w.Order.Evidence["/extra"] = filing.Evidence{Warnings: finding.List{{Code: "note", Severity: finding.Inform}}}
		}, nil},
		"a second round with a provisional type": {filingtest.EnterpriseBeijing, func(w *filingtest.Walk) {
			w.AdvanceTo(filing.AwaitConfirmation)
			w.Order.Provisional, w.Order.Round = true, 2
		}, []filing.Risk{filing.RiskRefused, filing.RiskProvisional}},
	} {
		t.Run(name, func(t *testing.T) {
			w := filingtest.Open(t, c.app(), filingtest.December2019)
			c.make(w)
			w.AdvanceTo(filing.InitialReview)
			if !slices.Equal(w.Order.Risks, c.want) {
				t.Errorf("risks %v, want %v", w.Order.Risks, c.want)
			}
		})
	}
}

// TestRisksOfReturnedOrder: the risks are found again when the order comes back, and kept after the review.
func TestRisksOfReturnedOrder(t *testing.T) {
	w := filingtest.OpenAt(t, filingtest.EnterpriseBeijing(), filingtest.December2019, filing.InitialReview)
	w.Decide(filingtest.Reviewer, filing.ClaimOrder{})
	w.Decide(filingtest.Reviewer, filing.Return{Findings: finding.List{{Code: "site-name", Pointer: "/sites/0/name", Severity: finding.Block}}})
	if len(w.Order.Risks) != 0 {
		t.Errorf("risks %v before the order is submitted again", w.Order.Risks)
	}
	w.AdvanceTo(filing.InitialReview)
	w.Decide(filingtest.Reviewer, filing.ClaimOrder{})
	w.Decide(filingtest.Reviewer, filing.Pass{})
	if want := []filing.Risk{filing.RiskReturned}; !slices.Equal(w.Order.Risks, want) {
		t.Errorf("risks %v, want %v", w.Order.Risks, want)
	}
}

// TestRiskWords: each risk has words in both languages and a level, the highest first.
func TestRiskWords(t *testing.T) {
	levels := []filing.RiskLevel{filing.RiskHigh, filing.RiskMedium, filing.RiskLow}
	last := 0
	for _, r := range filing.Risks {
		words, level := r.Words(), slices.Index(levels, r.Level())
		if words.Chinese == "" || words.English == "" || level < last {
			t.Errorf("%s: %q, %q, level %s", r, words.Chinese, words.English, r.Level())
		}
		last = level
	}
}
