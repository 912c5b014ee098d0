package dynamo_test

import (
	"slices"
	"testing"
	"time"

	"beian/shared/filing"
	"beian/shared/filing/filingtest"
	"beian/shared/process/decide"
	"beian/shared/process/exchange"
	"beian/shared/rules/workday"
)

// retainedLists: closed orders are listed by category until they are erased, those whose period began first first. Held orders, open
// orders and standing filings are not listed.
func retainedLists(t *testing.T, d *fixture) {
	admin := filing.Actor{Account: "operator", Role: filing.Admin}
	listed := func(c filing.RetentionCategory) []filing.ID {
		return d.pages(func(cursor string) (decide.Page, error) { return d.ListRetained(t.Context(), c, cursor, 2) })
	}
	want := func(when string, drafts ...filing.ID) {
		t.Helper()
		for _, c := range filing.RetentionCategories {
			got := listed(c)
			if c == filing.DraftCategory && !slices.Equal(got, drafts) || c != filing.DraftCategory && len(got) > 0 {
				t.Errorf("%s: %s: %v", when, c, got)
			}
		}
	}
	var orders []filing.Order
	var ids []filing.ID
	for n := range 3 {
		w := d.walkTo(n+1, filing.CollectDetails)
		d.advanceClock(time.Minute)
		w.At = d.now()
		w.Decide(filingtest.Applicant, filing.AskToClose{As: filing.ClosingAbandon})
		w.Decide(filing.Beian, filing.Close{})
		orders, ids = append(orders, w.Order), append(ids, w.Order.ID)
	}
	d.walkAgencyTo(5, filing.InitialReview)
	filed := d.walkTo(4, filing.Done).Order
	want("closed", ids...)
	held := d.commit(d.apply(orders[0], admin, filing.HoldData{Reason: "示例"}))
	want("one is held", ids[1:]...)
	d.commit(d.apply(held, admin, filing.LiftHold{Reason: "示例"}))
	want("lifted", ids...)
	d.advanceClock(filing.UploadDays * 24 * time.Hour)
	d.commit(d.apply(orders[1], filing.Beian, filing.Erase{Retention: filing.DefaultRetention}))
	want("one is erased", ids[0], ids[2])
	ended := d.commit(d.apply(filed, admin, filing.EndFiling{On: workday.DateOf(d.now())}))
	if got := listed(filing.CancelledCategory); !slices.Equal(got, []filing.ID{ended.ID}) {
		t.Errorf("cancelled: %v", got)
	}
	if mine, err := d.ListByAccount(t.Context(), filingtest.Applicant.Account, "", 1); err != nil || len(mine.Orders) != 1 || mine.Orders[0].ID != ended.ID {
		t.Errorf("the order whose filing ended is not the latest of its account: %v, %v", mine.Orders, err)
	}
}

// oldFiles: files are listed until their bytes are forgotten, oldest first, also those whose process ended before it recorded that they are processed.
func oldFiles(t *testing.T, d *fixture) {
	ctx, link := t.Context(), "99001"
	at := func(hours int) time.Time { return d.now().Add(time.Duration(hours) * time.Hour) }
	put := func(id string, hours int, state exchange.ReceivedState) {
		t.Helper()
		if err := d.PutReceived(ctx, link, exchange.Received{ID: id, Name: id, Object: "bureau/99001/received/" + id, State: state, At: at(hours)}); err != nil {
			t.Fatal(err)
		}
	}
	put("third", 3, exchange.Acknowledged)
	put("first", 1, exchange.Poison)
	put("unprocessed", 4, exchange.Accepted)
	if err := d.PutSent(ctx, link, exchange.Sent{Sequence: 7, Object: "bureau/99001/sent/7", AcceptedAt: at(2)}); err != nil {
		t.Fatal(err)
	}
	list := func(hours, limit int) []exchange.StoredFile {
		t.Helper()
		files, err := d.OldFiles(ctx, at(hours), limit)
		if err != nil {
			t.Fatal(err)
		}
		return files
	}
	all := list(5, 10)
	if len(all) != 4 || all[3].Object != "bureau/99001/received/unprocessed" || all[0].Object != "bureau/99001/received/first" || all[1].Object != "bureau/99001/sent/7" || all[2].Object != "bureau/99001/received/third" ||
		!all[1].At.Equal(at(2)) || len(list(5, 2)) != 2 || len(list(2, 10)) != 1 {
		t.Fatalf("listed %v", all)
	}
	for range 2 { // a run that died is repeated
		for _, f := range all[:2] {
			if err := d.ForgetFile(ctx, f); err != nil {
				t.Fatal(err)
			}
		}
	}
	if left := list(5, 10); len(left) != 2 || left[0] != all[2] {
		t.Errorf("left %v", left)
	}
	sent, known, err := d.Sent(ctx, link, 7)
	if err != nil || !known || sent.Object != "" || sent.Sequence != 7 {
		t.Errorf("the sent file is %v, %v", sent, err)
	}
	poison, err := d.PoisonedFiles(ctx, link, 10)
	if err != nil || len(poison) != 1 || poison[0].Object != "" || poison[0].Name != "first" {
		t.Errorf("the poisoned file is %v, %v", poison, err)
	}
	// The row of a file that is replayed after it was listed is not overwritten.
	put("third", 3, exchange.Processed)
	if err := d.ForgetFile(ctx, all[2]); err != nil {
		t.Fatal(err)
	}
}
