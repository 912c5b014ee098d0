package asl

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"slices"
)

// PayloadLimit is the maximum size of an input, a result or an output in bytes (256 KiB, as on AWS).
const PayloadLimit = 256 << 10

// decode reads one JSON value; numbers keep their digits.
func decode(text []byte) (any, error) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return nil, err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("more than one JSON value")
	}
	return v, nil
}

// mustDecode decodes a value that this package encoded or validated.
func mustDecode(text []byte) any {
	v, err := decode(text)
	if err != nil {
		panic("asl: a stored value is not JSON: " + err.Error())
	}
	return v
}

// encode writes v compactly, and does not escape <, > and &.
func encode(v any) json.RawMessage {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		panic("asl: a decoded JSON value does not encode: " + err.Error())
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}

// compact checks that text is one JSON value and removes white space.
func compact(text []byte) (json.RawMessage, error) {
	if len(bytes.TrimSpace(text)) == 0 {
		text = []byte("{}")
	}
	var b bytes.Buffer
	if err := json.Compact(&b, text); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// checkSize returns a failure if a value is larger than the limit.
func checkSize(text []byte, what string) *Failure {
	if len(text) <= PayloadLimit {
		return nil
	}
	return failuref(ErrorDataLimitExceeded,
		"The state/task returned a result with a size exceeding the maximum number of bytes service limit (%s).", what)
}

func sortedKeys(object map[string]any) []string { return slices.Sorted(maps.Keys(object)) }
