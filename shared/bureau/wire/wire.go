// Package wire packs a document for the ministry's enterprise-system interface V3.0 (MIIT-IF30) and unpacks it:
//
//	GBK text → zip with one entry → MD5 over the compressed bytes → AES-CBC → base64
//
// A [Codec] has the key that the bureau issued to a provider. [Codec.Encode] makes a [Parcel]; [Codec.Decode] verifies a parcel and
// returns the document.
//
//	codec := wire.Codec{Key: key, IV: iv, Encryption: wire.AESEncryption}
//	parcel, err := codec.Encode(wire.File{Name: "beianinfo.xml", Content: content}, now)
//	file, err := codec.Decode(parcel)
//
// Input is untrusted: no input causes a panic or inflates to more than [Codec.Limit].
package wire

import (
	"bytes"
	"crypto/md5" // the interface defines no other hash
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"time"
)

// Algorithm ids of V3.0 (MIIT-IF30 4.1).
const (
	PlainEncryption = 0
	AESEncryption   = 1
	MD5Hash         = 0
	ZipCompression  = 0
)

// MaxDocument is the maximum size of an uncompressed XML document in a call (MIIT-IF30 6.1, code 18).
const MaxDocument = 50 << 20

// Errors about parcels, each with the bureau's code.
var (
	ErrEncryption  = errors.New("unknown encryption algorithm") // 9
	ErrPlain       = errors.New("not encrypted, although a key is agreed")
	ErrHashKind    = errors.New("unknown hash algorithm")              // 10
	ErrCompression = errors.New("unknown compression format")          // 11
	ErrDecrypt     = errors.New("decryption failed")                   // 6
	ErrHash        = errors.New("hash does not match the content")     // 7
	ErrUnzip       = errors.New("not a readable zip")                  // 8
	ErrEntries     = errors.New("zip does not have exactly one entry") // 17
	ErrTooLarge    = errors.New("document larger than the limit")      // 18
)

// A Codec encodes and decodes parcels.
type Codec struct {
	// Key and IV are the strings that the bureau issued; their bytes are used directly. The key has 16 characters (24 and 32 mean
	// AES-192 and AES-256), the IV has 16.
	Key, IV string
	// Encryption is the agreed algorithm, which Encode uses. Decode uses the algorithm of the parcel. If AES is agreed, it refuses a plain
	// parcel with ErrPlain, which anybody on the way can write, unless AcceptPlain is set.
	Encryption  int
	AcceptPlain bool
	// Limit is the largest document that Decode inflates, in bytes; 0 means MaxDocument.
	Limit int64
	// Stored leaves the entry uncompressed in Encode: more bytes, much less computing.
	Stored bool
}

// Check returns an error if encryption, key or IV are not valid.
func (c Codec) Check() error {
	if c.Encryption != PlainEncryption && c.Encryption != AESEncryption {
		return ErrEncryption
	}
	if c.Key == "" && c.IV == "" && c.Encryption == PlainEncryption {
		return nil
	}
	_, err := c.block()
	return err
}

// A File is a document with the name of its zip entry.
type File struct {
	Name    string
	Content []byte
}

// A Parcel is a packed document, ready to send: the parameters beianInfo (before base64), beianInfoHash, encryptAlgorithm,
// hashAlgorithm and compressionFormat of the interface.
type Parcel struct {
	Data        []byte
	Hash        string // base64 of the MD5 of the zip
	Encryption  int
	HashKind    int
	Compression int
}

// ParseParcel returns the parcel of received parameters. Info is the base64 text of beianInfo; white space in it is ignored.
func ParseParcel(info []byte, hash string, encryption, hashKind, compression int) (Parcel, error) {
	data, err := DecodeBase64(info)
	if err != nil {
		if encryption == AESEncryption {
			return Parcel{}, fmt.Errorf("%w: %w", ErrDecrypt, err)
		}
		return Parcel{}, fmt.Errorf("%w: %w", ErrUnzip, err)
	}
	return Parcel{Data: data, Hash: hash, Encryption: encryption, HashKind: hashKind, Compression: compression}, nil
}

