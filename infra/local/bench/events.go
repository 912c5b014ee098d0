package bench

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"time"

	"beian/infra/local/scenario"
	"beian/infra/local/system"
	"beian/shared/filing/register"
	"beian/shared/partners/webhook"
	"beian/shared/process/decide"
	"beian/shared/process/event"
	"beian/shared/process/subscription"
)

// countPerEvent prints what an event costs without an endpoint, and with one and two: the writes and the reads of DynamoDB from the transaction that causes it
// to its delivery.
func (b *Bench) countPerEvent(ctx context.Context) error {
	const events = 50
	var arrived atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { arrived.Add(1) }))
	defer server.Close()
	store := b.system.Parts.Store()
	var list subscription.Endpoints
	for endpoints := range 3 {
		if endpoints > 0 {
			list.List = append(list.List, subscription.Endpoint{ID: fmt.Sprintf("01BENCH%019d", endpoints), URL: fmt.Sprint(server.URL, "/", endpoints),
				Secret: subscription.Secret(webhook.NewSecret().Reveal())})
			list.Version++
			if err := store.PutEndpoints(ctx, list, subscription.Change{}); err != nil {
				return err
			}
		}
		arrived.Store(0)
		before := countsOf(b.system)
		for i := range events {
			d := event.Duty{Key: fmt.Sprint(endpoints, "-", i), Kind: "annual-review", Filing: register.ID("01BENCH"), Due: "2027-01-01", At: time.Now()}
			if err := store.AddEvents(ctx, d.Near()); err != nil {
				return err
			}
		}
		if err := scenario.Poll(ctx, func() (bool, error) { return eventsSent(ctx, b.system, arrived.Load() >= int64(events*endpoints)) }); err != nil {
			return err
		}
		cost, _ := before.perFiling(countsOf(b.system), events)
		fmt.Fprintf(b.out, "  per event      %6.1f DynamoDB write units, %.1f read units, with %d endpoints\n", cost.writeUnits, cost.readUnits, endpoints)
	}
	list.List, list.Version = nil, list.Version+1
	return store.PutEndpoints(ctx, list, subscription.Change{})
}

// eventsSent reports whether all events have arrived and none is left in the outbox.
func eventsSent(ctx context.Context, s *system.System, arrived bool) (bool, error) {
	n, err := s.Parts.Store().OutboxLength(ctx, decide.SendEvents, 1)
	return arrived && n == 0, err
}
