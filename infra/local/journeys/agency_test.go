package journeys_test

import (
	"maps"
	"net/http"
	"slices"
	"testing"
	"time"

	"beian/infra/local/scenario"
	"beian/shared/filing"
	"beian/shared/filing/register"
	"beian/shared/rules/workday"
	"beian/shared/web"
)

// until returns a last day for consents, some days after the clock's.
func until(days int) workday.Date { return workday.DateOf(sys.Clock.Now()).AddDays(days) }

// agentFor logs the agency in, with a server for the n-th invented subject, and returns the application that it makes for the subject.
func agentFor(t *testing.T, n int) (*scenario.User, scenario.Application) {
	t.Helper()
	app := scenario.Invented(n)
	app.Login = agencyLogin
	agent, err := client.LoginApplicant(t.Context(), admin, app, sys.Clock.Now())
	if err != nil {
		t.Fatal(err)
	}
	return agent, app
}

// fileAsAgency files a subject for the first time, with the consent of its leader, and returns the order and its filing.
func fileAsAgency(t *testing.T, n int, scopes ...register.Scope) (*scenario.User, scenario.Application, filing.ID, web.Consent, web.Filing) {
	t.Helper()
	agent, app := agentFor(t, n)
	id, err := app.AdvanceTo(t.Context(), agent, reviewer, filing.AwaitConfirmation)
	if err != nil {
		t.Fatal(err)
	}
	wantProblem(t, agent.Confirm(t.Context(), id), 403, "consent-missing ")
	leader := scenario.LeaderMobiles(app.Details)[0]
	consent, err := agent.GetConsent(t.Context(), leader, map[string]any{"order": id, "scopes": scopes, "until": until(90)})
	if err != nil || consent.State != register.ConsentGiven || consent.Filing != register.ID(id) {
		t.Fatalf("%+v, %v", consent, err)
	}
	course := scenario.Course{Applicant: agent, Reviewer: reviewer, Server: app.Server.ID, Details: app.Details}
	if _, err := course.Finish(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	f, err := agent.Filing(t.Context(), register.ID(id))
	if err != nil {
		t.Fatal(err)
	}
	return agent, app, id, consent, f
}

// TestAgency: an agency files for two subjects, each with the consent of its leader, and changes one. The leader revokes the consent, without an
// account: the agency can do nothing more, also with the order that is open. The ledger names the agency, and for whom by which consent (issue 11,
// point 6).
func TestAgency(t *testing.T) {
	ctx := t.Context()
	agent, app, id, consent, f := fileAsAgency(t, 3500, register.ScopeFile, register.ScopeChange)
	_, _, other, _, second := fileAsAgency(t, 3501, register.ScopeFile)
	leader := scenario.LeaderMobiles(app.Details)[0]
	ledger, err := reviewer.Ledger(ctx, id)
	if err != nil || !ledger.Verified {
		t.Fatal(ledger.Verified, err)
	}
	if i := slices.Index(ledger.Decisions(), "confirm"); ledger.Entries[i].Account != agencyAccount || ledger.Entries[i].Consent != consent.ID || ledger.Entries[i].For != f.ID {
		t.Errorf("the ledger has %+v", ledger.Entries[i])
	}
	if ledger.Entries[0].Consent != "" {
		t.Errorf("the opening came before the consent, and names %s", ledger.Entries[0].Consent)
	}
	listed, err := agent.Filings(ctx)
	if ids := filingIDs(listed); err != nil || !slices.Contains(ids, f.ID) || !slices.Contains(ids, second.ID) {
		t.Errorf("the agency lists %v, %v", ids, err)
	}
	if wanted := []filing.Type{filing.AddSiteOwn, filing.AddAccess, filing.ChangeFiling, filing.SubmitEvidence}; !sameTypes(f.Next, wanted) || !sameTypes(second.Next, wanted[:2]) {
		t.Errorf("the agency can begin %+v, and %+v", f.Next, second.Next)
	}
	_, err = agent.OpenChange(ctx, second.ID, app)
	wantProblem(t, err, 403, "consent-without-scope ")
	opened, err := agent.OpenChange(ctx, f.ID, app)
	if err != nil {
		t.Fatal(err)
	}
	change := opened.ID
	if ledger, err = reviewer.Ledger(ctx, change); err != nil || ledger.Entries[0].Consent != consent.ID || ledger.Entries[0].For != f.ID {
		t.Errorf("the ledger of the change has %+v, %v", ledger.Entries, err)
	}
	details := scenario.Details{Subject: maps.Clone(opened.Subject), Sites: opened.Sites}
	details.Subject["address"] = "东城区示例胡同2号"
	course := scenario.Course{Applicant: agent, Reviewer: reviewer, Server: app.Server.ID, Details: details}
	if _, err := course.Finish(ctx, change); err != nil {
		t.Fatal(err)
	}
	changed, err := agent.Filing(ctx, f.ID)
	if err != nil || changed.Version != f.Version+1 || changed.Subject.Address == f.Subject.Address {
		t.Fatalf("%+v, %v", changed.FilingBrief, err)
	}
	opened, err = agent.OpenChange(ctx, f.ID, app)
	if err != nil {
		t.Fatal(err)
	}
	open := opened.ID

	ended, err := client.RevokeConsents(ctx, leader, map[string]any{"number": f.Number.String()})
	if err != nil || len(ended) != 1 || ended[0].ID != consent.ID || ended[0].Agency == nil || ended[0].Agency.Chinese != "示例代办公司" {
		t.Fatalf("%+v, %v", ended, err)
	}
	for _, call := range []struct {
		method, path string
		body         any
	}{
		{http.MethodGet, "/filings/" + string(f.ID), nil}, {http.MethodGet, "/filings/" + string(f.ID) + "/versions", nil},
		{http.MethodPost, "/filings/" + string(f.ID) + "/changes", map[string]any{}}, {http.MethodGet, "/orders/" + string(open), nil},
		{http.MethodGet, "/orders/" + string(open) + "/summary", nil}, {http.MethodGet, "/orders/" + string(id) + "/timeline", nil},
		{http.MethodPut, "/orders/" + string(open) + "/details", app.Details}, {http.MethodPost, "/orders/" + string(open) + "/abandonment", nil},
	} {
		wantProblem(t, agent.Call(ctx, call.method, call.path, call.body, nil), 403, "consent-revoked ")
	}
	_, err = agent.OpenOrder(ctx, app)
	wantProblem(t, err, 403, "consent-revoked ")
	var orders web.Page[web.Brief]
	if err := agent.Call(ctx, http.MethodGet, "/orders?limit=100", nil, &orders); err != nil {
		t.Fatal(err)
	}
	for _, o := range orders.Items {
		if o.ID == open || o.ID == id {
			t.Errorf("the list has the order %s", o.ID)
		}
	}
	if !slices.ContainsFunc(orders.Items, func(o web.Brief) bool { return o.ID == other && o.AgentFor == second.ID }) {
		t.Errorf("the list lacks the order for the other subject")
	}
	if listed, err = agent.Filings(ctx); err != nil || slices.Contains(filingIDs(listed), f.ID) || !slices.Contains(filingIDs(listed), second.ID) {
		t.Errorf("the agency lists %v, %v", filingIDs(listed), err)
	}
	for _, text := range []string{"同意「示例代办公司」代办首次备案（新增、变更，至", "您已同意「示例代办公司」代办首次备案", "按您的要求撤销"} {
		err := scenario.Poll(ctx, func() (bool, error) {
			return len(textsTo("+86"+leader, text)) > 0, nil
		})
		if err != nil {
			t.Errorf("the leader has no message with %q", text)
		}
	}
	again, err := agent.GetConsent(ctx, leader, map[string]any{"number": f.Number.String(), "scopes": []string{"change"}, "until": until(1)})
	if err != nil || again.State != register.ConsentGiven {
		t.Fatalf("%+v, %v", again, err)
	}
	if err := agent.Abandon(ctx, open); err != nil { // by the new consent
		t.Error(err)
	}
	if ledger, err = reviewer.Ledger(ctx, open); err != nil || ledger.Entries[len(ledger.Entries)-1].Consent != again.ID && ledger.Entries[len(ledger.Entries)-2].Consent != again.ID {
		t.Errorf("the ledger has %+v, %v", ledger.Entries, err)
	}
	sys.Clock.Advance(48 * time.Hour)
	_, err = agent.Filing(ctx, f.ID)
	wantProblem(t, err, 403, "consent-expired ")
}

func filingIDs(found []web.FilingBrief) []register.ID {
	var ids []register.ID
	for _, f := range found {
		ids = append(ids, f.ID)
	}
	return ids
}

func sameTypes(next []web.FilingNext, want []filing.Type) bool {
	var got []filing.Type
	for _, n := range next {
		got = append(got, n.Type)
	}
	return slices.Equal(got, want)
}
