// Package keyfile keeps the keys that wrap data keys in a file, for a laptop: what KMS does on AWS.
//
// The file is JSON and readable by its owner only. It holds several wrapping keys; the newest wraps, all of them
// unwrap, so that rotating ([Service.Rotate]) leaves what was wrapped before readable. The secret for look-up keys is
// in the file too and never rotates, for the look-up keys are stored. Whoever loses the file has lost all personal
// data that were sealed with it.
package keyfile

import (
	"bytes"
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"

	"beian/shared/process/envelope"
)

// A key wraps data keys. Its number is part of what it wraps.
type key struct {
	Number  uint32    `json:"number"`
	Created time.Time `json:"created"`
	Bytes   []byte    `json:"key"`
}

type content struct {
	Keys   []key  `json:"keys"` // ascending by number
	Secret []byte `json:"secret"`
}

// A Service is a key file in use. It is safe for concurrent use within one process.
type Service struct {
	path string

	mutex   sync.RWMutex
	content content
}

var _ envelope.KeyService = (*Service)(nil)

// Open reads the key file, or makes it with a first key if there is none. A file that others may read is refused.
func Open(path string, now time.Time) (*Service, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("keyfile: %w", err)
	}
	c, err := read(path)
	if errors.Is(err, fs.ErrNotExist) {
		if err := write(path, content{Keys: []key{newKey(1, now)}, Secret: random(envelope.KeySize)}, os.Link); err != nil &&
			!errors.Is(err, fs.ErrExist) { // another process was faster
			return nil, fmt.Errorf("keyfile: %w", err)
		}
		c, err = read(path)
	}
	if err != nil {
		return nil, fmt.Errorf("keyfile: %w", err)
	}
	return &Service{path: path, content: c}, nil
}

// Rotate adds a key, which wraps from now on.
func (s *Service) Rotate(now time.Time) error {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	c := s.content
	last := c.Keys[len(c.Keys)-1].Number
	c.Keys = append(c.Keys[:len(c.Keys):len(c.Keys)], newKey(last+1, now))
	if err := write(s.path, c, os.Rename); err != nil {
		return fmt.Errorf("keyfile: %w", err)
	}
	s.content = c
	return nil
}

// Generate makes a data key and wraps it with the newest key.
func (s *Service) Generate(_ context.Context, order string) (plain, wrapped []byte, err error) {
	s.mutex.RLock()
	newest := s.content.Keys[len(s.content.Keys)-1]
	s.mutex.RUnlock()
	aead, err := newest.aead()
	if err != nil {
		return nil, nil, err
	}
	plain = random(envelope.KeySize)
	wrapped = binary.BigEndian.AppendUint32(nil, newest.Number)
	return plain, aead.Seal(wrapped, nil, plain, []byte(order)), nil
}

// Unwrap opens a data key with the key that wrapped it.
func (s *Service) Unwrap(_ context.Context, order string, wrapped []byte) ([]byte, error) {
	if len(wrapped) < 4 {
		return nil, envelope.ErrTampered
	}
	s.mutex.RLock()
	keys := s.content.Keys
	s.mutex.RUnlock()
	for _, k := range keys {
		if k.Number != binary.BigEndian.Uint32(wrapped) {
			continue
		}
		aead, err := k.aead()
		if err != nil {
			return nil, err
		}
		plain, err := aead.Open(nil, nil, wrapped[4:], []byte(order))
		if err != nil {
			return nil, envelope.ErrTampered
		}
		return plain, nil
	}
	return nil, envelope.ErrTampered
}

// Secret derives a secret from the one in the file.
func (s *Service) Secret(_ context.Context, label string) ([]byte, error) {
	s.mutex.RLock()
	defer s.mutex.RUnlock()
	mac := hmac.New(sha256.New, s.content.Secret)
	mac.Write([]byte(label))
	return mac.Sum(nil), nil
}

func newKey(number uint32, now time.Time) key {
	return key{Number: number, Created: now.UTC(), Bytes: random(envelope.KeySize)}
}

func (k key) aead() (cipher.AEAD, error) {
	block, err := aes.NewCipher(k.Bytes)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCMWithRandomNonce(block)
}

func random(n int) []byte {
	b := make([]byte, n)
	rand.Read(b) // does not fail
	return b
}

func read(path string) (content, error) {
	info, err := os.Stat(path)
	if err != nil {
		return content{}, err
	}
	if mode := info.Mode(); !mode.IsRegular() || mode.Perm()&0o077 != 0 {
		return content{}, fmt.Errorf("the key file has mode %v; only its owner may read it (chmod 600)", mode)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return content{}, err
	}
	var c content
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(&c); err != nil {
		return content{}, errors.New("the key file is not the JSON it should be") // the cause could quote a key
	}
	if _, err := d.Token(); err != io.EOF {
		return content{}, errors.New("something stands behind the end of the key file")
	}
	if len(c.Keys) == 0 || len(c.Secret) != envelope.KeySize {
		return content{}, errors.New("the key file lacks a key")
	}
	for i, k := range c.Keys {
		if len(k.Bytes) != envelope.KeySize || i > 0 && k.Number <= c.Keys[i-1].Number {
			return content{}, fmt.Errorf("key %d of the key file is not as it should be", i)
		}
	}
	return c, nil
}

// write puts the whole file in place at once: place is os.Rename, or os.Link for a file that must not be there yet.
func write(path string, c content, place func(from, to string) error) error {
	text, err := json.MarshalIndent(c, "", "  ")
	if err != nil {
		return err
	}
	folder := filepath.Dir(path)
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return err
	}
	f, err := os.CreateTemp(folder, ".keys-*") // mode 0600
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	_, err = f.Write(text)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	return place(f.Name(), path)
}
