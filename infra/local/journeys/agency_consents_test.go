package journeys_test

import (
	"maps"
	"net/http"
	"testing"

	"beian/infra/local/scenario"
	"beian/shared/filing"
	"beian/shared/filing/register"
	"beian/shared/web"
)

// TestConsentOfFiling: an agency acts for a filing that another account has. That account and the leader see the agency, each can revoke the consent,
// and the filing stays with the account. The agency can give a consent up, and a new one replaces the old.
func TestConsentOfFiling(t *testing.T) {
	ctx := t.Context()
	j, f := newFiling(t, 3510)
	leader := scenario.LeaderMobiles(j.app.Details)[0]
	agent, app := agentFor(t, 3511)
	ask := func(scopes ...string) web.Consent {
		t.Helper()
		c, err := agent.GetConsent(ctx, leader, map[string]any{"number": f.Number.String() + "-1", "scopes": scopes, "until": until(10)})
		j.must(err)
		return c
	}
	_, err := agent.Filing(ctx, f.ID)
	wantProblem(t, err, 404)
	first := ask("read")
	if got, err := agent.Filing(ctx, f.ID); err != nil || got.Subject.Name != f.Subject.Name || len(got.Next) != 0 {
		t.Errorf("%+v, %v", got.Next, err)
	}
	wantProblem(t, agent.Call(ctx, http.MethodPost, "/filings/"+string(f.ID)+"/transfer", nil, nil), 404)
	second := ask("change")
	if got := consentNamed(t, agent, first.ID); got.State != register.ConsentRevoked || got.RevokedBy != register.EndedByReplace {
		t.Errorf("the replaced consent is %+v", got)
	}
	opened, err := agent.OpenChange(ctx, f.ID, app)
	j.must(err)

	var page web.Page[web.Consent]
	j.must(j.applicant.Call(ctx, http.MethodGet, "/filings/"+string(f.ID)+"/consents", nil, &page))
	if len(page.Items) != 1 || page.Items[0].ID != second.ID || page.Items[0].Agency == nil || page.Items[0].Agency.English != "Example Agency Ltd" || page.Items[0].Account != "" {
		t.Fatalf("the owner sees %+v", page.Items)
	}
	var ended web.Consent
	j.must(j.applicant.Call(ctx, http.MethodPost, "/filings/"+string(f.ID)+"/consent-revocations", map[string]any{"consent": second.ID}, &ended))
	if ended.State != register.ConsentRevoked || ended.RevokedBy != register.EndedByOwner {
		t.Errorf("%+v", ended)
	}
	_, err = agent.Order(ctx, opened.ID)
	wantProblem(t, err, 403, "consent-revoked ")
	wantProblem(t, j.applicant.Call(ctx, http.MethodPost, "/filings/"+string(f.ID)+"/consent-revocations", map[string]any{"consent": second.ID}, nil), 409, "consent-ended ")

	third := ask("change")
	if _, err := agent.Order(ctx, opened.ID); err != nil { // the order is for the filing, not for one consent
		t.Error(err)
	}
	j.must(agent.Abandon(ctx, opened.ID))
	j.must(agent.Call(ctx, http.MethodDelete, "/consents/"+third.ID, nil, &ended))
	if ended.RevokedBy != register.EndedByAgency {
		t.Errorf("%+v", ended)
	}
	_, err = agent.Filing(ctx, f.ID)
	wantProblem(t, err, 403, "consent-revoked ")
	if got := j.filing(); got.Version != f.Version {
		t.Errorf("version %d of the owner's filing, want %d", got.Version, f.Version)
	}

	j.must(admin.Call(ctx, http.MethodGet, "/agency-consents?limit=100", nil, &page))
	found := false
	for _, c := range page.Items {
		found = found || c.ID == third.ID && c.Account == agencyAccount && c.Filing == f.ID
	}
	if !found {
		t.Errorf("staff see %+v", page.Items)
	}
}

