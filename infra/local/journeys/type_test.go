package journeys_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"beian/infra/local/scenario"
	"beian/shared/bureau/simulator"
	"beian/shared/filing"
)

// correctType corrects the data that determines the type.
func (j *journey) correctType(domain string) {
	j.t.Helper()
	j.app.Open["domains"] = []string{domain}
	j.app.Details.Sites[0]["domains"] = []string{domain}
	j.must(j.applicant.Call(j.t.Context(), "PUT", fmt.Sprintf("/orders/%s/type", j.id), j.app.Open, nil))
}

// wantBlocked waits for the findings that prevent the determination of the type.
func (j *journey) wantBlocked(want ...string) {
	j.t.Helper()
	var got []string
	if err := scenario.Poll(j.t.Context(), func() (bool, error) {
		o := j.order()
		got = findingPlaces(o.Findings)
		return o.Step == filing.VerifyType && fmt.Sprint(got) == fmt.Sprint(sortedCopy(want)) && o.Next.Who == "applicant", nil
	}); err != nil {
		j.t.Fatalf("blocked by %q, want %q", got, want)
	}
}

// TestTypeBlocked checks that a domain filed by another subject blocks the application, once papers and liveness show who the subject is, until the
// domain is changed.
func TestTypeBlocked(t *testing.T) {
	j := newJourney(t, 850)
	j.verifyContact()
	taken := j.domain()
	j.must(sys.Bureau.Apply(simulator.Scenario{Filed: []simulator.Seed{{Name: "样例公司", Nature: 4, CertificateKind: 1,
		CertificateNumber: "91110108MA01EX1B1R", Division: 110108, Sites: []simulator.SeedSite{{Name: "样例旧站", Domains: []string{taken}}}}}}))
	j.advanceTo(filing.AwaitConfirmation)
	if o := j.order(); o.Type != filing.AddAccessForeign {
		t.Errorf("type %s", o.Type)
	}
	j.must(j.applicant.Confirm(t.Context(), j.id))
	j.wantBlocked("domain-filed-by-other-subject /domains/0")
	mails := j.wantNotices(filing.NoticeTypeBlocked)
	if !strings.Contains(mails[0].Text, "怎么办：") {
		t.Errorf("the email does not say what to do:\n%s", mails[0].Text)
	}
	wantProblem(t, j.applicant.ChooseServer(t.Context(), j.id, j.app.Server.ID), 409, "step-out-of-order ")
	j.correctType("invented-850-again-example.com")
	j.must(scenario.Poll(t.Context(), func() (bool, error) { return j.order().Step == filing.CollectDetails, nil }))
	j.awaitMachine(filing.CollectDetails)
	j.correctAll(filing.CollectDetails)
	j.awaitMachine(filing.AwaitConfirmation)
	j.must(j.applicant.Confirm(t.Context(), j.id))
	j.must(reviewer.Approve(t.Context(), j.id))
	j.awaitStep(filing.VerifySMS, filing.SMSPending)
	j.replySMS()
	j.awaitApproved()
	j.wantPath(1, toReview[:7], []string{"Return", "Step", "VerifyType", "Return"}, toReview, bySMS, toEnd)
	j.wantLedger(opened, collected, []string{"determine-type", "correct-type", "determine-type", "enter-details", "confirm"}, reviewed, answered, transmitted, filed)
	// The subject is filed now, so a first filing is not possible.
	again := startJourney(t, j.app)
	second, err := again.applicant.OpenOrder(t.Context(), again.app)
	again.must(err)
	again.id = second.ID
	again.wantBlocked("nothing-to-file /domains/0")
	if o := again.order(); o.Findings[0].Filing == "" || o.Findings[0].Filing != string(again.filing().ID) {
		t.Errorf("the finding names the filing %q", o.Findings[0].Filing)
	}
	again.must(again.applicant.Abandon(t.Context(), again.id))
	again.awaitStep(filing.Done, filing.Abandoned)
}

// TestTypeBlockedByBlacklist checks that a blacklisted domain or subject cannot be filed.
func TestTypeBlockedByBlacklist(t *testing.T) {
	j := newJourney(t, 851)
	o, err := j.applicant.OpenOrder(t.Context(), j.app)
	j.must(err)
	j.id = o.ID
	j.awaitStep(filing.VerifyProduct, filing.TypeVerified)
	j.must(j.applicant.Abandon(t.Context(), j.id))
	j.awaitStep(filing.Done, filing.Abandoned)
	j.must(sys.Bureau.Apply(simulator.Scenario{Blacklist: simulator.Blacklist{Domains: []string{j.domain()}}}))
	j.app.Open["domains"] = []string{j.domain()}
	j.advanceTo(filing.VerifySMS)
	j.replySMS()
	rejected := j.awaitStep(filing.Done, filing.BureauRejected)
	if len(rejected.Findings) == 0 || rejected.Next.Who != "applicant" {
		t.Errorf("findings %v, next %+v", rejected.Findings, rejected.Next)
	}
	j.wantPath(1, toReview, bySMS, toEnd)
	j.must(j.applicant.Abandon(t.Context(), j.id))
}

// TestTypeOfCertificateThatCannotBeAsked checks an applicant with a travel permit (kind 14), for which the ministry's query has no type
// (MIIT-IF30 5.5): whose a filed domain is stays unknown, and otherwise the application continues with a warning.
func TestTypeOfCertificateThatCannotBeAsked(t *testing.T) {
	j := newJourney(t, 852)
	j.verifyContact()
	taken := j.domain()
	j.must(sys.Bureau.Apply(simulator.Scenario{Filed: []simulator.Seed{{Name: "示例人", Nature: 5, CertificateKind: 14,
		CertificateNumber: "H85200001", Division: 110108, Sites: []simulator.SeedSite{{Name: "样例旧站", Domains: []string{taken}}}}}}))
	j.app.Open["certificate"] = map[string]any{"kind": 14, "number": "H85200001"}
	o, err := j.applicant.OpenOrder(t.Context(), j.app)
	j.must(err)
	j.id = o.ID
	j.wantBlocked("domain-holder-unknown /domains/0")
	j.correctType("invented-852-again-example.com")
	determined := j.awaitStep(filing.VerifyProduct, filing.TypeVerified)
	if got := findingPlaces(determined.Findings); !slices.Contains(got, "subject-filing-unknown /certificate/kind") {
		t.Errorf("findings %v", got)
	}
	j.must(j.applicant.Abandon(t.Context(), j.id))
	j.awaitStep(filing.Done, filing.Abandoned)
}
