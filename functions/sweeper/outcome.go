package sweeper

import (
	"context"

	"beian/shared/filing/register"
	"beian/shared/process/bounce"
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
	o := &outcome{handler: h, entry: e, first: lease.Sent, sum: figures.Delivery{Kind: kind}}
	if e.Register.Kind == register.NoticeDuties {
		o.sum.Filing = e.Register.Filing
	}
	return o
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
	if o.sum == (figures.Delivery{Kind: o.sum.Kind, Filing: o.sum.Filing}) {
		return
	}
	if err := o.handler.Outbox.RecordDelivery(context.WithoutCancel(ctx), o.entry.ID, o.first, o.sum, o.handler.Decisions.Now()); err != nil {
		o.handler.Log.WarnContext(ctx, "a message was not counted", "entry", o.entry.ID, "cause", err.Error())
	}
	if o.sum.FailedMail+o.sum.FailedSMS > 0 {
		if err := o.handler.Duties.ReportUndelivered(context.WithoutCancel(ctx), o.sum.Filing); err != nil {
			o.handler.Log.WarnContext(ctx, "a reminder did not arrive, which the filing does not say", "filing", o.sum.Filing, "cause", err.Error())
		}
	}
}

// A Bounce is an email that the recipient's server refused after SES had accepted it. It names no recipient.
type Bounce struct {
	Key   string `json:"key"`   // of the message, as [notify.Messenger] passed it on
	Email string `json:"email"` // SES's id of the email
}

func (h Handler) countBounce(ctx context.Context, b Bounce) error {
	_, err := bounce.Counter{Store: h.Outbox, Duties: h.Duties, Now: h.Decisions.Now, Log: h.Log}.Count(ctx, b.Key, b.Email)
	return err
}
