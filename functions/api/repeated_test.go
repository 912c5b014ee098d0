package api_test

import (
	"context"
	"sync/atomic"
	"testing"

	"beian/shared/filing"
	"beian/shared/filing/filingtest"
	"beian/shared/process/decide"
)

// A delayedStore carries out another request between the reading of an order and the check whether its request is repeated.
type delayedStore struct {
	decide.Store
	checks, reads atomic.Int64
	checked, done chan struct{}
	between       func()
}

func (s *delayedStore) CheckRepeated(ctx context.Context, r decide.Request) error {
	if s.checks.Add(1) == 1 {
		close(s.checked)
		<-s.done
	}
	return s.Store.CheckRepeated(ctx, r)
}

func (s *delayedStore) Order(ctx context.Context, id filing.ID) (filing.Order, error) {
	o, err := s.Store.Order(ctx, id)
	if s.reads.Add(1) == 1 {
		<-s.checked
		s.between()
		close(s.done)
	}
	return o, err
}

// repeatedMeanwhile: a request is carried out after its repetition has read the order. The repetition returns the order after the decision.
func repeatedMeanwhile(t *testing.T, f *fixture) {
	id := f.orderAt(filingtest.EnterpriseBeijing(), filing.VerifyProduct)
	f.putServer("server-1", "account-1")
	var first answer
	choose := func() answer {
		return f.applicant().do("PUT /orders/"+id+"/product", map[string]any{"server": "server-1"}, "idempotency-key", "k1").wantStatus(200)
	}
	f.decisions.Store = &delayedStore{Store: f.store, checked: make(chan struct{}), done: make(chan struct{}), between: func() { first = choose() }}
	second := choose().wantValue("server-1", "product", "server").wantValue("CollectDetails", "step")
	if first.headers["Etag"] != second.headers["Etag"] {
		t.Errorf("ETag %s, and %s of the repetition", first.headers["Etag"], second.headers["Etag"])
	}
}
