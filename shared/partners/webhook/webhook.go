// Package webhook signs and verifies requests between Beian and its partners after the Standard Webhooks specification
// (standardwebhooks.com). [Verify] verifies an incoming request, [ParseReply] parses the SMS carrier's [Reply], and [Endpoint.Post]
// sends a signed request.
//
//	id, err := webhook.Verify(secrets, webhook.HeadersOf(r.Header.Get), body, now)
//	reply, err := webhook.ParseReply(id, body)
//	code, ok := reply.Code()
//
// A request has an id, a timestamp and HMAC-SHA256 signatures over id, timestamp and body, separated by full stops. Two secrets may be
// active at the same time, so that one can be replaced without losing messages. A signature does not prevent a replay within five
// minutes: the receiver must remember the id.
//
// The signatures are those of the specification's own library, which compares in constant time and accepts several signatures. This
// package adds what the library leaves open: the clock as a parameter, limits on id, header and body, and the refusal of empty secrets.
package webhook

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"beian/shared/rules/fault"
)

// Names of the headers, in lower case as API Gateway passes them on.
const (
	IDHeader        = standardwebhooks.HeaderWebhookID        // of the message; the same in a retry
	TimestampHeader = standardwebhooks.HeaderWebhookTimestamp // seconds since 1970, decimal
	SignatureHeader = standardwebhooks.HeaderWebhookSignature // v1,<base64>, several separated by spaces
	KeyHeader       = "x-beian-key"                           // id of the secret, in requests to an [Endpoint]
)

// Limits on a request.
const (
	MaxBody      = 512 << 10       // of a batch of checks of access; other bodies are much smaller
	MaxSkew      = 5 * time.Minute // in both directions, inclusive
	MaxID        = 128             // bytes
	maxSecrets   = 2
	maxSignature = 1024
)

// Errors of [Verify].
var (
	ErrMissing   = fault.New(fault.Unauthenticated, "请求缺少编号、签名或时间戳。", "The request has no id, no signature or no timestamp.")
	ErrTimestamp = fault.New(fault.Unauthenticated, "请求的时间戳与当前时间相差超过五分钟。", "The timestamp of the request is more than five minutes off.")
	ErrSignature = fault.New(fault.Unauthenticated, "请求的签名不正确。", "The signature of the request is wrong.")
	ErrTooLarge  = fault.New(fault.TooLarge, "请求内容过大。", "The request is too large.")
)

// Headers are the headers of a signed request.
type Headers struct{ ID, Timestamp, Signature string }

// HeadersOf returns the headers of a request. get returns the value of a header, "" if it is missing.
func HeadersOf(get func(name string) string) Headers {
	return Headers{get(IDHeader), get(TimestampHeader), get(SignatureHeader)}
}

// Map returns the headers by name.
func (h Headers) Map() map[string]string {
	return map[string]string{IDHeader: h.ID, TimestampHeader: h.Timestamp, SignatureHeader: h.Signature}
}

// Sign returns the headers of a message sent at a time, with one signature for each secret.
func Sign(id string, body []byte, at time.Time, secrets ...Secret) Headers {
	var signatures []string
	for _, s := range secrets {
		signature, err := s.webhook().Sign(id, at, body)
		if err != nil {
			panic(err) // the library returns none
		}
		signatures = append(signatures, signature)
	}
	return Headers{id, strconv.FormatInt(at.Unix(), 10), strings.Join(signatures, " ")}
}

// Verify verifies a request against the active secrets and returns its id: 1 to [MaxID] visible ASCII characters without a full stop.
// It uses the first two secrets and ignores zero ones; without a secret every request fails. The error is [ErrTooLarge], [ErrMissing],
// [ErrTimestamp] or [ErrSignature].
func Verify(secrets []Secret, h Headers, body []byte, now time.Time) (id string, err error) {
	switch {
	case len(body) > MaxBody:
		return "", ErrTooLarge
	case h.ID == "" || h.Timestamp == "" || h.Signature == "":
		return "", ErrMissing
	case len(h.Signature) > maxSignature || !validID(h.ID):
		return "", ErrSignature
	}
	seconds, err := strconv.ParseInt(h.Timestamp, 10, 64)
	if err != nil || strconv.FormatInt(seconds, 10) != h.Timestamp {
		return "", ErrTimestamp
	}
	if off := now.Unix() - seconds; off > int64(MaxSkew/time.Second) || off < -int64(MaxSkew/time.Second) {
		return "", ErrTimestamp
	}
	header := http.Header{}
	for name, value := range h.Map() {
		header.Set(name, value)
	}
	valid := false
	for _, secret := range secrets[:min(len(secrets), maxSecrets)] {
		// The library's own check of the timestamp reads the real clock.
		if secret != (Secret{}) && secret.webhook().VerifyIgnoringTimestamp(body, header) == nil {
			valid = true
		}
	}
	if !valid {
		return "", ErrSignature
	}
	return h.ID, nil
}

// validID excludes the full stop because it separates id and timestamp in what is signed.
func validID(id string) bool {
	return len(id) <= MaxID && !strings.ContainsFunc(id, func(c rune) bool { return c <= ' ' || c > '~' || c == '.' })
}
