package filing_test

import (
	"slices"
	"testing"

	"beian/shared/filing"
	"beian/shared/filing/filingtest"
	"beian/shared/rules/finding"
	"beian/shared/rules/province"
)

// TestDetermine checks each row of the decision table in icp-filing 2.2.
func TestDetermine(t *testing.T) {
	for _, c := range []struct {
		row   string
		facts filing.Facts
		kind  filing.Type
		codes []finding.Code
	}{
		{"0a subject", filing.Facts{SubjectBlacklisted: true}, "", []finding.Code{filing.CodeSubjectBlacklisted}},
		{"0a domain", filing.Facts{DomainBlacklisted: true}, "", []finding.Code{filing.CodeDomainBlacklisted}},
		{"0c", filing.Facts{AccountBound: true}, "", []finding.Code{filing.CodeAccountBound}},
		{"0d", filing.Facts{SubjectBound: true, SubjectFiled: true, SubjectKnown: true}, "", []finding.Code{filing.CodeSubjectBound}},
		{"0d, without an account", filing.Facts{SubjectUnclaimed: true, SubjectFiled: true}, "", []finding.Code{filing.CodeToBeClaimed}},
		{"1", filing.Facts{}, filing.First, nil},
		{"2", filing.Facts{DomainFiled: true}, "", []finding.Code{filing.CodeDomainOfOther}},
		{"2 ours", filing.Facts{DomainFiled: true, OurAccess: true}, "", []finding.Code{filing.CodeDomainOfOther}},
		{"2, the subject's kind of certificate cannot be asked for", filing.Facts{DomainFiled: true, SubjectUnasked: true}, "",
			[]finding.Code{filing.CodeDomainHolder}},
		{"9, the same", filing.Facts{SubjectFiled: true, SubjectKnown: true, DomainFiled: true, SubjectUnasked: true}, "",
			[]finding.Code{filing.CodeDomainHolder}},
		{"1, the same", filing.Facts{SubjectUnasked: true}, filing.First, nil},
		{"8, the same", filing.Facts{SubjectFiled: true, SubjectKnown: true, DomainFiled: true, SameSubject: true, OurAccess: true, SubjectUnasked: true}, "",
			[]finding.Code{filing.CodeNothingToFile}},
		{"4", filing.Facts{SubjectFiled: true}, filing.AddSiteForeign, nil},
		{"5", filing.Facts{SubjectFiled: true, SubjectKnown: true}, filing.AddSiteOwn, nil},
		{"6", filing.Facts{SubjectFiled: true, DomainFiled: true, SameSubject: true}, filing.AddAccessForeign, nil},
		{"7", filing.Facts{SubjectFiled: true, SubjectKnown: true, DomainFiled: true, SameSubject: true}, filing.AddAccess, nil},
		{"8", filing.Facts{SubjectFiled: true, SubjectKnown: true, DomainFiled: true, SameSubject: true, OurAccess: true}, "",
			[]finding.Code{filing.CodeNothingToFile}},
		{"9", filing.Facts{SubjectFiled: true, DomainFiled: true}, "", []finding.Code{filing.CodeDomainOfOther}},
		{"9 ours", filing.Facts{SubjectFiled: true, SubjectKnown: true, DomainFiled: true, OurAccess: true}, "", []finding.Code{filing.CodeDomainOfOther}},
		{"all blocks at once", filing.Facts{SubjectBlacklisted: true, DomainBlacklisted: true,
			AccountBound: true, SubjectBound: true}, "", []finding.Code{filing.CodeSubjectBlacklisted, filing.CodeDomainBlacklisted,
			filing.CodeAccountBound, filing.CodeSubjectBound}},
	} {
		kind, found := filing.Determine(c.facts, "")
		if kind != c.kind || !slices.Equal(codesIn(found), c.codes) {
			t.Errorf("row %s: %q with %v, want %q with %v", c.row, kind, codesIn(found), c.kind, c.codes)
		}
	}
}

// TestDetermineIsTotal: every combination of facts has either a type or a finding that blocks, and a fact that blocks alone
// blocks in every combination.
func TestDetermineIsTotal(t *testing.T) {
	for bits := range 1 << 9 {
		has := func(n int) bool { return bits>>n&1 == 1 }
		f := filing.Facts{
			SubjectBlacklisted: has(0), DomainBlacklisted: has(1), AccountBound: has(2), SubjectBound: has(3), SubjectFiled: has(4),
			SubjectKnown: has(5), DomainFiled: has(6), SameSubject: has(7), OurAccess: has(8),
		}
		kind, found := filing.Determine(f, "")
		if (kind == "") != found.Blocking() {
			t.Fatalf("%+v: %q with %v", f, kind, codesIn(found))
		}
		if bits&0b1111 != 0 && kind != "" {
			t.Fatalf("%+v: type %q despite a blocking fact", f, kind)
		}
	}
}

