package announce_test

import (
	"reflect"
	"testing"

	"beian/functions/announce"
	"beian/infra/local/steptest"
	"beian/shared/filing"
	"beian/shared/rules/finding"
)

// TestApproved: the messages are in the outbox once, though the function is called twice.
func TestApproved(t *testing.T) {
	w := steptest.New(t)
	w.At(filing.Announce)
	for range 2 {
		out, err := announce.Handler{Decisions: w.Service}.Handle(t.Context(), w.Input())
		if err != nil || !out.Approved {
			t.Fatalf("approved %v, %v", out.Approved, err)
		}
	}
	if n := w.Notices()[filing.NoticeApproved]; n != 1 || w.Decisions()["announce"] != 1 {
		t.Errorf("%d notices of the approval, decisions %v", n, w.Decisions())
	}
	if got := w.Order(); got.Step != filing.FollowUp {
		t.Errorf("the order is at %s", got.Step)
	}
}

func TestRefused(t *testing.T) {
	w := steptest.New(t)
	order := w.At(filing.AwaitBureau)
	w.Do(filing.TheBureau, filing.Refuse{Record: order.Bureau.Record, Codes: []int{1002},
		Findings: finding.List{finding.New(filing.CodeAddressMissing, "/subject/address")}})
	out, err := announce.Handler{Decisions: w.Service}.Handle(t.Context(), w.Input())
	if err != nil || out.Approved {
		t.Fatalf("approved %v, %v", out.Approved, err)
	}
	if n := w.Notices()[filing.NoticeRefused]; n != 1 {
		t.Errorf("%d notices of the refusal: %v", n, w.Notices())
	}
	after, err := w.Store.Order(t.Context(), order.ID)
	if err != nil || after.Step != filing.Done || !reflect.DeepEqual(after.Private.Subject, order.Private.Subject) || len(after.Private.Findings) != 1 {
		t.Errorf("the order is at %s, with %d findings and other personal data than before, or %v", after.Step, len(after.Private.Findings), err)
	}
	mine, err := w.Store.ListByAccount(t.Context(), order.Account, "", 10)
	if err != nil || len(mine.Orders) != 1 || mine.Orders[0].Status != filing.BureauRejected || !mine.Orders[0].Private.Findings.Has(filing.CodeAddressMissing) {
		t.Errorf("the list has %d orders, %v", len(mine.Orders), err)
	}
}
