package filing_test

import (
	"slices"
	"testing"

	"beian/shared/filing"
	"beian/shared/filing/filingtest"
	"beian/shared/rules/fault"
)

// TestSplit: domains that need several orders are offered as a split; accepting it keeps the first part, and plans the rest (icp-filing 2.2).
func TestSplit(t *testing.T) {
	ids := []filing.ID{"01SECOND", "01THIRD"}
	offered := func(t *testing.T, change func(facts map[filing.Domain]filing.Facts, second filing.Domain)) *filingtest.Walk {
		t.Helper()
		w := filingtest.Open(t, filingtest.EnterpriseJiangsu(), filingtest.December2019)
		facts := w.Facts(filing.Facts{})
		change(facts, w.Order.Domains[1])
		w.Decide(filing.Beian, filing.DetermineType{Facts: facts, DomainFacts: w.DomainFacts()})
		return w
	}
	filedSecond := func(facts map[filing.Domain]filing.Facts, second filing.Domain) {
		facts[second] = filing.Facts{DomainFiled: true, SiteNumber: "苏ICP备12345678号-1"}
	}
	t.Run("an access first, then a new site", func(t *testing.T) {
		w := offered(t, filedSecond)
		first, second := w.Order.Domains[0], w.Order.Domains[1]
		s := w.Order.Split
		if len(s) != 2 || s[0].Type != filing.AddAccessForeign || !slices.Equal(s[0].Domains, []filing.Domain{second}) ||
			s[1].Type != filing.AddSiteOwn || !slices.Equal(s[1].Domains, []filing.Domain{first}) {
			t.Fatalf("offered %+v", s)
		}
		_, err := w.Order.Apply(filing.AcceptSplit{Digest: "?", NewIDs: ids}, filingtest.Applicant, w.At)
		if !fault.Of(err).Findings.Has(filing.CodeSplitChanged) {
			t.Errorf("another digest: %v", err)
		}
		c, err := w.Order.Apply(filing.AcceptSplit{Digest: s.Digest(), NewIDs: ids}, filingtest.Applicant, w.At)
		if err != nil {
			t.Fatal(err)
		}
		o := c.Order
		next, more := o.NextPlanned()
		if o.Step != filing.VerifyType || o.Type != "" || len(o.Split) != 0 || !slices.Equal(o.Domains, []filing.Domain{second}) || !c.ResumeExecution ||
			o.Plan.ID != o.ID || !more || next.ID != "01SECOND" || !slices.Equal(next.Domains, []filing.Domain{first}) {
			t.Errorf("%s of type %q with %v, plan %+v", o.Step, o.Type, o.Domains, o.Plan)
		}
		if !slices.ContainsFunc(c.ReleaseLocks, func(l filing.Lock) bool { return l.Kind == filing.DomainLock && l.Key == string(first) }) {
			t.Errorf("the domain of the other order stays locked: %v", c.ReleaseLocks)
		}
		_, err = o.Apply(filing.AcceptSplit{Digest: s.Digest(), NewIDs: ids}, filingtest.Applicant, w.At)
		if fault.KindOf(err) != fault.Conflict || !fault.Of(err).Findings.Has(filing.CodeNoSplit) {
			t.Errorf("accepted again: %v", err)
		}
		o.Step = filing.VerifyProduct // the type is determined within a moment
		if _, err = o.Apply(filing.AcceptSplit{Digest: s.Digest(), NewIDs: ids}, filingtest.Applicant, w.At); !fault.Of(err).Findings.Has(filing.CodeNoSplit) {
			t.Errorf("accepted again at a later step: %v", err)
		}
	})
	t.Run("accesses of two sites", func(t *testing.T) {
		w := offered(t, func(facts map[filing.Domain]filing.Facts, second filing.Domain) {
			for domain := range facts {
				facts[domain] = filing.Facts{DomainFiled: true, SiteNumber: "苏ICP备12345678号-2"}
			}
			filedSecond(facts, second)
		})
		if s := w.Order.Split; len(s) != 2 || s[0].Type != filing.AddAccessForeign || s[1].Type != filing.AddAccessForeign || s[0].Domains[0] != w.Order.Domains[0] {
			t.Errorf("offered %+v", s)
		}
	})
	t.Run("a part of a plan", func(t *testing.T) {
		w := filingtest.Open(t, filingtest.EnterpriseJiangsu(), filingtest.December2019)
		w.Order.Plan = &filing.AcceptedPlan{ID: "01PLAN", Place: 1, Orders: []filing.PlannedOrder{{ID: "01PLAN"}, {ID: w.Order.ID}, {ID: "01LAST"}}}
		facts := w.Facts(filing.Facts{})
		filedSecond(facts, w.Order.Domains[1])
		w.Decide(filing.Beian, filing.DetermineType{Facts: facts, DomainFacts: w.DomainFacts()})
		w.Decide(filingtest.Applicant, filing.AcceptSplit{Digest: w.Order.Split.Digest(), NewIDs: ids})
		var got []filing.ID
		for _, planned := range w.Order.Plan.Orders {
			got = append(got, planned.ID)
		}
		if !slices.Equal(got, []filing.ID{"01PLAN", w.Order.ID, "01SECOND", "01LAST"}) || w.Order.Plan.ID != "01PLAN" || w.Order.Plan.Place != 1 {
			t.Errorf("the plan is %+v", w.Order.Plan)
		}
	})
	t.Run("nothing is offered while a domain cannot be filed", func(t *testing.T) {
		w := offered(t, func(facts map[filing.Domain]filing.Facts, second filing.Domain) {
			facts[second] = filing.Facts{DomainFiled: true, DomainBlacklisted: true}
		})
		_, err := w.Order.Apply(filing.AcceptSplit{NewIDs: ids}, filingtest.Applicant, w.At)
		if len(w.Order.Split) != 0 || !fault.Of(err).Findings.Has(filing.CodeNoSplit) {
			t.Errorf("offered %+v, %v", w.Order.Split, err)
		}
	})
}