func codesIn(found finding.List) []finding.Code {
	var codes []finding.Code
	for _, f := range found {
		codes = append(codes, f.Code)
	}
	return codes
}

func TestDetermineType(t *testing.T) {
	open := func() *filingtest.Walk {
		return filingtest.Open(t, filingtest.EnterpriseJiangsu(), filingtest.December2019)
	}
	t.Run("the pointer names the domain", func(t *testing.T) {
		w := open()
		facts := w.Facts(filing.Facts{})
		facts[w.Order.Domains[1]] = filing.Facts{DomainBlacklisted: true}
		w.Decide(filing.Beian, filing.DetermineType{Facts: facts, DomainFacts: w.DomainFacts()})
		if w.Order.Type != "" || len(w.Order.Private.Findings) != 1 || w.Order.Private.Findings[0].Pointer != "/domains/1" {
			t.Errorf("type %q, findings %v", w.Order.Type, w.Order.Private.Findings)
		}
	})
	t.Run("domains of different types", func(t *testing.T) {
		w := open()
		facts := w.Facts(filing.Facts{SubjectFiled: true, SubjectKnown: true})
		facts[w.Order.Domains[1]] = filing.Facts{SubjectFiled: true, SubjectKnown: true, DomainFiled: true, SameSubject: true}
		w.Decide(filing.Beian, filing.DetermineType{Facts: facts})
		if !w.Order.Private.Findings.Has(filing.CodeTypesDiffer) {
			t.Errorf("findings %v", codesIn(w.Order.Private.Findings))
		}
	})
	t.Run("repeated with the same findings", func(t *testing.T) {
		w := open()
		d := filing.DetermineType{Facts: w.Facts(filing.Facts{DomainBlacklisted: true})}
		w.Decide(filing.Beian, d)
		wantError(t, w.Order, filing.Beian, d, filing.ErrNothingToDo)
	})
	t.Run("a certificate that the ministry cannot be asked for", func(t *testing.T) {
		w := open()
		w.Decide(filing.Beian, filing.DetermineType{Facts: w.Facts(filing.Facts{SubjectUnasked: true})})
		if w.Order.Type != filing.First || w.Order.Provisional || !w.Order.Private.Findings.Has(filing.CodeSubjectUnasked) || w.Order.Private.Findings.Blocking() {
			t.Errorf("%s, findings %v", w.Order.Type, codesIn(w.Order.Private.Findings))
		}
	})
	t.Run("facts about other domains", func(t *testing.T) {
		w := open()
		if _, err := w.Order.Apply(filing.DetermineType{Facts: map[filing.Domain]filing.Facts{}}, filing.Beian, w.At); err == nil {
			t.Error("the type was determined without facts")
		}
	})
	t.Run("corrected", func(t *testing.T) {
		w := open()
		w.Decide(filing.Beian, filing.DetermineType{Facts: w.Facts(filing.Facts{DomainBlacklisted: true})})
		visit, opening := w.Order.StepVisit, w.App.Opening
		opening.Domains = []string{"jiangsu-example.cn", "Jiangsu-Sample.com"}
		c := w.Decide(filingtest.Applicant, filing.CorrectType{Opening: opening, SubjectKey: w.Order.SubjectKey})
		if len(c.ReleaseLocks) != 1 || c.ReleaseLocks[0].Key != "jiangsu-example.com" || len(c.AcquireLocks) != 1 || c.AcquireLocks[0].Key != "jiangsu-sample.com" {
			t.Errorf("acquired locks %v, released locks %v", c.AcquireLocks, c.ReleaseLocks)
		}
		if w.Order.StepVisit == visit || w.Order.Private.Findings.Blocking() {
			t.Errorf("visit %d, findings %v", w.Order.StepVisit, codesIn(w.Order.Private.Findings))
		}
	})
}

