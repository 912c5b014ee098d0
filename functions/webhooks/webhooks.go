// Package webhooks is the function that sends events to the endpoints that subscribed to them.
//
// The table's stream calls it with new outbox entries, and a schedule calls it without, for the entries that the stream did not bring and
// for the attempts that are due. For each event and endpoint it stores one delivery, leased to this call, sends it, and stores the result. A
// call that ends in between leaves the delivery to the next call after the lease; the event then has the same id, so that its receiver can
// ignore it.
//
// Endpoints are served concurrently, the events of one endpoint in their order, one after the other. An endpoint that does not answer gets no
// further event in the call. The first retry follows five seconds after the first attempt, in the same call, unless the endpoint has older events that
// wait: then it fails for longer, and waiting for it would delay the stream.
package webhooks

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"slices"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"golang.org/x/sync/errgroup"

	"beian/shared/partners/receiver"
	"beian/shared/partners/webhook"
	"beian/shared/process/decide"
	"beian/shared/process/event"
	"beian/shared/process/subscription"
	"beian/shared/rules/fault"
)

// A Handler is the function. Start with Handle.
type Handler struct {
	Store  Store
	Client *receiver.Client
	// Origin is the portal's address, without a slash at its end.
	Origin string
	Now    func() time.Time // wall clock
	Jitter func() float64   // from 0 to 1
	// Sleep waits; it returns an error if the context ends before.
	Sleep func(ctx context.Context, d time.Duration) error
	Log   *slog.Logger
}

// Sleep waits, or returns the error of the context if it ends before.
func Sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// A Store keeps the endpoints, the outbox and the deliveries. Package dynamo implements it.
type Store interface {
	subscription.Store
	// Outbox returns up to limit entries of a kind, oldest first.
	Outbox(ctx context.Context, kind decide.EntryKind, limit int) ([]decide.OutboxEntry, error)
	DeleteEntry(ctx context.Context, id string) error
	// PutDelivery stores the version of a delivery. The error is a fault of kind Stale if the version was stored before.
	PutDelivery(ctx context.Context, d subscription.Delivery) error
	// DueDeliveries returns the deliveries of an endpoint that are due at a time, the earliest first. The error may name one that cannot be read, beside the others.
	DueDeliveries(ctx context.Context, endpoint string, until time.Time, limit int) ([]subscription.Delivery, error)
}

const (
	// outboxLimit and dueLimit are the maximum numbers of outbox entries, and of deliveries of an endpoint, in one scheduled call.
	outboxLimit = 200
	dueLimit    = 200
	// sendingTime is how long a call sends. The last request ends before its lease.
	sendingTime = subscription.Lease - receiver.Timeout - 10*time.Second
	// maxWait is longer than any time between two attempts.
	maxWait = 48 * time.Hour
)

// An Input is a call of the function: records of the stream, or none from the schedule.
type Input struct{ events.DynamoDBEvent }

// Handle sends the events in the records of a stream, or without records those of the outbox, and the deliveries that are due. It returns the records
// whose events could not be stored as deliveries, so that the stream repeats them.
func (h Handler) Handle(ctx context.Context, in Input) (out events.DynamoDBEventResponse, err error) {
	endpoints, err := h.Store.Endpoints(ctx)
	if err != nil {
		return out, err
	}
	c := call{Handler: h, begun: h.Now(), until: h.Now().Add(sendingTime), fresh: map[string][]subscription.Delivery{}}
	var failed []error
	if len(in.Records) > 0 {
		for _, r := range in.Records {
			if err := c.addRecord(ctx, endpoints, r); err != nil {
				h.Log.ErrorContext(ctx, "an event was not stored for its endpoints", "sequence", r.Change.SequenceNumber, "cause", err.Error())
				out.BatchItemFailures = append(out.BatchItemFailures, events.DynamoDBBatchItemFailure{ItemIdentifier: r.Change.SequenceNumber})
			}
		}
	} else {
		entries, err := h.Store.Outbox(ctx, decide.SendEvents, outboxLimit)
		failed = append(failed, err)
		for _, e := range entries {
			failed = append(failed, c.add(ctx, endpoints, e))
		}
	}
	var group errgroup.Group
	for _, e := range endpoints.List {
		if e.Disabled {
			continue
		}
		group.Go(func() error { return c.serve(ctx, e, len(in.Records) == 0) })
	}
	return out, errors.Join(append(failed, group.Wait())...)
}

// A call is one call of the function.
type call struct {
	Handler
	begun time.Time
	until time.Time                          // no request begins later
	fresh map[string][]subscription.Delivery // by endpoint, leased to this call
}

func (c *call) addRecord(ctx context.Context, endpoints subscription.Endpoints, r events.DynamoDBEventRecord) error {
	doc, ok := r.Change.NewImage["doc"]
	if !ok || doc.DataType() != events.DataTypeBinary {
		return nil
	}
	var entry decide.OutboxEntry
	if err := json.Unmarshal(doc.Binary(), &entry); err != nil {
		c.Log.ErrorContext(ctx, "a record of the stream is not an outbox entry", "sequence", r.Change.SequenceNumber, "cause", err.Error())
		return nil
	}
	return c.add(ctx, endpoints, entry)
}

