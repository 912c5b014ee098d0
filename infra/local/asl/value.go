package asl

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"unicode/utf8"
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

// encode writes a decoded value compactly, with sorted keys, and does not escape <, > and &.
func encode(v any) json.RawMessage {
	var short [1024]byte
	return bytes.Clone(appendJSON(short[:0], v))
}

// appendJSON appends what encode returns.
func appendJSON(b []byte, v any) []byte {
	switch v := v.(type) {
	case nil:
		return append(b, "null"...)
	case bool:
		return strconv.AppendBool(b, v)
	case json.Number:
		return append(b, v...)
	case string:
		return appendString(b, v)
	case []any:
		b = append(b, '[')
		for i, item := range v {
			if i > 0 {
				b = append(b, ',')
			}
			b = appendJSON(b, item)
		}
		return append(b, ']')
	case map[string]any:
		var few [16]string
		keys := few[:0]
		for key := range v {
			keys = append(keys, key)
		}
		slices.Sort(keys)
		b = append(b, '{')
		for i, key := range keys {
			if i > 0 {
				b = append(b, ',')
			}
			b = append(appendString(b, key), ':')
			b = appendJSON(b, v[key])
		}
		return append(b, '}')
	}
	panic(fmt.Sprintf("asl: %T is not a decoded JSON value", v))
}

// appendString appends a string in quotes. Only strings with characters that need escapes go through package json.
func appendString(b []byte, s string) []byte {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c >= utf8.RuneSelf || c == '"' || c == '\\' {
			var escaped bytes.Buffer
			e := json.NewEncoder(&escaped)
			e.SetEscapeHTML(false)
			if err := e.Encode(s); err != nil {
				panic("asl: a string does not encode: " + err.Error())
			}
			return append(b, bytes.TrimSuffix(escaped.Bytes(), []byte("\n"))...)
		}
	}
	b = append(b, '"')
	b = append(b, s...)
	return append(b, '"')
}

// A value is the data that one state passes to the next. It is encoded and decoded at most once, however many states it passes.
// Decoded values are never changed; see [path.put].
type value struct {
	text    json.RawMessage // as encode returns it; nil if it is not encoded yet
	tree    any
	decoded bool // tree is set
}

func decodedValue(tree any) *value { return &value{tree: tree, decoded: true} }

// get returns the decoded value.
func (v *value) get() any {
	if !v.decoded {
		v.tree, v.decoded = mustDecode(v.text), true
	}
	return v.tree
}

// encoded returns the text of the value.
func (v *value) encoded() json.RawMessage {
	if v.text == nil {
		v.text = encode(v.tree)
	}
	return v.text
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
