// Package desk carries decisions out: it loads an order, applies a decision, stores the change, and tells the state
// machine. It is the one way in which handlers change an order.
//
// What a decision sets off (an execution to start or resume, a message, an upload) is written into the outbox in the
// same transaction. Executions are told at once, by whoever stored the decision; if that fails the entry stays, and
// the sweeper tells them later. Telling twice does no harm, see filing.Order.Outcome.
package decide

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sfn"

	"beian/shared/aws/dynamo"
	"beian/shared/filing"
	"beian/shared/rules/fault"
)

// A Service is where decisions are carried out.
type Service struct {
	Store *dynamo.Store
	// Machine is Step Functions; StateMachine the ARN of the filing machine there.
	Machine      *sfn.Client
	StateMachine string
	// Now is the clock by which decisions are made.
	Now func() time.Time
	Log *slog.Logger
}

// tries is how often a decision is made anew when somebody else decided first.
const tries = 6

// errBusy is the fault when the order never stood still.
var errBusy = fault.New(fault.Unavailable, "订单正在被同时处理，请稍后重试。", "The order is being worked on at the same moment; try again shortly.")

// A Preconditions is what a caller holds a decision to. The zero value is nothing.
type Preconditions struct {
	// Version is the version of the order that the caller decided on; 0 is any. Another is a fault of kind Stale.
	Version int
	// Request makes a repeated call a repetition instead of a second decision.
	Request dynamo.Request
	// Owner is the account that the order has to belong to; "" is any. To others it does not exist.
	Owner filing.Account
}

var (
	errNotTheirs = fault.New(fault.NotFound, "找不到这份备案订单。", "There is no such order.")
	errStale     = fault.New(fault.Stale, "订单已被更新，请重新读取后再提交。", "The order has changed since; read it again and decide anew.")
)

// Decide carries out a decision and returns the order after it. A decision that was made before changes nothing and
// is no error. A decision that was recorded although it failed, such as a wrong SMS code, returns the order and a
// [filing.Failure].
func (d *Service) Decide(ctx context.Context, id filing.ID, by filing.Actor, decision filing.Decision) (filing.Order, error) {
	return d.DecideWith(ctx, id, by, decision, Preconditions{})
}

// DecideWith is Decide with demands.
func (d *Service) DecideWith(ctx context.Context, id filing.ID, by filing.Actor, decision filing.Decision, demand Preconditions) (filing.Order, error) {
	if err := d.Store.Repeated(ctx, demand.Request); err != nil {
		return d.repeated(ctx, err, demand)
	}
	for range tries {
		order, err := d.Store.Order(ctx, id)
		switch {
		case err != nil:
			return filing.Order{}, err
		case demand.Owner != "" && order.Account != demand.Owner:
			return filing.Order{}, errNotTheirs
		case demand.Version != 0 && order.Version != demand.Version:
			return filing.Order{}, errStale
		}
		change, err := order.Apply(decision, by, d.Now())
		if errors.Is(err, filing.ErrNothingToDo) {
			return order, nil
		}
		if err != nil {
			return filing.Order{}, err
		}
		order, err = d.store(ctx, change, demand)
		if fault.KindOf(err) != fault.Stale {
			return order, err
		}
	}
	return filing.Order{}, errBusy
}

// Create stores a new order.
func (d *Service) Create(ctx context.Context, n filing.New, by filing.Actor, demand Preconditions) (filing.Order, error) {
	if err := d.Store.Repeated(ctx, demand.Request); err != nil {
		return d.repeated(ctx, err, demand)
	}
	change, err := filing.Open(n, by, d.Now())
	if err != nil {
		return filing.Order{}, err
	}
	return d.store(ctx, change, demand)
}

func (d *Service) store(ctx context.Context, change filing.Change, demand Preconditions) (filing.Order, error) {
	entries, err := d.Store.Commit(ctx, change, demand.Request)
	if err != nil {
		return d.repeated(ctx, err, demand)
	}
	for _, e := range entries {
		if err := d.notifyNow(ctx, e, change.Order); err != nil {
			d.Log.WarnContext(ctx, "the machine could not be told; the sweeper will", "order", e.Order, "entry", e.ID, "cause", err.Error())
		}
	}
	if change.Failure != nil {
		return change.Order, change.Failure
	}
	return change.Order, nil
}

// notifyNow tells the machine of a decision that was stored this moment, with the order in hand. Other entries wait for
// the sweeper or the exchange.
func (d *Service) notifyNow(ctx context.Context, e dynamo.Entry, order filing.Order) error {
	switch e.Kind {
	case dynamo.Start:
		return d.Deliver(ctx, e)
	case dynamo.Resume:
		wait, err := d.Store.Waiting(ctx, order.ID)
		if err != nil {
			return err
		}
		if wait.Token != "" {
			if err := d.followOrder(ctx, wait, order); err != nil {
				return err
			}
		}
		return d.Store.Delivered(ctx, e)
	}
	return nil
}

// repeated returns the order of a request that was carried out before, and any other error as it is.
func (d *Service) repeated(ctx context.Context, err error, demand Preconditions) (filing.Order, error) {
	var before *dynamo.ErrRepeated
	if !errors.As(err, &before) {
		return filing.Order{}, err
	}
	order, err := d.Store.Order(ctx, before.Order)
	if err == nil && demand.Owner != "" && order.Account != demand.Owner {
		return filing.Order{}, errNotTheirs
	}
	if err == nil && before.Failure != nil {
		return order, before.Failure
	}
	return order, err
}
