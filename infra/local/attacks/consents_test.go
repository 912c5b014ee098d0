package attacks_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"strings"
	"sync"
	"testing"
	"time"

	"beian/infra/local/scenario"
	"beian/shared/filing"
	"beian/shared/filing/register"
	"beian/shared/process/decide"
	"beian/shared/process/limits"
	"beian/shared/rules/contact"
	"beian/shared/rules/finding"
	"beian/shared/rules/number"
	"beian/shared/rules/workday"
)

// leaderOf is the mobile of the leader of the n-th filing of these attacks.
func leaderOf(n int) string { return fmt.Sprintf("137000%05d", n) }

// storeFiling stores the n-th filing, which an account has, or none.
func storeFiling(t *testing.T, n int, account string) register.Filing {
	t.Helper()
	return storeFilingOf(t, n, account, leaderOf(n))
}

// storeFilingOf stores the n-th filing with a leader's mobile.
func storeFilingOf(t *testing.T, n int, account, mobile string) register.Filing {
	t.Helper()
	subject, err := number.ParseSubject(fmt.Sprintf("京ICP备%d号", 62000000+n))
	if err != nil {
		t.Fatal(err)
	}
	f := register.Filing{ID: register.ID(fmt.Sprintf("01KJZ2Y0M0QK8W3V5T7R9S%04d", n)), Account: register.Account(account), SubjectKey: fmt.Sprintf("consent-%d", n), Province: "11",
		Number: subject}
	f.Private.Subject.Leader.Mobile = contact.Mobile(mobile)
	change, _ := register.Filing{}.Replace(f, register.Source{Kind: register.FromImport, ID: "import-1"}, sys.Clock.Now())
	if err := sys.Parts.Store().CommitFiling(t.Context(), change); err != nil {
		t.Fatal(err)
	}
	return change.After
}

// agentOf logs the agency in.
func agentOf(t *testing.T) *scenario.User {
	t.Helper()
	agent, err := client.Login(t.Context(), agencyLogin)
	if err != nil {
		t.Fatal(err)
	}
	return agent
}

func lastDay() workday.Date { return workday.DateOf(sys.Clock.Now()).AddDays(30) }

// postJSON sends a request with a JSON body; a nil user is not logged in.
func postJSON(t *testing.T, u *scenario.User, path string, body any, status int, want ...string) scenario.Answer {
	t.Helper()
	text, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	return send(t, u, scenario.Request{Method: "POST", Path: path, Body: text}, status, want...)
}

// deliverRegister waits until all messages about the register are sent.
func deliverRegister(t *testing.T) {
	t.Helper()
	if err := scenario.Poll(t.Context(), func() (bool, error) {
		n, err := sys.Parts.Store().OutboxLength(t.Context(), decide.SendRegisterNotice, 1)
		return n == 0, err
	}); err != nil {
		t.Fatal(err)
	}
}

// TestAgencyWithoutConsent: an account acts for no other subject without the setting, and an agency for none without a consent: it learns nothing of
// the filing, and neither the answer nor a code depends on whether a number is filed.
func TestAgencyWithoutConsent(t *testing.T) {
	f, agent := storeFiling(t, 1, "owner"), agentOf(t)
	stranger, err := client.Login(t.Context(), scenario.Invented(3540).Login)
	if err != nil {
		t.Fatal(err)
	}
	request := map[string]any{"number": f.Number.String(), "scopes": []string{"change"}, "until": lastDay()}
	postJSON(t, stranger, "/consents", request, 409, "agency-not-listed ")
	for _, u := range []*scenario.User{stranger, agent} {
		for _, path := range []string{"", "/versions", "/staff-reads", "/cancellations", "/consents", "/transfer"} {
			send(t, u, scenario.Request{Method: "GET", Path: "/filings/" + string(f.ID) + path}, 404)
		}
		for _, path := range []string{"/changes", "/cancellations", "/evidence-submissions", "/transfer"} {
			postJSON(t, u, "/filings/"+string(f.ID)+path, map[string]any{}, 404)
		}
	}
	unknown := maps.Clone(request)
	unknown["number"] = "京ICP备62999999号"
	var seen []string
	for _, body := range []map[string]any{request, unknown} {
		answer := postJSON(t, agent, "/consents", body, 202)
		seen = append(seen, changing.ReplaceAllString(string(answer.Body), "*"))
	}
	if seen[0] != seen[1] {
		t.Errorf("a number that is filed answers %s, another one %s", seen[0], seen[1])
	}
	var asked struct{ ID string }
	if err := json.Unmarshal(postJSON(t, agent, "/consents", request, 202).Body, &asked); err != nil {
		t.Fatal(err)
	}
	postJSON(t, stranger, "/consents/answers", map[string]any{"id": asked.ID, "code": "000000"}, 404)
	send(t, stranger, scenario.Request{Method: "DELETE", Path: "/consents/" + asked.ID}, 404)
	for range register.MaxWrongCodes {
		postJSON(t, agent, "/consents/answers", map[string]any{"id": asked.ID, "code": "000000"}, 422, "consent-code-wrong /code")
	}
	postJSON(t, agent, "/consents/answers", map[string]any{"id": asked.ID, "code": "000000"}, 409, "consent-code-expired /code")
	send(t, agent, scenario.Request{Method: "GET", Path: "/filings/" + string(f.ID)}, 404)
}

