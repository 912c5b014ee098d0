package webhooks_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"beian/functions/webhooks"
	"beian/infra/local/steptest"
	"beian/shared/filing"
	"beian/shared/partners/dialguard"
	"beian/shared/partners/receiver"
	"beian/shared/partners/webhook"
	"beian/shared/process/decide"
	"beian/shared/process/event"
	"beian/shared/process/event/eventtest"
	"beian/shared/process/subscription"
	"beian/shared/rules/fault"
)

// A portal is a receiver of events, which verifies them as their documentation says.
type portal struct {
	t      *testing.T
	server *httptest.Server
	mu     sync.Mutex
	secret subscription.Secret
	got    []string // ids, in order of arrival
	types  []string
	answer func(w http.ResponseWriter, r *http.Request) // nil answers 204
}

func newPortal(t *testing.T) *portal {
	p := &portal{t: t}
	p.server = httptest.NewTLSServer(p)
	p.server.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	t.Cleanup(p.server.Close)
	return p
}

func (p *portal) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	body, err := io.ReadAll(r.Body)
	wh, errSecret := standardwebhooks.NewWebhook(p.secret.Reveal())
	if err != nil || errSecret != nil || wh.VerifyIgnoringTimestamp(body, r.Header) != nil || r.Header.Get("Content-Type") != event.ContentType {
		p.t.Errorf("the request cannot be verified: %v, %v", err, errSecret)
	}
	e := eventtest.Check(p.t, body)
	if e.ID() != r.Header.Get("webhook-id") {
		p.t.Errorf("the event %s has the webhook-id %s", e.ID(), r.Header.Get("webhook-id"))
	}
	p.got, p.types = append(p.got, e.ID()), append(p.types, e.Type())
	if p.answer != nil {
		p.answer(w, r)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

func (p *portal) arrived() int { p.mu.Lock(); defer p.mu.Unlock(); return len(p.got) }

// A fixture is the function with a store and its endpoints.
type fixture struct {
	*steptest.Fixture
	service subscription.Service
	handler webhooks.Handler
	portal  *portal
	to      subscription.Endpoint
}

func newFixture(t *testing.T, types ...event.Type) *fixture {
	w := steptest.New(t)
	f := &fixture{Fixture: w, portal: newPortal(t)}
	f.service = subscription.Service{Store: w.Store, NewSecret: func() subscription.Secret { return subscription.Secret(webhook.NewSecret().Reveal()) },
		CheckHost: dialguard.Guard{Allow: dialguard.Loopback}.CheckHost, Now: w.Clock.Now}
	f.to = f.add(f.portal.server.URL, types...)
	f.portal.secret = f.to.Secret
	f.handler = webhooks.Handler{Store: w.Store, Origin: "https://portal.example", Now: w.Clock.Now, Jitter: func() float64 { return 0 }, Log: slog.New(slog.DiscardHandler),
		Sleep: func(context.Context, time.Duration) error { return context.Canceled }}
	f.allow(dialguard.Guard{Allow: dialguard.Loopback})
	return f
}

// allow makes the function dial what a guard allows.
func (f *fixture) allow(g dialguard.Guard) {
	transport := g.Transport()
	roots := x509.NewCertPool()
	roots.AddCert(f.portal.server.Certificate())
	transport.TLSClientConfig = &tls.Config{RootCAs: roots}
	f.T.Cleanup(transport.CloseIdleConnections)
	f.handler.Client = receiver.WithTransport(transport, f.Clock.Now)
}

func (f *fixture) add(url string, types ...event.Type) subscription.Endpoint {
	f.T.Helper()
	e, err := f.service.Add(f.T.Context(), subscription.Edit{URL: url, Types: types})
	if err != nil {
		f.T.Fatal(err)
	}
	return e
}

// tell stores an event, and returns it.
func (f *fixture) tell(id string) event.Event {
	f.T.Helper()
	e := event.Finding{ID: id, Filing: "01EXAMPLE", Code: "footer-missing", At: f.Clock.Now()}.Opened()
	if err := f.Store.AddEvents(f.T.Context(), e); err != nil {
		f.T.Fatal(err)
	}
	return e
}

// run calls the function as the schedule does.
func (f *fixture) run() {
	f.T.Helper()
	if _, err := f.handler.Handle(f.T.Context(), webhooks.Input{}); err != nil {
		f.T.Fatal(err)
	}
}

// delivery returns the delivery of an event.
func (f *fixture) delivery(e event.Event) subscription.Delivery {
	f.T.Helper()
	d := subscription.Delivery{Event: e}
	d, err := f.Store.Delivery(f.T.Context(), f.to.ID, d.ID())
	if err != nil {
		f.T.Fatal(err)
	}
	return d
}

// TestAnOrderIsTold: the decisions of an order arrive as events, once and in order; what nobody subscribed to costs nothing.
func TestAnOrderIsTold(t *testing.T) {
	f := newFixture(t, event.OrderOpened, event.OrderTransmitted, event.OrderApproved)
	f.At(filing.Done)
	for range 2 {
		f.run()
	}
	want := []string{"beian.order.opened", "beian.order.transmitted", "beian.order.approved"}
	if !slices.Equal(f.portal.types, want) {
		t.Errorf("%v, want %v", f.portal.types, want)
	}
	entries, err := f.Store.Outbox(t.Context(), decide.SendEvents, 10)
	if err != nil || len(entries) != 0 {
		t.Errorf("%d entries are left, %v", len(entries), err)
	}
}

func TestWithoutSubscriberNothingIsStored(t *testing.T) {
	f := newFixture(t, event.DutyNear)
	f.At(filing.Done)
	entries, err := f.Store.Outbox(t.Context(), decide.SendEvents, 10)
	if err != nil || len(entries) != 0 {
		t.Errorf("%d entries, %v", len(entries), err)
	}
}

// TestTheStreamIsFollowed: a record of the stream is delivered once, also if it is repeated or the schedule runs at the same time.
func TestTheStreamIsFollowed(t *testing.T) {
	f := newFixture(t)
	f.tell("one")
	entries, err := f.Store.Outbox(t.Context(), decide.SendEvents, 10)
	if err != nil || len(entries) != 1 {
		t.Fatal(entries, err)
	}
	doc, err := json.Marshal(entries[0])
	if err != nil {
		t.Fatal(err)
	}
	record := events.DynamoDBEventRecord{Change: events.DynamoDBStreamRecord{SequenceNumber: "1",
		NewImage: map[string]events.DynamoDBAttributeValue{"doc": events.NewBinaryAttribute(doc)}}}
	junk := events.DynamoDBEventRecord{Change: events.DynamoDBStreamRecord{SequenceNumber: "2",
		NewImage: map[string]events.DynamoDBAttributeValue{"doc": events.NewBinaryAttribute([]byte("{"))}}}
	var group sync.WaitGroup
	for range 3 {
		group.Go(func() {
			out, err := f.handler.Handle(t.Context(), webhooks.Input{DynamoDBEvent: events.DynamoDBEvent{Records: []events.DynamoDBEventRecord{record, junk}}})
			if err != nil || len(out.BatchItemFailures) > 0 {
				t.Error(out, err)
			}
		})
		group.Go(f.run)
	}
	group.Wait()
	if f.portal.arrived() != 1 {
		t.Errorf("%d requests", f.portal.arrived())
	}
}

// TestFailuresAreRetriedAndEnd: each kind of failure is retried for three days, then the event is a dead letter, which can be replayed.
func TestFailuresAreRetriedAndEnd(t *testing.T) {
	for name, c := range map[string]struct {
		answer  http.HandlerFunc
		status  int
		problem subscription.Problem
	}{
		"500": {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(500) }, 500, ""},
		"400": {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(400) }, 400, ""},
		"a redirect": {func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "http://169.254.169.254/latest/meta-data/", http.StatusTemporaryRedirect)
		}, 307, ""},
		"no response": {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, 0, subscription.NoConnection},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			f.portal.answer = c.answer
			e, begin := f.tell("one"), f.Clock.Now()
			f.run()
			for f.delivery(e).State == subscription.Pending {
				d := f.delivery(e)
				if d.Status != c.status || d.Problem != c.problem {
					t.Fatalf("%+v", d)
				}
				f.run() // nothing is due yet
				f.Clock.Advance(d.NextAt.Sub(f.Clock.Now()))
				f.run()
			}
			d := f.delivery(e)
			if lasted := f.Clock.Now().Sub(begin); d.State != subscription.Dead || d.Attempts != subscription.MaxAttempts || f.portal.arrived() != subscription.MaxAttempts ||
				lasted < 72*time.Hour || lasted > 80*time.Hour {
				t.Fatalf("%+v after %v and %d requests", d, lasted, f.portal.arrived())
			}
			dead, _, err := f.Store.DeadDeliveries(t.Context(), f.to.ID, "", 10)
			if err != nil || len(dead) != 1 {
				t.Fatal(dead, err)
			}
			f.portal.answer = nil
			replayed := dead[0].Replayed(f.Clock.Now())
			replayed.Version++
			if err := f.Store.PutDelivery(t.Context(), replayed); err != nil {
				t.Fatal(err)
			}
			f.run()
			dead, _, err = f.Store.DeadDeliveries(t.Context(), f.to.ID, "", 10)
			if d := f.delivery(e); d.State != subscription.Delivered || err != nil || len(dead) != 0 || slices.ContainsFunc(f.portal.got, func(id string) bool { return id != e.ID }) {
				t.Errorf("%+v; %d dead, %v; %v", d, len(dead), err, f.portal.got)
			}
		})
	}
}

