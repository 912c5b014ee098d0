// Package envelope encrypts the personal data of each filing under a data key of that filing.
//
// [Encrypter.NewKey] makes the data key when a filing is opened. A [KeyService] (AWS KMS) wraps the key, and a [KeyStore]
// stores the wrapped key by name; an order's key is named by the order's id. [Encrypter.Encrypt] and [Encrypter.Decrypt] use
// AES-256-GCM and bind the ciphertext to the name and to a purpose, so that it cannot be moved to another order or field.
// [Encrypter.DeleteKey] erases a filing: without its wrapped key no copy of the ciphertext can be opened, wherever it is.
// This holds only if no copy of the key store exists, so a key store must have no backups.
//
//	encrypter := envelope.New(kms, keys, time.Now)
//	err := encrypter.NewKey(ctx, order)
//	ciphertext, err := encrypter.Encrypt(ctx, order, "private", plaintext)
//	plaintext, err := encrypter.Decrypt(ctx, order, "private", ciphertext)
//
// [Encrypter.EncryptShared] encrypts what concerns several orders, so that deleting the key of any of them erases it.
// [Objects] stores encrypted objects in a bucket. [Encrypter.Index] makes look-up keys of values that may not be stored in
// clear, such as certificate numbers; [Encrypter.MAC] authenticates what is stored in clear.
//
// An Encrypter caches unwrapped keys for five minutes. After an erasure, another process that has read the order may open its
// data until then. A key store may return a deleted key for about a second, so the five minutes may begin after the erasure.
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

// A KeyService wraps data keys under a key that only it holds. The wrapping is bound to the name: a wrapped key opens
// only for the name that it was made for.
type KeyService interface {
	// Generate makes a data key of [KeySize] bytes, in clear and wrapped.
	Generate(ctx context.Context, name string) (plain, wrapped []byte, err error)
	// Unwrap returns the data key in clear. What was not wrapped by this service for this name is [ErrTampered].
	Unwrap(ctx context.Context, name string, wrapped []byte) ([]byte, error)
	// Secret derives a secret that is the same at every call with a label, for as long as the service's keys live.
	Secret(ctx context.Context, label string) ([]byte, error)
}

// A KeyStore stores wrapped keys by name. It must have no backups.
type KeyStore interface {
	// AddKey stores the key of a name. It changes nothing and reports false if the name has a key.
	AddKey(ctx context.Context, name string, wrapped []byte) (bool, error)
	// Key returns the key of a name; nil if it has none.
	Key(ctx context.Context, name string) ([]byte, error)
	// DeleteKey deletes the key of a name, if it has one.
	DeleteKey(ctx context.Context, name string) error
}

// Errors of [Encrypter.Decrypt].
var (
	// ErrErased: the name has no key.
	ErrErased = fault.New(fault.NotFound, "这份备案的个人信息已按规定删除。", "The personal data of this filing have been erased.")
	// ErrTampered: the bytes were not encrypted for this name and purpose.
	ErrTampered = fault.New(fault.Internal, "加密数据校验失败。", "Encrypted data failed their check.")
)

const (
	version    = 1
	indexLabel = "beian index 1"
	macLabel   = "beian mac 1"

	cacheSize = 256             // data keys
	cacheTime = 5 * time.Minute // bounds how long an erased key stays in memory
)

// An Encrypter encrypts and decrypts. It is safe for concurrent use. It caches unwrapped keys, so that a step of the workflow
// calls the key service once or twice.
type Encrypter struct {
	service KeyService
	store   KeyStore
	now     func() time.Time

	mutex   sync.Mutex
	cache   map[string]cached
	secrets map[string][]byte // by label
}

type cached struct {
	aead  cipher.AEAD
	until time.Time
}

// New makes an Encrypter. now times the cache.
func New(service KeyService, store KeyStore, now func() time.Time) *Encrypter {
	return &Encrypter{service: service, store: store, now: now, cache: map[string]cached{}, secrets: map[string][]byte{}}
}

// NewKey makes and stores the data key of a name. A name that has a key keeps it.
func (s *Encrypter) NewKey(ctx context.Context, name string) error {
	plain, wrapped, err := s.service.Generate(ctx, name)
	if err != nil {
		return err
	}
	aead, err := newAEAD(plain)
	if err != nil {
		return err
	}
	added, err := s.store.AddKey(ctx, name, wrapped)
	if added {
		s.addToCache(name, aead)
	}
	return err
}

// DeleteKey deletes the key of a name, and with it everything that was encrypted under it. It is no error if the name
// has no key.
func (s *Encrypter) DeleteKey(ctx context.Context, name string) error {
	err := s.store.DeleteKey(ctx, name)
	s.mutex.Lock()
	defer s.mutex.Unlock()
	delete(s.cache, name)
	return err
}