// TestConsentCodes: an agency cannot keep a leader's phone ringing, and a code that came too late, or was used, is refused.
func TestConsentCodes(t *testing.T) {
	f, agent := storeFiling(t, 2, ""), agentOf(t)
	request := map[string]any{"number": f.Number.String(), "scopes": []string{"read"}, "until": lastDay()}
	limit := limits.Defaults[limits.AskConsent].Max[limits.Requester]
	for range limit + 2 {
		postJSON(t, agent, "/consents", request, 202)
	}
	deliverRegister(t)
	if got := len(client.Sent("+86" + leaderOf(2))); got != limit {
		t.Errorf("the leader got %d codes, want %d", got, limit)
	}
	for range limit + 2 {
		postJSON(t, nil, "/consent-revocations", map[string]any{"number": f.Number.String()}, 202)
	}
	deliverRegister(t)
	if got := len(client.Sent("+86" + leaderOf(2))); got != limit {
		t.Errorf("without a consent, the leader got %d messages", got)
	}
	sys.Clock.Advance(24 * time.Hour)
	var asked struct{ ID string }
	if err := json.Unmarshal(postJSON(t, agent, "/consents", request, 202).Body, &asked); err != nil {
		t.Fatal(err)
	}
	code, err := client.AwaitConsentCode(t.Context(), leaderOf(2), limit)
	if err != nil {
		t.Fatal(err)
	}
	answer := map[string]any{"id": asked.ID, "code": code}
	sys.Clock.Advance(register.CodeLifetime)
	postJSON(t, agent, "/consents/answers", answer, 409, "consent-code-expired /code")
	given, err := agent.GetConsent(t.Context(), leaderOf(2), request)
	if err != nil {
		t.Fatal(err)
	}
	postJSON(t, admin, "/agency-consents/"+given.ID+"/revocation", map[string]any{}, 200)
	postJSON(t, agent, "/consents/answers", map[string]any{"id": given.ID, "code": code}, 409, "consent-code-expired /code")
	send(t, agent, scenario.Request{Method: "GET", Path: "/filings/" + string(f.ID)}, 403, "consent-revoked ")
	postJSON(t, admin, "/agency-consents/"+given.ID+"/revocation", map[string]any{}, 409, "consent-ended ")
}

// TestConsentOfOtherLeader: an agency gets a consent by a mobile of its own, then enters the true leader: the confirmation is refused.
func TestConsentOfOtherLeader(t *testing.T) {
	app := scenario.Invented(3541)
	app.Login = agencyLogin
	details := app.Details
	leader := maps.Clone(details.Subject["leader"].(map[string]any))
	leader["mobile"], leader["emergencyPhone"] = "13700099998", "13700099999"
	app.Details.Subject = maps.Clone(details.Subject)
	app.Details.Subject["leader"] = leader
	site := maps.Clone(details.Sites[0])
	site["leader"] = leader
	app.Details.Sites = []map[string]any{site}
	agent, err := client.LoginApplicant(t.Context(), admin, app, sys.Clock.Now())
	if err != nil {
		t.Fatal(err)
	}
	id, err := app.AdvanceTo(t.Context(), agent, reviewer, filing.AwaitConfirmation)
	if err != nil {
		t.Fatal(err)
	}
	send(t, agent, confirmation(t, agent, id), 403, "consent-missing ")
	if _, err := agent.GetConsent(t.Context(), "13700099998", map[string]any{"order": id, "scopes": []string{"file"}, "until": lastDay()}); err != nil {
		t.Fatal(err)
	}
	if err := agent.EnterDetails(t.Context(), id, details); err != nil {
		t.Fatal(err)
	}
	send(t, agent, confirmation(t, agent, id), 409, "consent-of-other-leader ")
}

