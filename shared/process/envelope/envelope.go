// Package envelope encrypts the personal data of each filing under a data key of that filing.
//
// [Encrypter.NewKey] makes the data key when a filing is opened. A [KeyService] (AWS KMS) wraps the key, and a [KeyStore]
// stores the wrapped key by name; an order's key is named by the order's id. [Encrypter.Encrypt] and [Encrypter.Decrypt] use
// AES-256-GCM and bind the ciphertext to the name and to a purpose, so that it cannot be moved to another order or field.
// [Encrypter.DeleteKey] erases a filing: without the wrapped key, no copy of the ciphertext can be decrypted, not even in a backup.
// A backup of the key store would defeat this, so a key store must have no backups.
//
//	encrypter := envelope.New(kms, keys, time.Now)
//	err := encrypter.NewKey(ctx, order)
//	ciphertext, err := encrypter.Encrypt(ctx, order, "private", plaintext)
//	plaintext, err := encrypter.Decrypt(ctx, order, "private", ciphertext)
//
// [Encrypter.EncryptShared] encrypts data of several orders; deleting the key of any of them erases the data.
// [Objects] stores encrypted objects in a bucket. [Encrypter.Index] makes look-up keys of values that must not be stored in
// clear, such as certificate numbers. [Encrypter.MAC] authenticates data that are stored in clear; [Encrypter.SigningKey] signs what others verify.
//
// An Encrypter caches unwrapped keys for five minutes. After an erasure, another process that has read the order may decrypt its
// data until its cache expires. A key store may return a deleted key for about a second, so the five minutes may begin after the
// erasure.
package envelope

import (
	"bytes"
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/ed25519"
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

// A KeyService wraps data keys under a key that never leaves the service. A wrapped key is bound to a name and can be unwrapped only
// with the same name.
type KeyService interface {
	// Generate makes a data key of [KeySize] bytes, in clear and wrapped.
	Generate(ctx context.Context, name string) (plain, wrapped []byte, err error)
	// Unwrap returns the data key in clear. The error is [ErrTampered] if this service did not wrap the key for this name.
	Unwrap(ctx context.Context, name string, wrapped []byte) ([]byte, error)
	// Secret derives a secret from a label and the service's keys. Equal labels have equal secrets.
	Secret(ctx context.Context, label string) ([]byte, error)
}

// A KeyStore stores wrapped keys by name. It must have no backups.
type KeyStore interface {
	// AddKey stores the key of a name. If the name has a key, AddKey returns false and changes nothing.
	AddKey(ctx context.Context, name string, wrapped []byte) (bool, error)
	// Key returns the key of a name; nil if it has none.
	Key(ctx context.Context, name string) ([]byte, error)
	// DeleteKey deletes the key of a name, if it has one.
	DeleteKey(ctx context.Context, name string) error
}

// Errors of [Encrypter.Decrypt].
var (
	// ErrErased is returned if the name has no key.
	ErrErased = fault.New(fault.NotFound, "这份备案的个人信息已按规定删除。", "The personal data of this filing have been erased.")
	// ErrTampered is returned if the bytes were not encrypted for this name and purpose, or are not those that were stored.
	ErrTampered = fault.New(fault.Internal, "加密数据校验失败。", "Encrypted data failed their check.")
)

const (
	version    = 1
	indexLabel = "beian index 1"
	macLabel   = "beian mac 1"
	signLabel  = "beian sign 1"

	cacheSize = 256             // data keys
	cacheTime = 5 * time.Minute // limits how long an erased key stays in memory
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

// New returns an Encrypter. now is the clock of its cache.
func New(service KeyService, store KeyStore, now func() time.Time) *Encrypter {
	return &Encrypter{service: service, store: store, now: now, cache: map[string]cached{}, secrets: map[string][]byte{}}
}

// NewKey makes and stores the data key of a name. It does not replace an existing key.
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

// LoadKey reads the key of a name into the cache, so that it is there when it is needed. The error is [ErrErased] if the name has no key.
func (s *Encrypter) LoadKey(ctx context.Context, name string) error {
	_, err := s.aead(ctx, name)
	return err
}

// DeleteKey deletes the key of a name, after which data that were encrypted under it cannot be decrypted. It is no error if the name
// has no key.
func (s *Encrypter) DeleteKey(ctx context.Context, name string) error {
	err := s.store.DeleteKey(ctx, name)
	s.mutex.Lock()
	defer s.mutex.Unlock()
	delete(s.cache, name)
	return err
}

// Encrypt encrypts plaintext under the key of a name, for a purpose such as "private". Decrypt needs the same name and purpose.
// The error is [ErrErased] if the name has no key.
func (s *Encrypter) Encrypt(ctx context.Context, name, purpose string, plaintext []byte) ([]byte, error) {
	aead, err := s.aead(ctx, name)
	if err != nil {
		return nil, err
	}
	out := append(make([]byte, 0, 1+len(plaintext)+aead.Overhead()), version)
	return aead.Seal(out, nil, plaintext, joinTexts(name, purpose)), nil
}

// Decrypt decrypts what [Encrypter.Encrypt] returned. The error is [ErrErased] if the name has no key, and [ErrTampered] if the
// ciphertext was changed or was made for another name or purpose.
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

// Index returns the look-up key of a value: an HMAC-SHA256 in hexadecimal. Equal values under one purpose have equal keys. Without
// the service's secret, a guess of the value cannot be tested. The caller must normalise the value first.
func (s *Encrypter) Index(ctx context.Context, purpose, value string) (string, error) {
	return s.hmac(ctx, indexLabel, joinTexts(purpose, value))
}

// MAC returns an HMAC-SHA256 of a text in hexadecimal, under the service's secret.
func (s *Encrypter) MAC(ctx context.Context, purpose, text string) (string, error) {
	return s.hmac(ctx, macLabel, joinTexts(purpose, text))
}

// SigningKey returns the Ed25519 key of a purpose, which follows from the service's secret.
func (s *Encrypter) SigningKey(ctx context.Context, purpose string) (ed25519.PrivateKey, error) {
	seed, err := s.hmac(ctx, signLabel, joinTexts(purpose))
	if err != nil {
		return nil, err
	}
	bytes, err := hex.DecodeString(seed)
	if err != nil {
		return nil, err
	}
	return ed25519.NewKeyFromSeed(bytes), nil
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

// secret returns the secret of a label. It asks the key service once per process.
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
		return nil, fmt.Errorf("envelope: the key service returned a secret of %d bytes for label %q, want at least %d", len(secret), label, sha256.Size)
	}
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.secrets[label] = secret
	return secret, nil
}

// aead returns the cipher of a name. It asks store and service if the cipher is not in the cache.
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

// addToCache caches a cipher. If the cache is full, it removes the expired ciphers, or the oldest if none has expired.
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

// newAEAD returns the cipher for a key and clears the key's bytes. The cipher puts a random nonce before each message, which is safe
// for 2³² messages; a filing has far fewer.
func newAEAD(key []byte) (cipher.AEAD, error) {
	defer clear(key)
	if len(key) != KeySize {
		return nil, fmt.Errorf("envelope: the unwrapped data key has %d bytes, want %d", len(key), KeySize)
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCMWithRandomNonce(block)
}

// joinTexts encodes texts as bytes. Different lists of texts give different bytes.
func joinTexts(texts ...string) []byte {
	var out bytes.Buffer
	for _, text := range texts {
		out.Write(binary.BigEndian.AppendUint64(nil, uint64(len(text))))
		out.WriteString(text)
	}
	return out.Bytes()
}