// add stores a delivery for each event of an entry and each endpoint that wants it, and deletes the entry. A delivery that is there belongs to the call that
// stored it.
func (c *call) add(ctx context.Context, endpoints subscription.Endpoints, entry decide.OutboxEntry) error {
	for _, e := range entry.Events {
		for _, to := range endpoints.List {
			if !to.Wants(e.Type) {
				continue
			}
			d := subscription.NewDelivery(to.ID, e, c.Now())
			err := c.Store.PutDelivery(ctx, d)
			if fault.KindOf(err) == fault.Stale {
				continue
			}
			if err != nil {
				return err
			}
			c.fresh[to.ID] = append(c.fresh[to.ID], d)
		}
	}
	return c.Store.DeleteEntry(ctx, entry.ID)
}

// serve sends an endpoint's deliveries: those of this call and, for the schedule, those that are due.
func (c *call) serve(ctx context.Context, to subscription.Endpoint, scheduled bool) error {
	queue, leased := c.fresh[to.ID], len(c.fresh[to.ID])
	var unread error
	if scheduled {
		var due []subscription.Delivery
		due, unread = c.Store.DueDeliveries(ctx, to.ID, c.Now(), dueLimit)
		queue = append(due, queue...)
	}
	return errors.Join(unread, c.sendAll(ctx, to, queue, leased))
}

// sendAll sends deliveries to an endpoint, in the order of their events, and makes the first retries that are due in this call. leased is the number of those that
// began in it.
func (c *call) sendAll(ctx context.Context, to subscription.Endpoint, queue []subscription.Delivery, leased int) error {
	slices.SortStableFunc(queue, func(a, b subscription.Delivery) int {
		return cmp.Or(a.Event.Time.Compare(b.Event.Time), cmp.Compare(a.Event.Sequence, b.Event.Sequence))
	})
	var again []subscription.Delivery
	for _, d := range queue {
		after, more, err := c.attempt(ctx, to, d)
		if err != nil || after.Gone() {
			return err
		}
		if after.State == subscription.Pending && after.Attempts == 1 && !after.NextAt.After(c.until) {
			again = append(again, after)
		}
		if !more {
			break
		}
	}
	if len(again) == 0 {
		return nil
	}
	if behind, err := c.behind(ctx, to, leased); err != nil || behind {
		return err
	}
	for _, d := range again {
		if err := c.Sleep(ctx, max(d.NextAt.Sub(c.Now()), 0)); err != nil || d.NextAt.After(c.Now()) {
			return nil // the next call retries
		}
		after, more, err := c.attempt(ctx, to, d)
		if err != nil || !more || after.Gone() {
			return err
		}
	}
	return nil
}

// behind reports whether a delivery from before this call waits for the endpoint. leased is the number of those of this call.
func (c *call) behind(ctx context.Context, to subscription.Endpoint, leased int) (bool, error) {
	waiting, err := c.Store.DueDeliveries(ctx, to.ID, c.until.Add(maxWait), leased+1)
	return slices.ContainsFunc(waiting, func(d subscription.Delivery) bool { return d.CreatedAt.Before(c.begun) }), err
}

// attempt makes an attempt, unless another call has the delivery or it is too late, and returns the delivery after it. more reports whether the endpoint gets further events in this call.
func (c *call) attempt(ctx context.Context, to subscription.Endpoint, d subscription.Delivery) (after subscription.Delivery, more bool, err error) {
	if c.Now().After(c.until) {
		return d, false, nil // it is due after its lease
	}
	if !d.NextAt.After(c.Now()) {
		d.NextAt, d.Version = c.Now().UTC().Add(subscription.Lease), d.Version+1
		if err := c.Store.PutDelivery(ctx, d); fault.KindOf(err) == fault.Stale {
			return d, true, nil
		} else if err != nil {
			return d, false, err
		}
	}
	after, result, err := c.send(ctx, to, d)
	if err == nil && after.Gone() {
		c.Log.WarnContext(ctx, "an endpoint of events answered 410 and is disabled", "endpoint", to.ID)
		err = subscription.Service{Store: c.Store, Now: c.Now}.DisableGone(ctx, to.ID)
	}
	return after, err == nil && !result.Overloaded() && !after.Gone(), err
}

// send sends a delivery that is leased to this call, and stores its result.
func (c *call) send(ctx context.Context, to subscription.Endpoint, d subscription.Delivery) (subscription.Delivery, subscription.Result, error) {
	var secrets []webhook.Secret
	for _, text := range to.Secrets(c.Now()) {
		secret, err := webhook.ParseSecret(text.Reveal())
		if err != nil {
			return d, subscription.Result{}, err
		}
		secrets = append(secrets, secret)
	}
	response := c.Client.Send(ctx, receiver.Request{URL: to.URL, ContentType: event.ContentType, ID: d.Event.ID, Body: d.Event.CloudEvent(c.Origin), Secrets: secrets})
	result := subscription.Result{Status: response.Status, RetryAfter: response.RetryAfter, Problem: subscription.Problem(response.Failure)}
	d = d.After(result, c.Now(), c.Jitter())
	d.Version++
	if d.State == subscription.Dead {
		c.Log.WarnContext(ctx, "an event was not delivered", "endpoint", to.ID, "event", d.Event.ID, "status", d.Status, "problem", d.Problem)
	}
	// The result is stored even if the call ends, so that the event is not sent again.
	err := c.Store.PutDelivery(context.WithoutCancel(ctx), d)
	if fault.KindOf(err) == fault.Stale { // the lease had ended, and another call has it
		err = nil
	}
	return d, result, err
}
