package dynamo_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"beian/shared/filing"
	"beian/shared/filing/filingtest"
	"beian/shared/process/decide"
	"beian/shared/process/exchange"
)

func (d *fixture) entries(kind decide.EntryKind) []decide.OutboxEntry {
	d.t.Helper()
	all, err := d.Outbox(d.t.Context(), kind, 1000)
	if err != nil {
		d.t.Fatal(err)
	}
	return all
}

// outboxEntries: the entries of a decision are stored with it and listed oldest first, until they are deleted.
func outboxEntries(t *testing.T, d *fixture) {
	w := d.walkTo(1, filing.VerifyType)
	if len(d.entries(decide.StartExecution)) != 0 || len(d.entries(decide.ResumeExecution)) != 0 {
		t.Error("a new order, which late.Watch must find, has an entry for its execution")
	}
	for _, step := range filing.Steps[:slices.Index(filing.Steps, filing.Announce)] {
		if step.Optional() {
			continue
		}
		w.AdvanceTo(step)
		found, _, err := d.EnteredBefore(t.Context(), step, "", w.Order.MovedAt.Add(time.Second), 10)
		if left := d.entries(decide.ResumeExecution); err != nil || len(left) != 0 || len(found) != 1 || found[0].ID != w.Order.ID {
			t.Errorf("%s: %d entries of an order that late.Watch must find; it finds %+v, %v", step, len(left), found, err)
		}
	}
	w.AdvanceTo(filing.Done)
	if left := d.entries(decide.ResumeExecution); len(left) != 1 {
		t.Errorf("of an order that is not open any more: %+v", left)
	}
	if uploads := d.entries(decide.UploadRecord); len(uploads) != 1 || uploads[0].Round != 1 {
		t.Errorf("%+v", uploads)
	}
	if n, err := d.OutboxLength(t.Context(), decide.UploadRecord, 10); err != nil || n != 1 {
		t.Errorf("%d uploads, %v", n, err)
	}
	notices := d.entries(decide.SendNotice)
	var kinds []filing.NoticeKind
	for _, e := range notices {
		kinds = append(kinds, e.Notice.Kind)
	}
	want := []filing.NoticeKind{filing.NoticeSubmitted, filing.NoticePassed, filing.NoticeTransmitted, filing.NoticeApproved}
	if !slices.Equal(kinds, want) {
		t.Errorf("notices %v, want %v", kinds, want)
	}
	if first, err := d.Outbox(t.Context(), decide.SendNotice, 2); err != nil || len(first) != 2 || first[0].ID != notices[0].ID || first[1].ID != notices[1].ID {
		t.Errorf("%+v, %v", first, err)
	}
	for range 2 {
		if err := d.DeleteEntry(t.Context(), notices[0].ID); err != nil {
			t.Fatal(err)
		}
	}
	if left := d.entries(decide.SendNotice); len(left) != len(notices)-1 || left[0].ID != notices[1].ID {
		t.Errorf("%+v", left)
	}
}

// entryLeases: one caller leases an entry for a minute.
func entryLeases(t *testing.T, d *fixture) {
	d.walkTo(1, filing.InitialReview)
	e := d.entries(decide.SendNotice)[0]
	lease := func() bool {
		t.Helper()
		got, err := d.LeaseEntry(t.Context(), e.ID)
		if err != nil {
			t.Fatal(err)
		}
		return got.Acquired
	}
	won := make([]decide.Lease, 8)
	for _, err := range concurrently(len(won), func(i int) (err error) { won[i], err = d.LeaseEntry(t.Context(), e.ID); return err }) {
		if err != nil {
			t.Error(err)
		}
	}
	if n := len(slices.DeleteFunc(won, func(l decide.Lease) bool { return !l.Acquired })); n != 1 {
		t.Errorf("%d callers have the lease, want 1", n)
	}
	d.advanceClock(59 * time.Second)
	if lease() {
		t.Error("the lease ended before a minute")
	}
	d.advanceClock(2 * time.Second)
	if !lease() {
		t.Error("the lease does not end after a minute")
	}
	if err := d.PostponeEntry(t.Context(), e.ID, 3*time.Second, 1); err != nil {
		t.Fatal(err)
	}
	if got, err := d.LeaseEntry(t.Context(), e.ID); err != nil || got != (decide.Lease{}) {
		t.Errorf("directly after it was postponed: %+v, %v", got, err)
	}
	d.advanceClock(4 * time.Second)
	if got, err := d.LeaseEntry(t.Context(), e.ID); err != nil || got != (decide.Lease{Acquired: true, Sent: 1, Retry: true}) {
		t.Errorf("after the postponement: %+v, %v", got, err)
	}
	if err := d.DeleteEntry(t.Context(), e.ID); err != nil {
		t.Fatal(err)
	}
	d.advanceClock(time.Hour)
	if got, err := d.LeaseEntry(t.Context(), e.ID); err != nil || got != (decide.Lease{Gone: true}) {
		t.Errorf("an entry that was deleted: %+v, %v", got, err)
	}
	if err := d.PostponeEntry(t.Context(), e.ID, 0, 1); err != nil {
		t.Errorf("postponing a deleted entry: %v", err)
	}
	if len(d.entries(decide.SendNotice)) != 0 {
		t.Error("the lease recreated the entry")
	}
}

