// Package wire packs a document for the ministry's enterprise-system interface V3.0 (MIIT-IF30) and unpacks it:
//
//	GBK text → zip with one entry → MD5 over the compressed bytes → AES-CBC → base64
//
// A [Codec] holds what the bureau issued to a provider. [Codec.Seal] makes a [Parcel]; [Codec.Open] checks one and
// gives the document back. Whatever arrives is hostile until it has been opened: nothing here panics on it, and
// nothing inflates past [Codec.Limit].
package wire

import (
	"bytes"
	"crypto/md5" // the interface defines no other hash
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"time"
)

// Algorithm ids of the interface (MIIT-IF30, 4.1). Other ids do not exist in V3.0.
const (
	PlainEncryption = 0
	AESEncryption   = 1
	MD5Hash         = 0
	ZipCompression  = 0
)

// MaxDocument is the largest XML document that a call may carry, uncompressed (MIIT-IF30, code 18).
const MaxDocument = 50 << 20

// What can be wrong with a parcel. Each is what the bureau answers a code of its own for.
var (
	ErrEncryption  = errors.New("unknown encryption algorithm")   // 9
	ErrHashKind    = errors.New("unknown hash algorithm")         // 10
	ErrCompression = errors.New("unknown compression format")     // 11
	ErrDecrypt     = errors.New("decryption failed")              // 6
	ErrHash        = errors.New("hash does not fit the content")  // 7
	ErrUnzip       = errors.New("not a readable zip")             // 8
	ErrEntries     = errors.New("zip does not hold one entry")    // 17
	ErrTooLarge    = errors.New("document larger than the limit") // 18
)

// A Codec seals and opens parcels.
type Codec struct {
	// Key and IV are the strings that the bureau issued; their bytes are used as they are. The key has 16 characters
	// (24 and 32 are taken as AES-192 and AES-256), the IV has 16.
	Key, IV string
	// Encryption is the algorithm for sealing. Opening uses what the parcel says.
	Encryption int
	// Limit is the largest document that Open inflates, in bytes; 0 means MaxDocument.
	Limit int64
	// Stored leaves the entry uncompressed when sealing: more bytes, far less computing.
	Stored bool
}

// Check reports whether the codec can work with its key and IV.
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

// A Parcel is a sealed document: the parameters beianInfo (before base64), beianInfoHash, encryptAlgorithm,
// hashAlgorithm and compressionFormat of the interface.
type Parcel struct {
	Data        []byte
	Hash        string // base64 of the MD5 of the zip
	Encryption  int
	HashKind    int
	Compression int
}

// Received makes a parcel of what arrived. Info is the base64 text of beianInfo; white space in it is ignored.
func Received(info []byte, hash string, encryption, hashKind, compression int) (Parcel, error) {
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

// Seal packs a document. The entry's name consists of letters, digits and "_" with one extension, at most 128 bytes;
// at becomes the entry's time of change.
func (c Codec) Seal(file File, at time.Time) (Parcel, error) {
	if int64(len(file.Content)) > c.limit() {
		return Parcel{}, ErrTooLarge
	}
	if !entryName(file.Name) {
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

// Open checks a parcel and returns its only entry, whatever that is called. The parcel stays as it was.
func (c Codec) Open(p Parcel) (File, error) {
	switch {
	case p.Encryption != PlainEncryption && p.Encryption != AESEncryption:
		return File{}, ErrEncryption
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

// Intact reports whether a parcel that Open refused with err is as its sender made it: its hash fits, only what is inside
// cannot be read. To ask for it again is then of no use.
func Intact(err error) bool {
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
	// The decoder itself passes over CR and LF; other white space is rare enough to try without first.
	n, err := base64.StdEncoding.Decode(data, text)
	if err != nil {
		n, err = base64.StdEncoding.Decode(data, bytes.Join(bytes.Fields(text), nil))
	}
	if err != nil {
		return nil, errors.New("not base64")
	}
	return data[:n], nil
}

func entryName(name string) bool {
	if len(name) > 128 {
		return false
	}
	stem, extension, dotted := cutLast(name)
	return word(stem) && (!dotted || word(extension))
}

func cutLast(name string) (stem, extension string, dotted bool) {
	i := bytes.LastIndexByte([]byte(name), '.')
	if i < 0 {
		return name, "", false
	}
	return name[:i], name[i+1:], true
}

func word(s string) bool {
	for _, r := range s {
		switch {
		case r >= '0' && r <= '9', r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r == '_':
		default:
			return false
		}
	}
	return s != ""
}
