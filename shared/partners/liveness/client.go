// Package liveness asks a liveness provider over HTTPS.
//
// The request is a signed JSON POST: challenge id, moves, recording and portrait in base64, and nothing that names the
// person. It is signed as replies to SMS are (see package webhook): HMAC-SHA256 over timestamp, a full stop and body.
// The answer is a JSON object {"challenge", "passed", "score", "reason"} of at most 64 KiB that repeats the challenge's
// id. An adapter in front of a particular product translates to these two.
package liveness

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"beian/shared/partners/webhook"
	"beian/shared/rules/evidence"
	"beian/shared/rules/fault"
	"beian/shared/rules/finding"
	"beian/shared/rules/liveness"
)

const (
	timeout   = 20 * time.Second
	maxAnswer = 64 << 10
)

// Config says where the provider is.
type Config struct {
	Name     string // of the provider, kept with each result
	Endpoint string // https; plain http is for this machine only
	KeyID    string
	Secret   []byte
	Now      func() time.Time
	// Transport is the way out; nil is the usual one.
	Transport http.RoundTripper
}

// A Client is a [Provider].
type Client struct {
	name     string
	endpoint webhook.Endpoint
}

var _ Provider = (*Client)(nil)

// New makes a client; it refuses an endpoint to which faces would travel in clear, and an empty secret or name.
func New(c Config) (*Client, error) {
	e := webhook.Endpoint{URL: c.Endpoint, KeyID: c.KeyID, Secret: c.Secret, Now: c.Now, Timeout: timeout, MaxAnswer: maxAnswer, Transport: c.Transport}
	if err := e.Check(); err != nil {
		return nil, fmt.Errorf("liveness: %w", err)
	}
	if c.Name == "" {
		return nil, errors.New("liveness: the name is missing")
	}
	return &Client{c.Name, e}, nil
}

type question struct {
	Challenge string            `json:"challenge"`
	Actions   []liveness.Action `json:"actions"`
	Capture   []byte            `json:"capture"`
	Portrait  []byte            `json:"portrait,omitempty"`
}

type answer struct {
	Challenge string `json:"challenge"`
	Passed    *bool  `json:"passed"`
	Score     int    `json:"score"`
	Reason    string `json:"reason"`
}

// Verify asks the provider once. Time-outs, 429, 5xx and answers that make no sense are fault.Unavailable; any other
// refusal is fault.Internal, for asking again would not help.
func (c *Client) Verify(ctx context.Context, challenge liveness.Challenge, capture liveness.Capture) (liveness.Result, error) {
	if len(capture.Data) > liveness.MaxCapture || len(capture.Portrait) > evidence.MaxBytes {
		return liveness.Result{}, liveness.ErrTooLarge
	}
	body, err := json.Marshal(question{challenge.ID, challenge.Actions, capture.Data, capture.Portrait})
	if err != nil {
		return liveness.Result{}, fmt.Errorf("liveness: %w", err)
	}
	status, text, err := c.endpoint.Post(ctx, body)
	switch {
	case errors.Is(ctx.Err(), context.Canceled):
		return liveness.Result{}, ctx.Err()
	case status == http.StatusTooManyRequests || status >= 500:
		return liveness.Result{}, unavailable(fmt.Errorf("status %d", status))
	case status != 0 && status != http.StatusOK:
		return liveness.Result{}, fault.Wrap(fault.Internal, fmt.Errorf("liveness: %s answers with status %d", c.name, status))
	case err != nil:
		return liveness.Result{}, unavailable(err)
	}
	return c.read(text, challenge.ID)
}

// read takes an answer that is complete and consistent, and no other.
func (c *Client) read(text []byte, id string) (liveness.Result, error) {
	var a answer
	if err := json.Unmarshal(text, &a); err != nil {
		return liveness.Result{}, unavailable(errors.New("the answer is not the JSON that was agreed"))
	}
	reason, known := liveness.ParseReason(a.Reason)
	switch {
	case a.Challenge != id:
		return liveness.Result{}, unavailable(errors.New("the answer is for another challenge"))
	case a.Passed == nil || a.Score < 0 || a.Score > 100:
		return liveness.Result{}, unavailable(errors.New("the answer lacks its decision or its score"))
	case *a.Passed && a.Reason != "" || !*a.Passed && !known:
		return liveness.Result{}, unavailable(errors.New("decision and reason do not go together"))
	}
	return liveness.Result{Passed: *a.Passed, Score: a.Score, Reason: reason, Provider: c.name}, nil
}

func unavailable(err error) error {
	return &fault.Fault{Kind: fault.Unavailable, Cause: fmt.Errorf("liveness: %w", err), Message: finding.Words{
		Chinese: "人脸核验服务暂时不可用，请稍后再试。", English: "The liveness service is unavailable for the moment; please try again."}}
}
