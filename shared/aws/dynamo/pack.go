package dynamo

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	_ "embed"
	"encoding/json"
	"fmt"
	"io"
	"sync"

	"beian/shared/rules/fault"
)

// Documents are compressed, because each started kilobyte of a row costs one or two write units at every decision. They are small, so that they have little
// to repeat: both sides know a dictionary of what documents are made of.
//
//go:embed dictionary-1.txt
var dictionary []byte

// packed1 is the first byte of a document that was compressed with dictionary 1. The file must not change while rows have such documents; a better
// dictionary gets another number. JSON and gzip, which earlier versions wrote, begin with other bytes.
const packed1 = 1

// Pack returns the JSON of v, compressed.
func Pack(v any) ([]byte, error) {
	text, err := json.Marshal(v)
	if err != nil {
		return nil, fault.Wrap(fault.Internal, err)
	}
	out := bytes.NewBuffer(make([]byte, 0, len(text)/2))
	out.WriteByte(packed1)
	w := packers.Get().(*flate.Writer)
	defer packers.Put(w)
	w.Reset(out)
	if _, err := w.Write(text); err != nil {
		return nil, fault.Wrap(fault.Internal, err)
	}
	if err := w.Close(); err != nil {
		return nil, fault.Wrap(fault.Internal, err)
	}
	return out.Bytes(), nil
}

// Unpack decodes a document into v: one of [Pack], or the JSON or gzip of an earlier version.
func Unpack(doc []byte, v any) error {
	text := doc
	switch {
	case len(doc) == 0:
		return fault.Wrap(fault.Internal, io.ErrUnexpectedEOF)
	case doc[0] == packed1:
		r := unpackers.Get().(io.ReadCloser)
		defer unpackers.Put(r)
		err := r.(flate.Resetter).Reset(bytes.NewReader(doc[1:]), dictionary)
		if err == nil {
			text, err = io.ReadAll(r)
		}
		if err != nil {
			return fault.Wrap(fault.Internal, err)
		}
	case bytes.HasPrefix(doc, []byte{0x1f, 0x8b}):
		r, err := gzip.NewReader(bytes.NewReader(doc))
		if err == nil {
			text, err = io.ReadAll(r)
		}
		if err != nil {
			return fault.Wrap(fault.Internal, err)
		}
	case doc[0] < ' ':
		return fault.Wrap(fault.Internal, fmt.Errorf("a document of form %d: a later version of Beian wrote it", doc[0]))
	}
	return fault.Wrap(fault.Internal, json.Unmarshal(text, v))
}

var packers = sync.Pool{New: func() any {
	w, err := flate.NewWriterDict(nil, flate.BestCompression, dictionary)
	if err != nil {
		panic(err) // cannot happen: the level is valid
	}
	return w
}}

var unpackers = sync.Pool{New: func() any { return flate.NewReaderDict(bytes.NewReader(nil), dictionary) }}
