package attacks_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"beian/infra/local/scenario"
	"beian/infra/local/system"
	"beian/shared/aws/dynamo"
	"beian/shared/filing"
	"beian/shared/process/decide"
	"beian/shared/rules/evidence"
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

// TestDocumentReplacedDuringHold: an applicant replaces a document of a held order. The first one stays in the bucket until the hold is lifted.
func TestDocumentReplacedDuringHold(t *testing.T) {
	applicant, _, id := applicantAt(t, 403, filing.VerifyAuthenticity)
	order, slot := "/orders/"+string(id), "subject-certificate-front"
	stored := func() []string {
		objects, err := sys.Parts.Uploads().Client.ListObjectsV2(t.Context(), &s3.ListObjectsV2Input{
			Bucket: aws.String(system.Bucket), Prefix: aws.String(evidence.KeyPrefix(string(id)) + slot + "/")})
		if err != nil {
			t.Fatal(err)
		}
		var keys []string
		for _, o := range objects.Contents {
			keys = append(keys, *o.Key)
		}
		return keys
	}
	replace := func(seed uint64) {
		if err := applicant.Upload(t.Context(), id, map[string][]byte{slot: scenario.SamplePicture("another scan", seed)}, "image/jpeg"); err != nil {
			t.Fatal(err)
		}
	}
	first := stored()
	send(t, admin, scenario.Request{Method: "PUT", Path: order + "/hold", Body: []byte(`{"reason":"示例机关来函"}`)}, 200)
	replace(1)
	waiting, err := sys.Parts.Store().Outbox(t.Context(), decide.DropEvidence, 100)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range waiting {
		if e.Order == id {
			t.Error("the replaced document is to be deleted")
		}
	}
	send(t, admin, scenario.Request{Method: "POST", Path: order + "/hold/lifting", Body: []byte(`{"reason":"示例机关通知结案"}`)}, 200)
	if err := scenario.Poll(t.Context(), func() (bool, error) {
		return !slices.ContainsFunc(stored(), func(key string) bool { return slices.Contains(first, key) }), nil
	}); err != nil {
		t.Error("the document is not deleted after the hold:", err)
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
	for range 2 { // repeating it has no effect
		if answer := send(t, admin, hold, 200); strings.Contains(string(answer.Body), "涉嫌") {
			t.Error("a decision shows the reason of the hold without an entry in the order's audit")
		}
	}
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
	if seen, _ := staffReads(t, applicant, id, ""); len(seen) == 0 || seen[0].What != "order" {
		t.Errorf("the audit has %v", seen)
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
