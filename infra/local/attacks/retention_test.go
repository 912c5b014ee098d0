package attacks_test

import (
	"encoding/json"
	"strings"
	"testing"

	"beian/infra/local/scenario"
	"beian/infra/local/system"
	"beian/shared/aws/dynamo"
	"beian/shared/filing"
)

// keptReason returns what a user sees about the retention of an order's data.
func keptReason(t *testing.T, u *scenario.User, id filing.ID) (reason string, erased bool, body string) {
	t.Helper()
	answer := send(t, u, scenario.Request{Method: "GET", Path: "/orders/" + string(id)}, 200)
	var view struct {
		Erased bool
		Kept   struct{ Reason string }
	}
	if err := json.Unmarshal(answer.Body, &view); err != nil {
		t.Fatal(err)
	}
	return view.Kept.Reason, view.Erased, string(answer.Body)
}

// TestErasureOfOthers: nobody but its owner and an administrator can have the data of an order erased, and nobody can while it is open or
// its filing stands.
func TestErasureOfOthers(t *testing.T) {
	applicant, _, id := applicantAt(t, 400, filing.CollectDetails)
	stranger, _, _ := applicantAt(t, 401, filing.VerifyProduct)
	order := "/orders/" + string(id)
	send(t, applicant, scenario.Request{Method: "POST", Path: order + "/erasure-request"}, 409, "erasure-order-open ")
	abandon(t, applicant, id)
	send(t, stranger, scenario.Request{Method: "POST", Path: order + "/erasure-request"}, 404)
	for _, u := range []*scenario.User{reviewer, admin} {
		send(t, u, scenario.Request{Method: "POST", Path: order + "/erasure-request"}, 403)
	}
	for _, u := range []*scenario.User{applicant, reviewer} {
		send(t, u, scenario.Request{Method: "POST", Path: order + "/erasure", Body: []byte(`{}`)}, 403)
	}
	for _, body := range []string{`{}`, `{"filingEnded":"2021-01-01"}`} {
		if answer, err := client.Send(t.Context(), admin, scenario.Request{Method: "POST", Path: order + "/erasure", Body: []byte(body)}); err != nil || answer.Status != 409 {
			t.Errorf("an administrator erases a draft before its period is over with %s: %d, %v", body, answer.Status, err)
		}
	}
	if reason, erased, _ := keptReason(t, applicant, id); erased || reason != "period" {
		t.Errorf("erased %t, kept for %q", erased, reason)
	}
	send(t, applicant, scenario.Request{Method: "POST", Path: order + "/erasure-request"}, 202)
	if _, erased, body := keptReason(t, admin, id); !erased || strings.Contains(body, "188000008") {
		t.Error("the order is not erased")
	}
}

// TestErasureOfHeldOrder: an applicant who destroys evidence finds their order held. They learn that it is kept for a legal reason, and
// nothing about the reason. Only an administrator holds and lifts, with a reason; afterwards the erasure works.
func TestErasureOfHeldOrder(t *testing.T) {
	applicant, _, id := applicantAt(t, 402, filing.CollectDetails)
	order := "/orders/" + string(id)
	reason := func(text string) []byte {
		doc, err := json.Marshal(map[string]string{"reason": text})
		if err != nil {
			t.Fatal(err)
		}
		return doc
	}
	hold := scenario.Request{Method: "PUT", Path: order + "/hold", Body: reason("示例机关来函，示例人涉嫌诈骗")}
	lift := scenario.Request{Method: "POST", Path: order + "/hold/lifting", Body: reason("示例机关通知结案")}
	for _, u := range []*scenario.User{applicant, reviewer} {
		send(t, u, hold, 403)
		send(t, u, lift, 403)
	}
	for _, text := range []string{"", " ", strings.Repeat("长", 501)} {
		send(t, admin, scenario.Request{Method: "PUT", Path: order + "/hold", Body: reason(text)}, 422, "hold-reason /reason")
	}
	send(t, admin, hold, 200)
	send(t, admin, hold, 200) // repeating it has no effect
	send(t, admin, scenario.Request{Method: "PUT", Path: order + "/hold", Body: reason("另一个原因")}, 409, "hold-stands /reason")
	abandon(t, applicant, id)
	send(t, applicant, scenario.Request{Method: "POST", Path: order + "/erasure-request"}, 409, "erasure-held ")
	send(t, admin, scenario.Request{Method: "POST", Path: order + "/erasure", Body: []byte(`{}`)}, 409, "erasure-held ")
	for _, u := range []*scenario.User{applicant, reviewer} {
		if why, erased, body := keptReason(t, u, id); erased || why != "hold" || strings.Contains(body, "涉嫌") {
			t.Errorf("erased %t, kept for %q, or the reason of the hold is shown", erased, why)
		}
	}
	if _, _, body := keptReason(t, admin, id); !strings.Contains(body, "涉嫌") {
		t.Error("the administrator does not see the reason of the hold")
	}
	timeline := send(t, applicant, scenario.Request{Method: "GET", Path: order + "/timeline"}, 200)
	if strings.Contains(string(timeline.Body), "hold") {
		t.Error("the applicant's timeline shows the hold")
	}
	send(t, admin, lift, 200)
	send(t, applicant, scenario.Request{Method: "POST", Path: order + "/erasure-request"}, 202)
	ledger, err := reviewer.Ledger(t.Context(), id)
	if err != nil || !ledger.Verified || strings.Join(ledger.Decisions()[len(ledger.Decisions())-5:], " ") != "hold-data ask-abandon close lift-hold erase" {
		t.Errorf("the ledger has %v, %v", ledger.Decisions(), err)
	}
	keys := dynamo.Keys{Client: sys.Parts.Store().Client, Table: system.KeysTable}
	if err := scenario.Poll(t.Context(), func() (bool, error) {
		key, err := keys.Key(t.Context(), string(id))
		return key == nil, err
	}); err != nil {
		t.Error(err)
	}
}
