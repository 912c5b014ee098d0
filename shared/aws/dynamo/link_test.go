package dynamo_test

import (
	"errors"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"beian/shared/aws/dynamo"
	"beian/shared/process/decide"
	"beian/shared/process/exchange"
	"beian/shared/rules/fault"
	"beian/shared/setup"
)

// A lossyClient loses the first response to an action. The request arrives.
type lossyClient struct {
	action string
	lost   atomic.Bool
	calls  atomic.Int64
}

var (
	errLost   = errors.New("the response is lost")
	sdkClient = setup.NewHTTPClient()
)

// Do sends one request.
func (l *lossyClient) Do(r *http.Request) (*http.Response, error) {
	response, err := sdkClient.Do(r)
	if !strings.HasSuffix(r.Header.Get("X-Amz-Target"), "."+l.action) {
		return response, err
	}
	l.calls.Add(1)
	if err == nil && l.lost.CompareAndSwap(false, true) {
		response.Body.Close()
		return nil, errLost
	}
	return response, err
}

// lostResponses: a decision whose response is lost is retried and stored once.
func lostResponses(t *testing.T, d *fixture) {
	through := func(action string) (*dynamo.Store, *lossyClient) {
		wire := &lossyClient{action: action}
		client := dynamodb.New(d.sdk.Options(), func(o *dynamodb.Options) { o.HTTPClient = wire })
		return &dynamo.Store{Client: dynamo.ClientOf(client), Table: d.Table, Encrypter: d.Encrypter, Wall: d.Wall}, wire
	}
	s, wire := through("TransactWriteItems")
	c := d.opening(1)
	entries, err := s.Commit(t.Context(), c, decide.Request{Account: "account-1", Key: "key", Hash: "hash"})
	if err != nil || len(entries) != 1 || wire.calls.Load() != 2 {
		t.Fatalf("%v after %d calls", err, wire.calls.Load())
	}
	ledger, err := d.Ledger(t.Context(), c.Order.ID)
	if err != nil || len(ledger) != 1 || d.order(c.Order.ID).Version != 1 {
		t.Errorf("%d entries in the ledger, %v", len(ledger), err)
	}
	s, _ = through("UpdateItem")
	first, err := s.AllocateIDs(t.Context(), 3)
	if err != nil {
		t.Fatal(err)
	}
	if next, err := d.AllocateIDs(t.Context(), 1); err != nil || next != first+3 {
		t.Errorf("the id after %d to %d is %d, %v", first, first+2, next, err)
	}
}

// linkLeases: one holder at a time has a link. A holder whose lease another has acquired can write nothing.
func linkLeases(t *testing.T, d *fixture) {
	const link = "99001"
	ctx := t.Context()
	hold := func(holder string, want error) {
		t.Helper()
		if _, err := d.AcquireLink(ctx, link, holder); !errors.Is(err, want) {
			t.Errorf("%s: %v, want %v", holder, err, want)
		}
	}
	won := 0
	for _, err := range concurrently(8, func(i int) error { _, err := d.AcquireLink(ctx, link, string(rune('a'+i))); return err }) {
		if err == nil {
			won++
		} else if fault.KindOf(err) != fault.Conflict {
			t.Errorf("%v", err)
		}
	}
	if won != 1 {
		t.Errorf("%d hold the link", won)
	}
	d.advanceClock(2 * dynamo.LinkLease)
	hold("first", nil)
	hold("first", nil)
	hold("second", exchange.ErrLinkBusy)
	if err := d.SaveLink(ctx, link, "first", exchange.LinkState{Next: 7}); err != nil {
		t.Error(err)
	}
	d.advanceClock(dynamo.LinkLease - 1)
	hold("second", exchange.ErrLinkBusy)
	d.advanceClock(2 * dynamo.LinkLease)
	hold("second", nil)
	if err := d.SaveLink(ctx, link, "first", exchange.LinkState{Next: 8}); !errors.Is(err, exchange.ErrLinkBusy) {
		t.Errorf("a holder that lost the link wrote to it: %v", err)
	}
	if err := d.ReleaseLink(ctx, link, "first", exchange.LinkState{Next: 8}); err != nil {
		t.Error(err)
	}
	hold("third", exchange.ErrLinkBusy)
	if err := d.ReleaseLink(ctx, link, "second", exchange.LinkState{Next: 9}); err != nil {
		t.Error(err)
	}
	hold("third", nil)
	if state, err := d.Link(ctx, link); err != nil || state.Next != 9 {
		t.Errorf("%+v, %v", state, err)
	}
}
