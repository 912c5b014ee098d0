// Package decide carries out decisions about orders. [Service.Decide] loads an order, applies a decision, stores the change
// and notifies the state machine:
//
//	order, err := decisions.Decide(ctx, id, filing.Beian, filing.AnnounceResult{})
//
// This is the only way to change an order. The function of a state that waits for a decision calls [Service.Wait].
//
// The effects of a decision (start or resume an execution, send a message, upload a record) are outbox entries, which the store
// writes in the same transaction. Decide delivers the entries for the state machine at once. If that fails, the entry stays in the
// outbox, or is added to it if it was derived, and the sweeper delivers it later. A second delivery has no further effect; see filing.Order.Outcome.
package decide

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"beian/shared/filing"
	"beian/shared/filing/register"
	"beian/shared/rules/fault"
)

// A Service carries out decisions. All fields are required. It is safe for concurrent use.
type Service struct {
	Store   Store
	Machine Machine
	// Now is the clock of decisions.
	Now func() time.Time
	Log *slog.Logger
}

// maxAttempts is how often a decision is applied if concurrent decisions change the order.
const maxAttempts = 6

// Preconditions lists what must hold for a decision: order version, idempotency key, owner and limits. The zero value requires nothing.
type Preconditions struct {
	// Version is the version of the order that the caller decided on; 0 is any. If the order has another version, the error is a fault of
	// kind Stale.
	Version int
	// Request has the caller's idempotency key. A repeated request returns the order and the first result, without another decision.
	Request Request
	// Owner is the account that must own the order; "" is any. If another account owns it, the error is a fault of kind NotFound.
	Owner filing.Account
	// Claim requires of staff a valid claim of the order.
	Claim bool
	// Admit, if not nil, is called with the order before each attempt, and returns the actor with the consent by which they act for the order's
	// subject. Its error prevents the decision.
	Admit func(ctx context.Context, o filing.Order, by filing.Actor) (filing.Actor, error)
	// InState says that the caller is the function of the machine's present state, whose end moves the execution on: no other task waits for the order.
	InState bool
	// Permit, if not nil, is called once before a decision that was not made before by the same request. Its error prevents the decision.
	Permit func(context.Context) error
}

// check returns a fault if the order does not meet the preconditions. Whether the actor may decide comes before the version.
func (p Preconditions) check(o filing.Order, by filing.Actor, at time.Time) error {
	if p.Owner != "" && o.Account != p.Owner {
		return errNotOwner
	}
	if by.Staff() {
		if err := o.CheckStaff(by, p.Claim, at); err != nil {
			return err
		}
	}
	if p.Version != 0 && o.Version != p.Version {
		return errStale
	}
	return nil
}

// admit calls Admit.
func (p Preconditions) admit(ctx context.Context, o filing.Order, by filing.Actor) (filing.Actor, error) {
	if p.Admit == nil {
		return by, nil
	}
	return p.Admit(ctx, o, by)
}

// permit calls Permit at its first call.
func (p *Preconditions) permit(ctx context.Context) error {
	if p.Permit == nil {
		return nil
	}
	permit := p.Permit
	p.Permit = nil
	return permit(ctx)
}

var (
	errNotOwner = fault.New(fault.NotFound, "找不到这份备案订单，请在订单列表中重新打开。", "There is no such order.")
	errStale    = fault.New(fault.Stale, "您打开页面以后，订单有了变化；请刷新页面，核对后再提交。", "The order has changed since; read it again and decide anew.")
)

// Order returns an order. The error is a fault of kind NotFound if there is none.
func (s *Service) Order(ctx context.Context, id filing.ID) (filing.Order, error) {
	return s.Store.Order(ctx, id)
}

// Decide carries out a decision and returns the order after it. If the decision was made before, Decide changes nothing and returns no
// error. For a decision that is recorded although it failed, such as a wrong SMS code, it returns the order and a [filing.Failure]. The order that it returns lacks Private after
// a decision that leaves it; see [filing.LeavesPrivate].
func (s *Service) Decide(ctx context.Context, id filing.ID, by filing.Actor, decision filing.Decision) (filing.Order, error) {
	return s.DecideWith(ctx, id, by, decision, Preconditions{})
}

