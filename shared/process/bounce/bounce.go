// Package bounce counts bounces: emails that the recipient's server refused after the mail service had accepted them. SES reports them by an event (function
// sweeper), mail servers and other services by a webhook (function mailbounce):
//
//	known, err := bounce.Counter{Store: store, Duties: duties, Now: now, Log: log}.Count(ctx, key, email)
package bounce

import (
	"context"
	"log/slog"
	"strings"
	"time"

	"beian/shared/filing/register"
	"beian/shared/process/duties"
)

// A Store keeps the figures of messages. Package dynamo implements it.
type Store interface {
	// RecordBounce stores once that an email with the message of an entry bounced, and returns the filing of which it reminded, "" if none. known is false if no
	// email with the message was recorded, or it is forgotten, or all bounced before.
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
// is false if no email with the message was sent in the last 60 days, or all of them bounced before.
func (c Counter) Count(ctx context.Context, key, email string) (known bool, err error) {
	var about register.ID
	if key != "" { // else Beian did not send it
		entry := strings.Replace(key, "_", "#", 1) // undoes what the messenger did to the entry's id
		if about, known, err = c.Store.RecordBounce(ctx, entry, email, c.Now()); err != nil {
			return false, err
		}
	}
	if !known {
		c.Log.WarnContext(ctx, "an email bounced that was not counted before")
		return false, nil
	}
	return true, c.Duties.ReportUndelivered(ctx, about)
}
