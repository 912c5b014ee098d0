package wire_test

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"crypto/md5"
	"encoding/base64"
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"beian/shared/bureau/wire"
)

// The vectors use invented credentials. They fix the encoding byte for byte.
const (
	vectorKey     = "ICPSIM-TEST-KEY1"
	vectorIV      = "0102030405060708"
	uploadHash    = "eqK3VCGuvpQ34rokhgiFBQ=="
	downloadHash  = "qhVkt5JQr3wWQ0t0gE8m0A=="
	deflateHash   = "1T/0i9xqrBDOhDjgNmvQyw=="
	uploadEntry   = "beianinfo.xml"
	downloadEntry = "20160415151004_zj_0001.xml"
)

var (
	codec    = wire.Codec{Key: vectorKey, IV: vectorIV, Encryption: wire.AESEncryption}
	vectorAt = time.Date(2016, 4, 15, 15, 10, 4, 0, time.UTC)
)

func readVector(t testing.TB, name string) []byte {
	t.Helper()
	data, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestDecodeVectors(t *testing.T) {
	for _, c := range []struct {
		file, hash, content, entry string
		encryption                 int
	}{
		{"upload-plain.b64", uploadHash, "upload.xml", uploadEntry, wire.PlainEncryption},
		{"upload-aes.b64", uploadHash, "upload.xml", uploadEntry, wire.AESEncryption},
		{"upload-deflate.b64", deflateHash, "upload.xml", uploadEntry, wire.PlainEncryption},
		{"download-plain.b64", downloadHash, "download.xml", downloadEntry, wire.PlainEncryption},
		{"download-aes.b64", downloadHash, "download.xml", downloadEntry, wire.AESEncryption},
	} {
		t.Run(c.file, func(t *testing.T) {
			parcel, err := wire.ParseParcel(readVector(t, c.file), c.hash, c.encryption, 0, 0)
			if err != nil {
				t.Fatal(err)
			}
			lenient := codec
			lenient.AcceptPlain = true
			file, err := lenient.Decode(parcel)
			if err != nil {
				t.Fatal(err)
			}
			if file.Name != c.entry || !bytes.Equal(file.Content, readVector(t, c.content)) {
				t.Errorf("got entry %q with %d bytes", file.Name, len(file.Content))
			}
		})
	}
}

func TestEncodeVectors(t *testing.T) {
	for _, c := range []struct {
		file, hash, content, entry string
		encryption                 int
	}{
		{"upload-plain.b64", uploadHash, "upload.xml", uploadEntry, wire.PlainEncryption},
		{"upload-aes.b64", uploadHash, "upload.xml", uploadEntry, wire.AESEncryption},
		{"download-plain.b64", downloadHash, "download.xml", downloadEntry, wire.PlainEncryption},
		{"download-aes.b64", downloadHash, "download.xml", downloadEntry, wire.AESEncryption},
	} {
		t.Run(c.file, func(t *testing.T) {
			sealing := codec
			sealing.Encryption, sealing.Stored = c.encryption, true
			parcel, err := sealing.Encode(wire.File{Name: c.entry, Content: readVector(t, c.content)}, vectorAt)
			if err != nil {
				t.Fatal(err)
			}
			want := strings.Join(strings.Fields(string(readVector(t, c.file))), "")
			if parcel.Hash != c.hash || parcel.Info() != want {
				t.Errorf("hash %s, info %s; want %s, %s", parcel.Hash, parcel.Info(), c.hash, want)
			}
		})
	}
}

func TestDecodeRefuses(t *testing.T) {
	good := packed(t, codec, "<a/>")
	plain := wire.Codec{}
	for _, c := range []struct {
		name  string
		codec wire.Codec
		spoil func(*wire.Parcel)
		want  error
	}{
		{"encryption id", codec, func(p *wire.Parcel) { p.Encryption = 2 }, wire.ErrEncryption},
		{"not encrypted", codec, func(p *wire.Parcel) { p.Encryption = wire.PlainEncryption }, wire.ErrPlain},
		{"hash id", codec, func(p *wire.Parcel) { p.HashKind = 1 }, wire.ErrHashKind},
		{"compression id", codec, func(p *wire.Parcel) { p.Compression = 1 }, wire.ErrCompression},
		{"not whole blocks", codec, func(p *wire.Parcel) { p.Data = p.Data[1:] }, wire.ErrDecrypt},
		{"nothing", codec, func(p *wire.Parcel) { p.Data = nil }, wire.ErrDecrypt},
		{"another key", wire.Codec{Key: "ICPSIM-TEST-KEY2", IV: vectorIV, Encryption: wire.AESEncryption}, func(*wire.Parcel) {}, wire.ErrDecrypt},
		{"hash of something else", codec, func(p *wire.Parcel) { p.Hash = uploadHash }, wire.ErrHash},
		{"hash not base64", codec, func(p *wire.Parcel) { p.Hash = "!" }, wire.ErrHash},
		{"hash empty", codec, func(p *wire.Parcel) { p.Hash = "" }, wire.ErrHash},
		{"not a zip", plain, func(p *wire.Parcel) { *p = parcelOf([]byte("plain text")) }, wire.ErrUnzip},
		{"zip cut short", plain, func(p *wire.Parcel) { *p = parcelOf(zipOf(t, "a.xml")[:40]) }, wire.ErrUnzip},
		{"no entry", plain, func(p *wire.Parcel) { *p = parcelOf(zipOf(t)) }, wire.ErrEntries},
		{"two entries", plain, func(p *wire.Parcel) { *p = parcelOf(zipOf(t, "a.xml", "b.xml")) }, wire.ErrEntries},
		{"folder", plain, func(p *wire.Parcel) { *p = parcelOf(zipOf(t, "a/")) }, wire.ErrUnzip},
		{"bytes before the zip", plain, func(p *wire.Parcel) {
			*p = parcelOf(append([]byte("x"), zipOf(t, "a.xml")...))
		}, wire.ErrUnzip},
	} {
		t.Run(c.name, func(t *testing.T) {
			parcel := good
			parcel.Data = bytes.Clone(good.Data)
			c.spoil(&parcel)
			if _, err := c.codec.Decode(parcel); !errors.Is(err, c.want) {
				t.Errorf("got %v, want %v", err, c.want)
			}
		})
	}
}

// TestEarlyClientIsRefused: an early public client sent gzip and the base64 of a hexadecimal digest. A conforming receiver rejects
// the hash.
func TestEarlyClientIsRefused(t *testing.T) {
	const info = "H4sIAAAAAAAAAzM0MjYxNTO3sDRITEpOSU1Lz8jMys7JzcsvKCwqLiktK6+orHJ0cnZxdXP38PTy9vH18w8IDAoOCQ0Lj4iMAgBFGT7tPgAAAA=="
	parcel, err := wire.ParseParcel([]byte(info), "Mzk5MTY2YjMwOTY1YzRiNmEyNGQ3ZjNmODIzMDdiMjU=", 0, 0, 0)
	if err != nil {
		t.Fatal(err)
	}
	lenient := codec
	lenient.AcceptPlain = true
	if _, err := lenient.Decode(parcel); !errors.Is(err, wire.ErrHash) {
		t.Errorf("got %v", err)
	}
	sum := md5.Sum(parcel.Data)
	parcel.Hash = base64.StdEncoding.EncodeToString(sum[:])
	if _, err := lenient.Decode(parcel); !errors.Is(err, wire.ErrUnzip) {
		t.Errorf("gzip with the right hash: got %v", err)
	}
}

func TestReceivedBase64(t *testing.T) {
	for _, text := range []string{"PGEvPg==", "PGEv\nPg==", "PGEv\r\n Pg=\t=\n"} {
		parcel, err := wire.ParseParcel([]byte(text), "", 0, 0, 0)
		if err != nil || string(parcel.Data) != "<a/>" {
			t.Errorf("%q: %q, %v", text, parcel.Data, err)
		}
	}
	if _, err := wire.ParseParcel([]byte("***"), "", wire.AESEncryption, 0, 0); !errors.Is(err, wire.ErrDecrypt) {
		t.Errorf("encrypted: got %v", err)
	}
	if _, err := wire.ParseParcel([]byte("PGE"), "", wire.PlainEncryption, 0, 0); !errors.Is(err, wire.ErrUnzip) {
		t.Errorf("plain: got %v", err)
	}
}

func TestKeyLengths(t *testing.T) {
	for length, good := range map[int]bool{0: false, 15: false, 16: true, 24: true, 32: true, 33: false} {
		c := wire.Codec{Key: strings.Repeat("k", length), IV: vectorIV, Encryption: wire.AESEncryption}
		if (c.Check() == nil) != good {
			t.Errorf("key of %d: %v", length, c.Check())
		}
		if !good {
			continue
		}
		file, err := c.Decode(packed(t, c, "<a/>"))
		if err != nil || string(file.Content) != "<a/>" {
			t.Errorf("key of %d: %v", length, err)
		}
	}
	if (wire.Codec{Key: vectorKey, IV: "short"}).Check() == nil {
		t.Error("short IV accepted")
	}
	if err := (wire.Codec{}).Check(); err != nil {
		t.Errorf("no encryption, no key: %v", err)
	}
}

func TestEncodeRefuses(t *testing.T) {
	small := wire.Codec{Limit: 3}
	if _, err := small.Encode(wire.File{Name: "a.xml", Content: []byte("<a/>")}, vectorAt); !errors.Is(err, wire.ErrTooLarge) {
		t.Errorf("too large: %v", err)
	}
	for _, name := range []string{"", ".xml", "a/b.xml", "..", "a b.xml", "网站.xml", strings.Repeat("a", 125) + ".xml"} {
		if _, err := codec.Encode(wire.File{Name: name}, vectorAt); err == nil {
			t.Errorf("entry name %q accepted", name)
		}
	}
}

// TestBombStopsAtTheLimit decodes a zip of one megabyte that inflates to a gigabyte.
func TestBombStopsAtTheLimit(t *testing.T) {
	for claimed, want := range map[uint64]error{1 << 30: wire.ErrTooLarge, 1 << 20: wire.ErrUnzip, 1: wire.ErrUnzip} {
		bomb := parcelOf(bombOf(t, claimed))
		small := wire.Codec{Limit: 1 << 20}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := small.Decode(bomb)
		runtime.ReadMemStats(&after)
		if !errors.Is(err, want) {
			t.Errorf("claiming %d bytes: got %v, want %v", claimed, err, want)
		}
		if grown := after.TotalAlloc - before.TotalAlloc; grown > 16<<20 {
			t.Errorf("claiming %d bytes: %d bytes allocated to refuse", claimed, grown)
		}
	}
}

// bombOf repeats one deflated megabyte of spaces a thousand times.
func bombOf(t *testing.T, claimed uint64) []byte {
	t.Helper()
	var chunk bytes.Buffer
	w, err := flate.NewWriter(&chunk, flate.BestSpeed)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(bytes.Repeat([]byte(" "), 1<<20)); err != nil {
		t.Fatal(err)
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	body := append(bytes.Repeat(chunk.Bytes(), 1024), 1, 0, 0, 0xff, 0xff)
	var packed bytes.Buffer
	archive := zip.NewWriter(&packed)
	entry, err := archive.CreateRaw(&zip.FileHeader{
		Name: "bomb.xml", Method: zip.Deflate,
		CompressedSize64: uint64(len(body)), UncompressedSize64: claimed,
	})
	if err == nil {
		_, err = entry.Write(body)
	}
	if err = errors.Join(err, archive.Close()); err != nil {
		t.Fatal(err)
	}
	return packed.Bytes()
}

func packed(t testing.TB, c wire.Codec, content string) wire.Parcel {
	t.Helper()
	parcel, err := c.Encode(wire.File{Name: "a.xml", Content: []byte(content)}, vectorAt)
	if err != nil {
		t.Fatal(err)
	}
	return parcel
}

func parcelOf(packed []byte) wire.Parcel {
	sum := md5.Sum(packed)
	return wire.Parcel{Data: packed, Hash: base64.StdEncoding.EncodeToString(sum[:])}
}

func zipOf(t testing.TB, names ...string) []byte {
	t.Helper()
	var packed bytes.Buffer
	archive := zip.NewWriter(&packed)
	for _, name := range names {
		entry, err := archive.Create(name)
		if err == nil && !strings.HasSuffix(name, "/") {
			_, err = io.WriteString(entry, "<a/>")
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := archive.Close(); err != nil {
		t.Fatal(err)
	}
	return packed.Bytes()
}

func FuzzEncodeDecode(f *testing.F) {
	f.Add([]byte("<a/>"), true, false)
	f.Add(bytes.Repeat([]byte{0}, 4096), false, true)
	f.Fuzz(func(t *testing.T, content []byte, encrypted, stored bool) {
		c := codec
		c.Stored = stored
		if !encrypted {
			c.Encryption = wire.PlainEncryption
		}
		parcel, err := c.Encode(wire.File{Name: "a.xml", Content: content}, vectorAt)
		if err != nil {
			t.Fatal(err)
		}
		received, err := wire.ParseParcel([]byte(parcel.Info()), parcel.Hash, parcel.Encryption, 0, 0)
		if err != nil {
			t.Fatal(err)
		}
		file, err := c.Decode(received)
		if err != nil || file.Name != "a.xml" || !bytes.Equal(file.Content, content) {
			t.Fatalf("%d bytes came back as %d: %v", len(content), len(file.Content), err)
		}
	})
}

func FuzzDecode(f *testing.F) {
	for _, name := range []string{"upload-plain.b64", "upload-deflate.b64", "download-plain.b64"} {
		data, err := wire.DecodeBase64(readVector(f, name))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data, 0)
		f.Add(data, 1)
	}
	f.Fuzz(func(t *testing.T, data []byte, encryption int) {
		small := codec
		small.Limit, small.AcceptPlain = 1<<16, true
		parcel := parcelOf(data)
		parcel.Encryption = encryption
		if file, err := small.Decode(parcel); err == nil && len(file.Content) > 1<<16 {
			t.Fatal("inflated past the limit")
		}
	})
}

func BenchmarkEncode300KB(b *testing.B) {
	content := filing(300 << 10)
	b.SetBytes(int64(len(content)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := codec.Encode(wire.File{Name: "a.xml", Content: content}, vectorAt); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDecode300KB(b *testing.B) {
	parcel := packed(b, codec, string(filing(300<<10)))
	b.SetBytes(300 << 10)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := codec.Decode(parcel); err != nil {
			b.Fatal(err)
		}
	}
}

// filing returns text like that of a filing: base64 of bytes that do not compress.
func filing(length int) []byte {
	image := make([]byte, length*3/4)
	source := rand.New(rand.NewPCG(1, 2))
	for i := range image {
		image[i] = byte(source.Uint32())
	}
	return []byte(base64.StdEncoding.EncodeToString(image))
}
