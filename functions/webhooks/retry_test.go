package webhooks_test

import (
	"context"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"beian/functions/webhooks"
	"beian/shared/process/subscription"
)

// waits makes the function wait on the fake clock, and counts how often it did.
func (f *fixture) waits() *atomic.Int64 {
	waited := &atomic.Int64{}
	f.handler.Sleep = func(_ context.Context, d time.Duration) error {
		waited.Add(1)
		f.Clock.Advance(d)
		return nil
	}
	return waited
}

// TestTheFirstRetryIsMadeAtOnce: an endpoint that fails once has the event after five seconds, from one call; the second retry and those of an endpoint that has failed before wait for
// a later call.
func TestTheFirstRetryIsMadeAtOnce(t *testing.T) {
	f := newFixture(t)
	waited := f.waits()
	failing := 1
	f.portal.answer = func(w http.ResponseWriter, _ *http.Request) {
		if failing--; failing >= 0 {
			w.WriteHeader(503)
		}
	}
	e, begun := f.tell("one"), f.Clock.Now()
	f.run()
	if d := f.delivery(e); d.State != subscription.Delivered || d.Attempts != 2 || d.AttemptedAt.Sub(begun).Truncate(time.Second) != 5*time.Second || waited.Load() != 1 {
		t.Errorf("%+v after %d waits", d, waited.Load())
	}

	failing = 100
	e = f.tell("two")
	f.run()
	if d := f.delivery(e); d.State != subscription.Pending || d.Attempts != 2 || d.NextAt.Sub(d.AttemptedAt) != 5*time.Minute || waited.Load() != 2 {
		t.Errorf("%+v after %d waits", d, waited.Load())
	}
	f.Clock.Advance(time.Second)
	third := f.tell("three")
	f.run()
	if d := f.delivery(third); d.Attempts != 1 || waited.Load() != 2 {
		t.Errorf("an endpoint that fails for longer was waited for: %+v after %d waits", d, waited.Load())
	}
}

// TestOneCallRetries: a retry that another call has made meanwhile is not made again, and an endpoint that asks for more time gets it.
func TestOneCallRetries(t *testing.T) {
	f := newFixture(t)
	f.portal.answer = func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(503) }
	e := f.tell("one")
	f.handler.Sleep = func(_ context.Context, d time.Duration) error {
		f.Clock.Advance(d)
		f.portal.answer = nil
		other := f.handler
		other.Sleep = func(context.Context, time.Duration) error { return context.Canceled }
		_, err := other.Handle(t.Context(), webhooks.Input{})
		return err
	}
	f.run()
	if d := f.delivery(e); d.State != subscription.Delivered || f.portal.arrived() != 2 {
		t.Errorf("%+v after %d requests", d, f.portal.arrived())
	}
	waited := f.waits()
	f.portal.answer = func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Retry-After", "300"); w.WriteHeader(429) }
	e = f.tell("two")
	f.run()
	if d := f.delivery(e); d.Attempts != 1 || waited.Load() != 0 {
		t.Errorf("%+v after %d waits", d, waited.Load())
	}
}

// TestGoneOnTheFirstRetry: an endpoint that answers 410 to the retry is disabled.
func TestGoneOnTheFirstRetry(t *testing.T) {
	f := newFixture(t)
	f.waits()
	f.portal.answer = func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(500 - 90*min(1, len(f.portal.got)-1)) }
	e := f.tell("one")
	f.run()
	to, err := f.service.Endpoint(t.Context(), f.to.ID)
	if d := f.delivery(e); err != nil || !to.Gone || d.State != subscription.Dead || f.portal.arrived() != 2 {
		t.Errorf("%+v, %+v, %v", to, d, err)
	}
}

// TestSleep: a wait ends with its context.
func TestSleep(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := webhooks.Sleep(ctx, time.Hour); err == nil {
		t.Error("a call that ended waited")
	}
	if err := webhooks.Sleep(t.Context(), 0); err != nil {
		t.Error(err)
	}
}
