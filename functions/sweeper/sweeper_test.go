package sweeper_test

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"beian/functions/sweeper"
	"beian/infra/local/steptest"
	"beian/shared/aws/dynamo"
	"beian/shared/filing"
	"beian/shared/filing/filingtest"
	"beian/shared/filing/register"
	"beian/shared/process/bounce"
	"beian/shared/process/decide"
	"beian/shared/process/envelope"
	"beian/shared/process/figures"
	"beian/shared/process/late"
	"beian/shared/process/limits"
	"beian/shared/process/notify"
	"beian/shared/rules/contact"
	"beian/shared/rules/evidence"
	"beian/shared/rules/fault"
	"beian/shared/rules/finding"
	"beian/shared/rules/workday"
)

// A carrier records what it sends. It fails with err if that is not nil. The sweeper sends the messages of several orders at once.
type carrier struct {
	mu   sync.Mutex
	keys []string // of the messages
	err  error
}

func (c *carrier) send(key string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.err == nil {
		c.keys = append(c.keys, key)
	}
	return c.err
}

func (c *carrier) SendSMS(_ context.Context, _ contact.Mobile, _, key string) error {
	return c.send(key)
}
func (c *carrier) SendMail(_ context.Context, _ contact.Email, _ notify.Message, key string) error {
	return c.send(key)
}

func handler(w *steptest.Fixture, c *carrier) sweeper.Handler {
	return sweeper.Handler{Decisions: w.Service, Outbox: w.Store, Messenger: notify.Messenger{SMS: c, Mail: c}, WallClock: w.Clock.Now,
		Watch:  late.Watch{Decisions: w.Service, Store: w.Store},
		Sender: notify.Sender{ProviderName: finding.Words{Chinese: "示例云", English: "Example Cloud"}, PortalURL: "https://beian.example"},
		Log:    slog.New(slog.DiscardHandler)}
}

// sweep delivers the whole outbox.
func sweep(w *steptest.Fixture, c *carrier) error {
	_, err := handler(w, c).Handle(w.T.Context(), sweeper.Input{})
	return err
}

func entries(w *steptest.Fixture, kind decide.EntryKind) []decide.OutboxEntry {
	w.T.Helper()
	all, err := w.Store.Outbox(w.T.Context(), kind, 100)
	if err != nil {
		w.T.Fatal(err)
	}
	return all
}

// TestSweep: an execution is started after MinEntryAge, each notice is sent once, and then the outbox is empty.
func TestSweep(t *testing.T) {
	w := steptest.New(t)
	w.At(filing.InitialReview)
	c := &carrier{}
	if err := sweep(w, c); err != nil {
		t.Fatal(err)
	}
	if len(w.Started) != 0 || len(c.keys) == 0 {
		t.Errorf("started %v at once; %d messages", w.Started, len(c.keys))
	}
	sent := len(c.keys)
	w.Clock.Advance(2 * sweeper.MinEntryAge)
	for range 2 {
		if err := sweep(w, c); err != nil {
			t.Fatal(err)
		}
	}
	if len(w.Started) != 1 || w.Started[0].Order != w.Walk.Order.ID || len(c.keys) != sent {
		t.Errorf("started %+v; %d messages, then %d", w.Started, sent, len(c.keys))
	}
	for _, kind := range []decide.EntryKind{decide.StartExecution, decide.ResumeExecution, decide.SendNotice} {
		if left := entries(w, kind); len(left) != 0 {
			t.Errorf("%d entries of kind %s are left", len(left), kind)
		}
	}
}

