package journeys_test

import (
	"encoding/json"
	"testing"
	"time"

	"beian/functions/api"
	"beian/infra/local/scenario"
	"beian/shared/filing/register"
	"beian/shared/rules/number"
	"beian/shared/web"
)

// postOnce sends a request with an Idempotency-Key, and decodes a successful response.
func postOnce(t *testing.T, u *scenario.User, key, path, body string, into any) scenario.Answer {
	t.Helper()
	answer, err := client.Send(t.Context(), u, scenario.Request{Method: "POST", Path: path, Body: []byte(body), Header: map[string]string{"Idempotency-Key": key}})
	if err != nil {
		t.Fatal(err)
	}
	if answer.Status < 300 && into != nil {
		if err := json.Unmarshal(answer.Body, into); err != nil {
			t.Fatal(err)
		}
	}
	return answer
}

// TestClaimRepeated: a claim and its codes that are sent again with their keys have the same answers: no second SMS, no further try, and the filing
// again though the code is used (issue 11, point 3).
func TestClaimRepeated(t *testing.T) {
	const mobile = "13700003601"
	f, me := storeUnowned(t, 3600, mobile), newAccount(t, 3601)
	subject := f.Number.String()
	var first, again api.RegisterClaim
	one := postOnce(t, me, "claim", "/filing-claims", `{"number": "`+subject+`"}`, &first)
	code, err := client.AwaitClaimCode(t.Context(), mobile, subject)
	if err != nil {
		t.Fatal(err)
	}
	two := postOnce(t, me, "claim", "/filing-claims", `{"number": "`+subject+`"}`, &again)
	if one.Status != 202 || two.Status != 202 || first.Number == (number.Subject{}) || first != again {
		t.Errorf("%d %+v, then %d %+v", one.Status, first, two.Status, again)
	}
	if other := postOnce(t, me, "claim", "/filing-claims", `{"number": "浙ICP备69999999号"}`, nil); other.Status != 422 {
		t.Errorf("another claim with the same key: %d %s", other.Status, other.Body)
	}
	for range 7 { // more than the tries of a claim
		if wrong := postOnce(t, me, "wrong", "/filing-claims/answers", `{"code": "`+otherCode(code)+`"}`, nil); wrong.Status != 422 || wrong.Problem().Findings[0].Code != register.CodeClaimCodeWrong {
			t.Fatalf("a wrong code: %d %s", wrong.Status, wrong.Body)
		}
	}
	for range 2 {
		var got web.Filing
		if right := postOnce(t, me, "right", "/filing-claims/answers", `{"code": "`+code+`"}`, &got); right.Status != 200 || got.ID != f.ID || got.Version != 2 {
			t.Errorf("the right code: %d %s", right.Status, right.Body)
		}
	}
	sys.Clock.Advance(time.Minute) // nothing is still to be sent
	if texts := textsTo("+86"+mobile, "验证码"); len(texts) != 1 {
		t.Errorf("the leader got %d codes", len(texts))
	}
}

// TestTransferRepeated: the requests of a transfer that are sent again with their keys have the same answers, the code included. A request without a key
// makes a new code.
func TestTransferRepeated(t *testing.T) {
	j, f := newFiling(t, 3602)
	other := newAccount(t, 3603)
	path := "/filings/" + string(f.ID) + "/transfer"
	var first, again, taken api.RegisterTransfer
	postOnce(t, j.applicant, "offer", path, "", &first)
	if a := postOnce(t, j.applicant, "offer", path, "", &again); a.Status != 201 || len(first.Code) != 14 || again.Code != first.Code {
		t.Fatalf("%d: %+v, then %+v", a.Status, first, again)
	}
	renewed, err := j.applicant.OfferTransfer(t.Context(), f.ID)
	if err != nil || renewed.Code == first.Code {
		t.Errorf("a new transfer has the code of the one before: %v", err)
	}
	var replaced api.RegisterTransfer
	if postOnce(t, j.applicant, "offer", path, "", &replaced); replaced.Code != "" {
		t.Error("the code that was replaced is shown as valid")
	}
	if stranger := postOnce(t, other, "offer", path, "", nil); stranger.Status != 404 {
		t.Errorf("another account: %d", stranger.Status)
	}
	take := func() scenario.Answer {
		return postOnce(t, other, "take", "/filing-transfers", `{"code": "`+renewed.Code+`"}`, &taken)
	}
	take()
	for range 2 {
		if a := postOnce(t, j.applicant, "confirm", path+"/confirmation", "", &again); a.Status != 200 || again.State != register.TransferDone {
			t.Errorf("the confirmation: %d %s", a.Status, a.Body)
		}
	}
	if a := take(); a.Status != 200 || taken.State != register.TransferDone || taken.TakenBy != nil {
		t.Errorf("the code entered again: %d %s", a.Status, a.Body)
	}
	if filed, err := other.Filing(t.Context(), f.ID); err != nil || filed.Version != 2 {
		t.Errorf("%+v, %v", filed.FilingBrief, err)
	}
}
