// Package transmit is the function of the state Transmit: it queues the application for upload to the bureau (S19), or for an operator if the
// provider files by hand or the ministry's interface cannot carry it. Package exchange builds and sends the upload.
package transmit

import (
	"context"

	"beian/shared/filing"
	"beian/shared/process/decide"
	"beian/shared/process/domaincheck"
	"beian/shared/process/exchange"
	"beian/shared/process/facts"
)

// A Handler is the function. Start with Handle.
type Handler struct {
	Decisions *decide.Service
	Facts     *facts.Finder
	Domains   *domaincheck.Finder
	IDs       IDs
	// ByHand says that nothing is uploaded: operators enter applications into the bureau's console. They always enter those that the ministry's
	// interface cannot carry.
	ByHand bool
}

// IDs allocates the ids of our records in the ministry's interface. Package dynamo implements it.
type IDs interface {
	// AllocateIDs allocates n consecutive ids and returns the first.
	AllocateIDs(ctx context.Context, n int) (first int64, err error)
}

var inState = decide.Preconditions{InState: true}

// Handle queues the upload. It first looks up the domains again if what is known about them is more than a day old: a domain may have expired
// or changed its holder since, and the order then goes back to the applicant. If the type is provisional because the bureau did
// not answer, Handle asks again. An order of another type goes back to VerifyType, and one with a wrong filing password to the confirmation; the
// applicant confirms both once more. A second call has no effect.
func (h Handler) Handle(ctx context.Context, in decide.Input) (struct{}, error) {
	order, err := h.Decisions.Order(ctx, in.Order)
	if err != nil || order.Step != filing.Transmit {
		return struct{}{}, err
	}
	if order, err = h.Domains.Recheck(ctx, h.Decisions, order); err != nil || order.Step != filing.Transmit {
		return struct{}{}, err
	}
	if order.Provisional {
		if order, err = h.recheckType(ctx, order); err != nil || order.Step != filing.Transmit {
			return struct{}{}, err
		}
	}
	if h.ByHand || order.ConsoleOnly() {
		_, err = h.Decisions.DecideOn(ctx, order, filing.Beian, filing.QueueUpload{ByHand: true}, inState)
		return struct{}{}, err
	}
	if order, err = h.Facts.SettlePassword(ctx, h.Decisions, order); err != nil || order.Step != filing.Transmit {
		return struct{}{}, err
	}
	first, err := h.IDs.AllocateIDs(ctx, exchange.CountIDs(order))
	if err != nil {
		return struct{}{}, err
	}
	_, err = h.Decisions.DecideOn(ctx, order, filing.Beian, filing.QueueUpload{FirstID: first}, inState)
	return struct{}{}, err
}

// recheckType determines the type again. It does not block if the bureau is unreachable: the bureau rejects a wrong type later.
func (h Handler) recheckType(ctx context.Context, order filing.Order) (filing.Order, error) {
	facts, provisional, err := h.Facts.Find(ctx, order)
	if err != nil || provisional {
		return order, err
	}
	return h.Decisions.DecideOn(ctx, order, filing.Beian, filing.RepeatType{Facts: facts}, inState)
}