func TestRepeatType(t *testing.T) {
	provisional := func(t *testing.T) *filingtest.Walk {
		w := filingtest.Open(t, filingtest.EnterpriseBeijing(), filingtest.December2019)
		w.Decide(filing.Beian, filing.DetermineType{Facts: w.Facts(filing.Facts{}), Provisional: true})
		if !w.Order.Provisional || !w.Order.Private.Findings.Has(filing.CodeBureauUnreachable) || w.Order.Private.Findings.Blocking() {
			t.Fatalf("findings %v", codesIn(w.Order.Private.Findings))
		}
		w.AdvanceTo(filing.Transmit)
		return w
	}
	w := provisional(t)
	w.Decide(filing.Beian, filing.RepeatType{Facts: w.Facts(filing.Facts{})})
	if w.Order.Step != filing.Transmit || w.Order.Provisional {
		t.Errorf("the order is at %s", w.Order.Step)
	}
	wantError(t, w.Order, filing.Beian, filing.RepeatType{Facts: w.Facts(filing.Facts{})}, filing.ErrNothingToDo)

	// Another type: it is determined again with everything, and the applicant confirms what was entered once more.
	w = provisional(t)
	foreign := filing.Facts{SubjectFiled: true, SubjectNumber: "京ICP备2019000009号"}
	c := w.Decide(filing.Beian, filing.RepeatType{Facts: w.Facts(foreign)})
	if o := w.Order; o.Step != filing.VerifyType || o.Type != "" || o.Status != filing.Returned || o.Confirmation != nil || o.Review != nil || o.SMS != nil ||
		!o.Unsubmitted || len(c.ReleaseLocks) == 0 || len(c.Entry.Facts) != 1 || c.Entry.Facts["determined"] != "again" {
		t.Fatalf("at %s as %q, %s, facts %v", o.Step, o.Type, o.Status, c.Entry.Facts)
	}
	wantError(t, w.Order, filing.Beian, filing.RepeatType{Facts: w.Facts(foreign)}, filing.ErrNothingToDo)
	repeated := w.Order
	c = w.Decide(filing.Beian, filing.DetermineType{Facts: w.Facts(foreign), DomainFacts: w.DomainFacts()})
	if o := w.Order; o.Type != filing.AddSiteForeign || o.Step != filing.AwaitConfirmation || o.Status != filing.Returned || !o.Private.Findings.Has(filing.CodeTypeAgain) ||
		o.Private.Findings.Blocking() || len(c.Notices) != 1 || c.Notices[0].Kind != filing.NoticeTypeChanged || len(o.Evidence) == 0 || o.Product == nil {
		t.Fatalf("%s at %s, %s with %v, notices %v", o.Type, o.Step, o.Status, codesIn(o.Private.Findings), c.Notices)
	}
	w.AdvanceTo(filing.Done)
	if w.Order.Status != filing.Approved {
		t.Errorf("status %s", w.Order.Status)
	}
	// No type is possible: the applicant learns why, and corrects the opening.
	w.Order = repeated
	c = w.Decide(filing.Beian, filing.DetermineType{Facts: w.Facts(filing.Facts{DomainFiled: true}), DomainFacts: w.DomainFacts()})
	if o := w.Order; o.Step != filing.VerifyType || !o.Private.Findings.Has(filing.CodeDomainOfOther) || len(c.Notices) != 1 || c.Notices[0].Kind != filing.NoticeTypeBlocked {
		t.Errorf("at %s with %v, notices %v", o.Step, codesIn(o.Private.Findings), c.Notices)
	}
	// The bureau is silent once more: the type is provisional again.
	w.Order = repeated
	w.Decide(filing.Beian, filing.DetermineType{Facts: w.Facts(filing.Facts{}), DomainFacts: w.DomainFacts(), Provisional: true})
	if o := w.Order; o.Type != filing.First || !o.Provisional || o.Step != filing.AwaitConfirmation {
		t.Errorf("%s at %s", o.Type, o.Step)
	}
}

// TestTooManyDomainsForTheProvince: a province's limit on domains is a finding while the domains can still be changed: at the opening, or if
// the limit is for first filings, when the type is determined. Complaint: "remove a domain, it says, and then refuses that too".
func TestTooManyDomainsForTheProvince(t *testing.T) {
	a := beijing()
	a.Opening.Province, a.Opening.Domains = "42", []string{"hubei-example.cn", "hubei-example.com"}
	c, err := filing.Open(a.OpenInput("1"), filingtest.Applicant, later)
	if found := findings(c, err); err == nil || !found.Has(province.TooManyDomains) || found[0].Pointer != "/domains" {
		t.Errorf("in Hubei: %v, %v", err, found)
	}
	a = zhejiang()
	a.Opening.Province, a.Opening.Domains = "46", []string{"hainan-example.cn", "hainan-example.com"}
	w := filingtest.Open(t, a, later)
	w.Decide(filing.Beian, filing.DetermineType{Facts: w.Facts(filing.Facts{})})
	if found := w.Order.Private.Findings; w.Order.Type != "" || w.Order.Step != filing.VerifyType || !found.Has(province.TooManyDomains) || found[0].Pointer != "/domains" {
		t.Errorf("in Hainan: %s, %v", w.Order.Type, found)
	}
	a.Opening.Domains = a.Opening.Domains[:1]
	w.Decide(filingtest.Applicant, filing.CorrectType{Opening: a.Opening, SubjectKey: w.Order.SubjectKey})
	w.Decide(filing.Beian, filing.DetermineType{Facts: w.Facts(filing.Facts{})})
	if w.Order.Type != filing.First || w.Order.Step != filing.VerifyProduct {
		t.Errorf("with one domain: %s at %s", w.Order.Type, w.Order.Step)
	}
}
