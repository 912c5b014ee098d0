// Package carrier sends SMS through a carrier over HTTPS: [New], then [Client.SendSMS].
//
//	client, err := carrier.New(webhook.Endpoint{Name: "acme", URL: "https://…", KeyID: "k1", Secret: secret, Now: time.Now})
//	err = client.SendSMS(ctx, mobile, "【示例云】…", key)
//
// A carrier, or a bridge to one, implements one request. It is signed like SMS replies, after the Standard Webhooks specification, for
// which there are libraries in most languages; in Go, package webhook verifies both.
//
//	POST <endpoint>
//	content-type: application/json
//	x-beian-key: <the id of the secret>
//	webhook-id: 01JORDER-7-0
//	webhook-timestamp: <seconds since 1970>
//	webhook-signature: v1,<base64>
//
//	{"key": "01JORDER-7-0", "to": "+8613800000000", "text": "【示例云】…"}
//
// The text begins with the signature that is registered with the carrier, in 【】 or, in English, in []. The key is an
// idempotency key: a retry after a lost response has the same key. The carrier must remember keys for several days, send each
// message once, and answer a retry as before or with 409. The status means:
//
//	2xx                            accepted; the body is {"key": "01JORDER-7-0"}, other fields are ignored
//	409                            accepted before
//	401, 403, 404, 408, 429, 5xx   not accepted for now; the request is retried about a minute later
//	any other 4xx                  never accepted: the number is wrong or opted out, or the text is refused
//
// Any other response counts as not accepted and is retried: a redirect, a success whose body is longer than 4 KiB or has
// another key, no response within ten seconds.
//
// A carrier also passes on what people reply, as package smsreply says: an SMS with a code asks for a reply, and has no link.
package carrier

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"beian/shared/partners/webhook"
	"beian/shared/rules/contact"
	"beian/shared/rules/fault"
	"beian/shared/rules/strictjson"
)

const (
	timeout   = 10 * time.Second
	maxAnswer = 4 << 10
)

// A Client sends through one carrier. It implements notify.SMSSender.
type Client struct{ endpoint webhook.Endpoint }

// New returns a client of the carrier at an endpoint, whose Timeout and MaxResponse it sets, or an error if the endpoint is not
// https or a field is missing.
func New(e webhook.Endpoint) (*Client, error) {
	e.Timeout, e.MaxResponse = timeout, maxAnswer
	if err := e.Check(); err != nil {
		return nil, fmt.Errorf("SMS carrier: %w", err)
	}
	return &Client{e}, nil
}

type smsRequest struct {
	Key  string `json:"key"`
	To   string `json:"to"` // E.164
	Text string `json:"text"`
}

// SendSMS sends a text to a mainland number. Errors are faults: Unavailable if a retry with the same key may help, Invalid if
// the carrier never sends this SMS. They contain neither number nor text.
func (c *Client) SendSMS(ctx context.Context, to contact.Mobile, text, key string) error {
	body, err := json.Marshal(smsRequest{Key: key, To: "+86" + to.Reveal(), Text: text})
	if err != nil {
		return fault.Wrap(fault.Internal, errors.New("SMS carrier: the request cannot be encoded")) // the cause may quote it
	}
	status, answer, err := c.endpoint.Post(ctx, key, body)
	switch {
	case status == http.StatusConflict, status/100 == 2 && err == nil && confirmsKey(answer, key):
		return nil
	case status/100 == 4 && !slices.Contains(transientStatuses, status):
		return fault.Wrap(fault.Invalid, fmt.Errorf("SMS carrier %s: status %d", c.endpoint.Name, status))
	case err == nil && status/100 == 2:
		err = errors.New("the response does not repeat the key")
	case err == nil:
		err = fmt.Errorf("status %d", status)
	}
	return fault.Wrap(fault.Unavailable, fmt.Errorf("SMS carrier %s: %w", c.endpoint.Name, err))
}

// confirmsKey reports whether a response repeats the key of the message.
func confirmsKey(answer []byte, key string) bool {
	var taken struct {
		Key string `json:"key"`
	}
	return strictjson.Unmarshal(answer, &taken) == nil && taken.Key == key
}

// transientStatuses are the 4xx statuses after which the same SMS may be accepted later: the carrier is busy, or our credentials,
// permissions or address of the carrier are wrong.
var transientStatuses = []int{
	http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound, http.StatusRequestTimeout, http.StatusTooManyRequests,
}
