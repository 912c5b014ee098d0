package envelope

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
)

// A Bucket stores objects. Package bucket implements it.
type Bucket interface {
	// ReadObject returns an object. Of an object larger than limit it returns limit+1 bytes. The error is a fault of kind NotFound if
	// there is no object with the key.
	ReadObject(ctx context.Context, key string, limit int64) ([]byte, error)
	WriteObject(ctx context.Context, key string, data []byte) error
	// DeleteAll deletes the objects whose keys begin with a prefix.
	DeleteAll(ctx context.Context, prefix string) error
}

// Objects stores encrypted objects in a bucket. The ciphertext is bound to the object's key.
type Objects struct {
	Encrypter *Encrypter
	Bucket    Bucket
}

// maxOverhead is an upper bound of the bytes that encryption adds to an object that is shared by 1,000 names.
const maxOverhead = 128 << 10

// Write encrypts an object under the key of a name, such as an order's id.
func (o Objects) Write(ctx context.Context, name, key string, data []byte) error {
	ciphertext, err := o.Encrypter.Encrypt(ctx, name, "object "+key, data)
	if err != nil {
		return err
	}
	return o.Bucket.WriteObject(ctx, key, ciphertext)
}

// Read returns an object of at most limit bytes that was written under the key of a name, and whose SHA-256 in hex is digest. The error is
// [ErrErased] if the name has no key, and [ErrTampered] if the bucket holds other bytes: of another object, of an earlier version, or
// written by somebody who has the key.
func (o Objects) Read(ctx context.Context, name, key, digest string, limit int64) ([]byte, error) {
	ciphertext, err := o.Bucket.ReadObject(ctx, key, limit+maxOverhead)
	if err != nil {
		return nil, err
	}
	data, err := o.Encrypter.Decrypt(ctx, name, "object "+key, ciphertext)
	if err != nil {
		return nil, err
	}
	if sum := sha256.Sum256(data); hex.EncodeToString(sum[:]) != digest {
		return nil, ErrTampered
	}
	return data, nil
}

// WriteShared encrypts an object with data of several names; see [Encrypter.EncryptShared]. Without names, WriteShared makes a data
// key for the object, whose name is the object's key.
func (o Objects) WriteShared(ctx context.Context, names []string, key string, data []byte) error {
	if len(names) == 0 {
		if err := o.Encrypter.NewKey(ctx, key); err != nil {
			return err
		}
		names = []string{key}
	}
	ciphertext, err := o.Encrypter.EncryptShared(ctx, names, "object "+key, data)
	if err != nil {
		return err
	}
	return o.Bucket.WriteObject(ctx, key, ciphertext)
}

// ReadShared returns an object of at most limit bytes that was written by [Objects.WriteShared]. The error is [ErrErased] if any of
// the names has no key.
func (o Objects) ReadShared(ctx context.Context, key string, limit int64) ([]byte, error) {
	data, _, err := o.ReadSharedNames(ctx, key, limit)
	return data, err
}

// ReadSharedNames is ReadShared, and also returns the names, each once.
func (o Objects) ReadSharedNames(ctx context.Context, key string, limit int64) (data []byte, names []string, err error) {
	ciphertext, err := o.Bucket.ReadObject(ctx, key, limit+maxOverhead)
	if err != nil {
		return nil, nil, err
	}
	if data, err = o.Encrypter.DecryptShared(ctx, "object "+key, ciphertext); err != nil {
		return nil, nil, err
	}
	header, _, err := splitShared(ciphertext)
	return data, header.Names, err
}

// Erase deletes the key of a name, and then the objects whose keys begin with a prefix.
func (o Objects) Erase(ctx context.Context, name, prefix string) error {
	if err := o.Encrypter.DeleteKey(ctx, name); err != nil {
		return err
	}
	return o.Bucket.DeleteAll(ctx, prefix)
}