// Encrypt encrypts plaintext under the key of a name, for a purpose such as "private". Decrypt needs the same name and purpose.
// A name without a key is [ErrErased].
func (s *Encrypter) Encrypt(ctx context.Context, name, purpose string, plaintext []byte) ([]byte, error) {
	aead, err := s.aead(ctx, name)
	if err != nil {
		return nil, err
	}
	out := append(make([]byte, 0, 1+len(plaintext)+aead.Overhead()), version)
	return aead.Seal(out, nil, plaintext, joinTexts(name, purpose)), nil
}

// Decrypt decrypts what [Encrypter.Encrypt] made. A name without a key is [ErrErased]; bytes that were changed, or ciphertext for
// another name or purpose, are [ErrTampered].
func (s *Encrypter) Decrypt(ctx context.Context, name, purpose string, ciphertext []byte) ([]byte, error) {
	aead, err := s.aead(ctx, name)
	if err != nil {
		return nil, err
	}
	if len(ciphertext) < 1+aead.Overhead() || ciphertext[0] != version {
		return nil, ErrTampered
	}
	plaintext, err := aead.Open(nil, nil, ciphertext[1:], joinTexts(name, purpose))
	if err != nil {
		return nil, ErrTampered
	}
	return plaintext, nil
}

// Index returns the look-up key of a value: an HMAC-SHA256 in hexadecimal. Equal values under one purpose have equal
// keys; without the service's secret, values cannot be tried. The caller normalises the value first.
func (s *Encrypter) Index(ctx context.Context, purpose, value string) (string, error) {
	return s.hmac(ctx, indexLabel, joinTexts(purpose, value))
}

// MAC returns an HMAC-SHA256 of a text in hexadecimal, which cannot be made without the service's secret.
func (s *Encrypter) MAC(ctx context.Context, purpose, text string) (string, error) {
	return s.hmac(ctx, macLabel, joinTexts(purpose, text))
}

func (s *Encrypter) hmac(ctx context.Context, label string, text []byte) (string, error) {
	secret, err := s.secret(ctx, label)
	if err != nil {
		return "", err
	}
	mac := hmac.New(sha256.New, secret)
	mac.Write(text)
	return hex.EncodeToString(mac.Sum(nil)), nil
}

// secret returns the secret of a label. It is derived once in the life of the process.
func (s *Encrypter) secret(ctx context.Context, label string) ([]byte, error) {
	s.mutex.Lock()
	secret := s.secrets[label]
	s.mutex.Unlock()
	if secret != nil {
		return secret, nil
	}
	secret, err := s.service.Secret(ctx, label)
	if err != nil {
		return nil, err
	}
	if len(secret) < sha256.Size {
		return nil, fmt.Errorf("envelope: the secret of the key service has %d bytes, want at least %d", len(secret), sha256.Size)
	}
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.secrets[label] = secret
	return secret, nil
}

// aead returns the cipher of a name, from the cache or from store and service.
func (s *Encrypter) aead(ctx context.Context, name string) (cipher.AEAD, error) {
	s.mutex.Lock()
	entry, ok := s.cache[name]
	s.mutex.Unlock()
	if ok && s.now().Before(entry.until) {
		return entry.aead, nil
	}
	wrapped, err := s.store.Key(ctx, name)
	if err != nil {
		return nil, err
	}
	if len(wrapped) == 0 {
		return nil, ErrErased
	}
	plain, err := s.service.Unwrap(ctx, name, wrapped)
	if err != nil {
		return nil, err
	}
	aead, err := newAEAD(plain)
	if err != nil {
		return nil, err
	}
	s.addToCache(name, aead)
	return aead, nil
}

// addToCache caches a cipher. A full cache drops the ciphers that are out of date, or else the oldest.
func (s *Encrypter) addToCache(name string, aead cipher.AEAD) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	now := s.now()
	if len(s.cache) >= cacheSize {
		var oldest string
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
	s.cache[name] = cached{aead, now.Add(cacheTime)}
}

// newAEAD makes the cipher and clears the key's bytes. The cipher writes a random nonce before each message, which is safe
// for 2³² messages; a filing has far fewer.
func newAEAD(key []byte) (cipher.AEAD, error) {
	defer clear(key)
	if len(key) != KeySize {
		return nil, fmt.Errorf("envelope: the data key has %d bytes, want %d", len(key), KeySize)
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCMWithRandomNonce(block)
}

// joinTexts joins texts; different lists of texts give different bytes.
func joinTexts(texts ...string) []byte {
	var out bytes.Buffer
	for _, text := range texts {
		out.Write(binary.BigEndian.AppendUint64(nil, uint64(len(text))))
		out.WriteString(text)
	}
	return out.Bytes()
}