// TestHugeAnswersAreNotRead: the status counts, however long the answer is.
func TestHugeAnswersAreNotRead(t *testing.T) {
	f := newFixture(t)
	f.portal.answer = func(w http.ResponseWriter, _ *http.Request) {
		chunk := []byte(strings.Repeat("x", 1<<20))
		for {
			if _, err := w.Write(chunk); err != nil {
				return
			}
		}
	}
	e := f.tell("one")
	f.run()
	if d := f.delivery(e); d.State != subscription.Delivered {
		t.Errorf("%+v", d)
	}
}

// TestASlowEndpointDoesNotDelayOthers: while one endpoint does not answer, another gets all its events.
func TestASlowEndpointDoesNotDelayOthers(t *testing.T) {
	f := newFixture(t)
	other := newPortal(t)
	hold := make(chan struct{})
	f.portal.answer = func(w http.ResponseWriter, _ *http.Request) { <-hold; w.WriteHeader(503) }
	second := httptest.NewUnstartedServer(other)
	second.TLS = f.portal.server.TLS // the same certificate
	second.StartTLS()
	t.Cleanup(second.Close)
	other.secret = f.add(second.URL).Secret
	other.answer = func(http.ResponseWriter, *http.Request) {
		if len(other.got) == 3 {
			close(hold)
		}
	}
	for _, id := range []string{"one", "two", "three"} {
		f.tell(id)
		f.Clock.Advance(time.Second)
	}
	f.run()
	if f.portal.arrived() != 1 || other.arrived() != 3 {
		t.Errorf("%d requests to the slow one, %d to the other", f.portal.arrived(), other.arrived())
	}
}

