// Package sweeper is the function that delivers the outbox: it sends notices, erases keys and objects, and starts and resumes executions
// that were not started or resumed after the decision.
//
// The table's stream calls it with new entries. A schedule calls it without entries, to deliver all entries that are due, and with "watch" to look for orders
// whose execution does not follow them (package late). An email that bounced after SES accepted it calls it, too, to be counted. All calls may be late or repeated. The function leases a notice before it sends it, and deletes the entry afterwards, so a message is sent twice only
// if the function ends in between. The entry's id is the idempotency key of the message.
package sweeper

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"slices"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"golang.org/x/sync/errgroup"

	"beian/shared/filing"
	"beian/shared/process/agency"
	"beian/shared/process/bounce"
	"beian/shared/process/decide"
	"beian/shared/process/duties"
	"beian/shared/process/envelope"
	"beian/shared/process/figures"
	"beian/shared/process/late"
	"beian/shared/process/limits"
	"beian/shared/process/notify"
	"beian/shared/process/people"
	"beian/shared/rules/evidence"
	"beian/shared/rules/fault"
)

// A Handler is the function. Start with Handle.
type Handler struct {
	Decisions *decide.Service
	Outbox    Outbox
	Register  Register
	// Agencies has the names of agencies, for messages about consents.
	Agencies  *agency.Checker
	Messenger notify.Messenger
	// Limits counts the messages to each recipient.
	Limits *limits.Limiter
	Sender notify.Sender
	// Objects deletes the data keys and the evidence of erased orders, and documents that an order no longer has.
	Objects envelope.Objects
	// Uploads deletes the uploads of erased orders that were not accepted.
	Uploads Uploads
	// People says which reviewers are locked out; nil is none.
	People *people.Register
	// Duties records the answers to annual reviews, and reminders that did not arrive.
	Duties *duties.Service
	// Watch finds the orders whose execution does not follow them.
	Watch late.Watch
	// WallClock returns the real time. The times of the entries are real times too.
	WallClock func() time.Time
	Log       *slog.Logger
}

// An Outbox keeps the entries until they are delivered. Package dynamo implements it.
type Outbox interface {
	// Outbox returns up to limit entries of a kind, oldest first.
	Outbox(ctx context.Context, kind decide.EntryKind, limit int) ([]decide.OutboxEntry, error)
	// LeaseEntry leases an entry to one caller for a minute.
	LeaseEntry(ctx context.Context, id string) (decide.Lease, error)
	// PostponeEntry makes the lease end after a pause, and stores the number of recipients to which the message was sent.
	PostponeEntry(ctx context.Context, id string, pause time.Duration, sent int) error
	// MoveToDeadLetters moves an entry that can never be delivered out of the outbox.
	MoveToDeadLetters(ctx context.Context, e decide.OutboxEntry) error
	DeleteEntry(ctx context.Context, id string) error
	// RecordDelivery stores what became of the message of an entry, from a recipient on. A second call for the same recipient replaces the numbers.
	RecordDelivery(ctx context.Context, entry string, first int, d figures.Delivery, at time.Time) error
	bounce.Store
}

// Uploads is the bucket to which browsers upload. Package bucket implements it.
type Uploads interface {
	// DeleteAll deletes the objects whose keys begin with a prefix.
	DeleteAll(ctx context.Context, prefix string) error
}

const (
	// MinEntryAge is the minimum age of an entry for the machine. Until then the process that stored the decision delivers it.
	MinEntryAge = 5 * time.Second
	// sweepLimit is the maximum number of entries of a kind in one scheduled call.
	sweepLimit = 200
	// retryPause is the delay after a failed attempt.
	retryPause = 3 * time.Second
	// workers is the number of orders whose entries are delivered concurrently.
	workers = 8
)

// An Input is a call of the function: records of the stream, a bounced email, or neither from the schedule.
type Input struct {
	events.DynamoDBEvent
	Bounce *Bounce `json:"bounce,omitempty"`
	// Watch has a call of the schedule look for orders whose execution does not follow them, too.
	Watch bool `json:"watch,omitempty"`
}