// TestTransientFailures: an undelivered entry stays in the outbox and is delivered later.
func TestTransientFailures(t *testing.T) {
	w := steptest.New(t)
	w.At(filing.InitialReview)
	w.Clock.Advance(2 * sweeper.MinEntryAge)
	c := &carrier{err: fault.New(fault.Unavailable, "忙。", "Busy.")}
	w.Err = fault.New(fault.Unavailable, "忙。", "Busy.")
	if err := sweep(w, c); fault.KindOf(err) != fault.Unavailable {
		t.Errorf("error %v", err)
	}
	if len(entries(w, decide.StartExecution)) != 1 || len(entries(w, decide.SendNotice)) == 0 {
		t.Error("an undelivered entry was deleted")
	}
	c.err, w.Err = nil, nil
	w.Clock.Advance(2 * sweeper.MinEntryAge)
	if err := sweep(w, c); err != nil {
		t.Fatal(err)
	}
	if len(w.Started) != 1 || len(c.keys) == 0 || len(entries(w, decide.SendNotice)) != 0 {
		t.Errorf("started %v, %d messages, %d notices left", w.Started, len(c.keys), len(entries(w, decide.SendNotice)))
	}
}

// limited returns a handler with limits of one message a day for each recipient.
func limited(w *steptest.Fixture, c *carrier) sweeper.Handler {
	h, one := handler(w, c), map[limits.Scope]int{limits.Recipient: 1}
	h.Limits = &limits.Limiter{Store: w.Store, Now: w.Clock.Now,
		Settings: limits.Settings{Actions: map[limits.Action]map[limits.Scope]int{limits.NoticeSMS: one, limits.NoticeMail: one}}}
	return h
}

// TestLimitOfMessages: a recipient above the limit receives no further notice that an applicant alone caused, and the order shows it. Notices
// of the review are sent.
func TestLimitOfMessages(t *testing.T) {
	w := steptest.New(t)
	c := &carrier{}
	sweep := func() {
		t.Helper()
		if _, err := limited(w, c).Handle(t.Context(), sweeper.Input{}); err != nil {
			t.Fatal(err)
		}
	}
	w.At(filing.InitialReview)
	sweep()
	if len(c.keys) != 1 {
		t.Fatalf("%d messages about the submission, want an email", len(c.keys))
	}
	w.At(filing.VerifySMS)
	sweep()
	if len(c.keys) != 2 {
		t.Errorf("%d messages after the review, want 2", len(c.keys))
	}
	w.Do(filingtest.Applicant, filing.AskToClose{As: filing.ClosingWithdraw})
	w.Do(filing.Beian, filing.Close{})
	sweep()
	if order := w.Order(); len(c.keys) != 2 || order.NoticeSkippedAt.IsZero() || len(entries(w, decide.SendNotice)) != 0 {
		t.Errorf("%d messages; skipped at %v", len(c.keys), order.NoticeSkippedAt)
	}
}

// TestOutageUsesUpNoLimit: attempts that failed are not counted, so that the message is sent after an outage.
func TestOutageUsesUpNoLimit(t *testing.T) {
	w := steptest.New(t)
	w.At(filing.InitialReview)
	c := &carrier{err: fault.New(fault.Unavailable, "忙。", "Busy.")}
	for range 3 {
		if _, err := limited(w, c).Handle(t.Context(), sweeper.Input{}); err == nil {
			t.Fatal("no error")
		}
		w.Clock.Advance(2 * sweeper.MinEntryAge)
	}
	c.err = nil
	if _, err := limited(w, c).Handle(t.Context(), sweeper.Input{}); err != nil || len(c.keys) != 1 {
		t.Errorf("%d messages after the outage, %v", len(c.keys), err)
	}
}

// TestSMSInsteadOfEmail (S20): what goes by email goes by SMS if no email reaches the applicant, also if the SMS cannot be sent at once, and not because the email is late.
func TestSMSInsteadOfEmail(t *testing.T) {
	w := steptest.New(t)
	w.At(filing.InitialReview)
	texts, mails := &carrier{}, &carrier{err: fault.New(fault.Unavailable, "忙。", "Busy.")}
	h := handler(w, texts)
	h.Messenger.Mail = mails
	handle := func(want fault.Kind) {
		t.Helper()
		_, err := h.Handle(t.Context(), sweeper.Input{})
		if got := fault.KindOf(err); (err != nil) != (want != "") || err != nil && got != want {
			t.Fatalf("error %v, want %s", err, want)
		}
		w.Clock.Advance(2 * sweeper.MinEntryAge)
	}
	handle(fault.Unavailable)
	if len(texts.keys) != 0 {
		t.Error("an SMS was sent although the email can be sent later")
	}
	mails.err, texts.err = fault.New(fault.Invalid, "无效。", "Invalid."), fault.New(fault.Unavailable, "忙。", "Busy.")
	handle(fault.Unavailable)
	texts.err = nil
	handle("")
	if got := deliveries(w)["submitted"]; len(texts.keys) != 1 || got.SMS != 1 || got.FailedMail != 1 {
		t.Errorf("%d SMS; counted %+v", len(texts.keys), got)
	}
}

