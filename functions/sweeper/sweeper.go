// Package sweeper empties the outbox: it sends what decisions left there to be sent, and tells executions what they have
// not been told.
//
// It is called in two ways: by the table's stream with the entries that were just written, and by a schedule without
// any, when it goes through the whole outbox. Either may come twice or late. An entry is leased before it is sent
// and taken out afterwards, so a message goes out again only if the function dies in between; each carries the
// entry's id as a key by which a receiver can tell.
package sweeper

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"golang.org/x/sync/errgroup"

	"beian/shared/filing"
	"beian/shared/process/decide"
	"beian/shared/process/envelope"
	"beian/shared/process/notify"
	"beian/shared/rules/evidence"
	"beian/shared/rules/fault"
)

// A Handler is the function.
type Handler struct {
	Decisions *decide.Service
	Outbox    Outbox
	Messenger notify.Messenger
	Sender    notify.Sender
	// Objects deletes the data keys and the evidence of erased orders.
	Objects envelope.Objects
	// Wall is the wall clock, by which the age of an entry is known.
	Wall func() time.Time
	Log  *slog.Logger
}

// An Outbox keeps the entries until they are delivered. Package dynamo implements it.
type Outbox interface {
	// Outbox returns up to limit entries of a kind, oldest first.
	Outbox(ctx context.Context, kind decide.EntryKind, limit int) ([]decide.OutboxEntry, error)
	// LeaseEntry reserves an entry for one caller for a minute.
	LeaseEntry(ctx context.Context, id string) (decide.Lease, error)
	// PostponeEntry ends the lease after a pause, and stores how many recipients were served.
	PostponeEntry(ctx context.Context, id string, pause time.Duration, sent int) error
	MoveToDeadLetters(ctx context.Context, e decide.OutboxEntry) error
	DeleteEntry(ctx context.Context, id string) error
}

const (
	// Patience is how long whoever stored a decision has for telling the machine before the sweeper does.
	Patience = 5 * time.Second
	// batch is how many entries of a kind one sweep takes.
	batch = 200
	// pause is how long an entry rests after a try that failed.
	pause = 3 * time.Second
	// workers is how many entries one sweep delivers at a time.
	workers = 8
)

// Handle delivers the entries of a stream's records, or with no records all that is due. Entries of a stream that
// could not be delivered are reported back, so that the stream brings them again.
func (h Handler) Handle(ctx context.Context, in events.DynamoDBEvent) (events.DynamoDBEventResponse, error) {
	if len(in.Records) == 0 {
		return events.DynamoDBEventResponse{}, h.sweep(ctx)
	}
	var out events.DynamoDBEventResponse
	late := map[filing.ID]bool{} // orders with an entry that has to come first
	for _, r := range in.Records {
		doc, ok := r.Change.NewImage["doc"]
		if !ok || doc.DataType() != events.DataTypeBinary {
			continue
		}
		var entry decide.OutboxEntry
		if err := json.Unmarshal(doc.Binary(), &entry); err != nil {
			h.Log.ErrorContext(ctx, "a record of the stream is no outbox entry", "sequence", r.Change.SequenceNumber, "cause", err.Error())
			continue
		}
		if late[entry.Order] = late[entry.Order] || h.deliver(ctx, entry) != nil; late[entry.Order] {
			out.BatchItemFailures = append(out.BatchItemFailures, events.DynamoDBBatchItemFailure{ItemIdentifier: r.Change.SequenceNumber})
		}
	}
	return out, nil
}

// sweep goes through the outbox. Entries of one order are delivered in their order, so that "the bureau has it" does not
// come after "approved"; an entry that fails does not keep other orders from their turn.
func (h Handler) sweep(ctx context.Context) error {
	var all errgroup.Group
	all.SetLimit(workers)
	for _, kind := range []decide.EntryKind{decide.StartExecution, decide.ResumeExecution, decide.SendNotice, decide.EraseOrder} {
		entries, err := h.Outbox.Outbox(ctx, kind, batch)
		if err != nil {
			return err
		}
		for _, one := range byOrder(entries) {
			all.Go(func() error { return h.deliverAll(ctx, one) })
		}
	}
	return fault.Wrap(fault.Unavailable, all.Wait())
}

// byOrder puts the entries of each order together, the order with the oldest entry first.
func byOrder(entries []decide.OutboxEntry) [][]decide.OutboxEntry {
	var lists [][]decide.OutboxEntry
	place := map[filing.ID]int{}
	for _, e := range entries {
		i, ok := place[e.Order]
		if !ok {
			i = len(lists)
			place[e.Order], lists = i, append(lists, nil)
		}
		lists[i] = append(lists[i], e)
	}
	return lists
}

// deliverAll delivers what is due of one order's entries, up to the first that fails.
func (h Handler) deliverAll(ctx context.Context, entries []decide.OutboxEntry) error {
	for _, e := range entries {
		if e.Kind != decide.SendNotice && h.Wall().Sub(e.At) < Patience {
			continue
		}
		err := h.deliver(ctx, e)
		if errors.Is(err, errBusy) {
			return nil
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// errBusy says that another call has the entry, or that it rests after a try that failed.
var errBusy = fault.New(fault.Unavailable, "这条消息正在发送中。", "The message is being sent by another call.")

// deliver carries one entry out. What can never be delivered is set aside and told to the operator.
func (h Handler) deliver(ctx context.Context, e decide.OutboxEntry) error {
	var err error
	switch e.Kind {
	case decide.StartExecution, decide.ResumeExecution:
		err = h.Decisions.Deliver(ctx, e)
	case decide.SendNotice:
		err = h.send(ctx, e)
	case decide.EraseOrder:
		if err = h.Objects.Erase(ctx, string(e.Order), evidence.KeyPrefix(string(e.Order))); err == nil {
			err = h.Outbox.DeleteEntry(ctx, e.ID)
		}
	case decide.UploadRecord: // the exchange's
		return nil
	}
	if err == nil || errors.Is(err, errBusy) {
		return err
	}
	h.Log.ErrorContext(ctx, "an outbox entry was not delivered", "order", e.Order, "entry", e.ID, "cause", err.Error())
	if fault.KindOf(err) == fault.Unavailable {
		return err
	}
	return h.Outbox.MoveToDeadLetters(ctx, e)
}

// send sends a notice to each of its recipients.
func (h Handler) send(ctx context.Context, e decide.OutboxEntry) error {
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
	message, err := notify.Render(order, e.Notice, h.Sender)
	if errors.Is(err, notify.ErrOutdated) {
		return h.Outbox.DeleteEntry(ctx, e.ID)
	}
	if err != nil {
		return err
	}
	return h.sendAll(ctx, e, notify.Recipients(order, e.Notice), message, lease.Sent)
}

// sendAll sends a message to its recipients but for the first few, who have had it. One who can never be reached does not
// keep it from the others.
func (h Handler) sendAll(ctx context.Context, e decide.OutboxEntry, to []notify.Recipient, message notify.Message, sent int) error {
	var lost error
	for i := min(sent, len(to)); i < len(to); i++ {
		err := h.Messenger.Send(ctx, to[i], message, e.ID)
		if fault.KindOf(err) == fault.Unavailable {
			return errors.Join(err, h.Outbox.PostponeEntry(context.WithoutCancel(ctx), e.ID, pause, i))
		}
		lost = errors.Join(lost, err)
	}
	if lost != nil {
		return lost
	}
	return h.Outbox.DeleteEntry(ctx, e.ID)
}