// Handle delivers the entries in the records of a stream, or without records all entries that are due. It returns the records whose
// entries were not delivered, so that the stream repeats them. Of a bounced email, it only counts the bounce.
func (h Handler) Handle(ctx context.Context, in Input) (events.DynamoDBEventResponse, error) {
	if in.Bounce != nil {
		return events.DynamoDBEventResponse{}, h.countBounce(ctx, *in.Bounce)
	}
	if len(in.Records) == 0 {
		err := h.deliverDue(ctx)
		if in.Watch {
			err = fault.Wrap(fault.Unavailable, errors.Join(err, h.Watch.Run(ctx)))
		}
		return events.DynamoDBEventResponse{}, err
	}
	var out events.DynamoDBEventResponse
	failed := map[string]bool{} // orders and filings with an earlier entry that failed
	for _, r := range in.Records {
		doc, ok := r.Change.NewImage["doc"]
		if !ok || doc.DataType() != events.DataTypeBinary {
			continue
		}
		var entry decide.OutboxEntry
		if err := json.Unmarshal(doc.Binary(), &entry); err != nil {
			h.Log.ErrorContext(ctx, "a record of the stream is not an outbox entry", "sequence", r.Change.SequenceNumber, "cause", err.Error())
			continue
		}
		about := entry.Subject()
		if failed[about] = failed[about] || h.deliverEntry(ctx, entry) != nil; failed[about] {
			out.BatchItemFailures = append(out.BatchItemFailures, events.DynamoDBBatchItemFailure{ItemIdentifier: r.Change.SequenceNumber})
		}
	}
	return out, nil
}

// deliverDue delivers all entries that are due. It delivers the entries of one order in their sequence, so that "transmitted" does not
// arrive after "approved". An entry that fails does not delay other orders.
func (h Handler) deliverDue(ctx context.Context) error {
	var group errgroup.Group
	group.SetLimit(workers)
	for _, kind := range []decide.EntryKind{decide.ApplyVerdict, decide.StartExecution, decide.ResumeExecution, decide.SendNotice, decide.SendRegisterNotice, decide.EndOrders, decide.EraseOrder, decide.DropEvidence} {
		entries, err := h.Outbox.Outbox(ctx, kind, sweepLimit)
		if err != nil {
			return err
		}
		for _, ofOrder := range groupByOrder(entries) {
			group.Go(func() error { return h.deliverOrder(ctx, ofOrder) })
		}
	}
	return fault.Wrap(fault.Unavailable, group.Wait())
}

// groupByOrder groups the entries by order, the order with the oldest entry first.
func groupByOrder(entries []decide.OutboxEntry) [][]decide.OutboxEntry {
	var lists [][]decide.OutboxEntry
	index := map[string]int{}
	for _, e := range entries {
		i, ok := index[e.Subject()]
		if !ok {
			i = len(lists)
			index[e.Subject()], lists = i, append(lists, nil)
		}
		lists[i] = append(lists[i], e)
	}
	return lists
}

