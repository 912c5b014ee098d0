package journeys_test

import (
	"encoding/base64"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"beian/functions/api"
	"beian/infra/local/outbox"
	"beian/infra/local/scenario"
	"beian/shared/filing"
)

// TestPlanBeforeAndAfterFiling: an applicant plans three domains from a file, files the first, and plans the rest at the filing (issue 11, point 5).
func TestPlanBeforeAndAfterFiling(t *testing.T) {
	j := newJourney(t, 1800)
	file := base64.StdEncoding.EncodeToString([]byte("\ufeff域名,网站\nfirst-planned-example.cn,官网\nplanned-example.cn,商城\nexample.github.io,\n"))
	request := map[string]any{"subject": map[string]any{"province": "42", "entityKind": 4}, "file": file}
	p, err := j.applicant.Plan(t.Context(), request)
	j.must(err)
	if len(p.Orders) != 2 || p.Orders[0].Type != filing.First || p.Orders[1].Type != filing.AddSiteOwn || p.Ready || !p.Domains[2].Findings.Has("domain-of-platform") {
		t.Errorf("before the filing: %+v", p)
	}
	if all, err := j.applicant.Filings(t.Context()); err != nil || len(all) > 0 {
		t.Errorf("a plan stored %v, %v", all, err)
	}

	j = journeyAt(t, 1801, filing.InitialReview)
	j.must(reviewer.Approve(t.Context(), j.id))
	j.awaitStep(filing.VerifySMS, filing.SMSPending)
	j.replySMS()
	j.awaitApproved()
	f := j.filing()
	p, err = j.applicant.Plan(t.Context(), map[string]any{"filing": f.ID, "domains": []map[string]any{{"domain": f.Domains[0]}, {"domain": "planned-example.cn"}}})
	j.must(err)
	if len(p.Orders) != 1 || p.Orders[0].Type != filing.AddSiteOwn || !p.Domains[0].Findings.Has(filing.CodeNothingToFile) || p.Domains[1].Order != 1 {
		t.Errorf("after the filing: %+v", p)
	}
	stranger := newJourney(t, 1802)
	_, err = stranger.applicant.Plan(t.Context(), map[string]any{"filing": f.ID, "domains": []map[string]any{{"domain": "planned-example.cn"}}})
	wantProblem(t, err, 422, "plan-filing-unknown /filing")
}

// acceptTwo accepts a plan with two sites of the applicant, an individual, for whom an order takes one.
func acceptTwo(t *testing.T, n int) (j *journey, second string, plan filing.ID) {
	t.Helper()
	return acceptTwoOn(t, n, "")
}

// acceptTwoOn is acceptTwo for a plan with a server.
func acceptTwoOn(t *testing.T, n int, server string) (j *journey, second string, plan filing.ID) {
	t.Helper()
	j = newJourney(t, n)
	second = fmt.Sprintf("invented-%d-second-example.com", n)
	subject := maps.Clone(j.app.Open)
	delete(subject, "domains")
	request := map[string]any{"subject": subject, "domains": []map[string]any{
		{"domain": j.app.Open["domains"].([]string)[0], "site": "1"}, {"domain": second, "site": "2"}}}
	if server != "" {
		request["server"] = server
	}
	p, err := j.applicant.Plan(t.Context(), request)
	j.must(err)
	if !p.Ready || len(p.Orders) != 2 {
		t.Fatalf("plan %+v", p)
	}
	request["digest"], request["contact"], request["language"] = p.Digest, j.app.Contact, j.app.Language
	accepted, err := j.applicant.AcceptPlan(t.Context(), request)
	j.must(err)
	j.id = accepted.ID
	return j, second, accepted.ID
}

// TestAcceptedPlan: the first order of a plan is filed, the next opens and is filed, and the register has both sites (issue 11, point 5).
func TestAcceptedPlan(t *testing.T) {
	j, domain, id := acceptTwo(t, 1803)
	j.must(j.app.Advance(t.Context(), j.id, j.applicant, reviewer, filing.VerifySMS))
	j.replySMS()
	j.awaitApproved()
	var p api.AcceptedPlan
	j.must(scenario.Poll(t.Context(), func() (bool, error) { // the second order opens after the approval
		var err error
		p, err = j.applicant.AcceptedPlan(t.Context(), id)
		return err == nil && p.Orders[1].State == "open", err
	}))
	second := j.secondSite(1803)
	second.id = p.Orders[1].ID
	second.app.Details.Sites[0]["domains"] = []string{domain}
	j.must(second.app.Advance(t.Context(), second.id, j.applicant, reviewer, filing.VerifySMS))
	second.replySMS()
	second.awaitApproved()
	if p, err := j.applicant.AcceptedPlan(t.Context(), id); err != nil || p.Ended != "" || p.Orders[0].State != "filed" || p.Orders[1].State != "filed" {
		t.Errorf("the plan is %+v, %v", p, err)
	}
	if f := j.filing(); len(f.Sites) != 2 || f.Sites[1].Details.Domains[0] != filing.Domain(domain) {
		t.Errorf("the filing is %+v", f)
	}
	j.must(scenario.Poll(t.Context(), func() (bool, error) { // the messages of the two orders may come in another order
		return slices.ContainsFunc(client.Sent(j.mailbox()), func(m outbox.Message) bool { return strings.Contains(m.Text, "下一个订单") }), nil
	}))
}

// TestPlanStopsWithItsOrder: an order of a plan that is abandoned stops the plan, with a message.
func TestPlanStopsWithItsOrder(t *testing.T) {
	j, _, id := acceptTwo(t, 1804)
	j.must(j.app.Advance(t.Context(), j.id, j.applicant, reviewer, filing.VerifyProduct))
	j.must(j.applicant.Abandon(t.Context(), j.id))
	j.wantNotices(filing.NoticeAbandoned, filing.NoticePlanStopped)
	p, err := j.applicant.AcceptedPlan(t.Context(), id)
	if err != nil || p.Ended != filing.PlanClosed || p.Orders[0].State != "closed" || p.Orders[1].State != "cancelled" {
		t.Errorf("the plan is %+v, %v", p, err)
	}
}

// TestPlanWithServer: each order of a plan with a server chooses it by itself, and reserves its own slot. A cancellation ends the plan after the order that is
// open.
func TestPlanWithServer(t *testing.T) {
	server := scenario.Invented(3620).Server.ID
	j, _, id := acceptTwoOn(t, 3620, server)
	if o := j.awaitStep(filing.CollectDetails, filing.ProductVerified); o.Product == nil || o.Product.Server != server {
		t.Fatalf("the order has the product %+v", o.Product)
	}
	used, err := admin.UsedSlots(t.Context(), server)
	if p, planErr := j.applicant.AcceptedPlan(t.Context(), id); err != nil || used != 1 || planErr != nil || p.Server != server {
		t.Errorf("%d slots, %v; plan %+v, %v", used, err, p, planErr)
	}
	for range 2 {
		var p api.AcceptedPlan
		j.must(j.applicant.Call(t.Context(), "POST", "/accepted-plans/"+string(id)+"/cancellation", nil, &p))
		if p.Ended != filing.PlanCancelled || p.Orders[0].State != "open" || p.Orders[1].State != "cancelled" {
			t.Errorf("cancelled: %+v", p)
		}
	}
	j.must(j.applicant.Abandon(t.Context(), j.id))
	wantProblem(t, j.applicant.Call(t.Context(), "POST", "/accepted-plans/01KJZ2Y0M0QK8W3V5T7R9P3620/cancellation", nil, nil), 404)
}
