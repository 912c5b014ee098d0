package filing_test

import (
	"fmt"
	"testing"

	"beian/shared/filing"
	"beian/shared/filing/filingtest"
	"beian/shared/filing/register"
	"beian/shared/rules/evidence"
	"beian/shared/rules/fault"
)

// openSubmission opens an order that sends documents of a filing on their own.
func openSubmission(f register.Filing, sites []int, papers ...evidence.Kind) (filing.Change, error) {
	n := filingtest.EnterpriseBeijing().OpenInput("03EXAMPLE")
	n.At = &filing.AtFilingInput{Type: filing.SubmitEvidence, Filing: f, Sites: sites, Papers: papers}
	return filing.Open(n, filingtest.Applicant, filingtest.December2019)
}

// TestSubmitEvidence: the order asks for the chosen documents only, nobody answers a code, and the register has the new documents in place of the old
// ones of the same kind and owner; nothing else changes.
func TestSubmitEvidence(t *testing.T) {
	f := filingtest.Filed(t, filingtest.EnterpriseBeijing(), filingtest.December2019)
	number := f.Sites[0].Number.String()
	for _, c := range []struct {
		site   []int
		papers []evidence.Kind
		paper  register.Paper
	}{
		{nil, []evidence.Kind{evidence.SubjectCertificateFront}, register.Paper{Slot: "subject-certificate-front"}},
		{[]int{0}, []evidence.Kind{evidence.LeaderCertificateFront}, register.Paper{Slot: "sites/0/leader-certificate-front", Site: number}},
	} {
		w := &filingtest.Walk{T: t, App: filingtest.EnterpriseBeijing(), At: filingtest.December2019, Register: f}
		w.ContinueWith(openSubmission(f, c.site, c.papers...))
		if missing := blockingPlaces(w.Order.MissingEvidence(w.At)); w.Order.Step != filing.CollectEvidence || len(missing) != 1 || missing[0] != "evidence-missing "+evidence.Pointer(c.paper.Slot) {
			t.Fatalf("at %s with %v", w.Order.Step, missing)
		}
		wantFault(t, w, filingtest.Applicant, filing.EnterDetails{Subject: w.App.Subject, Sites: w.App.Sites}, fault.Conflict, filing.CodeStepOutOfOrder)
		w.AdvanceTo(filing.AwaitBureau)
		if w.Order.SMS != nil || w.Order.Product != nil {
			t.Error("a code or a server is asked for")
		}
		w.Decide(filing.TheBureau, filing.Receive{Sequence: 1})
		change := w.Decide(filing.TheBureau, filing.Approve{Record: w.Order.Bureau.Record})
		if change.Register == nil || fmt.Sprint(change.Register.Entry.Changed) != "[/papers]" && len(change.Register.Entry.Changed) == 0 {
			t.Fatalf("register %+v", change.Register)
		}
		after, replaced := change.Register.After, 0
		for _, p := range after.Papers {
			if p.Slot == c.paper.Slot && p.Site == c.paper.Site {
				if replaced++; p.Order != "03EXAMPLE" {
					t.Errorf("%s is still that of order %s", p.Slot, p.Order)
				}
			}
		}
		if replaced != 1 || len(after.Papers) != len(f.Papers) || after.Number != f.Number || len(after.Sites) != len(f.Sites) {
			t.Errorf("papers %+v, before %+v", after.Papers, f.Papers)
		}
		w.AdvanceTo(filing.Done)
		if len(w.Order.Duties) > 0 {
			t.Errorf("duties %v", w.Order.Duties)
		}
	}
	foreign := f
	foreign.Sites = []register.FiledSite{f.Sites[0]}
	foreign.Sites[0].Accesses = nil
	for _, c := range []struct {
		filing register.Filing
		sites  []int
		papers []evidence.Kind
		want   string
	}{
		{f, nil, nil, "[documents-not-chosen /papers]"},
		{f, nil, []evidence.Kind{"leader-certificate-front", "no-such", "other", "other"}, "[documents-unknown /papers/0 documents-unknown /papers/1 documents-unknown /papers/3]"},
		{f, []int{0}, []evidence.Kind{"subject-certificate-front", "pre-approval/0/1", "pre-approval/0/11"}, "[documents-unknown /papers/0 documents-unknown /papers/2]"},
		{f, []int{7}, []evidence.Kind{"other-paper"}, "[filing-site-unknown /site]"},
		{foreign, []int{0}, []evidence.Kind{"other-paper"}, "[documents-without-access ]"},
		{foreign, nil, []evidence.Kind{"other"}, "[documents-without-access ]"},
	} {
		if _, err := openSubmission(c.filing, c.sites, c.papers...); fmt.Sprint(blockingPlaces(fault.Of(err).Findings)) != c.want {
			t.Errorf("%v %v: %v, want %s", c.sites, c.papers, err, c.want)
		}
	}
}