// deliverOrder delivers the due entries of one order, up to the first one that fails.
func (h Handler) deliverOrder(ctx context.Context, entries []decide.OutboxEntry) error {
	for _, e := range entries {
		if (e.Kind == decide.StartExecution || e.Kind == decide.ResumeExecution) && h.WallClock().Sub(e.At) < MinEntryAge {
			continue
		}
		if h.WallClock().Before(e.NotBefore) {
			continue
		}
		err := h.deliverEntry(ctx, e)
		if errors.Is(err, errBusy) {
			return nil
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// errBusy is returned if another call has leased the entry, or if the entry was postponed after a failure.
var errBusy = fault.New(fault.Unavailable, "这条消息正在发送中。", "The message is being sent by another call.")

// deliverEntry delivers one entry. It moves an entry that can never be delivered to the dead letters, which raise an alarm. It never moves
// an erasure or a dropped document there: the call fails, and is repeated until they are deleted.
func (h Handler) deliverEntry(ctx context.Context, e decide.OutboxEntry) error {
	var err error
	switch e.Kind {
	case decide.StartExecution, decide.ResumeExecution:
		err = h.Decisions.Deliver(ctx, e)
	case decide.ApplyVerdict:
		if h.WallClock().Before(e.NotBefore) {
			return nil // a schedule delivers it
		}
		if err = h.applyVerdict(ctx, e); err == nil {
			err = h.Outbox.DeleteEntry(ctx, e.ID)
		}
	case decide.SendNotice:
		err = h.sendNotice(ctx, e)
	case decide.SendRegisterNotice:
		err = h.sendRegisterNotice(ctx, e)
	case decide.EndOrders:
		if err = h.endOrders(ctx, e.Filing); err == nil {
			err = h.Outbox.DeleteEntry(ctx, e.ID)
		}
	case decide.EraseOrder:
		if err = h.eraseOrder(ctx, e.Order); err == nil {
			err = h.Outbox.DeleteEntry(ctx, e.ID)
		}
	case decide.DropEvidence:
		if err = h.dropEvidence(ctx, e); err == nil {
			err = h.Outbox.DeleteEntry(ctx, e.ID)
		}
	case decide.UploadRecord: // delivered by the exchange
		return nil
	}
	if err == nil || errors.Is(err, errBusy) {
		return err
	}
	h.Log.ErrorContext(ctx, "an outbox entry was not delivered", "order", e.Order, "entry", e.ID, "cause", err.Error())
	if fault.KindOf(err) == fault.Unavailable || e.Kind == decide.EraseOrder || e.Kind == decide.DropEvidence {
		return err
	}
	e.Failure = errorCode(err)
	return h.Outbox.MoveToDeadLetters(ctx, e)
}

// errorCode returns the code of an error of an AWS service, which has no personal data, unlike its text; "" for other errors.
func errorCode(err error) string {
	var coded interface{ ErrorCode() string }
	if errors.As(err, &coded) {
		return coded.ErrorCode()
	}
	return ""
}

// eraseOrder deletes the data key of an order, its evidence, and its uploads.
func (h Handler) eraseOrder(ctx context.Context, id filing.ID) error {
	prefix := evidence.KeyPrefix(string(id))
	if err := h.Objects.Erase(ctx, string(id), prefix); err != nil {
		return err
	}
	return h.Uploads.DeleteAll(ctx, prefix)
}

// dropEvidence deletes the objects of a document, unless its upload was accepted again since.
func (h Handler) dropEvidence(ctx context.Context, e decide.OutboxEntry) error {
	order, err := h.Decisions.Store.OrderState(ctx, e.Order)
	if err != nil {
		return err
	}
	for _, given := range order.Evidence {
		if given.Key == e.Upload {
			return nil
		}
	}
	return h.Objects.Bucket.DeleteAll(ctx, string(e.Upload))
}

// sendNotice sends a notice to each of its recipients.
func (h Handler) sendNotice(ctx context.Context, e decide.OutboxEntry) error {
	lease, err := h.Outbox.LeaseEntry(ctx, e.ID)
	switch {
	case err != nil || lease.Gone:
		return err
	case !lease.Acquired:
		return errBusy
	}
	order, err := h.Decisions.Order(ctx, e.Order)
	if err != nil {
		return err
	}
	if e.Notice.Kind == filing.NoticeRulesChanged {
		if order.Codes, err = h.Decisions.Store.CodeTables(ctx); err != nil {
			return err
		}
	}
	message, err := notify.Render(order, e.Notice, h.Sender)
	if errors.Is(err, notify.ErrOutdated) {
		return h.Outbox.DeleteEntry(ctx, e.ID)
	}
	if err != nil {
		return err
	}
	return h.sendToRecipients(ctx, e, notify.Recipients(order, e.Notice), message, lease)
}

// sendToRecipients sends a message to its recipients, except those to whom an earlier call sent it, those who have reached their limit, and those to whom it goes only if
// another was not reached.
// If all have, the order shows that the notice was skipped. A permanent error for one recipient does not prevent the message to the others.
func (h Handler) sendToRecipients(ctx context.Context, e decide.OutboxEntry, to []notify.Recipient, message notify.Message, lease decide.Lease) error {
	var permanent error
	outcome := h.outcomeOf(e, string(e.Notice.Kind), lease)
	failed := true // the recipient before could not be reached
	for i := min(lease.Sent, len(to)); i < len(to); i++ {
		if to[i].Instead && !failed {
			continue
		}
		err := error(nil)
		// A failed attempt is not counted again, or an outage would use up the limit.
		if counted := lease.Retry && i == lease.Sent; e.Notice.Kind.CausedByApplicant() && !counted {
			err = h.count(ctx, to[i])
		}
		if fault.KindOf(err) == fault.TooMany {
			h.Log.WarnContext(ctx, "a recipient has reached the limit of messages", "order", e.Order, "entry", e.ID, "notice", e.Notice.Kind, "medium", to[i].Medium)
			outcome.sum.Limited++
			failed = false // another medium is no way around the limit
			continue
		}
		if err == nil {
			err = h.Messenger.Send(ctx, to[i], message, e.ID)
		}
		failed = err != nil
		if fault.KindOf(err) == fault.Unavailable {
			outcome.record(ctx)
			return errors.Join(err, h.Outbox.PostponeEntry(context.WithoutCancel(ctx), e.ID, retryPause, i))
		}
		outcome.add(to[i].Medium, err)
		permanent = errors.Join(permanent, err)
	}
	outcome.record(ctx)
	if permanent != nil {
		return permanent
	}
	if outcome.sum.Limited > 0 && outcome.sum.Limited == len(slices.DeleteFunc(to, func(r notify.Recipient) bool { return r.Instead })) {
		if _, err := h.Decisions.Decide(ctx, e.Order, filing.Beian, filing.SkipNotice{Kind: e.Notice.Kind}); err != nil {
			return err
		}
	}
	return h.Outbox.DeleteEntry(ctx, e.ID)
}

// count counts a message for its recipient. Above the limit, it returns a fault of kind TooMany.
func (h Handler) count(ctx context.Context, to notify.Recipient) error {
	if to.Medium == notify.Email {
		return h.Limits.Use(ctx, limits.NoticeMail, limits.OfMailbox(to.Email))
	}
	return h.Limits.Use(ctx, limits.NoticeSMS, limits.OfMobile(to.Mobile))
}
