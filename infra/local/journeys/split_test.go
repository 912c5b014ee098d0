package journeys_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"beian/infra/local/scenario"
	"beian/shared/bureau/simulator"
	"beian/shared/filing"
	"beian/shared/web"
)

// split reads the split that the order offers.
func (j *journey) split() *web.Split {
	j.t.Helper()
	var o web.Order
	j.must(j.applicant.Call(j.t.Context(), http.MethodGet, fmt.Sprintf("/orders/%s", j.id), nil, &o))
	return o.Split
}

// TestSplit: a subject that is filed elsewhere opens one order for its site there and a new one. One confirmation makes two orders: the access is filed
// first, then the new site opens (issue 11, point 4).
func TestSplit(t *testing.T) {
	j := newJourney(t, 2400)
	j.verifyContact()
	mobile, email := fmt.Sprint(j.app.Contact["mobile"]), fmt.Sprint(j.app.Contact["email"])
	j.must(sys.Bureau.Apply(simulator.Scenario{Filed: []simulator.Seed{{Name: "示例人", Nature: 5, CertificateKind: 2, CertificateNumber: j.certificate(), Division: 110101,
		Address: "东城区示例胡同1号", Investor: "示例人",
		Leader: simulator.SeedLeader{Name: "示例人", Mobile: mobile, Email: email, CertificateKind: 2, CertificateNumber: j.certificate()},
		Sites:  []simulator.SeedSite{{Name: "木作手记", Domains: []string{j.domain()}}}}}}))
	filed, added := j.domain(), "invented-2400-second-example.com"
	j.app.Open["domains"] = []string{added, filed}
	o, err := j.applicant.OpenOrder(t.Context(), j.app)
	j.must(err)
	j.id = o.ID
	j.wantBlocked("domains-of-different-types /domains")
	offer := j.split()
	if offer == nil || len(offer.Orders) != 2 || offer.Orders[0].Type != filing.AddAccessForeign || string(offer.Orders[1].Domains[0]) != added ||
		offer.Orders[0].Words.Chinese == "" {
		t.Fatalf("offered %+v", offer)
	}
	path := fmt.Sprintf("/orders/%s/split", j.id)
	stranger := newJourney(t, 2401)
	accept := func(u *scenario.User, digest string) error {
		return u.Call(t.Context(), http.MethodPost, path, map[string]any{"digest": digest}, nil)
	}
	wantProblem(t, accept(stranger.applicant, offer.Digest), 404)
	wantProblem(t, accept(j.applicant, "another"), 409, "split-changed /digest")
	j.must(accept(j.applicant, offer.Digest))
	wantProblem(t, accept(j.applicant, offer.Digest), 409, "split-not-offered ")
	determined := j.awaitStep(filing.VerifyProduct, filing.TypeVerified)
	if determined.Type != filing.AddAccessForeign {
		t.Errorf("type %s with %v", determined.Type, determined.Findings)
	}
	j.must(j.app.Advance(t.Context(), j.id, j.applicant, reviewer, filing.VerifySMS))
	j.replySMS()
	j.awaitApproved()
	next := j.secondSite(2400)
	j.must(scenario.Poll(t.Context(), func() (bool, error) {
		p, err := j.applicant.AcceptedPlan(t.Context(), j.id)
		next.id = p.Orders[1].ID
		return err == nil && p.Orders[1].State == "open", err
	}))
	if got := next.awaitStep(filing.VerifyProduct, filing.TypeVerified); got.Type != filing.AddSiteOwn {
		t.Errorf("the second order is %s with %v", got.Type, got.Findings)
	}
	j.must(next.app.Advance(t.Context(), next.id, j.applicant, reviewer, filing.VerifySMS))
	next.replySMS()
	if done := next.awaitApproved(); !strings.HasSuffix(done.Bureau.Sites[0].Number, "-2") {
		t.Errorf("the new site is filed as %+v", done.Bureau.Sites)
	}
	if p, err := j.applicant.AcceptedPlan(t.Context(), j.id); err != nil || p.Ended != "" || p.Orders[0].State != "filed" || p.Orders[1].State != "filed" {
		t.Errorf("the plan is %+v, %v", p, err)
	}
}
