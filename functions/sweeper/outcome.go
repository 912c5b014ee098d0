package sweeper

import (
	"context"
	"strings"

	"beian/shared/filing/register"
	"beian/shared/filing/upkeep"
	"beian/shared/partners/mailrelay"
	"beian/shared/process/decide"
	"beian/shared/process/figures"
	"beian/shared/process/notify"
	"beian/shared/rules/fault"
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
		o.handler.reportUndelivered(context.WithoutCancel(ctx), o.sum.Filing)
	}
}

// A Bounce is an email that the recipient's server refused after the mail service had accepted it. It names no recipient.
type Bounce struct {
	Key   string `json:"key"`   // of the message, as [notify.Messenger] passed it on
	Email string `json:"email"` // the mail service's id of the email
	// MessageID is what a mail relay knows instead of both: the Message-ID of the email, which begins with the key.
	MessageID string `json:"messageId,omitempty"`
}

// countBounce counts a bounce, for the figures, on the day on which it is reported.
func (h Handler) countBounce(ctx context.Context, b Bounce) error {
	if b.MessageID != "" {
		b.Key, b.Email = mailrelay.KeyOf(b.MessageID)
	}
	if b.Key == "" {
		h.Log.WarnContext(ctx, "an email bounced that Beian did not send")
		return nil
	}
	entry := strings.Replace(b.Key, "_", "#", 1) // undoes what the messenger did to the entry's id
	about, known, err := h.Outbox.RecordBounce(ctx, entry, b.Email, h.Decisions.Now())
	if err == nil && !known {
		h.Log.WarnContext(ctx, "an email bounced that was not counted before", "key", b.Key)
	}
	h.reportUndelivered(ctx, about)
	return err
}

// reportUndelivered has the filing of a reminder say that its contact gets no messages. It does nothing for "".
func (h Handler) reportUndelivered(ctx context.Context, about register.ID) {
	if about == "" {
		return
	}
	if _, err := h.Duties.Record(ctx, about, upkeep.ReportUndelivered{}); err != nil && fault.KindOf(err) != fault.Conflict { // else it is cancelled
		h.Log.WarnContext(ctx, "a reminder did not arrive, which the filing does not say", "filing", about, "cause", err.Error())
	}
}
