// Package messageid makes the Message-ID of emails that go through a mail relay, and finds the message again of which a bounce quotes it:
//
//	id := messageid.New("provider.example", to, key) // <key.0123456789abcdef@provider.example>
//	key, recipient := messageid.Parse(id)
//
// An id is the same in each attempt, so that a repeated email can be recognised, and another for each recipient.
package messageid

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"beian/shared/rules/contact"
	"beian/shared/rules/pattern"
)

// New returns the Message-ID of the email with a key to a recipient, in angle brackets. Domain is that of the sender.
func New(domain string, to contact.Email, key string) string {
	sum := sha256.Sum256([]byte(key + "\n" + to.Mailbox()))
	return "<" + key + "." + hex.EncodeToString(sum[:8]) + "@" + domain + ">"
}

// maxKey is the maximum length of a key in a Message-ID, in bytes.
const maxKey = 128

var hashOfRecipient = pattern.New(`^[0-9a-f]{16}$`)

// Parse returns the key in a Message-ID that [New] made, and a hash of key and recipient, which is the same however the id is written: with or without
// angle brackets, in a domain of any case. Both are "" for other ids.
func Parse(id string) (key, recipient string) {
	key, rest, _ := strings.Cut(strings.Trim(id, " \t\r\n<>"), ".")
	recipient, _, found := strings.Cut(rest, "@")
	if !found || key == "" || len(key) > maxKey || !hashOfRecipient().MatchString(recipient) {
		return "", ""
	}
	return key, recipient
}
