package dynamo_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"beian/infra/local/keyfile"
	"beian/shared/aws/dynamo"
	"beian/shared/filing"
	"beian/shared/filing/filingtest"
	"beian/shared/process/decide"
	"beian/shared/process/envelope"
	"beian/shared/process/envelope/envelopetest"
	"beian/shared/process/inventory"
	"beian/shared/rules/fault"
	"beian/shared/setup"
)

// Responses that an engine returns only under load.
const (
	done     = `{}`
	conflict = `{"__type":"com.amazonaws.dynamodb.v20120810#TransactionCanceledException","Message":"cancelled",` +
		`"CancellationReasons":[{"Code":"None"},{"Code":"TransactionConflict"}]}`
	throttled = `{"__type":"com.amazonaws.dynamodb.v20120810#TransactionCanceledException","Message":"cancelled",` +
		`"CancellationReasons":[{"Code":"ThrottlingError"}]}`
	odd = `{"__type":"com.amazonaws.dynamodb.v20120810#TransactionCanceledException","Message":"cancelled",` +
		`"CancellationReasons":[{"Code":"ValidationError"}]}`
	throughput = `{"__type":"com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException","message":"slow down"}`
	broken     = `{"__type":"com.amazon.coral.service#InternalServerError","message":"sorry"}`
	invalid    = `{"__type":"com.amazon.coral.validate#ValidationException","message":"no"}`
)

// newEngine returns a store whose engine responds with the given texts in order and repeats the last, and the count of requests.
func newEngine(t *testing.T, answers ...string) (*dynamo.Store, *atomic.Int64) {
	t.Helper()
	return newEngineOf(t, true, answers...)
}

// newEngineOf is newEngine also for an engine whose reads find nothing, and are not counted.
func newEngineOf(t *testing.T, reads bool, answers ...string) (*dynamo.Store, *atomic.Int64) {
	t.Helper()
	endpoint, calls := serveAnswers(t, reads, answers...)
	now := func() time.Time { return filingtest.December2019 }
	keys, err := keyfile.Open(filepath.Join(t.TempDir(), "keys.json"), now())
	if err != nil {
		t.Fatal(err)
	}
	return &dynamo.Store{Table: "filings", Encrypter: envelope.New(keys, &envelopetest.Keys{}, now), Wall: now, Client: dynamo.ClientOf(dynamodb.New(dynamodb.Options{
		BaseEndpoint: aws.String(endpoint), Region: "us-east-1", Retryer: aws.NopRetryer{}, HTTPClient: setup.NewHTTPClient(), DisableValidateResponseChecksum: true,
		Credentials: credentials.NewStaticCredentialsProvider("local", "local", ""),
	}))}, calls
}

// serveAnswers returns the endpoint of the engine of newEngineOf.
func serveAnswers(t *testing.T, reads bool, answers ...string) (endpoint string, calls *atomic.Int64) {
	t.Helper()
	calls = &atomic.Int64{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !reads && strings.HasSuffix(r.Header.Get("X-Amz-Target"), ".GetItem") {
			_, _ = io.WriteString(w, done)
			return
		}
		answer := answers[min(int(calls.Add(1)), len(answers))-1]
		w.Header().Set("Content-Type", "application/x-amz-json-1.0")
		switch answer {
		case done:
		case broken:
			w.WriteHeader(http.StatusInternalServerError)
		default:
			w.WriteHeader(http.StatusBadRequest)
		}
		_, _ = io.WriteString(w, answer)
	}))
	t.Cleanup(server.Close)
	return server.URL, calls
}

