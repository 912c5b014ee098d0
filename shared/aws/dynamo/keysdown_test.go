package dynamo_test

import (
	"context"
	"sync/atomic"
	"testing"

	"beian/shared/filing"
	"beian/shared/process/decide"
	"beian/shared/process/envelope"
	"beian/shared/rules/fault"
)

// A brokenKeyService cannot unwrap keys. It counts the attempts.
type brokenKeyService struct {
	envelope.KeyService
	unwraps atomic.Int64
}

func (s *brokenKeyService) Unwrap(context.Context, string, []byte) ([]byte, error) {
	s.unwraps.Add(1)
	return nil, fault.New(fault.Unavailable, "暂时无法解密。", "The key cannot be unwrapped now.")
}

// keysDown: while the key service is down, reading an order asks it once and fails, and an erased order is read all the same.
func keysDown(t *testing.T, d *fixture) {
	order, erased := d.commit(d.opening(10970)), d.opening(10971)
	erased.Order.Erasure = &filing.Erasure{At: d.now()}
	if _, err := d.Commit(t.Context(), erased, decide.Request{}); err != nil {
		t.Fatal(err)
	}
	broken := &brokenKeyService{}
	d.Encrypter = envelope.New(broken, d.keys, d.now)
	_, err := d.Order(t.Context(), order.ID)
	d.wantFault(err, fault.Unavailable, "")
	if n := broken.unwraps.Load(); n != 1 {
		t.Errorf("the key service was asked %d times", n)
	}
	if _, err := d.Order(t.Context(), erased.Order.ID); err != nil {
		t.Errorf("the erased order: %v", err)
	}
	_, err = d.Order(t.Context(), "no-such-order")
	d.wantFault(err, fault.NotFound, "")
}
