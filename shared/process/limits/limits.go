// Package limits counts what costs money or could be misused, and refuses it above a limit: openings, look-ups, uploads, messages.
// [Defaults] has the limit of each [Action] for an account, for the address that a request comes from, and for the recipient of a message.
//
//	err := limiter.Use(ctx, limits.Open, limits.OfAccount(account), limits.OfAddress(sourceIP))
//
// Use counts the action once for each key. Above a limit it returns a fault of kind TooMany, whose message says in words when to try again.
package limits

import (
	"context"
	"fmt"
	"log/slog"
	"net/netip"
	"slices"
	"time"

	"beian/shared/filing"
	"beian/shared/rules/contact"
	"beian/shared/rules/fault"
	"beian/shared/rules/person"
)

// A Scope is a kind of key for which an action is counted.
type Scope string

const (
	Account Scope = "account"
	Address Scope = "address" // IPv4 address, or IPv6 network of 64 bits
	// Recipient is the mobile or mailbox that a message goes to.
	Recipient Scope = "recipient"
	// Requester is an account or address together with the mobile or mailbox that its requests send messages to. Its limit is below that of the recipient, so that
	// one requester does not use up what others need.
	Requester Scope = "requester"
)

// A Key is whom an action is counted for. The zero value counts nothing.
type Key struct {
	Scope Scope
	Value string // in normal form; personal data unless Scope is Account
}

// OfAccount returns the key of an account.
func OfAccount(a filing.Account) Key { return Key{Account, string(a)} }

// OfMobile returns the key of a mobile that a message goes to. The number must be normalised.
func OfMobile(m contact.Mobile) Key { return Key{Recipient, m.Reveal()} }

// OfRequester returns the key of an account, or of an address as a keyed hash, that has messages sent to a recipient.
func OfRequester(requester string, recipient Key) Key {
	if requester == "" {
		return Key{}
	}
	return Key{Requester, requester + " " + recipient.Value}
}

// OfMailbox returns the key of a mailbox that a message goes to. Addresses that reach the same mailbox have the same key.
func OfMailbox(m contact.Email) Key { return Key{Recipient, m.Mailbox()} }

// networkBits is the length of an IPv6 network that one customer gets at least, and in which they choose addresses freely (RFC 6177).
const networkBits = 64

// OfAddress returns the key of the address that a request came from. An IPv6 address counts for its network. Texts that are no address
// count together.
func OfAddress(text string) Key {
	a, err := netip.ParseAddr(text)
	if err != nil {
		return Key{Address, "unknown"}
	}
	if a = a.Unmap().WithZone(""); a.Is6() {
		network, _ := a.Prefix(networkBits) // cannot fail: 64 is a length of IPv6
		a = network.Addr()
	}
	return Key{Address, a.String()}
}

// Format writes [redacted].
func (Key) Format(f fmt.State, _ rune) { person.Redact(f) }

// LogValue returns [redacted].
func (Key) LogValue() slog.Value { return person.RedactedValue() }

// A Store keeps the counters. Package dynamo implements it.
type Store interface {
	// Count adds 1 to the counter of an action and a key in the window that ends at a time, and returns true. If the counter has
	// reached limit, it returns false and adds nothing. It is atomic: concurrent calls never exceed the limit.
	Count(ctx context.Context, action Action, key Key, end time.Time, limit int) (bool, error)
	// CountDrafts returns the number of an account's open orders that are not submitted.
	CountDrafts(ctx context.Context, account filing.Account) (int, error)
}

// A Limiter counts actions. It is safe for concurrent use. A nil Limiter permits everything.
type Limiter struct {
	Store    Store
	Settings Settings
	// Now is the clock of decisions.
	Now func() time.Time

	kept kept
}

// Use counts an action once for each key that has a limit, in their order. The first key that has reached its limit ends the count: Use
// returns a fault of kind TooMany with the time to wait. Name the caller's keys first, so that a caller above the limit does not use up what
// others share with them. Each key costs one write of the store, except the first uses of an action that the process counts by itself.
//
// A counter begins again at the end of each window of [Rule.Window], the same for all keys.
func (l *Limiter) Use(ctx context.Context, action Action, keys ...Key) error {
	if l == nil {
		return nil
	}
	rule, ok := Defaults[action]
	if !ok {
		return fault.Wrap(fault.Internal, fmt.Errorf("limits: the action %q has no rule", action))
	}
	now := l.Now()
	end := now.Truncate(rule.Window).Add(rule.Window)
	of := l.Settings.of(action, keys)
	for _, key := range keys {
		limit := of[key.Scope]
		if limit == 0 || key.Value == "" {
			continue
		}
		if key.Scope == Account && slices.Contains(keeps, action) {
			few := min(keptUses, limit-1)
			if l.kept.add(counter{action, key.Value, end}) <= few {
				continue
			}
			limit -= few
		}
		counted, err := l.Store.Count(ctx, action, key, end, limit)
		if err != nil {
			return err
		}
		if !counted {
			return refusal(rule, key.Scope, end.Sub(now))
		}
	}
	return nil
}
