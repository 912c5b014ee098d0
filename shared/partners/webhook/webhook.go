// Package webhook signs, sends and checks requests between Beian and those who work for it, and reads what the SMS
// carrier sends when a person answers a message.
//
// A request carries the time it was sent and HMAC-SHA256 signatures over timestamp, a full stop and the body. Two
// secrets may be active, so that one can be exchanged while messages arrive. A signature does not make a request new:
// within the five minutes it may come again, so the receiver remembers the id of each [Reply].
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

// Names of the headers, in the lower case in which API Gateway hands them over.
const (
	TimestampHeader = "x-beian-timestamp" // seconds since 1970, decimal
	SignatureHeader = "x-beian-signature" // v1=<hexadecimal>, several separated by commas
	KeyHeader       = "x-beian-key"       // names the secret, in what an [Endpoint] is sent
)

// Limits on a request.
const (
	MaxBody      = 16 << 10
	MaxSkew      = 5 * time.Minute // either way, inclusive
	maxSecrets   = 2
	maxSignature = 1024
	scheme       = "v1="
)

// Refusals of [Check].
var (
	ErrMissing   = fault.New(fault.Unauthenticated, "请求缺少签名或时间戳。", "The request lacks its signature or its timestamp.")
	ErrTimestamp = fault.New(fault.Unauthenticated, "请求的时间戳与当前时间相差超过五分钟。", "The request's timestamp is more than five minutes off.")
	ErrSignature = fault.New(fault.Unauthenticated, "请求的签名不正确。", "The request's signature is wrong.")
	ErrTooLarge  = fault.New(fault.TooLarge, "请求内容过大。", "The request is too large.")
)

// Sign returns the two headers' values for a body sent at a time.
func Sign(secret, body []byte, at time.Time) (timestamp, signature string) {
	timestamp = strconv.FormatInt(at.Unix(), 10)
	return timestamp, scheme + hex.EncodeToString(sum(secret, timestamp, body))
}

func sum(secret []byte, timestamp string, body []byte) []byte {
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte(timestamp))
	mac.Write([]byte("."))
	mac.Write(body)
	return mac.Sum(nil)
}

// Check verifies a request against the active secrets, at most two; empty ones are left out, and with none left nothing
// passes. It compares in constant time and refuses with one of [ErrTooLarge], [ErrMissing], [ErrTimestamp] and
// [ErrSignature].
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
	for i, secret := range secrets {
		if i == maxSecrets {
			break
		}
		if len(secret) == 0 {
			continue
		}
		want := sum(secret, timestamp, body)
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
