package filing_test

import (
	"testing"
	"time"

	"beian/shared/filing"
	"beian/shared/filing/filingtest"
	"beian/shared/filing/register"
	"beian/shared/rules/certificate"
	"beian/shared/rules/finding"
	"beian/shared/rules/number"
	"beian/shared/rules/province"
	"beian/shared/rules/workday"
)

// secondSite returns a walk of the account that has a filing and opens an order with another domain, and the facts about it.
func secondSite(t *testing.T, f register.Filing) (*filingtest.Walk, filing.DetermineType) {
	t.Helper()
	app := filingtest.EnterpriseBeijing()
	app.Opening.Domains, app.Subject = []string{"second-example.com"}, filing.Subject{}
	app.Sites[0].Name, app.Sites[0].Domains, app.Sites[0].HomeURL = "样例展厅", []filing.Domain{"second-example.com"}, "www.second-example.com"
	w := filingtest.Open(t, app, filingtest.December2019)
	w.Store = func(c filing.Change) filing.Order {
		o := c.Order
		o.Register = f
		return o
	}
	w.Order.Register = f
	return w, filing.DetermineType{Facts: w.Facts(filing.Facts{SubjectFiled: true, SubjectKnown: true}), DomainFacts: w.DomainFacts()}
}

// TestAddSiteOwn: the applicant enters and proves the site only; the approval adds it to the filing.
func TestAddSiteOwn(t *testing.T) {
	before := filedEnterprise(t)
	w, determine := secondSite(t, before)
	w.Decide(filing.Beian, determine)
	if o := w.Order; o.Type != filing.AddSiteOwn || o.Filed == nil || o.Filed.ID != before.ID || o.Private.Subject != before.Private.Subject {
		t.Fatalf("%s, of filing %v", o.Type, o.Filed)
	}
	w.AdvanceTo(filing.CollectDetails)
	changed := filingtest.EnterpriseBeijing().Subject
	wantRefused := func(pointer string, subject filing.Subject) {
		t.Helper()
		c, err := w.Order.Apply(filing.EnterDetails{Subject: subject, Sites: w.App.Sites}, filingtest.Applicant, w.At)
		if found := findings(c, err); len(found) != 1 || found[0].Code != filing.CodeSubjectFixed || found[0].Pointer != pointer {
			t.Errorf("%s: %v", pointer, found)
		}
	}
	changed.Address = "示例通信路9号"
	wantRefused("/subject/address", changed)
	changed = filing.Subject{Leader: filing.Leader{Mobile: "19900000099"}}
	wantRefused("/subject/leader/mobile", changed)
	w.Decide(filingtest.Applicant, filing.EnterDetails{Subject: filingtest.EnterpriseBeijing().Subject, Sites: w.App.Sites})
	for slot := range w.RequiredEvidence() {
		if _, ofSite := slot.Site(); !ofSite {
			t.Errorf("%s is required", slot)
		}
	}
	var after register.Filing
	store := w.Store
	w.Store = func(c filing.Change) filing.Order {
		if c.Register != nil {
			after = c.Register.After
		}
		return store(c)
	}
	w.AdvanceTo(filing.Done)
	if after.ID != before.ID || after.Version != 2 || len(after.Sites) != 2 || len(after.Private.Sites) != 2 || len(after.Papers) <= len(before.Papers) ||
		after.Private.Subject != before.Private.Subject {
		t.Errorf("the filing has version %d with %d sites", after.Version, len(after.Sites))
	}
	if _, ours := after.Sites[1].OurAccess(); !ours || after.Sites[1].Number == (number.Filing{}) {
		t.Errorf("the new site is %+v", after.Sites[1])
	}
}