// A droppedBucket records the prefixes that are deleted.
type droppedBucket struct {
	envelope.Bucket
	prefixes []string
	err      error
}

func (b *droppedBucket) DeleteAll(_ context.Context, prefix string) error {
	if b.err == nil {
		b.prefixes = append(b.prefixes, prefix)
	}
	return b.err
}

// TestReplacedEvidence: the objects of a replaced document are deleted, again after a failure, but not if its upload was accepted again since.
func TestReplacedEvidence(t *testing.T) {
	w := steptest.New(t)
	order := w.At(filing.AwaitConfirmation)
	slots := slices.Sorted(maps.Keys(order.Evidence))
	replace := func(slot evidence.Slot, key evidence.Key) {
		t.Helper()
		given := order.Evidence[slot]
		given.Key = key
		w.Do(filingtest.Applicant, filing.AcceptEvidence{Accepted: map[evidence.Slot]filing.Evidence{slot: given}})
	}
	first, kept := order.Evidence[slots[0]].Key, order.Evidence[slots[1]].Key
	replace(slots[0], first+"-again")
	replace(slots[1], kept+"-again")
	replace(slots[1], kept)
	w.Clock.Advance(2 * sweeper.MinEntryAge)
	b := &droppedBucket{err: fault.New(fault.Internal, "", "the objects cannot be deleted")}
	h := handler(w, &carrier{})
	h.Objects.Bucket = b
	if _, err := h.Handle(t.Context(), sweeper.Input{}); err == nil || len(entries(w, decide.DropEvidence)) != 3 {
		t.Errorf("a failed deletion is forgotten: %v, %d entries", err, len(entries(w, decide.DropEvidence)))
	}
	b.err = nil
	for range 2 {
		if _, err := h.Handle(t.Context(), sweeper.Input{}); err != nil {
			t.Fatal(err)
		}
	}
	slices.Sort(b.prefixes)
	if want := slices.Sorted(slices.Values([]string{string(first), string(kept) + "-again"})); !slices.Equal(b.prefixes, want) || len(entries(w, decide.DropEvidence)) != 0 {
		t.Errorf("deleted %v, want %v", b.prefixes, want)
	}
}

// TestCancelledFiling: the orders of a filing that the bureau cancelled end with it: after their execution, and once.
func TestCancelledFiling(t *testing.T) {
	w := steptest.New(t)
	order := w.At(filing.FollowUp)
	f, err := w.Store.FilingOf(t.Context(), order.SubjectKey)
	if err != nil || f.Version != 1 {
		t.Fatalf("%+v, %v", f, err)
	}
	after := f
	after.Status = register.Cancelled
	change, _ := f.Replace(after, register.Source{Kind: register.FromDownload, ID: "file"}, w.Clock.Now())
	if err := w.Store.CommitFiling(t.Context(), change); err != nil {
		t.Fatal(err)
	}
	w.Clock.Advance(2 * sweeper.MinEntryAge)
	h := handler(w, &carrier{})
	h.Register = w.Store
	sweep := func() {
		if _, err := h.Handle(t.Context(), sweeper.Input{}); err != nil {
			t.Fatal(err)
		}
	}
	sweep()
	if o := w.Order(); o.FilingEnded != "" || len(entries(w, decide.EndOrders)) != 1 {
		t.Errorf("before its end: %q, %d entries", o.FilingEnded, len(entries(w, decide.EndOrders)))
	}
	w.At(filing.Done)
	for range 2 {
		sweep()
	}
	if o := w.Order(); o.FilingEnded != change.After.CancelledOn || w.Decisions()["end-filing"] != 1 || len(entries(w, decide.EndOrders)) != 0 {
		t.Errorf("at its end: %q, decisions %v", o.FilingEnded, w.Decisions())
	}
}

