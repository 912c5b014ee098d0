package wire

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"io"
	"sync"
	"time"
)

// deflaters are pooled because each has more than half a megabyte of tables. Most of a filing is base64 of JPEG, of which only the
// six bits per byte can be compressed; the fastest level does that.
var deflaters = sync.Pool{New: func() any {
	w, _ := flate.NewWriter(nil, flate.BestSpeed)
	return w
}}

// pack returns a zip with one entry, its sizes in the local header, and capacity for the cipher's padding. With archive/zip, which
// needs the sizes first, the compressed file would be in memory twice.
func (c Codec) pack(file File, at time.Time) ([]byte, error) {
	var packed bytes.Buffer
	room := len(file.Content)
	if !c.Stored {
		room = room * 4 / 5
	}
	packed.Grow(room + 2*len(file.Name) + 256)
	date, clock := dosTime(at)
	method := uint16(zip.Store)
	if !c.Stored {
		method = zip.Deflate
	}
	// The common part of both headers: version, flags, method, modification time, checksum, sizes, lengths of name and extra.
	common := make([]byte, 0, commonLength)
	for _, word := range []uint16{zipVersion, 0, method, clock, date} {
		common = binary.LittleEndian.AppendUint16(common, word)
	}
	common = binary.LittleEndian.AppendUint32(common, crc32.ChecksumIEEE(file.Content))
	common = binary.LittleEndian.AppendUint32(common, 0) // the compressed size, set below
	common = binary.LittleEndian.AppendUint32(common, uint32(len(file.Content)))
	common = binary.LittleEndian.AppendUint16(common, uint16(len(file.Name)))
	common = binary.LittleEndian.AppendUint16(common, 0)

	packed.WriteString("PK\x03\x04")
	packed.Write(common)
	packed.WriteString(file.Name)
	begun := packed.Len()
	if err := c.compress(&packed, file.Content); err != nil {
		return nil, err
	}
	directory := packed.Len()
	binary.LittleEndian.PutUint32(common[sizeAt:], uint32(directory-begun))
	copy(packed.Bytes()[4:], common)

	packed.WriteString("PK\x01\x02")
	packed.Write([]byte{zipVersion, 0}) // made by
	packed.Write(common)
	packed.Write(make([]byte, 14)) // no comment, disk 0, no attributes, the entry is at 0
	packed.WriteString(file.Name)
	end := []byte(endSignature + "\x00\x00\x00\x00\x01\x00\x01\x00")
	end = binary.LittleEndian.AppendUint32(end, uint32(packed.Len()-directory))
	end = binary.LittleEndian.AppendUint32(end, uint32(directory))
	packed.Write(append(end, 0, 0)) // no comment
	return packed.Bytes(), nil
}

// compress writes the content of the entry.
func (c Codec) compress(to *bytes.Buffer, content []byte) error {
	if c.Stored {
		_, err := to.Write(content)
		return err
	}
	w := deflaters.Get().(*flate.Writer)
	defer deflaters.Put(w)
	w.Reset(to)
	if _, err := w.Write(content); err != nil {
		return err
	}
	return w.Close()
}

// dosTime returns the two words of a time in a zip header: years since 1980, steps of two seconds.
func dosTime(at time.Time) (date, clock uint16) {
	if at.Year() < 1980 {
		return 1<<5 | 1, 0
	}
	return uint16(at.Day() + int(at.Month())<<5 + (at.Year()-1980)<<9),
		uint16(at.Second()/2 + at.Minute()<<5 + at.Hour()<<11)
}

// unpack returns the only entry of a zip, found in the central directory (Java writers leave the sizes in the local header empty).
// It inflates at most limit bytes.
func unpack(packed []byte, limit int64) (File, error) {
	if err := checkOneEntry(packed); err != nil {
		return File{}, err
	}
	archive, err := zip.NewReader(bytes.NewReader(packed), int64(len(packed)))
	if err != nil {
		return File{}, fmt.Errorf("%w: %w", ErrUnzip, err)
	}
	if len(archive.File) != 1 {
		return File{}, ErrEntries
	}
	entry := archive.File[0]
	if entry.Flags&1 != 0 || entry.Mode().IsDir() {
		return File{}, ErrUnzip
	}
	if entry.UncompressedSize64 > uint64(limit) {
		return File{}, ErrTooLarge
	}
	content, err := entry.Open()
	if err != nil {
		return File{}, fmt.Errorf("%w: %w", ErrUnzip, err)
	}
	defer content.Close()

	// The size in the directory may be wrong. Documents are mostly base64 of images, of which deflate leaves three quarters.
	room := min(entry.UncompressedSize64, 2*uint64(len(packed)))
	var inflated bytes.Buffer
	inflated.Grow(int(room) + bytes.MinRead)
	n, err := inflated.ReadFrom(io.LimitReader(content, limit+1))
	switch {
	case n > limit:
		return File{}, ErrTooLarge
	case err != nil:
		return File{}, fmt.Errorf("%w: %w", ErrUnzip, err)
	}
	return File{Name: entry.Name, Content: inflated.Bytes()}, nil
}

const (
	zipVersion      = 20 // 2.0: deflate, nothing newer
	commonLength    = 26
	sizeAt          = 14 // of the compressed size, in the common part
	endLength       = 22
	endSignature    = "PK\x05\x06"
	maxEndComment   = 1<<16 - 1
	maxOneDirectory = 46 + 3*(1<<16-1)
)

// checkOneEntry checks the end record before archive/zip reads the directory, because that package allocates a value for every entry.
func checkOneEntry(packed []byte) error {
	tail := packed[max(0, len(packed)-endLength-maxEndComment):]
	at := bytes.LastIndex(tail, []byte(endSignature))
	if at < 0 || len(tail)-at < endLength {
		return ErrUnzip
	}
	end := tail[at:]
	entries := binary.LittleEndian.Uint16(end[10:])
	directory := int64(binary.LittleEndian.Uint32(end[12:]))
	offset := int64(binary.LittleEndian.Uint32(end[16:]))
	if entries != 1 {
		return ErrEntries
	}
	if directory > maxOneDirectory || offset+directory != int64(len(packed)-len(end)) {
		return ErrUnzip
	}
	return nil
}
