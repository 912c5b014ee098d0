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

// ParseKey parses the key of an upload to a slot of an order. ok is false for other texts, including objects.
func ParseKey(order string, slot Slot, text string) (key Key, ok bool) {
	id, ok := strings.CutPrefix(text, KeyPrefix(order)+string(slot)+"/")
	if _, err := ulid.ParseStrict(id); !ok || err != nil {
		return "", false
	}
	return Key(text), true
}

// Slot returns the slot in the key. ok is false if the text is not the key of an upload.
func (k Key) Slot() (slot Slot, ok bool) {
	rest, _ := strings.CutPrefix(string(k), "orders/")
	order, rest, _ := strings.Cut(rest, "/")
	slot, err := ParseSlot(rest[:max(0, strings.LastIndexByte(rest, '/'))])
	if err != nil {
		return "", false
	}
	_, ok = ParseKey(order, slot, string(k))
	return slot, ok
}

// Inspected returns the key of the object beside the upload that has the result of inspecting it.
func (k Key) Inspected() string { return string(k) + ".inspected" }

// Object returns the object in which the file with a digest is stored once the upload is accepted.
func (k Key) Object(digest string) Object { return Object(string(k) + "-" + digest) }

// An Object is the key of an accepted file in the bucket of evidence: <key of the upload>-<SHA-256 of the file in hex>. So other bytes
// never overwrite an accepted file, and whoever reads the object knows the digest to check.
type Object string

// Digest returns the SHA-256 in the object's key, in hex.
func (o Object) Digest() string { return string(o[strings.LastIndexByte(string(o), '-')+1:]) }

// Order returns the id of the order in the object's key.
func (o Object) Order() string {
	order, _, _ := strings.Cut(strings.TrimPrefix(string(o), "orders/"), "/")
	return order
}

// Slot returns the slot in the object's key.
func (o Object) Slot() Slot {
	slot := strings.TrimPrefix(string(o), KeyPrefix(o.Order()))
	return Slot(slot[:max(0, strings.LastIndexByte(slot, '/'))])
}

// KeyPrefix returns the prefix of the keys of all objects of an order.
func KeyPrefix(order string) string { return "orders/" + order + "/" }