// TestOpeningDiffersFromFiling: an opening that says otherwise than the filing is answered while it can be corrected.
func TestOpeningDiffersFromFiling(t *testing.T) {
	for name, test := range map[string]struct {
		change  func(*register.Filing)
		code    finding.Code
		pointer string
		blocks  bool
	}{
		"province": {func(f *register.Filing) { f.Province = "32" }, filing.CodeFiledProvince, "/province", true},
		"kind":     {func(f *register.Filing) { f.Entity = certificate.Individual }, filing.CodeFiledKind, "/entityKind", true},
		"name":     {func(f *register.Filing) { f.Private.Subject.Name = "北京样例旧名有限公司" }, filing.CodeFiledName, "/name", false},
		"licence": {func(f *register.Filing) { f.Private.Subject.Certificate.Validity = expired }, filing.CodeFiledExpired,
			"/certificate/number", true},
		"leader": {func(f *register.Filing) { f.Private.Subject.Leader.Certificate.Validity = expired }, filing.CodeFiledExpired,
			"/certificate/number", true},
	} {
		t.Run(name, func(t *testing.T) {
			f := filedEnterprise(t)
			test.change(&f)
			w, determine := secondSite(t, f)
			w.Decide(filing.Beian, determine)
			o := w.Order
			if !o.Private.Findings.Has(test.code) || o.Private.Findings.Blocking() != test.blocks || (o.Type == "") != test.blocks {
				t.Fatalf("%q with %v", o.Type, codesIn(o.Private.Findings))
			}
			for _, found := range o.Private.Findings {
				if found.Code == test.code && found.Pointer != test.pointer {
					t.Errorf("at %s", found.Pointer)
				}
			}
		})
	}
}

var expired = certificate.Validity{From: "2009-01-01", To: "2019-01-01"}

// TestFiledSubjectDoesNotBlock: what only a change of the filing cures is a warning, except an expired certificate.
func TestFiledSubjectDoesNotBlock(t *testing.T) {
	f := filedEnterprise(t)
	f.Private.Subject.Investor, f.Private.Subject.Leader.EmergencyPhone, f.Private.Subject.Address = "", "", ""
	f.Private.Subject.Certificate.Validity = certificate.Validity{} // of an import
	w, determine := secondSite(t, f)
	w.Decide(filing.Beian, determine)
	w.AdvanceTo(filing.AwaitConfirmation)
	found := w.Order.CheckDetails(w.Order.Private.Subject, w.Order.Private.Sites, w.At)
	if found.Blocking() || !found.Has(filing.CodeInvestorMissing) || !found.Has(certificate.ValidityMissing) {
		t.Errorf("%v", found)
	}
	w.Order.Private.Subject.Leader.Certificate.Validity = certificate.Validity{To: workday.DateOf(w.At)}
	w.At = w.At.Add(48 * time.Hour)
	found = w.Order.CheckDetails(w.Order.Private.Subject, w.Order.Private.Sites, w.At)
	if !found.Blocking() || !found.Has(filing.CodeFiledExpired) {
		t.Errorf("expired meanwhile: %v", codesIn(found))
	}
}

// TestWithheldType: that a subject is filed elsewhere changes nothing before papers and liveness. The confirmation then determines the type again,
// with all that was entered kept; the bureau gets the number that the ministry's query answers.
func TestWithheldType(t *testing.T) {
	w := filingtest.Open(t, filingtest.EnterpriseBeijing(), filingtest.December2019)
	d := filing.DetermineType{Facts: w.Facts(filing.Facts{SubjectFiled: true, SubjectNumber: "京ICP备12345678号"}), DomainFacts: w.DomainFacts()}
	w.Decide(filing.Beian, d)
	if o := w.Order; o.Type != filing.First || o.Private.WithheldType != filing.AddSiteForeign || o.Private.Findings.Blocking() {
		t.Fatalf("%s, withheld %s", o.Type, o.Private.WithheldType)
	}
	w.AdvanceTo(filing.AwaitConfirmation)
	w.Decide(filingtest.Applicant, filing.Confirm{Digest: w.Order.Summary().Digest})
	if w.Order.Step != filing.VerifyType {
		t.Fatalf("at %s", w.Order.Step)
	}
	w.Decide(filing.Beian, d)
	o := w.Order
	if o.Type != filing.AddSiteForeign || o.Step != filing.AwaitConfirmation || !o.Private.Findings.Has(filing.CodeTypeAgain) || o.Filed.Number.String() != "京ICP备12345678号" {
		t.Fatalf("%s at %s with %v", o.Type, o.Step, codesIn(o.Private.Findings))
	}
	var after register.Filing
	w.Store = func(c filing.Change) filing.Order {
		if c.Register != nil {
			after = c.Register.After
		}
		return c.Order
	}
	w.AdvanceTo(filing.Done)
	if after.Version != 1 || len(after.Sites) != 1 || after.Private.Subject.Name != w.App.Subject.Name {
		t.Errorf("filing %d with %d sites", after.Version, len(after.Sites))
	}
}

