package evidence

import (
	"strings"
	"time"

	"github.com/oklog/ulid/v2"
)

// A Key is the object key of an upload: orders/<order>/<slot>/<ulid>. The server makes a new one for each upload, so that two uploads to
// one slot never overwrite each other.
type Key string

// NewKey returns a new key for an upload to a slot of an order.
func NewKey(order string, slot Slot, now time.Time) Key {
	return Key(KeyPrefix(order) + string(slot) + "/" + ulid.MustNewDefault(now).String())
}

// ParseKey parses the key of an upload to a slot of an order. ok is false for other texts, including the keys of copies.
func ParseKey(order string, slot Slot, text string) (key Key, ok bool) {
	id, ok := strings.CutPrefix(text, KeyPrefix(order)+string(slot)+"/")
	if _, err := ulid.ParseStrict(id); !ok || err != nil {
		return "", false
	}
	return Key(text), true
}

// Copy returns the key of the copy within the bureau's limits.
func (k Key) Copy() Key { return k + "-copy" }

// Order returns the id of the order in the key.
func (k Key) Order() string {
	order, _, _ := strings.Cut(strings.TrimPrefix(string(k), "orders/"), "/")
	return order
}

// KeyPrefix returns the prefix of the keys of all objects of an order.
func KeyPrefix(order string) string { return "orders/" + order + "/" }
