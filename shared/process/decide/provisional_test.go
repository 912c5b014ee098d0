package decide_test

import (
	"testing"

	"beian/shared/bureau/simulator"
	"beian/shared/filing"
	"beian/shared/filing/filingtest"
)

// TestProvisionalType: if the ministry does not answer, the applicant goes on; the type is determined again before transmission.
func TestProvisionalType(t *testing.T) {
	o := newSystem(t)
	o.steer(simulator.Scenario{Unavailable: 2})
	w := o.toEvidence()
	if !w.Order.Provisional {
		t.Fatal("the type is not provisional")
	}
	o.submit(w)
	o.await(filing.InitialReview)
	o.steer(simulator.Scenario{Filed: []simulator.Seed{{
		Name: "样例有限公司", Nature: 4, CertificateKind: 1, CertificateNumber: string(filingtest.JiangsuFirm), Division: 120101,
		Sites: []simulator.SeedSite{{Name: "样例网站", Domains: []string{"beijing-example.com"}}},
	}}})
	o.pass(w)
	o.await(filing.VerifySMS)
	o.answer(w)
	o.await(filing.InitialReview)
	if got := o.read(w); got.Step != filing.InitialReview || !got.Private.Findings.Has(filing.CodeDomainOfOther) {
		t.Errorf("the order is at %s", got.Step)
	}
}

func (o *system) steer(s simulator.Scenario) {
	o.t.Helper()
	if err := o.ministry.Apply(s); err != nil {
		o.t.Fatal(err)
	}
}
