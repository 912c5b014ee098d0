// Package receiver sends events to the programs of strangers, signed after the Standard Webhooks specification.
//
//	client := receiver.New(dialguard.Guard{}, time.Now)
//	response := client.Send(ctx, receiver.Request{URL: "https://…", ID: id, Body: body, ContentType: "application/cloudevents+json", Secrets: secrets})
//
// It sends only to addresses that the guard allows, follows no redirect, waits at most 15 seconds, and reads nothing of the response but its
// status and Retry-After.
package receiver

import (
	"bytes"
	"context"
	"errors"
	"net"
	"net/http"
	"strconv"
	"time"

	"beian/shared/partners/dialguard"
	"beian/shared/partners/webhook"
)

// Timeout is the time limit of a request.
const Timeout = 15 * time.Second

// A Client sends requests. It is safe for concurrent use.
type Client struct {
	http http.Client
	now  func() time.Time
}

// New returns a client that dials what a guard allows. now is the wall clock.
func New(guard dialguard.Guard, now func() time.Time) *Client {
	return WithTransport(guard.Transport(), now)
}

// WithTransport returns a client that sends over a transport, which must be that of a guard; tests add their certificates to it.
func WithTransport(t http.RoundTripper, now func() time.Time) *Client {
	return &Client{http.Client{
		Transport: t, Timeout: Timeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}, now}
}

// A Request is one event to one endpoint.
type Request struct {
	URL, ContentType string
	ID               string // of the event; the same in each attempt
	Body             []byte
	Secrets          []webhook.Secret // each of them signs
}

// A Failure says why there was no response.
type Failure string

const (
	NoConnection Failure = "no-connection"
	TimedOut     Failure = "timeout"
	NotPublic    Failure = "not-public"
)

// A Response is what an endpoint answered. Status is 0 if it did not, because of Failure.
type Response struct {
	Status     int
	RetryAfter time.Duration // 0 if the endpoint did not ask for one
	Failure    Failure
}

// Send sends a request once. Nothing that the endpoint sends is in the response but what [Response] has.
func (c *Client) Send(ctx context.Context, r Request) Response {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, r.URL, bytes.NewReader(r.Body))
	if err != nil {
		return Response{Failure: NoConnection}
	}
	now := c.now()
	for name, value := range webhook.Sign(r.ID, r.Body, now, r.Secrets...).Map() {
		request.Header.Set(name, value)
	}
	request.Header.Set("Content-Type", r.ContentType)
	request.Header.Set("User-Agent", "Beian-Webhooks/1")
	request.Header.Set("Accept-Encoding", "identity") // no bomb
	response, err := c.http.Do(request)
	if err != nil {
		return Response{Failure: failureOf(err)}
	}
	response.Body.Close() // unread: the connection ends if there is more than the transport has read
	return Response{Status: response.StatusCode, RetryAfter: retryAfter(response.Header.Get("Retry-After"), now)}
}

func failureOf(err error) Failure {
	if _, refused := errors.AsType[*dialguard.RefusedError](err); refused {
		return NotPublic
	}
	if network, ok := errors.AsType[net.Error](err); ok && network.Timeout() {
		return TimedOut
	}
	return NoConnection
}

// retryAfter parses Retry-After: seconds or a date; 0 if it is neither, or in the past.
func retryAfter(text string, now time.Time) time.Duration {
	if seconds, err := strconv.ParseUint(text, 10, 31); err == nil {
		return time.Duration(seconds) * time.Second
	}
	if at, err := http.ParseTime(text); err == nil {
		return max(0, at.Sub(now))
	}
	return 0
}