// TestGoneDisables: an endpoint that answers 410 gets nothing more, until an operator enables it.
func TestGoneDisables(t *testing.T) {
	f := newFixture(t)
	f.portal.answer = func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(410) }
	e := f.tell("one")
	f.run()
	to, err := f.service.Endpoint(t.Context(), f.to.ID)
	if d := f.delivery(e); err != nil || !to.Gone || !to.Disabled || d.State != subscription.Dead {
		t.Errorf("%+v, %+v, %v", to, d, err)
	}
	f.tell("two")
	f.Clock.Advance(time.Hour)
	f.run()
	if f.portal.arrived() != 1 {
		t.Errorf("%d requests", f.portal.arrived())
	}
}

// TestPrivateAddressesAreNotDialled: the address is judged when it is dialled, whatever was entered.
func TestPrivateAddressesAreNotDialled(t *testing.T) {
	f := newFixture(t)
	f.allow(dialguard.Guard{})
	e := f.tell("one")
	f.run()
	if d := f.delivery(e); d.State != subscription.Pending || d.Problem != subscription.NotPublic || f.portal.arrived() != 0 {
		t.Errorf("%+v, %d requests", d, f.portal.arrived())
	}
}

// TestRetryAfterIsRespected: within bounds, and it never brings an attempt forward.
func TestRetryAfterIsRespected(t *testing.T) {
	for header, want := range map[string]time.Duration{"3600": time.Hour, "1": 5 * time.Second, "99999999": 24 * time.Hour, "-5": 5 * time.Second, "soon": 5 * time.Second, "": 5 * time.Second,
		"Fri, 01 Jan 2100 00:00:00 GMT": 24 * time.Hour, "99999999999999999999": 5 * time.Second} {
		f := newFixture(t)
		f.portal.answer = func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", header)
			w.WriteHeader(429)
		}
		e := f.tell("one")
		f.run()
		if d := f.delivery(e); d.NextAt.Sub(d.AttemptedAt) != want {
			t.Errorf("%q: the next attempt is after %v", header, d.NextAt.Sub(d.AttemptedAt))
		}
	}
}

