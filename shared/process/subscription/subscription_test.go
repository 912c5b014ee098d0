package subscription_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"beian/shared/process/event"
	"beian/shared/process/subscription"
	"beian/shared/rules/fault"
)

var now = time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)

// memory is a store that refuses a version that is stored.
type memory struct {
	mu      sync.Mutex
	list    subscription.Endpoints
	changes []subscription.Change // the newest first
}

func (m *memory) Endpoints(context.Context) (subscription.Endpoints, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.list, nil
}

func (m *memory) PutEndpoints(_ context.Context, next subscription.Endpoints, by subscription.Change) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if next.Version != m.list.Version+1 {
		return &fault.Fault{Kind: fault.Stale}
	}
	m.list, m.changes = next, append([]subscription.Change{by}, m.changes...)
	return nil
}

func (m *memory) Changes(context.Context, string, int) ([]subscription.Change, string, error) {
	return m.changes, "", nil
}

func newService(m *memory) subscription.Service {
	made := 0
	return subscription.Service{Store: m, Now: func() time.Time { return now }, CheckHost: func(host string) error {
		if host == "private.example" {
			return errors.New("private")
		}
		return nil
	}, NewSecret: func() subscription.Secret { made++; return subscription.Secret(fmt.Sprint("whsec_", made)) }}
}

// TestConcurrentChangesAreKept: operators who change different endpoints at the same time do not lose each other's change.
func TestConcurrentChangesAreKept(t *testing.T) {
	m := &memory{}
	s := newService(m)
	var ids []string
	for i := range 3 {
		e, err := s.Add(t.Context(), subscription.Edit{URL: fmt.Sprintf("https://portal.example/%d", i)})
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, e.ID)
	}
	var group sync.WaitGroup
	for _, id := range ids {
		group.Go(func() {
			if err := s.DisableGone(t.Context(), id); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	for _, e := range m.list.List {
		if !e.Disabled || !e.Gone || e.Version != 2 {
			t.Errorf("%+v", e)
		}
	}
	if err := s.DisableGone(t.Context(), "01UNKNOWN"); err != nil {
		t.Errorf("an endpoint that was deleted: %v", err)
	}
}

func TestOnlyTheLaptopSendsWithoutTLS(t *testing.T) {
	for url, want := range map[string]bool{"http://127.0.0.1:9000/": true, "http://localhost/": true, "http://[::1]/": true, "http://portal.example/": false, "https://private.example/": false} {
		local := newService(&memory{})
		local.Local = true
		if _, err := local.Add(t.Context(), subscription.Edit{URL: url}); (err == nil) != want {
			t.Errorf("%s on the laptop: %v", url, err)
		}
		if _, err := newService(&memory{}).Add(t.Context(), subscription.Edit{URL: url}); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%s on AWS: %v", url, err)
		}
	}
}

func TestSecretsAreNotShown(t *testing.T) {
	e, err := newService(&memory{}).Add(t.Context(), subscription.Edit{URL: "https://portal.example"})
	if shown := fmt.Sprintf("%v %+v %#v", e, e, e.Secret); err != nil || strings.Contains(shown, "whsec_") {
		t.Errorf("%s, %v", shown, err)
	}
}

// TestDelays: the attempts of a delivery that always fails, and what an endpoint may ask for.
func TestDelays(t *testing.T) {
	d := subscription.NewDelivery("01ENDPOINT", event.Event{ID: "e-1", Time: now}, now)
	at := now
	for d.State == subscription.Pending {
		d = d.After(subscription.Result{Status: 503}, at, 0.5)
		at = d.NextAt
	}
	if lasted := d.AttemptedAt.Sub(now); d.State != subscription.Dead || d.Attempts != subscription.MaxAttempts || lasted < 72*time.Hour || lasted > 84*time.Hour {
		t.Errorf("%s after %d attempts and %v", d.State, d.Attempts, lasted)
	}
	first := subscription.NewDelivery("01ENDPOINT", event.Event{ID: "e-1", Time: now}, now)
	for result, want := range map[subscription.Result]time.Duration{
		{Status: 500}:                                  5 * time.Second,
		{Status: 429, RetryAfter: time.Minute}:         time.Minute,
		{Status: 503, RetryAfter: 30 * 24 * time.Hour}: 24 * time.Hour,
		{Status: 503, RetryAfter: -time.Hour}:          5 * time.Second,
		{Problem: subscription.Timeout}:                5 * time.Second,
	} {
		if got := first.After(result, now, 0); got.NextAt.Sub(now) != want || got.State != subscription.Pending {
			t.Errorf("%+v: after %v", result, got.NextAt.Sub(now))
		}
	}
	for result, want := range map[subscription.Result]subscription.State{{Status: 200}: subscription.Delivered, {Status: 299}: subscription.Delivered, {Status: 410}: subscription.Dead} {
		if got := first.After(result, now, 1); got.State != want || !got.NextAt.IsZero() {
			t.Errorf("%+v: %s", result, got.State)
		}
	}
}

// TestChangesAreRecorded: each change of an endpoint, its deletion too, says who made it and when.
func TestChangesAreRecorded(t *testing.T) {
	m := &memory{}
	s := newService(m)
	e, err := s.Add(t.Context(), subscription.Edit{URL: "https://portal.example", By: "admin-1"})
	if err != nil {
		t.Fatal(err)
	}
	for i, change := range []func() error{
		func() error {
			_, err := s.Change(t.Context(), e.ID, 0, subscription.Edit{URL: "https://portal.example/new", By: "admin-2"})
			return err
		},
		func() error {
			_, err := s.Change(t.Context(), e.ID, 0, subscription.Edit{URL: "https://portal.example/new", Disabled: true, By: "admin-3"})
			return err
		},
		func() error {
			_, err := s.Change(t.Context(), e.ID, 0, subscription.Edit{URL: "https://portal.example/new", By: "admin-4"})
			return err
		},
		func() error { _, err := s.Rotate(t.Context(), e.ID, 0, "admin-5", false); return err },
		func() error { _, err := s.Rotate(t.Context(), e.ID, 0, "admin-6", true); return err },
		func() error { return s.DisableGone(t.Context(), e.ID) },
		func() error { return s.Delete(t.Context(), e.ID, 0, "admin-8") },
	} {
		if err := change(); err != nil {
			t.Fatalf("change %d: %v", i, err)
		}
	}
	if err := s.Delete(t.Context(), e.ID, 0, "admin-9"); fault.KindOf(err) != fault.NotFound {
		t.Errorf("deleted twice: %v", err)
	}
	if len(m.changes) != len(subscription.ChangeKinds) {
		t.Fatalf("%d changes: %+v", len(m.changes), m.changes)
	}
	for i, what := range subscription.ChangeKinds {
		c := m.changes[len(m.changes)-1-i]
		by := fmt.Sprint("admin-", i+1)
		if what == subscription.GoneFrom {
			by = ""
		}
		if c.What != what || string(c.By) != by || c.Endpoint != e.ID || !strings.HasPrefix(c.URL, e.URL) || !c.At.Equal(now) {
			t.Errorf("%d: %+v, want %s by %q", i, c, what, by)
		}
	}
}
