package attacks_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"beian/infra/local/outbox"
	"beian/infra/local/scenario"
	"beian/shared/filing"
	"beian/shared/filing/register"
	"beian/shared/process/limits"
)

// askState asks for the code with which the state of an order is read. It returns the request's id, and the answer without what differs each time.
func askState(t *testing.T, order string) (id, answer string) {
	t.Helper()
	got := postJSON(t, nil, "/order-states", map[string]any{"order": order}, 202)
	var asked struct{ ID string }
	if err := json.Unmarshal(got.Body, &asked); err != nil {
		t.Fatal(err)
	}
	return asked.ID, changing.ReplaceAllString(string(got.Body), "*")
}

// stateCodesTo returns the messages to a mobile with a code to read a state.
func stateCodesTo(mobile string) []outbox.Message {
	return slices.DeleteFunc(slices.Clone(client.Sent(mobile)), func(m outbox.Message) bool { return !strings.Contains(m.Text, "查询码") })
}

// TestStateByStranger: whether an order exists shows neither in the answer to its number nor in that to a wrong code; the code goes to the order's verified
// mobile or email address alone, and the state that it opens has nothing personal.
func TestStateByStranger(t *testing.T) {
	_, app, order := applicantAt(t, 9800, filing.InitialReview)
	mobile := app.Login
	known, first := askState(t, strings.ToLower(string(order)))
	unknown, second := askState(t, "01JCZK3V7M8N9P0Q1R2S3T4V5W")
	if first != second {
		t.Errorf("a known number is answered %s, an unknown one %s", first, second)
	}
	deliverRegister(t)
	sent := stateCodesTo(mobile)
	if len(sent) != 1 || strings.Contains(sent[0].Text, string(order)) {
		t.Fatalf("%d messages", len(sent))
	}
	code, certificate := sixDigits.FindString(sent[0].Text), app.Open["certificate"].(map[string]any)
	wrong := "000000"
	if code == wrong {
		wrong = "000001"
	}
	answer := func(id, code string, status int, want ...string) scenario.Answer {
		t.Helper()
		return postJSON(t, nil, "/order-states/answers", map[string]any{"id": id, "code": code}, status, want...)
	}
	for _, id := range []string{known, unknown} {
		answer(id, "00000a", 422, "state-code-format /code")
		answer(id, wrong, 422, "state-code-wrong /code")
	}
	for range register.MaxWrongCodes - 1 {
		answer(unknown, wrong, 422, "state-code-wrong /code")
	}
	answer(unknown, wrong, 409, "state-code-expired /code")
	answer(unknown, wrong, 409, "state-code-expired /code")
	answer("01JCZK3V7M8N9P0Q1R2S3T4V5X", wrong, 409, "state-code-expired /code")
	postJSON(t, nil, "/order-states", map[string]any{"order": "12345"}, 422, "state-order-number /order")
	postJSON(t, nil, "/order-states", map[string]any{"order": certificate["number"]}, 422, "state-order-number /order")
	state := string(answer(known, code, 200).Body)
	if !strings.Contains(state, `"status":"SUBMITTED"`) || !strings.Contains(state, `"who":"reviewer"`) {
		t.Errorf("the state is %s", state)
	}
	for _, personal := range []string{app.Open["name"].(string), certificate["number"].(string), strings.TrimPrefix(mobile, "+86"), "account", "example"} {
		if strings.Contains(state, personal) {
			t.Errorf("the state has %q", personal)
		}
	}
	byMail := postJSON(t, nil, "/order-states", map[string]any{"order": order, "channel": "email"}, 202)
	if got := changing.ReplaceAllString(string(byMail.Body), "*"); got != first {
		t.Errorf("a code by mail is answered %s, one by SMS %s", got, first)
	}
	deliverRegister(t)
	mails := stateCodesTo(app.Contact["email"].(string))
	if len(mails) != 1 || len(stateCodesTo(mobile)) != 1 {
		t.Errorf("%d mails and %d SMS have a code", len(mails), len(stateCodesTo(mobile)))
	}
	sys.Clock.Advance(30 * time.Minute)
	answer(known, code, 409, "state-code-expired /code")
}

// TestStateCodesAreFew: one network address has few codes sent to the mobile of an order.
func TestStateCodesAreFew(t *testing.T) {
	_, app, order := applicantAt(t, 9801, filing.InitialReview)
	most := limits.Defaults[limits.AskState].Max[limits.Requester]
	for range most + 2 {
		askState(t, string(order))
	}
	deliverRegister(t)
	if got := len(stateCodesTo(app.Login)); got != most {
		t.Errorf("the mobile got %d codes, want %d", got, most)
	}
}

// TestDomainChecksOfStranger: a look-up says of a domain that is in an order nothing else than of one that is not.
func TestDomainChecksOfStranger(t *testing.T) {
	_, app, _ := applicantAt(t, 9802, filing.InitialReview)
	used := string(postJSON(t, nil, "/domain-checks", map[string]any{"domain": app.Open["domains"].([]string)[0]}, 200).Body)
	free := string(postJSON(t, nil, "/domain-checks", map[string]any{"domain": "invented-9849-example.com"}, 200).Body)
	if changing.ReplaceAllString(used, "*") != changing.ReplaceAllString(free, "*") {
		t.Errorf("a domain of an order: %s; a free one: %s", used, free)
	}
	send(t, nil, scenario.Request{Method: "GET", Path: "/domain-checks?domain=example.cn"}, 405)
}
