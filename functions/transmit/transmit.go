// Package transmit is the state Transmit: the application goes into the queue of what is uploaded to the bureau (S19). The
// exchange builds the upload and sends it; see package exchange.
package transmit

import (
	"context"

	"beian/shared/filing"
	"beian/shared/process/decide"
	"beian/shared/process/exchange"
	"beian/shared/process/facts"
)

// A Handler is the state's function.
type Handler struct {
	Decisions *decide.Service
	Facts     *facts.Finder
	IDs       IDs
}

// IDs allocates the ids by which the ministry's interface knows our records. Package dynamo implements it.
type IDs interface {
	// AllocateIDs allocates n consecutive ids and returns the first.
	AllocateIDs(ctx context.Context, n int) (first int64, err error)
}

// Handle hands the application over. Where the bureau could not be asked for the type earlier, it is asked first; an
// order whose type has changed since goes back to the reviewer.
func (h Handler) Handle(ctx context.Context, in decide.Input) (struct{}, error) {
	order, err := h.Decisions.Order(ctx, in.Order)
	if err != nil || order.Step != filing.Transmit {
		return struct{}{}, err
	}
	if order.Provisional {
		if order, err = h.repeat(ctx, order); err != nil || order.Step != filing.Transmit {
			return struct{}{}, err
		}
	}
	first, err := h.IDs.AllocateIDs(ctx, exchange.CountIDs(order))
	if err != nil {
		return struct{}{}, err
	}
	_, err = h.Decisions.Decide(ctx, in.Order, filing.Beian, filing.HandOver{FirstID: first})
	return struct{}{}, err
}

// repeat asks for the type once more. A bureau that is still silent is no reason to wait here: it cannot take the
// upload either, and refuses it later if the type is wrong.
func (h Handler) repeat(ctx context.Context, order filing.Order) (filing.Order, error) {
	facts, provisional, err := h.Facts.Find(ctx, order)
	if err != nil || provisional {
		return order, err
	}
	return h.Decisions.Decide(ctx, order.ID, filing.Beian, filing.RepeatType{Facts: facts})
}