// reclaimedLeases: the leases of a killed process are released.
func reclaimedLeases(t *testing.T, d *fixture) {
	const link = "99009"
	d.walkTo(1, filing.InitialReview)
	notices := d.entries(decide.SendNotice)
	for range 2 { // the second call has no effect
		if err := d.ReclaimLeases(t.Context(), link); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := d.AcquireLink(t.Context(), link, "dead"); err != nil {
		t.Fatal(err)
	}
	if got, err := d.LeaseEntry(t.Context(), notices[0].ID); err != nil || !got.Acquired {
		t.Fatalf("%+v, %v", got, err)
	}
	if _, err := d.AcquireLink(t.Context(), link, "alive"); !errors.Is(err, exchange.ErrLinkBusy) {
		t.Errorf("a leased link: %v", err)
	}
	if err := d.ReclaimLeases(t.Context(), link); err != nil {
		t.Fatal(err)
	}
	if _, err := d.AcquireLink(t.Context(), link, "alive"); err != nil {
		t.Errorf("a link whose lease was reclaimed: %v", err)
	}
	if got, err := d.LeaseEntry(t.Context(), notices[0].ID); err != nil || !got.Acquired {
		t.Errorf("a message whose lease was reclaimed: %+v, %v", got, err)
	}
	if left := d.entries(decide.SendNotice); len(left) != len(notices) {
		t.Errorf("%d of %d messages are left", len(left), len(notices))
	}
}

// deadLetters: an undeliverable entry becomes a dead letter.
func deadLetters(t *testing.T, d *fixture) {
	d.walkTo(1, filing.InitialReview)
	e := d.entries(decide.SendNotice)[0]
	if err := d.MoveToDeadLetters(t.Context(), e); err != nil {
		t.Fatal(err)
	}
	dead := d.entries(decide.DeadLetter)
	if left := d.entries(decide.SendNotice); len(left) != 0 || len(dead) != 1 || dead[0].Kind != decide.SendNotice || dead[0].Order != e.Order || dead[0].At != e.At {
		t.Errorf("%d entries left, dead letters %+v", len(left), dead)
	}
	if err := d.MoveToDeadLetters(t.Context(), e); err != nil {
		t.Errorf("repeated: %v", err)
	}
	if len(d.entries(decide.DeadLetter)) != 1 {
		t.Error("an entry is a dead letter twice")
	}
}

// waitingTasks: the last stored task is returned.
func waitingTasks(t *testing.T, d *fixture) {
	w := d.walkTo(1, filing.VerifyProduct)
	if got, err := d.WaitingTask(t.Context(), w.Order.ID); err != nil || got != (decide.WaitingTask{}) {
		t.Errorf("%+v, %v", got, err)
	}
	for visit := range 3 {
		wait := decide.WaitingTask{Step: filing.VerifyProduct, StepVisit: visit, Token: "token", Definition: 2, Round: 3}
		if err := d.SaveTaskToken(t.Context(), w.Order.ID, wait); err != nil {
			t.Fatal(err)
		}
		if got, err := d.WaitingTask(t.Context(), w.Order.ID); err != nil || got != wait {
			t.Errorf("%+v, %v", got, err)
		}
	}
}

// awaitedReplies: orders are found by the mobiles to which they sent codes, newest first.
func awaitedReplies(t *testing.T, d *fixture) {
	for n := range 2 {
		w := &filingtest.Walk{T: t, App: filingtest.NumberedEnterprise(n + 1), At: d.now(), Store: d.commitForAgency}
		w.App.Opening.Province, w.App.Subject.Division = "12", "120101" // where the verification is
		opening := d.opening(n + 1)
		opening.Order.Province = "12"
		w.ContinueWith(opening, nil)
		w.AdvanceTo(filing.VerifySMS)
		w.Decide(filing.Beian, filing.IssueCodes{NewCode: filingtest.SequentialCodes()})
	}
	got, err := d.OrdersAwaitingReply(t.Context(), "19900000001")
	if err != nil || !slices.Equal(got, []filing.ID{"01EXAMPLE0002", "01EXAMPLE0001"}) {
		t.Errorf("%v, %v", got, err)
	}
	if got, err := d.OrdersAwaitingReply(t.Context(), "19900000009"); err != nil || len(got) != 0 {
		t.Errorf("another mobile: %v, %v", got, err)
	}
}