// DecideWith is Decide with preconditions.
func (s *Service) DecideWith(ctx context.Context, id filing.ID, by filing.Actor, decision filing.Decision, pre Preconditions) (filing.Order, error) {
	var order filing.Order
	var err error
	repeated := s.CheckRepeated(ctx, pre.Request, func() { order, err = s.read(ctx, id, decision) })
	if repeated != nil {
		return s.resolveRepeated(ctx, repeated, pre)
	}
	if err != nil {
		return filing.Order{}, err
	}
	return s.DecideOn(ctx, order, by, decision, pre)
}

// CheckRepeated returns a [RepeatedError] if a request was carried out before. Meanwhile it calls read, which reads what the request needs otherwise.
func (s *Service) CheckRepeated(ctx context.Context, r Request, read func()) error {
	var checking errgroup.Group
	checking.Go(func() error { return s.Store.CheckRepeated(ctx, r) })
	read()
	return checking.Wait()
}

// read returns an order with what a decision needs of it.
func (s *Service) read(ctx context.Context, id filing.ID, decision filing.Decision) (filing.Order, error) {
	if filing.LeavesPrivate(decision) {
		return s.Store.OrderSealed(ctx, id)
	}
	return s.Store.Order(ctx, id)
}

// DecideOn is DecideWith for an order that the caller has read. The caller must have checked that the request is not repeated. If a
// concurrent decision has changed the order since, DecideOn reads it again.
func (s *Service) DecideOn(ctx context.Context, order filing.Order, by filing.Actor, decision filing.Decision, pre Preconditions) (filing.Order, error) {
	for range maxAttempts {
		if err := pre.check(order, by, s.Now()); err != nil {
			return s.unlessRepeated(ctx, err, pre)
		}
		by, err := pre.admit(ctx, order, by)
		if err != nil {
			return filing.Order{}, err
		}
		if err := pre.permit(ctx); err != nil {
			return filing.Order{}, err
		}
		change, err := s.Preview(ctx, order, by, decision)
		if errors.Is(err, filing.ErrNothingToDo) {
			return order, nil
		}
		if err != nil {
			return s.unlessRepeated(ctx, err, pre)
		}
		change.ResumeExecution = change.ResumeExecution && !pre.InState
		after, err := s.commit(ctx, order, change, pre)
		if fault.KindOf(err) != fault.Stale {
			return after, err
		}
		if order, err = s.read(ctx, order.ID, decision); err != nil {
			return filing.Order{}, err
		}
	}
	return filing.Order{}, fault.Contended(nil)
}

// unlessRepeated returns an error, or the result of the same request if that was carried out since the caller checked that it is not repeated: it may have
// released the claim that this one needs.
func (s *Service) unlessRepeated(ctx context.Context, err error, pre Preconditions) (filing.Order, error) {
	if repeated := s.Store.CheckRepeated(ctx, pre.Request); repeated != nil {
		return s.resolveRepeated(ctx, repeated, pre)
	}
	return filing.Order{}, err
}

// Preview returns the change that a decision would make now, by the code tables in force. It stores nothing. The error is that of
// [filing.Order.Apply], or one of the store.
func (s *Service) Preview(ctx context.Context, order filing.Order, by filing.Actor, decision filing.Decision) (filing.Change, error) {
	if filing.ChecksCodes(decision) {
		var err error
		if order.Codes, err = s.Store.CodeTables(ctx); err != nil {
			return filing.Change{}, err
		}
	}
	if filing.ReadsRegister(decision) {
		var err error
		if order.Register, err = s.Store.FilingOf(ctx, order.SubjectKey); err != nil {
			return filing.Change{}, err
		}
	}
	if order.ReadsConsent(decision) {
		var err error
		if order.Consent, err = s.Store.ConsentOf(ctx, register.Account(order.Account), order.AgentFor); err != nil {
			return filing.Change{}, err
		}
	}
	return order.Apply(decision, by, s.Now())
}