// TestAccessOfStranger: a filed domain counts as the subject's until papers and liveness are complete. Whose it is comes out at the confirmation.
func TestAccessOfStranger(t *testing.T) {
	for name, test := range map[string]struct {
		facts filing.Facts
		code  finding.Code
	}{
		"of the subject": {filing.Facts{SubjectFiled: true, DomainFiled: true, SameSubject: true, SubjectNumber: "京ICP备12345678号", SiteNumber: "京ICP备12345678号-3"}, ""},
		"of another":     {filing.Facts{SubjectFiled: true, DomainFiled: true}, filing.CodeDomainOfOther},
		"not filed":      {filing.Facts{DomainFiled: true}, filing.CodeDomainOfOther},
	} {
		t.Run(name, func(t *testing.T) {
			w := filingtest.Open(t, filingtest.EnterpriseBeijing(), filingtest.December2019)
			d := filing.DetermineType{Facts: w.Facts(test.facts), DomainFacts: w.DomainFacts()}
			w.Decide(filing.Beian, d)
			if o := w.Order; o.Type != filing.AddAccessForeign || o.Step != filing.VerifyProduct || !o.Private.Findings.Has(filing.CodeDomainFiled) {
				t.Fatalf("%s at %s with %v", o.Type, o.Step, codesIn(o.Private.Findings))
			}
			w.AdvanceTo(filing.AwaitConfirmation)
			w.Decide(filingtest.Applicant, filing.Confirm{Digest: w.Order.Summary().Digest})
			if test.code == "" {
				if w.Order.Step != filing.InitialReview || w.Order.Filed.Sites[0].Number.String() != "京ICP备12345678号-3" {
					t.Errorf("at %s", w.Order.Step)
				}
				return
			}
			w.Decide(filing.Beian, d)
			if o := w.Order; o.Type != "" || !o.Private.Findings.Has(test.code) {
				t.Errorf("%s at %s with %v", o.Type, o.Step, codesIn(o.Private.Findings))
			}
		})
	}
}

// TestAccessOfNewerSite: a site that the subject filed at another provider since gets our access by its number, and is added to the filing.
func TestAccessOfNewerSite(t *testing.T) {
	before := filedEnterprise(t)
	w, _ := secondSite(t, before)
	numbered := before.Sites[0].Number
	numbered.Running = 2
	facts := filing.Facts{SubjectFiled: true, SubjectKnown: true, DomainFiled: true, SameSubject: true, SubjectNumber: before.Number.String(), SiteNumber: numbered.String()}
	w.Decide(filing.Beian, filing.DetermineType{Facts: w.Facts(facts), DomainFacts: w.DomainFacts()})
	if o := w.Order; o.Type != filing.AddAccessForeign || len(o.Filed.Sites) != 1 || o.Filed.Sites[0].Number != numbered || o.Filed.Number != before.Number {
		t.Fatalf("%s of %+v with %v", o.Type, o.Filed, codesIn(o.Private.Findings))
	}
}

// elsewhere returns the filing with its site at another provider only.
func elsewhere(f register.Filing) register.Filing {
	f.Sites = []register.FiledSite{f.Sites[0]}
	f.Sites[0].MinistryID = "710001"
	f.Sites[0].Accesses = []register.Access{{Provider: 990000009999}}
	return f
}

