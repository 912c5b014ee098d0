// Package webhook signs and verifies requests between Beian and its partners. [Check] verifies an incoming request, [ParseReply]
// parses the SMS carrier's [Reply], and [Endpoint.Post] sends a signed request.
//
//	if err := webhook.Check(secrets, timestamp, signature, body, now); err != nil { … }
//	reply, err := webhook.ParseReply(body)
//	code, ok := reply.Code()
//
// A request has a timestamp and HMAC-SHA256 signatures over timestamp, a full stop and the body. Two secrets may be active at
// the same time, so that one can be replaced without losing messages. A signature does not prevent a replay within five
// minutes: the receiver must remember the id of each [Reply].
package webhook

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"strings"
	"time"

	"beian/shared/rules/fault"
)

// Names of the headers, in lower case as API Gateway passes them on.
const (
	TimestampHeader = "x-beian-timestamp" // seconds since 1970, decimal
	SignatureHeader = "x-beian-signature" // v1=<hexadecimal>, several separated by commas
	KeyHeader       = "x-beian-key"       // id of the secret, in requests to an [Endpoint]
)

// Limits on a request.
const (
	MaxBody      = 512 << 10 // of a batch of checks of access; other bodies are much smaller
	MaxSkew      = 5 * time.Minute // in both directions, inclusive
	maxSecrets   = 2
	maxSignature = 1024
	scheme       = "v1="
)

// Errors of [Check].
var (
	ErrMissing   = fault.New(fault.Unauthenticated, "请求缺少签名或时间戳。", "The request has no signature or no timestamp.")
	ErrTimestamp = fault.New(fault.Unauthenticated, "请求的时间戳与当前时间相差超过五分钟。", "The timestamp of the request is more than five minutes off.")
	ErrSignature = fault.New(fault.Unauthenticated, "请求的签名不正确。", "The signature of the request is wrong.")
	ErrTooLarge  = fault.New(fault.TooLarge, "请求内容过大。", "The request is too large.")
)

// Sign returns the values of both headers for a body sent at a time.
func Sign(secret, body []byte, at time.Time) (timestamp, signature string) {
	timestamp = strconv.FormatInt(at.Unix(), 10)
	return timestamp, scheme + hex.EncodeToString(computeMAC(secret, timestamp, body))
}

func computeMAC(secret []byte, timestamp string, body []byte) []byte {
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte(timestamp))
	mac.Write([]byte("."))
	mac.Write(body)
	return mac.Sum(nil)
}

// Check verifies a request against the active secrets. It uses the first two and ignores empty ones; without a secret every
// request fails. It compares in constant time and returns [ErrTooLarge], [ErrMissing], [ErrTimestamp] or [ErrSignature].
func Check(secrets [][]byte, timestamp, signature string, body []byte, now time.Time) error {
	switch {
	case len(body) > MaxBody:
		return ErrTooLarge
	case timestamp == "" || signature == "":
		return ErrMissing
	case len(signature) > maxSignature:
		return ErrSignature
	}
	seconds, err := strconv.ParseInt(timestamp, 10, 64)
	if err != nil || strconv.FormatInt(seconds, 10) != timestamp {
		return ErrTimestamp
	}
	if off := now.Unix() - seconds; off > int64(MaxSkew/time.Second) || off < -int64(MaxSkew/time.Second) {
		return ErrTimestamp
	}
	valid := false
	for _, secret := range secrets[:min(len(secrets), maxSecrets)] {
		if len(secret) == 0 {
			continue
		}
		want := computeMAC(secret, timestamp, body)
		for part := range strings.SplitSeq(signature, ",") {
			text, ok := strings.CutPrefix(strings.TrimSpace(part), scheme)
			if !ok {
				continue // a scheme of another version
			}
			given, err := hex.DecodeString(text)
			if err == nil && hmac.Equal(given, want) {
				valid = true
			}
		}
	}
	if !valid {
		return ErrSignature
	}
	return nil
}
