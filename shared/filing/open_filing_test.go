package filing_test

import (
	"testing"

	"beian/shared/filing"
	"beian/shared/filing/filingtest"
	"beian/shared/filing/register"
	"beian/shared/rules/fault"
)

// filedEnterprise returns the filing that a first filing leads to.
func filedEnterprise(t *testing.T) register.Filing {
	t.Helper()
	var filed register.Filing
	w := filingtest.Open(t, filingtest.EnterpriseBeijing(), filingtest.December2019)
	w.Store = func(c filing.Change) filing.Order {
		if c.Register != nil {
			filed = c.Register.After
		}
		return c.Order
	}
	w.AdvanceTo(filing.Done)
	return filed
}

// TestFirstFilingIsRegistered: the approval begins the filing, with numbers, sites, our access and papers.
func TestFirstFilingIsRegistered(t *testing.T) {
	f := filedEnterprise(t)
	if f.Version != 1 || f.Status != register.Filed || f.Account != filingtest.Applicant.Account || f.Number.String() == "" || len(f.Papers) == 0 {
		t.Errorf("filing %s: version %d, %s, number %s, %d papers", f.ID, f.Version, f.Status, f.Number, len(f.Papers))
	}
	access, ours := f.Sites[0].OurAccess()
	if len(f.Sites) != 1 || len(f.Private.Sites) != 1 || !ours || access.Server != filingtest.Product().Server || len(access.IPs) != 1 {
		t.Errorf("sites %+v", f.Sites)
	}
	if f.Private.Subject.Name != filingtest.EnterpriseBeijing().Subject.Name {
		t.Error("the register lacks the subject")
	}
}

// TestOpenAtFiling: an order at a filing needs a kind that begins there.
func TestOpenAtFiling(t *testing.T) {
	f := filedEnterprise(t)
	for _, kind := range []filing.Type{"", filing.First, filing.AddSiteOwn, "OTHER"} {
		n := filingtest.EnterpriseBeijing().OpenInput("02EXAMPLE")
		n.At = &filing.AtFilingInput{Type: kind, Filing: f}
		if _, err := filing.Open(n, filingtest.Applicant, filingtest.December2019); !fault.Of(err).Findings.Has(filing.CodeKindUnknown) {
			t.Errorf("%q: %v", kind, err)
		}
	}
}
