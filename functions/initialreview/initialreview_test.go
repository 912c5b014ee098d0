package initialreview_test

import (
	"testing"

	"beian/functions/initialreview"
	"beian/infra/local/steptest"
	"beian/shared/bureau/simulator"
	"beian/shared/filing"
	"beian/shared/filing/filingtest"
	"beian/shared/process/decide"
	"beian/shared/process/domaincheck"
)

func TestHandle(t *testing.T) {
	steptest.TestWaitingStep(t, filing.InitialReview, func(d *decide.Service) steptest.Handle {
		return initialreview.Handler{Decisions: d, Domains: &domaincheck.Finder{Now: d.Now}}.Handle
	})
}

// TestFilingPassword: a wrong filing password returns the order before a reviewer sees it; of a right one the order keeps the hash. If the bureau does not
// answer, the function transmit asks again.
func TestFilingPassword(t *testing.T) {
	for name, c := range map[string]struct {
		password  filing.FilingPassword
		noAnswer  bool
		step      filing.Step
		kept      filing.FilingPassword
		hash      string
		completed int
	}{
		"right":     {"Beian@2016", false, filing.InitialReview, "", "83ce88bb4befee39468ca895ef847712", 0},
		"wrong":     {"Beian@2015", false, filing.AwaitConfirmation, "", "", 1},
		"no answer": {"Beian@2015", true, filing.InitialReview, "Beian@2015", "", 0},
	} {
		t.Run(name, func(t *testing.T) {
			w := steptest.New(t)
			o := w.At(filing.VerifyType)
			w.ApplyScenario(simulator.Scenario{Filed: []simulator.Seed{{Name: "样例有限公司", Nature: 4, CertificateKind: 1, CertificateNumber: o.Private.Subject.Certificate.Number.Reveal(),
				Division: 110101, Number: "京ICP备2015000009号", Password: "Beian@2016", Sites: []simulator.SeedSite{{Name: "样例旧站", Domains: []string{string(o.Domains[0])}}}}}})
			w.Do(filing.Beian, filing.DetermineType{DomainFacts: w.Walk.DomainFacts(), Facts: w.Walk.Facts(filing.Facts{SubjectFiled: true, DomainFiled: true, SameSubject: true,
				SubjectNumber: "京ICP备2015000009号", SiteNumber: "京ICP备2015000009号-1"})})
			w.At(filing.VerifyProduct)
			w.Do(filingtest.Applicant, filing.EnterFilingPassword{Password: c.password})
			w.At(filing.InitialReview)
			if c.noAnswer {
				w.ApplyScenario(simulator.Scenario{Unavailable: 1})
			}
			h := initialreview.Handler{Decisions: w.Service, Domains: &domaincheck.Finder{Now: w.Clock.Now}, Facts: w.Facts}
			if _, err := h.Handle(t.Context(), w.Input()); err != nil {
				t.Fatal(err)
			}
			got := w.Order()
			if got.Step != c.step || got.Private.FilingPassword != c.kept || got.Private.Filed.FilingPassword != c.hash || len(w.Completed) != c.completed ||
				got.Private.Findings.Has(filing.CodePasswordWrong) != (c.step == filing.AwaitConfirmation) {
				t.Errorf("at %s with %v, %d tasks completed", got.Step, got.Private.Findings, len(w.Completed))
			}
		})
	}
}