// TestAddAccess: the site of the register gets our access; the applicant proves who leads it, and enters nothing.
func TestAddAccess(t *testing.T) {
	before := elsewhere(filedEnterprise(t))
	w, _ := secondSite(t, before)
	w.Order.Domains = []filing.Domain{before.Sites[0].Domains[0].Name}
	facts := filing.Facts{SubjectFiled: true, SubjectKnown: true, DomainFiled: true, SameSubject: true}
	w.Decide(filing.Beian, filing.DetermineType{Facts: w.Facts(facts), DomainFacts: w.DomainFacts()})
	o := w.Order
	if o.Type != filing.AddAccess || len(o.Private.Sites) != 1 || o.Private.Sites[0].Name != before.Private.Sites[0].Name || len(o.Chosen) != 1 {
		t.Fatalf("%s with %v", o.Type, codesIn(o.Private.Findings))
	}
	w.Decide(filingtest.Applicant, filing.ChooseProduct{Product: filingtest.Product()})
	if w.Order.Step != filing.CollectEvidence {
		t.Fatalf("at %s", w.Order.Step)
	}
	var after register.Filing
	store := w.Store
	w.Store = func(c filing.Change) filing.Order {
		if c.Register != nil {
			after = c.Register.After
		}
		return store(c)
	}
	w.AdvanceTo(filing.Done)
	access, ours := after.Sites[0].OurAccess()
	if len(after.Sites) != 1 || len(after.Sites[0].Accesses) != 2 || !ours || access.Server != filingtest.Product().Server || len(before.Sites[0].Accesses) != 1 {
		t.Errorf("after: %+v, before: %+v", after.Sites, before.Sites)
	}
	for _, duty := range w.Order.Duties {
		if duty.Code == filing.DutyPublicSecurity {
			t.Error("the open site has to be filed with the police again")
		}
	}
}

// TestAccessOfSeveralSites: an application for an access is about one site.
func TestAccessOfSeveralSites(t *testing.T) {
	app := filingtest.EnterpriseJiangsu()
	w := filingtest.Open(t, app, filingtest.December2019)
	facts := w.Facts(filing.Facts{SubjectFiled: true, DomainFiled: true, SameSubject: true, SiteNumber: "苏ICP备12345678号-1"})
	second := facts[w.Order.Domains[1]]
	second.SiteNumber = "苏ICP备12345678号-2"
	facts[w.Order.Domains[1]] = second
	w.Decide(filing.Beian, filing.DetermineType{Facts: facts, DomainFacts: w.DomainFacts()})
	if !w.Order.Private.Findings.Has(filing.CodeOneSite) || w.Order.Type != "" {
		t.Errorf("%s with %v", w.Order.Type, codesIn(w.Order.Private.Findings))
	}
	second.SiteNumber = "苏ICP备12345678号-1"
	facts[w.Order.Domains[1]] = second
	w.Decide(filing.Beian, filing.DetermineType{Facts: facts, DomainFacts: w.DomainFacts()})
	w.AdvanceTo(filing.CollectDetails)
	c, err := w.Order.Apply(filing.EnterDetails{Subject: app.Subject, Sites: app.Sites}, filingtest.Applicant, w.At)
	if found := findings(c, err); !found.Has(filing.CodeOneSite) {
		t.Errorf("two sites: %v", found)
	}
}