// Create stores a new order. It sets n.Codes. An opening with findings is refused before pre.Permit is called. If concurrent requests write the
// same lock or idempotency key, it tries again.
func (s *Service) Create(ctx context.Context, n filing.OpenInput, by filing.Actor, pre Preconditions) (filing.Order, error) {
	var err error
	repeated := s.CheckRepeated(ctx, pre.Request, func() { n.Codes, err = s.Store.CodeTables(ctx) })
	if repeated != nil {
		return s.resolveRepeated(ctx, repeated, pre)
	}
	if err != nil {
		return filing.Order{}, err
	}
	change, err := filing.Open(n, by, s.Now())
	if err != nil {
		return filing.Order{}, err
	}
	if err := pre.permit(ctx); err != nil {
		return filing.Order{}, err
	}
	for range maxAttempts {
		after, err := s.commit(ctx, filing.Order{}, change, pre)
		if fault.KindOf(err) != fault.Stale {
			return after, err
		}
	}
	return filing.Order{}, fault.Contended(nil)
}

// commit stores a change of an order and delivers its outbox entries for the state machine. Meanwhile it reads which task waits for the order.
func (s *Service) commit(ctx context.Context, before filing.Order, change filing.Change, pre Preconditions) (filing.Order, error) {
	var task WaitingTask
	var reading sync.WaitGroup
	if change.ResumeExecution {
		reading.Go(func() { task, _ = s.Store.WaitingTask(ctx, before.ID) }) // notifyMoved reads again what is missing
	}
	entries, err := s.Store.Commit(ctx, change, pre.Request)
	reading.Wait()
	if err != nil {
		return s.resolveRepeated(ctx, err, pre)
	}
	for _, e := range entries {
		if err := s.notifyNow(ctx, e, before, change.Order, task); err != nil {
			s.Log.WarnContext(ctx, "the state machine was not notified; the sweeper notifies it later", "order", e.Order, "entry", e.ID, "cause", err.Error())
			if e.Derived {
				if err := s.Store.AddEntry(ctx, e); err != nil {
					s.Log.WarnContext(ctx, "the notification is not in the outbox; the watch finds the order", "order", e.Order, "entry", e.ID, "cause", err.Error())
				}
			}
		}
	}
	if change.Failure != nil {
		return change.Order, change.Failure
	}
	return change.Order, nil
}

// notifyNow delivers an outbox entry of a decision that was just stored, using what is in memory: the order before and after the decision, and the task that waited
// for it. It ignores entries that are not for the state machine; the sweeper and the exchange deliver them.
func (s *Service) notifyNow(ctx context.Context, e OutboxEntry, before, order filing.Order, task WaitingTask) error {
	var err error
	switch e.Kind {
	case StartExecution:
		err = s.Start(ctx, order)
	case ResumeExecution:
		err = s.notifyMoved(ctx, before, order, task)
	default:
		return nil
	}
	if err != nil || e.Derived {
		return err
	}
	return s.Store.DeleteEntry(ctx, e.ID)
}

// resolveRepeated returns the order and the result of a repeated request. It returns other errors unchanged.
func (s *Service) resolveRepeated(ctx context.Context, err error, pre Preconditions) (filing.Order, error) {
	var repeated *RepeatedError
	if !errors.As(err, &repeated) {
		return filing.Order{}, err
	}
	order, err := s.Store.Order(ctx, repeated.Order)
	if err == nil && pre.Owner != "" && order.Account != pre.Owner {
		return filing.Order{}, errNotOwner
	}
	if err == nil {
		if _, err := pre.admit(ctx, order, filing.Actor{}); err != nil {
			return filing.Order{}, err
		}
	}
	if err == nil && repeated.Failure != nil {
		return order, repeated.Failure
	}
	return order, err
}
