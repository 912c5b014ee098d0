package attacks_test

import (
	"encoding/json"
	"maps"
	"testing"

	"beian/infra/local/scenario"
	"beian/shared/filing"
	"beian/shared/filing/register"
	"beian/shared/web"
)

// fileAsAgency files the n-th invented subject as the agency, with a consent for scopes, and returns the application, the filing, and the request of a
// consent that waits for its code.
func fileAsAgency(t *testing.T, n int, scopes ...register.Scope) (agent *scenario.User, app scenario.Application, f register.Filing, pending, code string) {
	t.Helper()
	ctx := t.Context()
	app = scenario.Invented(n)
	app.Login = agencyLogin
	agent, err := client.LoginApplicant(ctx, admin, app, sys.Clock.Now())
	if err != nil {
		t.Fatal(err)
	}
	id, err := app.AdvanceTo(ctx, agent, reviewer, filing.AwaitConfirmation)
	if err != nil {
		t.Fatal(err)
	}
	leader := scenario.LeaderMobiles(app.Details)[0]
	if _, err := agent.GetConsent(ctx, leader, map[string]any{"order": id, "scopes": scopes, "until": lastDay()}); err != nil {
		t.Fatal(err)
	}
	deliverRegister(t)
	before := len(client.Sent("+86" + leader))
	asked, err := agent.AskConsent(ctx, map[string]any{"order": id, "scopes": []string{"cancel"}, "until": lastDay()})
	if err != nil {
		t.Fatal(err)
	}
	if code, err = client.AwaitConsentCode(ctx, leader, before); err != nil {
		t.Fatal(err)
	}
	if err := agent.Confirm(ctx, id); err != nil {
		t.Fatal(err)
	}
	if _, err := agent.AwaitStep(ctx, id, filing.InitialReview); err != nil {
		t.Fatal(err)
	}
	if err := reviewer.Claim(ctx, id); err != nil {
		t.Fatal(err)
	}
	if err := reviewer.Approve(ctx, id); err != nil {
		t.Fatal(err)
	}
	answerSMS(t, agent, app, id)
	if _, err := agent.AwaitStep(ctx, id, filing.Done); err != nil {
		t.Fatal(err)
	}
	if f, err = sys.Parts.Store().Filing(ctx, register.ID(id)); err != nil {
		t.Fatal(err)
	}
	return agent, app, f, asked.ID, code
}

// TestConsentByFormerLeader: the leader of a filing changes. The consents that the former leader gave end, and the former leader can give none by the
// order that began the filing: neither by a new request nor by a code that was sent before.
func TestConsentByFormerLeader(t *testing.T) {
	agent, _, f, pending, code := fileAsAgency(t, 9450, register.ScopeFile, register.ScopeChange)
	path := "/filings/" + string(f.ID)
	send(t, agent, scenario.Request{Method: "GET", Path: path}, 200)
	after := f
	after.Private.Subject.Leader.Mobile = "13700099450"
	change, _ := f.Replace(after, register.Source{Kind: register.FromDownload, ID: "download-1"}, sys.Clock.Now())
	if err := sys.Parts.Store().CommitFiling(t.Context(), change); err != nil {
		t.Fatal(err)
	}
	send(t, agent, scenario.Request{Method: "GET", Path: path}, 403, "consent-revoked ")
	postJSON(t, agent, "/consents/answers", map[string]any{"id": pending, "code": code}, 422, "consent-order-ended /order")
	postJSON(t, agent, "/consents", map[string]any{"order": f.ID, "scopes": []string{"cancel"}, "until": lastDay()}, 422, "consent-order-ended /order")
	send(t, agent, scenario.Request{Method: "GET", Path: path}, 403, "consent-revoked ")
	deliverRegister(t)
	if len(client.Sent("+8613700099450")) == 0 {
		t.Error("the new leader is not informed that the consent ended")
	}
	number := map[string]any{"number": f.Number.String(), "scopes": []string{"read"}, "until": lastDay()}
	if _, err := agent.GetConsent(t.Context(), "13700099450", number); err != nil {
		t.Error("the new leader cannot give a consent: ", err)
	}
}

// TestAgencyReplacesLeader: an agency that may change a filing enters its mobile as the leader's, to give itself more: the details are refused.
func TestAgencyReplacesLeader(t *testing.T) {
	agent, app, f, _, _ := fileAsAgency(t, 9451, register.ScopeFile, register.ScopeChange)
	var opened web.Order
	o, err := agent.OpenChange(t.Context(), f.ID, app)
	if err != nil {
		t.Fatal(err)
	}
	details := app.Details
	leader := maps.Clone(details.Subject["leader"].(map[string]any))
	leader["mobile"] = "13700097001"
	details.Subject = maps.Clone(details.Subject)
	details.Subject["leader"] = leader
	body, err := json.Marshal(details)
	if err != nil {
		t.Fatal(err)
	}
	send(t, agent, scenario.Request{Method: "PUT", Path: "/orders/" + string(o.ID) + "/details", Body: body}, 422, "consent-leader-fixed /subject/leader/mobile")
	answer := send(t, agent, scenario.Request{Method: "GET", Path: "/orders/" + string(o.ID)}, 200)
	if err := json.Unmarshal(answer.Body, &opened); err != nil || opened.Step != filing.CollectDetails {
		t.Errorf("the order is at %s: %v", opened.Step, err)
	}
}
