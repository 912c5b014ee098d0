package dynamo_test

import (
	"reflect"
	"testing"
	"time"

	"beian/shared/filing"
	"beian/shared/process/decide"
	"beian/shared/process/late"
)

// lateOrders: the orders that entered a step before a time are listed in pages, oldest first, and what late.Watch stores is kept.
func lateOrders(t *testing.T, d *fixture) {
	first, second := d.walkTo(1, filing.VerifyProduct), d.walkTo(2, filing.VerifyProduct)
	end := second.Order.MovedAt.Add(time.Minute)
	var got []filing.ID
	after := ""
	for range 3 {
		orders, next, err := d.EnteredBefore(t.Context(), filing.VerifyProduct, after, end, 1)
		if err != nil {
			t.Fatal(err)
		}
		for _, o := range orders {
			got = append(got, o.ID)
		}
		after = next
	}
	if len(got) != 2 || got[0] == got[1] {
		t.Errorf("%v of %v, %v", got, first.Order.ID, second.Order.ID)
	}
	// A clock that was moved back: the cursor goes back with it.
	orders, next, err := d.EnteredBefore(t.Context(), filing.VerifyProduct, after, first.Order.MovedAt.Add(-48*time.Hour), 10)
	if err != nil || len(orders) != 0 || next >= after {
		t.Errorf("a time before the cursor: %d orders, %q, %v", len(orders), next, err)
	}
	if orders, _, err := d.EnteredBefore(t.Context(), filing.VerifyProduct, next, end, 10); err != nil || len(orders) != 2 {
		t.Errorf("after the clock was moved back: %d orders, %v", len(orders), err)
	}
	if orders, next, err := d.EnteredBefore(t.Context(), filing.Announce, "", end, 10); err != nil || len(orders) != 0 || next != "" {
		t.Errorf("an empty step: %d orders, %q, %v", len(orders), next, err)
	}
	stalled := late.Stalled{Order: got[0], Step: filing.VerifyProduct, StepVisit: 2, MovedAt: first.Order.MovedAt}
	for range 2 {
		if err := d.PutStalled(t.Context(), stalled); err != nil {
			t.Fatal(err)
		}
	}
	if err := d.SaveWatched(t.Context(), map[filing.Step]string{filing.VerifyProduct: after}); err != nil {
		t.Fatal(err)
	}
	if all, err := d.Stalled(t.Context(), 10); err != nil || len(all) != 1 || all[0] != stalled {
		t.Errorf("%+v, %v", all, err)
	}
	if upTo, err := d.Watched(t.Context()); err != nil || upTo[filing.VerifyProduct] != after {
		t.Errorf("%v, %v", upTo, err)
	}
	for range 2 {
		if err := d.DeleteStalled(t.Context(), stalled.Order); err != nil {
			t.Fatal(err)
		}
	}
	if all, err := d.Stalled(t.Context(), 10); err != nil || len(all) != 0 {
		t.Errorf("%+v, %v", all, err)
	}
}

// restoredEntries: a dead letter goes back to the outbox once, with a new time.
func restoredEntries(t *testing.T, d *fixture) {
	d.walkTo(1, filing.InitialReview)
	entry := d.entries(decide.SendNotice)[0]
	if err := d.MoveToDeadLetters(t.Context(), entry); err != nil {
		t.Fatal(err)
	}
	dead := d.entries(decide.DeadLetter)
	if len(dead) != 1 {
		t.Fatalf("%+v", dead)
	}
	at := d.now().Add(time.Hour)
	if err := d.RestoreEntry(t.Context(), dead[0], at); err != nil {
		t.Fatal(err)
	}
	restored, known, err := d.OutboxEntry(t.Context(), entry.ID)
	entry.At = at
	if err != nil || !known || !reflect.DeepEqual(restored, entry) || len(d.entries(decide.DeadLetter)) != 0 {
		t.Errorf("%+v, want %+v; %t, %v", restored, entry, known, err)
	}
	if err := d.DeleteEntry(t.Context(), entry.ID); err != nil { // it is delivered
		t.Fatal(err)
	}
	if err := d.RestoreEntry(t.Context(), dead[0], at); err != nil || len(d.entries(decide.SendNotice)) != 0 {
		t.Errorf("a second request restored it again (%v)", err)
	}
	if _, known, err := d.OutboxEntry(t.Context(), entry.ID); err != nil || known {
		t.Errorf("%t, %v", known, err)
	}
}
