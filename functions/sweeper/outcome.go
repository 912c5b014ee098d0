package sweeper

import (
	"context"

	"beian/shared/process/decide"
	"beian/shared/process/figures"
	"beian/shared/process/notify"
)

// An outcome counts what became of a message in one attempt, for the figures.
type outcome struct {
	handler Handler
	entry   decide.OutboxEntry
	first   int // recipient of the attempt
	sum     figures.Delivery
}

func (h Handler) outcomeOf(e decide.OutboxEntry, kind string, lease decide.Lease) *outcome {
	return &outcome{handler: h, entry: e, first: lease.Sent, sum: figures.Delivery{Kind: kind}}
}

// add counts a message that was sent, or that the service never accepts.
func (o *outcome) add(medium notify.Medium, err error) {
	switch {
	case medium == notify.Email && err != nil:
		o.sum.FailedMail++
	case medium == notify.Email:
		o.sum.Mail++
	case err != nil:
		o.sum.FailedSMS++
	default:
		o.sum.SMS++
	}
}

// record stores the numbers. If that fails, they are lost: to send the message again, only to count it, would be worse.
func (o *outcome) record(ctx context.Context) {
	if o.sum == (figures.Delivery{Kind: o.sum.Kind}) {
		return
	}
	if err := o.handler.Outbox.RecordDelivery(context.WithoutCancel(ctx), o.entry.ID, o.first, o.sum, o.handler.Decisions.Now()); err != nil {
		o.handler.Log.WarnContext(ctx, "a message was not counted", "entry", o.entry.ID, "cause", err.Error())
	}
}
