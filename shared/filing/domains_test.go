package filing_test

import (
	"slices"
	"testing"
	"time"

	"beian/shared/filing"
	"beian/shared/filing/filingtest"
	"beian/shared/rules/domainfacts"
	"beian/shared/rules/evidence"
	"beian/shared/rules/finding"
	"beian/shared/rules/person"
)

// factsWith returns facts about the order's domains, changed.
func factsWith(w *filingtest.Walk, change func(*domainfacts.Facts)) map[filing.Domain]domainfacts.Facts {
	facts := w.DomainFacts()
	for d, f := range facts {
		change(&f)
		facts[d] = f
	}
	return facts
}

// TestCorrectedNameIsComparedWithHolder: a name that is corrected in the details is compared with the holder again, without another look-up.
func TestCorrectedNameIsComparedWithHolder(t *testing.T) {
	w := filingtest.OpenAt(t, filingtest.EnterpriseBeijing(), filingtest.December2019, filing.CollectDetails)
	subject := w.App.Subject
	subject.Name = "样例更正有限公司"
	found := w.Order.CheckDetails(subject, w.App.Sites, w.At)
	i := slices.IndexFunc(found, func(f finding.Finding) bool { return f.Code == domainfacts.CodeHolderDiffers })
	if i < 0 || found[i].Pointer != "/sites/0/domains/0" || found[i].Severity != finding.Warn {
		t.Errorf("findings %v", codesIn(found))
	}
}

// TestCertificateOfDomain: the certificate of the domain is required only if no source shows that the subject holds the domain.
func TestCertificateOfDomain(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*domainfacts.Facts)
		want   evidence.Level
	}{
		"the subject holds it": {func(*domainfacts.Facts) {}, evidence.Optional},
		"the holder is hidden": {func(f *domainfacts.Facts) { f.Holder = "" }, evidence.Required},
		"a person holds it":    {func(f *domainfacts.Facts) { f.Holder = "另一示例" }, evidence.Required},
		"a rare character": {func(f *domainfacts.Facts) {
			name := []rune(f.Holder.Reveal())
			name[0] = '𬭎'
			f.Holder, f.SameCertificate = person.Name(string(name)), domainfacts.Unknown
		}, evidence.Required},
		"nobody answered": {func(f *domainfacts.Facts) { *f = domainfacts.Facts{} }, evidence.Required},
	} {
		w := filingtest.Open(t, filingtest.EnterpriseBeijing(), filingtest.December2019)
		w.Decide(filing.Beian, filing.DetermineType{Facts: w.Facts(filing.Facts{}), DomainFacts: factsWith(w, c.change)})
		w.AdvanceTo(filing.CollectEvidence)
		for _, r := range w.Order.EvidenceRequirements(w.At) {
			if r.Slot == evidence.SiteSlot(0, evidence.DomainCertificate) && r.Level != c.want {
				t.Errorf("%s: %s, want %s", name, r.Level, c.want)
			}
		}
	}
}

// TestSourceDownAfterReturn: an order was returned because its domain had expired. The applicant renews it and submits again, and the source is
// down: the order is not returned for what was known before.
func TestSourceDownAfterReturn(t *testing.T) {
	w := filingtest.OpenAt(t, filingtest.EnterpriseBeijing(), filingtest.December2019, filing.InitialReview)
	w.Decide(filing.Beian, filing.CheckDomains{Facts: factsWith(w, func(f *domainfacts.Facts) { f.ExpiresAt = w.At })})
	w.AdvanceTo(filing.InitialReview)
	if !w.Order.DomainFactsOutdated(w.At) {
		t.Error("the domain is not looked up again")
	}
	w.Decide(filing.Beian, filing.CheckDomains{Facts: factsWith(w, func(f *domainfacts.Facts) { *f = domainfacts.Facts{AskedAt: w.At} })})
	if o := w.Order; o.Step != filing.InitialReview || !o.Private.Findings.Has(domainfacts.CodeUnknown) || !o.Private.Findings.Has(domainfacts.CodeExpired) {
		t.Errorf("at %s, findings %v", o.Step, codesIn(o.Private.Findings))
	}
}

// TestCheckDomains: before the review, new warnings replace the old ones and other findings stay; what blocks returns the order.
func TestCheckDomains(t *testing.T) {
	w := filingtest.OpenAt(t, filingtest.EnterpriseBeijing(), filingtest.December2019, filing.InitialReview)
	before := len(w.Order.Private.Findings)
	w.Decide(filing.Beian, filing.CheckDomains{Facts: factsWith(w, func(f *domainfacts.Facts) { f.OnHold = true })})
	w.Decide(filing.Beian, filing.CheckDomains{Facts: factsWith(w, func(f *domainfacts.Facts) { f.Page = domainfacts.Yes })})
	if found := w.Order.Private.Findings; w.Order.Step != filing.InitialReview || len(found) != before+len(w.Order.Domains) || found.Has(domainfacts.CodeOnHold) ||
		!found.Has(domainfacts.CodeHasPage) {
		t.Errorf("at %s, findings %v", w.Order.Step, codesIn(found))
	}
	w.At = w.At.Add(25 * time.Hour)
	if !w.Order.DomainFactsOutdated(w.At) {
		t.Error("facts of yesterday are not outdated")
	}
	c := w.Decide(filing.Beian, filing.CheckDomains{Facts: factsWith(w, func(f *domainfacts.Facts) { f.ExpiresAt, f.Page = w.At, domainfacts.Yes })})
	if o := w.Order; o.Step != filing.CollectDetails || o.Status != filing.Returned || !slices.Equal(codesIn(o.Private.Findings), []finding.Code{domainfacts.CodeExpired}) ||
		len(c.Notices) != 1 || c.Notices[0].Kind != filing.NoticeReturned || c.Entry.Facts["blocked"] == "" {
		t.Errorf("%s at %s, findings %v, notices %v", o.Status, o.Step, codesIn(o.Private.Findings), c.Notices)
	}
	if _, err := w.Order.Apply(filing.CheckDomains{Facts: w.DomainFacts()}, filing.Beian, w.At); err == nil {
		t.Error("the domains were checked while the applicant corrects them")
	}
}