// TestRevocationDuringActions: while an agency sends requests, its consent is revoked. Each request that begins after the answer of the revocation is
// refused, and so is each that is not stored before it.
func TestRevocationDuringActions(t *testing.T) {
	f, agent := storeFiling(t, 3, "owner"), agentOf(t)
	given, err := agent.GetConsent(t.Context(), leaderOf(3), map[string]any{"number": f.Number.String(), "scopes": []string{"cancel"}, "until": lastDay()})
	if err != nil {
		t.Fatal(err)
	}
	reason, err := json.Marshal(map[string]any{"kind": "CANCEL_SUBJECT", "reason": 1, "confirmed": []finding.Code{filing.CodeEndsSubject}})
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 4 {
				answer, err := client.Send(t.Context(), agent, scenario.Request{Method: "POST", Path: "/filings/" + string(f.ID) + "/cancellations", Body: reason})
				if err != nil || answer.Status >= 500 {
					t.Errorf("%d, %v: %.300s", answer.Status, err, answer.Body)
				}
			}
		})
	}
	postJSON(t, admin, "/agency-consents/"+given.ID+"/revocation", map[string]any{}, 200)
	send(t, agent, scenario.Request{Method: "POST", Path: "/filings/" + string(f.ID) + "/cancellations", Body: reason}, 403, "consent-revoked ")
	all.Wait()
	send(t, agent, scenario.Request{Method: "GET", Path: "/filings/" + string(f.ID)}, 403, "consent-revoked ")
	orders, err := sys.Parts.Store().OpenOrderOf(t.Context(), agencyAccount, f.SubjectKey)
	if err != nil {
		t.Fatal(err)
	}
	if orders != "" {
		send(t, agent, scenario.Request{Method: "GET", Path: "/orders/" + string(orders)}, 403, "consent-revoked ")
	}
}

// TestRevocationByOthers: only the leader revokes by a code: wrong codes are refused, requests for other numbers and mobiles send nothing, and all
// answers are the same.
func TestRevocationByOthers(t *testing.T) {
	f, agent := storeFiling(t, 4, "owner"), agentOf(t)
	given, err := agent.GetConsent(t.Context(), leaderOf(4), map[string]any{"number": f.Number.String(), "scopes": []string{"read"}, "until": lastDay()})
	if err != nil {
		t.Fatal(err)
	}
	deliverRegister(t)
	before := len(client.Sent("+86" + leaderOf(4)))
	var seen []string
	var ids []string
	for _, body := range []map[string]any{{"number": f.Number.String()}, {"number": "京ICP备62999998号"}, {"mobile": leaderOf(4)}, {"mobile": "13700088888"}} {
		answer := postJSON(t, nil, "/consent-revocations", body, 202)
		var asked struct{ ID string }
		if err := json.Unmarshal(answer.Body, &asked); err != nil {
			t.Fatal(err)
		}
		seen, ids = append(seen, changing.ReplaceAllString(string(answer.Body), "*")), append(ids, asked.ID)
		if seen[len(seen)-1] != seen[0] {
			t.Errorf("%v is answered %s", body, answer.Body)
		}
	}
	deliverRegister(t)
	if got := len(client.Sent("+86"+leaderOf(4))) - before; got != 2 {
		t.Errorf("the leader got %d codes, want 2", got)
	}
	if len(client.Sent("+8613700088888")) != 0 {
		t.Error("a mobile that gave no consent got a code")
	}
	for _, id := range ids {
		postJSON(t, nil, "/consent-revocations/answers", map[string]any{"id": id, "code": "000000"}, 422, "consent-code-wrong /code")
	}
	postJSON(t, nil, "/consent-revocations/answers", map[string]any{"id": "01JCZK3V7M8N9P0Q1R2S3T4V5W", "code": "000000"}, 409, "consent-code-expired /code")
	postJSON(t, nil, "/consent-revocations", map[string]any{}, 422, "consent-revocation-target ")
	if list := string(send(t, agent, scenario.Request{Method: "GET", Path: "/consents"}, 200).Body); !strings.Contains(list, given.ID) {
		t.Errorf("the agency's consents: %s", list)
	}
	send(t, agent, scenario.Request{Method: "GET", Path: "/filings/" + string(f.ID)}, 200)
	if ended, err := client.RevokeConsents(t.Context(), leaderOf(4), map[string]any{"mobile": leaderOf(4)}); err != nil || len(ended) != 1 || ended[0].ID != given.ID {
		t.Errorf("%+v, %v", ended, err)
	}
	send(t, agent, scenario.Request{Method: "GET", Path: "/filings/" + string(f.ID)}, 403, "consent-revoked ")
}