// optedOut is the error of an SMS to a person who receives none, as the SDK returns it.
type optedOut struct{}

func (optedOut) Error() string     { return "+8613900000000 has opted out" }
func (optedOut) ErrorCode() string { return "OptedOut" }

// TestDeadLetters: a message that can never be sent moves to the dead letters, with the code of the error.
func TestDeadLetters(t *testing.T) {
	w := steptest.New(t)
	w.At(filing.InitialReview)
	n := len(entries(w, decide.SendNotice))
	if err := sweep(w, &carrier{err: fault.Wrap(fault.Invalid, optedOut{})}); err != nil {
		t.Fatal(err)
	}
	if dead := entries(w, decide.DeadLetter); len(dead) != n || len(entries(w, decide.SendNotice)) != 0 {
		t.Errorf("%d dead letters of %d notices", len(dead), n)
	} else if dead[0].Failure != "OptedOut" {
		t.Errorf("the dead letter does not name the error: %+v", dead[0])
	}
	if got, want := deliveries(w)["submitted"], (figures.Delivery{Kind: "submitted", FailedSMS: 1, FailedMail: 1}); got != want {
		t.Errorf("counted %+v, want %+v", got, want)
	}
}

// deliveries adds up what became of the messages of today, by kind.
func deliveries(w *steptest.Fixture) map[string]figures.Delivery {
	w.T.Helper()
	all := map[string]figures.Delivery{}
	if err := w.Store.EachDelivery(w.T.Context(), workday.DateOf(w.Clock.Now()), func(d figures.Delivery) error {
		sum := all[d.Kind]
		sum.Kind = d.Kind
		sum.Add(d)
		all[d.Kind] = sum
		return nil
	}); err != nil {
		w.T.Fatal(err)
	}
	return all
}

// A forgetful outbox deletes no entry, as if the function ended before.
type forgetful struct{ *dynamo.Store }

func (f forgetful) DeleteEntry(context.Context, string) error { return nil }

// TestEarlyBounce: a bounce that SES reports before its email is counted fails the call, so that Lambda repeats it. The log calls that an error only if the message stays in the outbox.
func TestEarlyBounce(t *testing.T) {
	w := steptest.New(t)
	w.At(filing.InitialReview)
	waiting := entries(w, decide.SendNotice)
	if len(waiting) != 1 {
		t.Fatalf("%d notices", len(waiting))
	}
	c := &carrier{}
	h := handler(w, c)
	var log bytes.Buffer
	h.Log = slog.New(slog.NewTextHandler(&log, nil))
	report := func() error {
		log.Reset()
		_, err := h.Handle(t.Context(), sweeper.Input{Bounce: &sweeper.Bounce{Key: strings.Replace(waiting[0].ID, "#", "_", 1), Email: "0100-email"}})
		return err
	}
	for after, level := range map[time.Duration]string{0: "WARN", bounce.CountedWithin + time.Second: "ERROR"} {
		w.Clock.Set(waiting[0].At.Add(after))
		if err := report(); fault.KindOf(err) != fault.Unavailable || strings.Count(log.String(), "level=") != 1 || !strings.Contains(log.String(), "level="+level) {
			t.Errorf("after %s: %v; logged %q", after, err, log.String())
		}
	}
	if err := sweep(w, c); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := report(); err != nil || log.Len() > 0 {
			t.Errorf("a counted email: %v; logged %q", err, log.String())
		}
	}
	if got := deliveries(w)["submitted"]; got.Mail != 1 || got.Bounced != 1 {
		t.Errorf("counted %+v", got)
	}
}

