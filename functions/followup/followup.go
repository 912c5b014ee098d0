// Package followup is the function of the state FollowUp: it records the applicant's duties after approval with their dates: the number
// in the footer, the public-security filing, the commercial licence (S21 to S24). If the order belongs to an accepted plan, it opens the next.
// It also counts how long the order was at each step, from which applicants learn how long a step usually takes.
package followup

import (
	"context"
	"crypto/rand"

	"beian/shared/filing"
	"beian/shared/process/decide"
	"beian/shared/rules/fault"
)

// A Handler is the function. Start with Handle.
type Handler struct {
	Decisions *decide.Service
	History   History
}

// History has what happened to orders. Package dynamo implements it.
type History interface {
	// Ledger returns the ledger of an order, oldest entry first.
	Ledger(ctx context.Context, id filing.ID) ([]filing.Entry, error)
}

// Handle stores the duties in an approved order, and opens the next order of its plan. A second call has no effect, nor has one after a refusal.
func (h Handler) Handle(ctx context.Context, in decide.Input) (struct{}, error) {
	entries, err := h.History.Ledger(ctx, in.Order)
	if err != nil {
		return struct{}{}, err
	}
	o, err := h.Decisions.Decide(ctx, in.Order, filing.Beian, filing.SetDuties{Visits: filing.Visits(entries)})
	if err != nil || o.Bureau == nil || !o.Bureau.Approved {
		return struct{}{}, err
	}
	return struct{}{}, h.openNext(ctx, o)
}

// openNext opens the next order of the plan, whose id is in the plan, unless it is open already. If it cannot be opened, the plan ends.
func (h Handler) openNext(ctx context.Context, o filing.Order) error {
	next, more := o.NextPlanned()
	if !more || o.Erasure != nil {
		return nil
	}
	if opened, err := h.isOpen(ctx, next.ID); err != nil || opened {
		return err
	}
	o, err := h.Decisions.Order(ctx, o.ID) // with what its applicant gave
	if err != nil {
		return err
	}
	filed, err := h.Decisions.Store.FilingOf(ctx, o.SubjectKey)
	if err != nil {
		return err
	}
	_, err = h.Decisions.Create(ctx, o.NextOpening(filed, rand.Text()), filing.Beian, decide.Preconditions{})
	if fault.Of(err).Findings.Has(filing.CodePlanEnded) { // the applicant cancelled the rest meanwhile
		return nil
	}
	refused := fault.KindOf(err) == fault.Invalid || fault.KindOf(err) == fault.Conflict
	if err == nil || !refused {
		return err
	}
	if opened, err := h.isOpen(ctx, next.ID); err != nil || opened { // by another call at the same time, which has the locks
		return err
	}
	_, err = h.Decisions.Decide(ctx, o.ID, filing.Beian, filing.StopPlan{Findings: fault.Of(err).Findings})
	if fault.Of(err).Findings.Has(filing.CodePlanEnded) { // another call opened it meanwhile
		return nil
	}
	return err
}

func (h Handler) isOpen(ctx context.Context, id filing.ID) (bool, error) {
	_, err := h.Decisions.Store.OrderState(ctx, id)
	if fault.KindOf(err) == fault.NotFound {
		return false, nil
	}
	return err == nil, err
}
