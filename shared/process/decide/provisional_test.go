package decide_test

import (
	"testing"

	"beian/shared/bureau/simulator"
	"beian/shared/filing"
	"beian/shared/filing/filingtest"
)

// TestProvisionalType: if the ministry does not answer, the order continues; the type is determined again before transmission.
func TestProvisionalType(t *testing.T) {
	o := newSystem(t)
	o.applyScenario(simulator.Scenario{Unavailable: 2})
	w := o.advanceToEvidence()
	if !w.Order.Provisional {
		t.Fatal("the type is not provisional")
	}
	o.submit(w)
	o.waitForState(filing.InitialReview)
	o.applyScenario(simulator.Scenario{Filed: []simulator.Seed{{
		Name: "样例有限公司", Nature: 4, CertificateKind: 1, CertificateNumber: string(filingtest.JiangsuFirm), Division: 120101,
		Sites: []simulator.SeedSite{{Name: "样例网站", Domains: []string{"beijing-example.com"}}},
	}}})
	o.passReview(w)
	o.waitForState(filing.VerifySMS)
	o.enterCodes(w)
	o.waitForState(filing.VerifyType)
	if got := o.reload(w); got.Step != filing.VerifyType || !got.Private.Findings.Has(filing.CodeDomainOfOther) {
		t.Errorf("the order is at %s", got.Step)
	}
}

func (o *system) applyScenario(s simulator.Scenario) {
	o.t.Helper()
	if err := o.ministry.Apply(s); err != nil {
		o.t.Fatal(err)
	}
}
