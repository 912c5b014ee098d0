// Package keyfile stores the wrapping keys of the laptop in a file; on AWS they are in KMS. Call [Open].
//
// The file is JSON and only its owner may read it. Its last wrapping key wraps new data keys; all of them can unwrap. The file also
// contains the secret for look-up keys. If the file is lost, all personal data encrypted with it is lost.
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
	"time"

	"beian/shared/process/envelope"
)

// A key wraps data keys. A wrapped data key begins with the number of its key.
type key struct {
	Number  uint32    `json:"number"`
	Created time.Time `json:"created"`
	Bytes   []byte    `json:"key"`
}

type content struct {
	Keys   []key  `json:"keys"` // ascending by number
	Secret []byte `json:"secret"`
}

// A Service is an open key file. It is safe for concurrent use.
type Service struct{ content content }

var _ envelope.KeyService = (*Service)(nil)

// Open reads the key file, or creates it with a first key. A file that other users may read is an error.
func Open(path string, now time.Time) (*Service, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("keyfile: %w", err)
	}
	c, err := readFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		if err := createFile(path, content{Keys: []key{{Number: 1, Created: now.UTC(), Bytes: randomBytes(envelope.KeySize)}}, Secret: randomBytes(envelope.KeySize)}); err != nil &&
			!errors.Is(err, fs.ErrExist) { // another process created it first
			return nil, fmt.Errorf("keyfile: %w", err)
		}
		c, err = readFile(path)
	}
	if err != nil {
		return nil, fmt.Errorf("keyfile: %w", err)
	}
	return &Service{c}, nil
}

// Generate returns a new data key, plain and wrapped with the newest key.
func (s *Service) Generate(_ context.Context, order string) (plain, wrapped []byte, err error) {
	newest := s.content.Keys[len(s.content.Keys)-1]
	aead, err := newest.aead()
	if err != nil {
		return nil, nil, err
	}
	plain = randomBytes(envelope.KeySize)
	wrapped = binary.BigEndian.AppendUint32(nil, newest.Number)
	return plain, aead.Seal(wrapped, nil, plain, []byte(order)), nil
}

// Unwrap decrypts a data key with the key that wrapped it. It returns envelope.ErrTampered if that is impossible.
func (s *Service) Unwrap(_ context.Context, order string, wrapped []byte) ([]byte, error) {
	if len(wrapped) < 4 {
		return nil, envelope.ErrTampered
	}
	for _, k := range s.content.Keys {
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

// Secret derives the secret for a label from the one in the file.
func (s *Service) Secret(_ context.Context, label string) ([]byte, error) {
	mac := hmac.New(sha256.New, s.content.Secret)
	mac.Write([]byte(label))
	return mac.Sum(nil), nil
}

func (k key) aead() (cipher.AEAD, error) {
	block, err := aes.NewCipher(k.Bytes)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCMWithRandomNonce(block)
}

func randomBytes(n int) []byte {
	b := make([]byte, n)
	rand.Read(b) // does not fail
	return b
}

func readFile(path string) (content, error) {
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
		return content{}, errors.New("the key file does not have the JSON format of a key file; restore it from a copy") // the cause could quote a key
	}
	if _, err := d.Token(); err != io.EOF {
		return content{}, errors.New("the key file has data after its end")
	}
	if len(c.Keys) == 0 || len(c.Secret) != envelope.KeySize {
		return content{}, errors.New("the key file has no key")
	}
	for i, k := range c.Keys {
		if len(k.Bytes) != envelope.KeySize || i > 0 && k.Number <= c.Keys[i-1].Number {
			return content{}, fmt.Errorf("key %d of the key file has a wrong length or number", i)
		}
	}
	return c, nil
}

// createFile writes the file atomically. It fails with fs.ErrExist if the file exists.
func createFile(path string, c content) error {
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
	return os.Link(f.Name(), path)
}