// Info returns beianInfo: the data in base64, on one line.
func (p Parcel) Info() string { return base64.StdEncoding.EncodeToString(p.Data) }

// Encode packs a document. The name of the entry consists of letters, digits and "_" with at most one extension, at most 128 bytes;
// at is its modification time.
func (c Codec) Encode(file File, at time.Time) (Parcel, error) {
	if int64(len(file.Content)) > c.limit() {
		return Parcel{}, ErrTooLarge
	}
	if !isEntryName(file.Name) {
		return Parcel{}, errors.New("entry name must be letters and digits with one extension, at most 128 bytes")
	}
	packed, err := c.pack(file, at)
	if err != nil {
		return Parcel{}, err
	}
	sum := md5.Sum(packed)
	parcel := Parcel{Data: packed, Hash: base64.StdEncoding.EncodeToString(sum[:]), Encryption: c.Encryption}
	switch c.Encryption {
	case PlainEncryption:
	case AESEncryption:
		if parcel.Data, err = c.encrypt(packed); err != nil {
			return Parcel{}, err
		}
	default:
		return Parcel{}, ErrEncryption
	}
	return parcel, nil
}

// Decode verifies a parcel and returns its only entry. It does not change the parcel.
func (c Codec) Decode(p Parcel) (File, error) {
	switch {
	case p.Encryption != PlainEncryption && p.Encryption != AESEncryption:
		return File{}, ErrEncryption
	case p.Encryption == PlainEncryption && c.Encryption == AESEncryption && !c.AcceptPlain:
		return File{}, ErrPlain
	case p.HashKind != MD5Hash:
		return File{}, ErrHashKind
	case p.Compression != ZipCompression:
		return File{}, ErrCompression
	}
	packed := p.Data
	if p.Encryption == AESEncryption {
		var err error
		if packed, err = c.decrypt(p.Data); err != nil {
			return File{}, err
		}
	}
	want, err := DecodeBase64([]byte(p.Hash))
	if err != nil {
		return File{}, ErrHash
	}
	got := md5.Sum(packed)
	if subtle.ConstantTimeCompare(want, got[:]) != 1 {
		return File{}, ErrHash
	}
	return unpack(packed, c.limit())
}

// HashMatched reports whether an error of [Codec.Decode] is about the content of a parcel whose hash is right. Requesting such a
// parcel again does not help.
func HashMatched(err error) bool {
	return errors.Is(err, ErrUnzip) || errors.Is(err, ErrEntries) || errors.Is(err, ErrTooLarge)
}

func (c Codec) limit() int64 {
	if c.Limit > 0 {
		return c.Limit
	}
	return MaxDocument
}

// DecodeBase64 decodes standard base64 with padding. White space anywhere is ignored: bureaus break lines at 76 columns.
func DecodeBase64(text []byte) ([]byte, error) {
	data := make([]byte, base64.StdEncoding.DecodedLen(len(text)))
	// The decoder ignores CR and LF; other white space is rare and removed only if decoding fails.
	n, err := base64.StdEncoding.Decode(data, text)
	if err != nil {
		n, err = base64.StdEncoding.Decode(data, bytes.Join(bytes.Fields(text), nil))
	}
	if err != nil {
		return nil, errors.New("not base64")
	}
	return data[:n], nil
}

func isEntryName(name string) bool {
	if len(name) > 128 {
		return false
	}
	stem, extension, dotted := strings.Cut(name, ".")
	return isWord(stem) && (!dotted || isWord(extension))
}

func isWord(s string) bool {
	for _, r := range s {
		switch {
		case r >= '0' && r <= '9', r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r == '_':
		default:
			return false
		}
	}
	return s != ""
}