// TestRotation: for a day both secrets sign, then only the new one; a leaked secret ends at once.
func TestRotation(t *testing.T) {
	f := newFixture(t)
	old := f.to.Secret
	to, err := f.service.Rotate(t.Context(), f.to.ID, f.to.Version, "admin-1", false)
	if err != nil || to.Secret == old {
		t.Fatal(err)
	}
	for _, secret := range []subscription.Secret{old, to.Secret} {
		f.portal.secret = secret
		f.tell("signed with " + secret.Reveal()[10:14])
		f.run()
	}
	f.Clock.Advance(subscription.Overlap)
	f.tell("after a day")
	f.run()
	if f.portal.arrived() != 3 {
		t.Errorf("%d requests", f.portal.arrived())
	}
	if _, err := f.service.Rotate(t.Context(), f.to.ID, f.to.Version, "admin-1", true); fault.KindOf(err) != fault.Stale {
		t.Errorf("a second operator rotated the version that the first had replaced: %v", err)
	}
	leaked, err := f.service.Rotate(t.Context(), f.to.ID, to.Version, "admin-1", true)
	if err != nil || len(leaked.Secrets(f.Clock.Now())) != 1 {
		t.Errorf("%d secrets, %v", len(leaked.Secrets(f.Clock.Now())), err)
	}
}

// TestACrashIsRepaired: a delivery that a call had leased when it ended is sent after the lease; one that was sent is not sent again.
func TestACrashIsRepaired(t *testing.T) {
	f := newFixture(t)
	e := f.tell("one")
	if err := f.Store.PutDelivery(t.Context(), subscription.NewDelivery(f.to.ID, e, f.Clock.Now())); err != nil {
		t.Fatal(err)
	}
	f.run() // the entry is still in the outbox
	if f.portal.arrived() != 0 {
		t.Error("a leased delivery was sent")
	}
	f.Clock.Advance(subscription.Lease)
	f.run()
	f.Clock.Advance(subscription.Lease)
	f.run()
	if f.portal.arrived() != 1 {
		t.Errorf("%d requests", f.portal.arrived())
	}
}

// TestAClockThatJumpsAYear: the next attempt is made late, and the event is not lost.
func TestAClockThatJumpsAYear(t *testing.T) {
	f := newFixture(t)
	f.portal.answer = func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(500) }
	e := f.tell("one")
	f.run()
	f.Clock.Advance(365 * 24 * time.Hour)
	f.portal.answer = nil
	f.run()
	if d := f.delivery(e); d.State != subscription.Delivered || f.portal.arrived() != 2 {
		t.Errorf("%+v after %d requests", d, f.portal.arrived())
	}
}
