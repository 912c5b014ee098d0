package attacks_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"strings"
	"testing"

	"beian/functions/api"
	"beian/infra/local/scenario"
	"beian/shared/filing/register"
	"beian/shared/process/decide"
	"beian/shared/web"
)

// postOnce sends a request with an Idempotency-Key, and decodes a successful response.
func postOnce(t *testing.T, u *scenario.User, key, path string, body, into any) scenario.Answer {
	t.Helper()
	text, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := client.Send(t.Context(), u, scenario.Request{Method: "POST", Path: path, Body: text, Header: map[string]string{"Idempotency-Key": key}})
	if err == nil && answer.Status < 300 {
		err = json.Unmarshal(answer.Body, into)
	}
	if err != nil {
		t.Fatal(err)
	}
	return answer
}

// TestConsentRepeated: a request for a consent that is sent again with its key sends no second code, and an answer with its key is not another try.
func TestConsentRepeated(t *testing.T) {
	f, agent := storeFiling(t, 10, ""), agentOf(t)
	request := map[string]any{"number": f.Number.String(), "scopes": []string{"read"}, "until": lastDay()}
	var first, again api.ConsentRequest
	one := postOnce(t, agent, "consent-10", "/consents", request, &first)
	deliverRegister(t)
	two := postOnce(t, agent, "consent-10", "/consents", request, &again)
	deliverRegister(t)
	if one.Status != 202 || two.Status != 202 || first.ID == "" || first != again {
		t.Errorf("%d %+v, then %d %+v", one.Status, first, two.Status, again)
	}
	if got := len(client.Sent("+86" + leaderOf(10))); got != 1 {
		t.Errorf("the leader got %d codes, want 1", got)
	}
	request["scopes"] = []string{"change"}
	if other := postOnce(t, agent, "consent-10", "/consents", request, nil); other.Status != 422 || other.Problem().Findings[0].Code != "idempotency-key-reused" {
		t.Errorf("another request with the same key: %d %s", other.Status, other.Body)
	}
	code, err := client.AwaitConsentCode(t.Context(), leaderOf(10), 0)
	if err != nil {
		t.Fatal(err)
	}
	wrong := map[string]any{"id": first.ID, "code": fmt.Sprintf("%06d", (int(code[0]-'0')+1)%10*100000)}
	for range register.MaxWrongCodes + 2 {
		if got := postOnce(t, agent, "wrong-10", "/consents/answers", wrong, nil); got.Status != 422 || got.Problem().Findings[0].Code != register.CodeConsentCodeWrong {
			t.Fatalf("a wrong code: %d %s", got.Status, got.Body)
		}
	}
	for range 2 {
		var got web.Consent
		if right := postOnce(t, agent, "right-10", "/consents/answers", map[string]any{"id": first.ID, "code": code}, &got); right.Status != 200 || got.State != register.ConsentGiven {
			t.Errorf("the right code: %d %s", right.Status, right.Body)
		}
	}
}

// TestAgencyIsInformed: an agency gets a message when another one ends its consent, which has the number that it asked for and no personal data.
func TestAgencyIsInformed(t *testing.T) {
	f, agent := storeFiling(t, 11, ""), agentOf(t)
	about := func() (found []string) {
		deliverRegister(t)
		for _, m := range client.Sent(agencyLogin) {
			if strings.Contains(m.Text, f.Number.String()) {
				found = append(found, m.Text)
			}
		}
		return found
	}
	consent := func() web.Consent {
		c, err := agent.GetConsent(t.Context(), leaderOf(11), map[string]any{"number": f.Number.String(), "scopes": []string{"read"}, "until": lastDay()})
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	given := consent()
	send(t, agent, scenario.Request{Method: "DELETE", Path: "/consents/" + given.ID}, 200)
	if got := about(); len(got) != 0 {
		t.Errorf("the agency that gave up its consent gets %q", got)
	}
	given = consent()
	postJSON(t, admin, "/agency-consents/"+given.ID+"/revocation", map[string]any{}, 200)
	if got := about(); len(got) != 1 || strings.Contains(got[0], leaderOf(11)) {
		t.Errorf("after the provider revoked it, the agency has %q", got)
	}
	consent()
	if _, err := client.RevokeConsents(t.Context(), leaderOf(11), map[string]any{"number": f.Number.String()}); err != nil {
		t.Fatal(err)
	}
	if got := about(); len(got) != 2 {
		t.Errorf("after the leader revoked it, the agency has %q", got)
	}
}

// TestManyConsentsRevoked: one code ends more consents than a transaction can, though it is entered twice at once. All end, and the answer lists them.
func TestManyConsentsRevoked(t *testing.T) {
	const consents, mobile = 95, "13700062999"
	ctx, store, now := t.Context(), sys.Parts.Store(), sys.Clock.Now()
	leader, err := store.ConsentLeaderKey(ctx, mobile)
	if err != nil {
		t.Fatal(err)
	}
	given := map[string]bool{}
	for i := range consents {
		f := storeFilingOf(t, 100+i, "", mobile)
		c := register.Consent{ID: fmt.Sprintf("01KJZ2Y0M0QK8W3V5T7R9C%04d", i), Account: agencyAccount, Version: 1, Number: f.Number, Scopes: register.Scopes, Until: lastDay(), Language: "zh-CN"}
		c = c.Give(f.ID, leader, now)
		c.FilingVersion = f.Version
		if err := store.CommitConsents(ctx, []register.Consent{c}, decide.Request{}, nil); err != nil {
			t.Fatal(err)
		}
		given[c.ID] = true
	}
	var asked struct{ ID string }
	if err := json.Unmarshal(postJSON(t, nil, "/consent-revocations", map[string]any{"mobile": mobile}, 202).Body, &asked); err != nil {
		t.Fatal(err)
	}
	code, err := client.AwaitConsentCode(ctx, mobile, 0)
	if err != nil {
		t.Fatal(err)
	}
	body, err := json.Marshal(map[string]any{"id": asked.ID, "code": code})
	if err != nil {
		t.Fatal(err)
	}
	succeeded := 0
	for _, answer := range atOnce(t, 2, func(int) (*scenario.User, scenario.Request) {
		return nil, scenario.Request{Method: "POST", Path: "/consent-revocations/answers", Body: body}
	}) {
		if answer.Status != 200 {
			continue
		}
		succeeded++
		var ended struct{ Items []web.Consent }
		if err := json.Unmarshal(answer.Body, &ended); err != nil {
			t.Fatal(err)
		}
		listed := map[string]bool{}
		for _, c := range ended.Items {
			listed[c.ID] = c.State == register.ConsentRevoked
		}
		if len(ended.Items) != consents || !maps.Equal(listed, given) {
			t.Errorf("the answer lists %d consents, want %d", len(ended.Items), consents)
		}
	}
	if succeeded != 1 {
		t.Errorf("the code was accepted %d times", succeeded)
	}
	found, err := store.ConsentsOfLeader(ctx, leader)
	if err != nil || len(found) != consents {
		t.Fatalf("%d consents of the leader, %v", len(found), err)
	}
	for _, c := range found {
		if !given[c.ID] || c.EndedBy != register.EndedByLeader || c.StateAt(now) != register.ConsentRevoked {
			t.Errorf("%s is %s by %q", c.ID, c.StateAt(now), c.EndedBy)
		}
	}
}