func consentNamed(t *testing.T, u *scenario.User, id string) web.Consent {
	t.Helper()
	all, err := u.Consents(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range all {
		if c.ID == id {
			return c
		}
	}
	t.Fatalf("no consent %s", id)
	return web.Consent{}
}

// TestAgencyFilingIsClaimed: the subject claims the filing that an agency filed for it; the agency then goes on by its consent.
func TestAgencyFilingIsClaimed(t *testing.T) {
	ctx := t.Context()
	agent, app, _, _, f := fileAsAgency(t, 3520, register.ScopeFile, register.ScopeCancel)
	leader := scenario.LeaderMobiles(app.Details)[0]
	subject := newAccount(t, 3520)
	before := len(client.Sent("+86" + leader))
	if _, err := subject.ClaimFiling(ctx, f.Number.String()); err != nil {
		t.Fatal(err)
	}
	code, err := client.AwaitConsentCode(ctx, leader, before)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := subject.AnswerClaim(ctx, code); err != nil || got.ID != f.ID {
		t.Fatalf("%+v, %v", got.FilingBrief, err)
	}
	offers, err := agent.Cancellations(ctx, f.ID)
	if err != nil {
		t.Fatal(err)
	}
	for _, offer := range offers {
		if offer.Kind != filing.CancelSubject {
			continue
		}
		opened, err := agent.Cancel(ctx, f.ID, offer, app.Contact)
		if err != nil {
			t.Fatal(err)
		}
		course := scenario.Course{Applicant: agent, Reviewer: reviewer}
		if _, err := course.Finish(ctx, opened.ID); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := subject.Filing(ctx, f.ID); err != nil || got.Status != register.Cancelled {
		t.Errorf("%s, %v", got.Status, err)
	}
}

// TestAgencyPlans: an agency plans and files a further site of a subject by a consent to file. The plan is about what is filed of the subject, named by its
// filing or its certificate. Without a consent, the agency sees no filing; a consent that has ended, or that does not permit to file, is refused (issue 11,
// points 5 and 6).
func TestAgencyPlans(t *testing.T) {
	ctx := t.Context()
	j, f := newFiling(t, 9353)
	leader := scenario.LeaderMobiles(j.app.Details)[0]
	agent, app := agentFor(t, 9353)
	domain := "invented-9353-second-example.com"
	domains := []map[string]any{{"domain": domain}}
	byNumber := map[string]any{"filing": f.ID, "domains": domains}
	subject := maps.Clone(app.Open)
	delete(subject, "domains")
	byCertificate := map[string]any{"subject": subject, "domains": domains}
	_, err := agent.Plan(ctx, byNumber)
	wantProblem(t, err, 422, "plan-filing-unknown /filing")
	if p, err := agent.Plan(ctx, byCertificate); err != nil || len(p.Orders) != 1 || p.Orders[0].Type != filing.First {
		t.Errorf("without a consent: %+v, %v", p, err)
	}
	consent := func(scope string) web.Consent {
		c, err := agent.GetConsent(ctx, leader, map[string]any{"number": f.Number.String(), "scopes": []string{scope}, "until": until(10)})
		j.must(err)
		return c
	}
	consent("change")
	for _, request := range []map[string]any{byNumber, byCertificate} {
		_, err = agent.Plan(ctx, request)
		wantProblem(t, err, 403, "consent-without-scope ")
	}
	given := consent("file")
	other := maps.Clone(subject)
	other["name"] = "样例改名"
	_, err = agent.Plan(ctx, map[string]any{"filing": f.ID, "subject": other, "domains": domains}) // begins with a change
	wantProblem(t, err, 403, "consent-without-scope ")
	for _, request := range []map[string]any{byNumber, byCertificate} {
		p, err := agent.Plan(ctx, request)
		j.must(err)
		if !p.Ready || len(p.Orders) != 1 || p.Orders[0].Type != filing.AddSiteOwn {
			t.Fatalf("with the consent: %+v", p)
		}
		byNumber["digest"] = p.Digest
	}
	byNumber["contact"], byNumber["language"] = app.Contact, app.Language
	accepted, err := agent.AcceptPlan(ctx, byNumber)
	j.must(err)
	second := j.secondSite(9353)
	app.Open, app.Details = second.app.Open, second.app.Details
	app.Details.Sites[0]["domains"] = []string{domain}
	j.must(app.Advance(ctx, accepted.ID, agent, reviewer, filing.AwaitConfirmation))
	o, err := agent.Order(ctx, accepted.ID)
	if err != nil || o.Type != filing.AddSiteOwn {
		t.Fatalf("%s, %v", o.Type, err)
	}
	course := scenario.Course{Applicant: agent, Reviewer: reviewer, Server: app.Server.ID, Details: app.Details}
	_, err = course.Finish(ctx, accepted.ID)
	j.must(err)
	if got := j.filing(); len(got.Sites) != 2 || got.Sites[1].Details.Domains[0] != filing.Domain(domain) {
		t.Errorf("the filing of the account is %+v", got.Sites)
	}
	j.must(agent.Call(ctx, http.MethodDelete, "/consents/"+given.ID, nil, nil))
	_, err = agent.Plan(ctx, map[string]any{"filing": f.ID, "domains": domains})
	wantProblem(t, err, 403, "consent-revoked ")
}