// TestCountedMessages: a bounce that is reported twice counts once. A message that is sent again, because the function ended before it deleted the entry, counts once; one that waits for its second recipient counts
// in two parts.
func TestCountedMessages(t *testing.T) {
	w := steptest.New(t)
	w.At(filing.InitialReview)
	c := &carrier{}
	h := handler(w, c)
	h.Outbox = forgetful{w.Store}
	for range 2 {
		if _, err := h.Handle(t.Context(), sweeper.Input{}); err != nil {
			t.Fatal(err)
		}
		w.Clock.Advance(2 * time.Minute)
	}
	if got, want := deliveries(w)["submitted"], (figures.Delivery{Kind: "submitted", Mail: 1}); got != want || len(c.keys) != 2 {
		t.Errorf("%d messages, counted %+v, want %+v", len(c.keys), got, want)
	}
	if err := sweep(w, c); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		for _, key := range []string{c.keys[0], "notice_01NOSUCHMESSAGE"} {
			if _, err := h.Handle(t.Context(), sweeper.Input{Bounce: &sweeper.Bounce{Key: key, Email: "0100-email"}}); err != nil {
				t.Fatal(err)
			}
		}
	}
	if got, want := deliveries(w)["submitted"], (figures.Delivery{Kind: "submitted", Mail: 1, Bounced: 1}); got != want || len(deliveries(w)) != 1 {
		t.Errorf("after a bounce that is reported twice, counted %+v, want %+v", got, want)
	}
	w.At(filing.VerifySMS)
	if err := sweep(w, c); err != nil {
		t.Fatal(err)
	}
	w.At(filing.AwaitBureau)
	w.Do(filing.TheBureau, filing.Receive{Sequence: 1})
	h.Outbox, h.Messenger.Mail = w.Store, &carrier{err: fault.New(fault.Unavailable, "忙。", "Busy.")}
	for range 2 {
		if _, err := h.Handle(t.Context(), sweeper.Input{}); fault.KindOf(err) != fault.Unavailable {
			t.Fatal(err)
		}
		w.Clock.Advance(time.Minute)
	}
	if got, want := deliveries(w)["transmitted"], (figures.Delivery{Kind: "transmitted", SMS: 1}); got != want {
		t.Errorf("counted %+v, want %+v", got, want)
	}
	h.Messenger.Mail = c
	if _, err := h.Handle(t.Context(), sweeper.Input{}); err != nil {
		t.Fatal(err)
	}
	if got, want := deliveries(w)["transmitted"], (figures.Delivery{Kind: "transmitted", SMS: 1, Mail: 1}); got != want {
		t.Errorf("counted %+v, want %+v", got, want)
	}
}

// TestStream delivers the entries of a batch, and reports those that failed.
func TestStream(t *testing.T) {
	w := steptest.New(t)
	w.At(filing.InitialReview)
	notices := entries(w, decide.SendNotice)
	var batch events.DynamoDBEvent
	for i, e := range notices {
		doc, err := json.Marshal(e)
		if err != nil {
			t.Fatal(err)
		}
		batch.Records = append(batch.Records, events.DynamoDBEventRecord{Change: events.DynamoDBStreamRecord{
			SequenceNumber: string(rune('a' + i)), NewImage: map[string]events.DynamoDBAttributeValue{"doc": events.NewBinaryAttribute(doc)},
		}})
	}
	c := &carrier{err: fault.New(fault.Unavailable, "忙。", "Busy.")}
	out, err := handler(w, c).Handle(t.Context(), sweeper.Input{DynamoDBEvent: batch})
	if err != nil || len(out.BatchItemFailures) != len(notices) || out.BatchItemFailures[0].ItemIdentifier != "a" {
		t.Errorf("failures %v, %v", out.BatchItemFailures, err)
	}
	c.err = nil
	w.Clock.Advance(sweeper.MinEntryAge)
	out, err = handler(w, c).Handle(t.Context(), sweeper.Input{DynamoDBEvent: batch})
	if err != nil || len(out.BatchItemFailures) != 0 || len(c.keys) == 0 || len(entries(w, decide.SendNotice)) != 0 {
		t.Errorf("failures %v, %v; %d messages", out.BatchItemFailures, err, len(c.keys))
	}
}
