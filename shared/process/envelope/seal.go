// Package seal encrypts the personal data of each filing under a key of its own.
//
// A filing gets a data key when it is opened ([Sealer.NewKey]). The key is kept only wrapped, on the order, by a
// [KeyService]; whoever destroys the wrapped key has erased the personal data, wherever copies of the ciphertext are.
// [Sealer.Seal] and [Sealer.Open] use AES-256-GCM and bind what they seal to the order and to a purpose, so that one
// order's data cannot be passed off as another's. [Sealer.Index] makes look-up keys of values that may not be stored
// in clear, such as certificate numbers.
//
// AWS KMS wraps the keys (package kms). On the laptop something that answers like it does, with keys in a file
// (package keyfile).
package envelope

import (
	"bytes"
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"sync"
	"time"

	"beian/shared/rules/fault"
)

// KeySize is the length of a data key in bytes.
const KeySize = 32

// A KeyService wraps data keys under a key that it alone holds. The order is bound to the wrapping: a wrapped key opens
// only for the order that it was made for.
type KeyService interface {
	// Generate makes a data key of [KeySize] bytes, in clear and wrapped.
	Generate(ctx context.Context, order string) (plain, wrapped []byte, err error)
	// Unwrap returns the data key in clear. What was not wrapped by this service for this order is [ErrTampered].
	Unwrap(ctx context.Context, order string, wrapped []byte) ([]byte, error)
	// Secret derives a secret that is the same at every call with a label, for as long as the service's keys live.
	Secret(ctx context.Context, label string) ([]byte, error)
}

// Refusals of [Sealer.Open].
var (
	// ErrErased: the order has no key any more.
	ErrErased = fault.New(fault.NotFound, "这份备案的个人信息已按规定删除。", "The personal data of this filing have been erased.")
	// ErrTampered: the bytes are not what was sealed for this order and purpose.
	ErrTampered = fault.New(fault.Internal, "加密数据校验失败。", "Sealed data failed their check.")
)

const (
	version    = 1
	indexLabel = "beian index 1"

	cacheSize = 256             // data keys
	cacheTime = 5 * time.Minute // so that an erased key is soon forgotten everywhere
)

// A Sealer seals and opens. It is safe for concurrent use and keeps a few unwrapped keys for a few minutes, so that a
// step of the workflow asks the key service once or twice.
type Sealer struct {
	keys KeyService
	now  func() time.Time

	mutex sync.Mutex
	cache map[cacheKey]cached
	index []byte
}

type cacheKey [sha256.Size]byte

type cached struct {
	aead  cipher.AEAD
	until time.Time
}

// New makes a sealer that takes its keys from a service and its time from now.
func New(keys KeyService, now func() time.Time) *Sealer {
	return &Sealer{keys: keys, now: now, cache: map[cacheKey]cached{}}
}

// A Key is an order's data key as it is stored.
type Key struct {
	Order   string
	Wrapped []byte
}

// NewKey makes the data key of a new order.
func (s *Sealer) NewKey(ctx context.Context, order string) (Key, error) {
	plain, wrapped, err := s.keys.Generate(ctx, order)
	if err != nil {
		return Key{}, err
	}
	key := Key{Order: order, Wrapped: wrapped}
	aead, err := newAEAD(plain)
	if err != nil {
		return Key{}, err
	}
	s.keep(key, aead)
	return key, nil
}

// Seal encrypts plaintext under the order's key for a purpose, such as "private". The same purpose opens it.
func (s *Sealer) Seal(ctx context.Context, key Key, purpose string, plaintext []byte) ([]byte, error) {
	aead, err := s.aead(ctx, key)
	if err != nil {
		return nil, err
	}
	out := append(make([]byte, 0, 1+len(plaintext)+aead.Overhead()), version)
	return aead.Seal(out, nil, plaintext, bound(key.Order, purpose)), nil
}

