package envelope

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"encoding/json"
	"slices"
)

// versionShared is the first byte of the result of [Encrypter.EncryptShared]. The length of the header in four bytes, the header and the
// ciphertext follow.
const versionShared = 2

// A sharedHeader has the data key of a shared ciphertext. The key is encrypted under the key of each name in turn, first under that of
// the first name.
type sharedHeader struct {
	Names []string `json:"names"`
	Key   []byte   `json:"key"`
}

// EncryptShared encrypts plaintext with data of one or more names. It can be decrypted only while all of them have keys, so deleting the
// key of any name erases it. The error is [ErrErased] if a name has no key.
func (s *Encrypter) EncryptShared(ctx context.Context, names []string, purpose string, plaintext []byte) ([]byte, error) {
	key := make([]byte, KeySize)
	rand.Read(key)
	header := sharedHeader{Names: slices.Compact(slices.Sorted(slices.Values(names))), Key: slices.Clone(key)}
	for _, name := range header.Names {
		var err error
		if header.Key, err = s.Encrypt(ctx, name, purpose+" key", header.Key); err != nil {
			return nil, err
		}
	}
	aead, err := newAEAD(key)
	if err != nil {
		return nil, err
	}
	doc, err := json.Marshal(header)
	if err != nil {
		return nil, err
	}
	out := make([]byte, 0, 5+len(doc)+len(plaintext)+aead.Overhead())
	out = append(binary.BigEndian.AppendUint32(append(out, versionShared), uint32(len(doc))), doc...)
	return aead.Seal(out, nil, plaintext, joinTexts(append([]string{purpose}, header.Names...)...)), nil
}

// DecryptShared decrypts what [Encrypter.EncryptShared] returned. The error is [ErrErased] if any of the names has no key.
func (s *Encrypter) DecryptShared(ctx context.Context, purpose string, ciphertext []byte) ([]byte, error) {
	header, ciphertext, err := splitShared(ciphertext)
	if err != nil {
		return nil, err
	}
	key := header.Key
	for _, name := range slices.Backward(header.Names) {
		var err error
		if key, err = s.Decrypt(ctx, name, purpose+" key", key); err != nil {
			return nil, err
		}
	}
	if len(key) != KeySize {
		return nil, ErrTampered
	}
	aead, err := newAEAD(key)
	if err != nil {
		return nil, err
	}
	plaintext, err := aead.Open(nil, nil, ciphertext, joinTexts(append([]string{purpose}, header.Names...)...))
	if err != nil {
		return nil, ErrTampered
	}
	return plaintext, nil
}

// splitShared returns header and ciphertext in the result of [Encrypter.EncryptShared]. It authenticates neither.
func splitShared(data []byte) (header sharedHeader, ciphertext []byte, err error) {
	if len(data) < 5 || data[0] != versionShared {
		return header, nil, ErrTampered
	}
	size := uint64(binary.BigEndian.Uint32(data[1:5]))
	if size > uint64(len(data)-5) {
		return header, nil, ErrTampered
	}
	if err := json.Unmarshal(data[5:5+size], &header); err != nil || len(header.Names) == 0 {
		return header, nil, ErrTampered
	}
	return header, data[5+size:], nil
}
