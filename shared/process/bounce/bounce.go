// Package bounce counts bounces: emails that the recipient's server refused after the mail service had accepted them. SES reports them by an event (function
// sweeper), mail servers and other services by a webhook (function mailbounce):
//
//	known, err := bounce.Counter{Store: store, Duties: duties, Now: now, Log: log}.Count(ctx, key, email)
package bounce

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"time"

	"beian/shared/filing/register"
	"beian/shared/process/duties"
	"beian/shared/rules/fault"
)

// CountedWithin is the time after which the emails of a message that is due are counted at the latest, unless something failed: a function that died while it sent the message holds its lease
// for a minute. Lambda repeats a bounce of SES for the last time three minutes after the first, so that a bounce that it gives up is logged as an error.
const CountedWithin = 2 * time.Minute

// ErrNotCounted is returned for a bounce of an email that is not counted yet, because its message is being sent. Nothing failed: the bounce has to be reported again.
var ErrNotCounted = fault.New(fault.Unavailable, "这封邮件还没有记入发送记录，请稍后再次发送退信。", "The email is not counted yet. Report the bounce again later.")

// A Store keeps the figures of messages. Package dynamo implements it.
type Store interface {
	// RecordBounce stores once that an email with the message of an entry bounced, and returns the filing of which it reminded, "" if none. known is false if no
	// email with the message was recorded, or it is forgotten, or all bounced before. The error is ErrNotCounted while the message is being sent, for CountedWithin at most.
	RecordBounce(ctx context.Context, entry, email string, at time.Time) (about register.ID, known bool, err error)
}

// A Counter counts bounces. Start with Count.
type Counter struct {
	Store  Store
	Duties *duties.Service
	Now    func() time.Time
	Log    *slog.Logger
}

// Count counts a bounce, for the figures, on the day on which it is first reported, and has the filing of a reminder say that its contact gets no messages. A repeated
// call has no further effect, also after an error. Key is that of the message, as [beian/shared/process/notify.Messenger] passed it on; email tells the emails with the message apart. known
// is false if no email with the message was sent in the last 60 days, or all of them bounced before. After an error, which Count logs, the bounce has to be reported again: it is logged as an
// error, which an alarm counts, unless it is [ErrNotCounted] or caused by [fault.ErrContention].
func (c Counter) Count(ctx context.Context, key, email string) (known bool, err error) {
	known, err = c.count(ctx, key, email)
	switch {
	case errors.Is(err, ErrNotCounted) || errors.Is(err, fault.ErrContention):
		c.Log.WarnContext(ctx, "a bounce has to be reported again", "cause", err.Error())
	case err != nil:
		c.Log.ErrorContext(ctx, "a bounce could not be counted", "cause", err.Error())
	case !known:
		c.Log.WarnContext(ctx, "an email bounced that was not counted before")
	}
	return known, err
}

func (c Counter) count(ctx context.Context, key, email string) (known bool, err error) {
	if key == "" { // Beian did not send it
		return false, nil
	}
	entry := strings.Replace(key, "_", "#", 1) // undoes what the messenger did to the entry's id
	about, known, err := c.Store.RecordBounce(ctx, entry, email, c.Now())
	if err != nil || !known {
		return false, err
	}
	return true, c.Duties.ReportUndelivered(ctx, about)
}