// TestFilingNumber: where the ministry's query does not answer the subject's number, the applicant enters it.
func TestFilingNumber(t *testing.T) {
	app := filingtest.EnterpriseBeijing()
	for number, want := range map[string]finding.Code{"京ICP备": filing.CodeFilingNumberForm, "浙ICP备12345678号": filing.CodeFiledProvince, "京ICP备12345678号-2": ""} {
		app.Opening.FilingNumber = number
		c, err := filing.Open(app.OpenInput("01EXAMPLE"), filingtest.Applicant, filingtest.December2019)
		if found := findings(c, err); found.Blocking() != (want != "") || want != "" && !found.Has(want) {
			t.Errorf("%s: %v", number, codesIn(found))
		}
		if want == "" && c.Order.FilingNumber != "京ICP备12345678号" {
			t.Errorf("%s is stored as %s", number, c.Order.FilingNumber)
		}
	}
	t.Run("of a certificate that cannot be asked for", func(t *testing.T) {
		app.Opening.FilingNumber = "京ICP备12345678号"
		w := filingtest.Open(t, app, filingtest.December2019)
		w.Decide(filing.Beian, filing.DetermineType{Facts: w.Facts(filing.Facts{SubjectUnasked: true}), DomainFacts: w.DomainFacts()})
		if o := w.Order; o.Type != filing.AddSiteForeign || o.Filed == nil || o.Filed.Number.String() != app.Opening.FilingNumber {
			t.Errorf("%s with %v", o.Type, codesIn(o.Private.Findings))
		}
	})
	t.Run("asked for at the confirmation", func(t *testing.T) {
		app.Opening.FilingNumber = ""
		w := filingtest.Open(t, app, filingtest.December2019)
		d := filing.DetermineType{Facts: w.Facts(filing.Facts{SubjectFiled: true}), DomainFacts: w.DomainFacts()}
		w.Decide(filing.Beian, d)
		w.AdvanceTo(filing.AwaitConfirmation)
		w.Decide(filingtest.Applicant, filing.Confirm{Digest: w.Order.Summary().Digest})
		w.Decide(filing.Beian, d)
		if o := w.Order; o.Type != "" || !o.Private.Findings.Has(filing.CodeSubjectNumberMissing) {
			t.Fatalf("%s with %v", o.Type, codesIn(o.Private.Findings))
		}
		opening, papers := app.Opening, len(w.Order.Evidence)
		opening.FilingNumber = "京ICP备12345678号"
		w.Decide(filingtest.Applicant, filing.CorrectType{Opening: opening, SubjectKey: w.Order.SubjectKey})
		w.Decide(filing.Beian, d)
		if o := w.Order; o.Step != filing.CollectDetails || len(o.Evidence) != papers {
			t.Errorf("%s at %s with %d papers", o.Type, o.Step, len(o.Evidence))
		}
	})
}

// TestShell: a subject whose last site was cancelled adds one where the province takes it, and otherwise is cancelled first (icp-filing 2.2, row 3).
func TestShell(t *testing.T) {
	in2026 := time.Date(2026, 3, 2, 1, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		province province.Code
		number   string // as the applicant enters it
		at       time.Time
		want     filing.Type
		code     finding.Code
	}{
		"a province that takes a site":     {"11", "", in2026, filing.AddSiteOwn, ""},
		"a province that cancels it first": {"44", "", in2026, "", filing.CodeShell},
		"sites at other providers":         {"44", "粤ICP备12345678号", in2026, filing.AddSiteOwn, filing.CodeShellUnsure},
		"before any source":                {"44", "", filingtest.December2019, filing.AddSiteOwn, filing.CodeShellUnsure},
	} {
		t.Run(name, func(t *testing.T) {
			app := filingtest.EnterpriseBeijing()
			app.Opening.Province, app.Opening.FilingNumber = c.province, c.number
			w := filingtest.Open(t, app, c.at)
			subject, err := number.ParseSubject("粤ICP备12345678号")
			if err != nil {
				t.Fatal(err)
			}
			w.Order.Register = register.Filing{ID: "01FILING", Version: 3, Account: w.Order.Account, Status: register.Shell, Number: subject, Province: c.province, Entity: w.Order.Entity}
			w.Order.Register.Private.Subject = w.App.Subject
			w.Order.Register.Private.Subject.Name, w.Order.Register.Private.Subject.Certificate.Kind = w.Order.Private.Subject.Name, w.Order.Private.Subject.Certificate.Kind
			change, err := w.Order.Apply(filing.DetermineType{Facts: w.Facts(filing.Facts{SubjectFiled: true, SubjectKnown: true}), DomainFacts: w.DomainFacts()}, filing.Beian, c.at)
			if err != nil {
				t.Fatal(err)
			}
			o := change.Order
			if o.Type != c.want || c.code != "" && !o.Private.Findings.Has(c.code) || c.code == "" && (o.Private.Findings.Has(filing.CodeShell) || o.Private.Findings.Has(filing.CodeShellUnsure)) {
				t.Errorf("%q with %v", o.Type, codesIn(o.Private.Findings))
			}
		})
	}
}
