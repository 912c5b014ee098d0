// Package liveness performs liveness checks: [Provider] is the port, [Client] calls a provider over HTTPS, [Simulator] is for the
// laptop and tests. The challenge and the result are defined in rules/liveness.
//
//	provider, err := liveness.New(webhook.Endpoint{Name: "acme", URL: "https://…", KeyID: "k1", Secret: secret, Now: time.Now})
//	result, err := provider.Verify(ctx, challenge, capture)
//
// The request is a signed JSON POST (package webhook) with challenge id, movements, recording and portrait in base64, and the SHA-256
// of the portrait in hex, without the person's name. The provider must have compared the recording with that portrait. The response is a JSON object {"challenge", "passed", "score", "reason"} of at most 64 KiB that repeats
// the challenge's id. An adapter in front of a particular product translates to and from this format.
package liveness

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"beian/shared/partners/webhook"
	"beian/shared/rules/fault"
	"beian/shared/rules/finding"
	"beian/shared/rules/liveness"
	"beian/shared/rules/strictjson"
)

const (
	timeout   = 20 * time.Second
	maxAnswer = 64 << 10
)

// A Client is a [Provider] that calls one service.
type Client struct{ endpoint webhook.Endpoint }

var _ Provider = (*Client)(nil)

// New returns a client of the provider at an endpoint, whose Timeout and MaxResponse it sets, or an error if the endpoint is not
// https or a field is missing. The endpoint's name is stored with each result.
func New(e webhook.Endpoint) (*Client, error) {
	e.Timeout, e.MaxResponse = timeout, maxAnswer
	if err := e.Check(); err != nil {
		return nil, fmt.Errorf("liveness: %w", err)
	}
	return &Client{e}, nil
}

type verifyRequest struct {
	Challenge string            `json:"challenge"`
	Actions   []liveness.Action `json:"actions"`
	Capture   []byte            `json:"capture"`
	Portrait  []byte            `json:"portrait"`
	SHA256    string            `json:"portraitSha256"`
}

type verifyResponse struct {
	Challenge string `json:"challenge"`
	Passed    *bool  `json:"passed"`
	Score     int    `json:"score"`
	Reason    string `json:"reason"`
}

// Verify calls the provider once. Timeouts, 429, 5xx and inconsistent responses are fault.Unavailable; any other status is
// fault.Internal, because a retry would not help.
func (c *Client) Verify(ctx context.Context, challenge liveness.Challenge, capture liveness.Capture) (liveness.Result, error) {
	if err := capture.Check(); err != nil {
		return liveness.Result{}, err
	}
	digest := fmt.Sprintf("%x", sha256.Sum256(capture.Portrait))
	body, err := json.Marshal(verifyRequest{challenge.ID, challenge.Actions, capture.Data, capture.Portrait, digest})
	if err != nil {
		return liveness.Result{}, fmt.Errorf("liveness: %w", err)
	}
	status, text, err := c.endpoint.Post(ctx, challenge.ID, body)
	switch {
	case errors.Is(ctx.Err(), context.Canceled):
		return liveness.Result{}, ctx.Err()
	case status == http.StatusTooManyRequests || status >= 500:
		return liveness.Result{}, unavailable(fmt.Errorf("status %d", status))
	case status != 0 && status != http.StatusOK:
		return liveness.Result{}, fault.Wrap(fault.Internal, fmt.Errorf("liveness: %s: status %d", c.endpoint.Name, status))
	case err != nil:
		return liveness.Result{}, unavailable(err)
	}
	return c.resultOf(text, challenge.ID)
}

// resultOf parses a response, which must be complete and consistent.
func (c *Client) resultOf(text []byte, id string) (liveness.Result, error) {
	var a verifyResponse
	if err := strictjson.Unmarshal(text, &a); err != nil {
		return liveness.Result{}, unavailable(errors.New("the response does not have the agreed JSON format"))
	}
	reason, known := liveness.ParseReason(a.Reason)
	switch {
	case a.Challenge != id:
		return liveness.Result{}, unavailable(errors.New("the response is for another challenge"))
	case a.Passed == nil || a.Score < 0 || a.Score > 100:
		return liveness.Result{}, unavailable(errors.New("the response has no decision or no score"))
	case *a.Passed && a.Reason != "" || !*a.Passed && !known:
		return liveness.Result{}, unavailable(errors.New("decision and reason are inconsistent"))
	}
	return liveness.Result{Passed: *a.Passed, Score: a.Score, Reason: reason, Provider: c.endpoint.Name}, nil
}

func unavailable(err error) error {
	return &fault.Fault{Kind: fault.Unavailable, Cause: fmt.Errorf("liveness: %w", err), Message: finding.Words{
		Chinese: "人脸核验服务暂时不可用，请稍后再试。", English: "The liveness service is temporarily unavailable; please try again."}}
}