// TestCommitUnderLoad: a transaction that conflicts with another is retried. A transient error is Unavailable, another Internal.
func TestCommitUnderLoad(t *testing.T) {
	change, err := filing.Open(filingtest.EnterpriseBeijing().OpenInput("01EXAMPLE"), filingtest.Applicant, filingtest.December2019)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name    string
		answers []string
		kind    fault.Kind
		calls   int64
	}{
		{"success", []string{done}, "", 1},
		{"two conflicts", []string{conflict, conflict, done}, "", 3},
		{"conflicts in every attempt", []string{conflict}, fault.Stale, 5}, // the caller reads the order again
		{"throttled", []string{throttled}, fault.Unavailable, 1},
		{"throughput", []string{throughput}, fault.Unavailable, 1},
		{"server error", []string{broken}, fault.Unavailable, 1},
		{"invalid", []string{invalid}, fault.Internal, 1},
		{"one invalid item", []string{odd}, fault.Internal, 1},
	} {
		store, calls := newEngineOf(t, false, c.answers...) // the endpoints of webhooks are read
		entries, err := store.Commit(t.Context(), change, decide.Request{})
		if fault.KindOf(err) != c.kind || calls.Load() != c.calls || (err == nil) != (len(entries) == 1) {
			t.Errorf("%s: %v after %d calls", c.name, err, calls.Load())
		}
	}
}

// TestWritesUnderContention: a write outside a decision that conflicts with transactions in each attempt is one that may be repeated, and no
// failure.
func TestWritesUnderContention(t *testing.T) {
	const single = `{"__type":"com.amazonaws.dynamodb.v20120810#TransactionConflictException","message":"conflict"}`
	for answer, write := range map[string]func(*dynamo.Store) error{
		single: func(s *dynamo.Store) error { return s.PutServer(t.Context(), inventory.Server{ID: "ecs-1"}) },
		conflict: func(s *dynamo.Store) error {
			return s.MoveToDeadLetters(t.Context(), decide.OutboxEntry{ID: "start#1"})
		},
	} {
		store, _ := newEngine(t, answer)
		if err := write(store); fault.KindOf(err) != fault.Unavailable || !errors.Is(err, fault.ErrContention) {
			t.Errorf("%v", err)
		}
	}
	// A client of NewClient repeats the write itself.
	endpoint, calls := serveAnswers(t, true, single, single, done)
	store := &dynamo.Store{Table: "filings", Wall: time.Now, Client: dynamo.ClientOf(dynamo.NewClient(aws.Config{BaseEndpoint: aws.String(endpoint), Region: "us-east-1",
		HTTPClient: setup.NewHTTPClient(), Credentials: credentials.NewStaticCredentialsProvider("local", "local", "")}))}
	if err := store.SaveTaskToken(t.Context(), "1", decide.WaitingTask{}); err != nil || calls.Load() != 3 {
		t.Errorf("%v after %d calls", err, calls.Load())
	}
}

// TestReadsUnderLoad: a transient error is Unavailable, never NotFound.
func TestReadsUnderLoad(t *testing.T) {
	for answer, kind := range map[string]fault.Kind{throughput: fault.Unavailable, broken: fault.Unavailable, invalid: fault.Internal} {
		store, _ := newEngine(t, answer)
		ctx := t.Context()
		reads := map[string]func() error{
			"order":      func() error { _, err := store.Order(ctx, "1"); return err },
			"ledger":     func() error { _, err := store.Ledger(ctx, "1"); return err },
			"mine":       func() error { _, err := store.ListByAccount(ctx, "1", "", 1); return err },
			"server":     func() error { _, err := store.Server(ctx, "1"); return err },
			"waiting":    func() error { _, err := store.WaitingTask(ctx, "1"); return err },
			"outbox":     func() error { _, err := store.Outbox(ctx, decide.SendNotice, 1); return err },
			"lease":      func() error { _, err := store.LeaseEntry(ctx, "1"); return err },
			"known":      func() error { _, err := store.Registration(ctx, "1", "1"); return err },
			"expecting":  func() error { _, err := store.OrdersAwaitingReply(ctx, "19900000001"); return err },
			"repeated":   func() error { return store.CheckRepeated(ctx, decide.Request{Key: "1"}) },
			"task token": func() error { return store.SaveTaskToken(ctx, "1", decide.WaitingTask{}) },
		}
		for name, read := range reads {
			if err := read(); fault.KindOf(err) != kind {
				t.Errorf("%s: %v, want %s", name, err, kind)
			}
		}
	}
}