// Open decrypts what [Sealer.Seal] made. An order without a key is [ErrErased]; bytes that were changed, or sealed for
// another order or purpose, are [ErrTampered].
func (s *Sealer) Open(ctx context.Context, key Key, purpose string, sealed []byte) ([]byte, error) {
	aead, err := s.aead(ctx, key)
	if err != nil {
		return nil, err
	}
	if len(sealed) < 1+aead.Overhead() || sealed[0] != version {
		return nil, ErrTampered
	}
	plaintext, err := aead.Open(nil, nil, sealed[1:], bound(key.Order, purpose))
	if err != nil {
		return nil, ErrTampered
	}
	return plaintext, nil
}

// Forget drops the order's key from memory; the caller has destroyed the wrapped one.
func (s *Sealer) Forget(key Key) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	delete(s.cache, key.cacheKey())
}

// Index returns the look-up key of a value: an HMAC-SHA256 in hexadecimal. Equal values under one purpose have equal
// keys, and nobody without the service's secret can try values. The caller normalises the value first.
func (s *Sealer) Index(ctx context.Context, purpose, value string) (string, error) {
	secret, err := s.secret(ctx)
	if err != nil {
		return "", err
	}
	mac := hmac.New(sha256.New, secret)
	mac.Write(bound(purpose, value))
	return hex.EncodeToString(mac.Sum(nil)), nil
}

func (s *Sealer) secret(ctx context.Context) ([]byte, error) {
	s.mutex.Lock()
	secret := s.index
	s.mutex.Unlock()
	if secret != nil {
		return secret, nil
	}
	secret, err := s.keys.Secret(ctx, indexLabel)
	if err != nil {
		return nil, err
	}
	if len(secret) < sha256.Size {
		return nil, fmt.Errorf("seal: the service's secret has %d bytes", len(secret))
	}
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.index = secret
	return secret, nil
}

// aead returns the cipher of an order, from memory or from the service.
func (s *Sealer) aead(ctx context.Context, key Key) (cipher.AEAD, error) {
	if len(key.Wrapped) == 0 {
		return nil, ErrErased
	}
	s.mutex.Lock()
	kept, ok := s.cache[key.cacheKey()]
	s.mutex.Unlock()
	if ok && s.now().Before(kept.until) {
		return kept.aead, nil
	}
	plain, err := s.keys.Unwrap(ctx, key.Order, key.Wrapped)
	if err != nil {
		return nil, err
	}
	aead, err := newAEAD(plain)
	if err != nil {
		return nil, err
	}
	s.keep(key, aead)
	return aead, nil
}

// keep remembers a cipher; when there are too many, those that are over go first, then the oldest.
func (s *Sealer) keep(key Key, aead cipher.AEAD) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	now := s.now()
	if len(s.cache) >= cacheSize {
		var oldest cacheKey
		first := true
		for k, c := range s.cache {
			switch {
			case !now.Before(c.until):
				delete(s.cache, k)
			case first || c.until.Before(s.cache[oldest].until):
				oldest, first = k, false
			}
		}
		if len(s.cache) >= cacheSize {
			delete(s.cache, oldest)
		}
	}
	s.cache[key.cacheKey()] = cached{aead, now.Add(cacheTime)}
}

func (k Key) cacheKey() cacheKey { return sha256.Sum256(bound(k.Order, string(k.Wrapped))) }

// newAEAD makes the cipher and wipes the key's bytes. The cipher draws a random nonce for each message and keeps it in
// front; a filing has far fewer than the 2³² messages for which that is safe.
func newAEAD(key []byte) (cipher.AEAD, error) {
	defer clear(key)
	if len(key) != KeySize {
		return nil, fmt.Errorf("seal: a data key of %d bytes", len(key))
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCMWithRandomNonce(block)
}

// bound joins texts so that no two lists of texts are joined to the same bytes.
func bound(texts ...string) []byte {
	var out bytes.Buffer
	for _, text := range texts {
		out.Write(binary.BigEndian.AppendUint64(nil, uint64(len(text))))
		out.WriteString(text)
	}
	return out.Bytes()
}
