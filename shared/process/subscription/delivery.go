package subscription

import (
	"net/http"
	"strings"
	"time"

	"beian/shared/process/event"
)

// A State is how far a delivery is.
type State string

const (
	Pending   State = "pending"
	Delivered State = "delivered"
	Dead      State = "dead" // no further attempt, until an operator replays it
)

// A Delivery is the delivery of one event to one endpoint.
type Delivery struct {
	Endpoint string      `json:"endpoint"`
	Event    event.Event `json:"event"`
	State    State       `json:"state"`
	Attempts int         `json:"attempts"` // since it was created or replayed
	// CreatedAt, AttemptedAt and NextAt are times of the wall clock. A delivery is not tried before NextAt; the zero time is never.
	CreatedAt   time.Time `json:"createdAt"`
	AttemptedAt time.Time `json:"attemptedAt,omitzero"`
	NextAt      time.Time `json:"nextAt,omitzero"`
	// Status is that of the last response, 0 if there was none, because of Problem.
	Status  int     `json:"status,omitempty"`
	Problem Problem `json:"problem,omitempty"`
	Version int     `json:"version"`
}

// ID returns the id of the delivery at its endpoint. Ids of later events are greater.
func (d Delivery) ID() string { return Since(d.Event.Time) + "~" + d.Event.ID }

// Since returns the cursor of the list of deliveries that begins with the events of a time.
func Since(t time.Time) string { return t.UTC().Format(timeLayout) }

const timeLayout = "2006-01-02T15:04:05.000Z"

// IsCursor reports whether a text is a cursor of a list of deliveries: "", a [Since], or the id of a delivery.
func IsCursor(text string) bool {
	at, _, _ := strings.Cut(text, "~")
	_, err := time.Parse(timeLayout, at)
	return text == "" || err == nil
}

// A Problem says why there was no response.
type Problem string

const (
	NoConnection Problem = "no-connection" // no connection, no valid certificate, or no HTTP
	Timeout      Problem = "timeout"
	NotPublic    Problem = "not-public" // the address is not on the public internet
)

// A Result is the outcome of an attempt.
type Result struct {
	Status     int
	RetryAfter time.Duration // that the response asked for; 0 if it did not
	Problem    Problem
}

// OK reports whether the endpoint has the event.
func (r Result) OK() bool { return r.Status/100 == 2 }

// Gone reports whether the endpoint wants no more events.
func (r Result) Gone() bool { return r.Status == http.StatusGone }

// Overloaded reports whether other events would fail too, so that the endpoint gets none for now.
func (r Result) Overloaded() bool {
	return r.Status == 0 || r.Status == http.StatusTooManyRequests || r.Status >= http.StatusInternalServerError
}

// delays are the times from a failed attempt to the next. Their sum is a little more than three days.
var delays = []time.Duration{5 * time.Second, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour, 5 * time.Hour, 10 * time.Hour, 14 * time.Hour, 20 * time.Hour, 24 * time.Hour}

const (
	// MaxAttempts is the number of attempts before a delivery is dead.
	MaxAttempts = 10
	// maxRetryAfter is the longest time that an endpoint can ask for.
	maxRetryAfter = 24 * time.Hour
	// Lease is how long a delivery belongs to the call that is about to send it.
	Lease = time.Minute
	// Kept is how long a delivery is kept, to be replayed.
	Kept = 30 * 24 * time.Hour
)

// NewDelivery returns the first attempt of a delivery, leased to the caller.
func NewDelivery(endpoint string, e event.Event, now time.Time) Delivery {
	return Delivery{Endpoint: endpoint, Event: e, State: Pending, CreatedAt: now.UTC(), NextAt: now.UTC().Add(Lease), Version: 1}
}

// After returns the delivery after an attempt. jitter, from 0 to 1, spreads the next attempts of deliveries that failed together: a delay becomes up to a
// tenth longer. The endpoint's own Retry-After is respected, if it is longer, up to a day.
func (d Delivery) After(r Result, now time.Time, jitter float64) Delivery {
	d.Attempts++
	d.AttemptedAt, d.NextAt, d.Status, d.Problem = now.UTC(), time.Time{}, r.Status, r.Problem
	switch {
	case r.OK():
		d.State = Delivered
	case r.Gone() || d.Attempts >= MaxAttempts:
		d.State = Dead
	default:
		delay := delays[min(d.Attempts, len(delays))-1]
		delay += time.Duration(jitter * float64(delay) / 10)
		d.NextAt = d.AttemptedAt.Add(max(delay, min(r.RetryAfter, maxRetryAfter)))
	}
	return d
}

// Gone reports whether the last response was 410: the endpoint wants no more events.
func (d Delivery) Gone() bool { return Result{Status: d.Status}.Gone() }

// Replayed returns the delivery to be sent again from now on.
func (d Delivery) Replayed(now time.Time) Delivery {
	d.State, d.Attempts, d.NextAt, d.Status, d.Problem = Pending, 0, now.UTC(), 0, ""
	return d
}
