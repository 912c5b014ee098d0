package asl

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"math"
	"reflect"
	"strconv"
	"time"
)

// PayloadLimit is the most bytes that an input, a result or an output may have (256 KiB, as on AWS).
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

// encode writes v compactly, leaving <, > and & as they are.
func encode(v any) json.RawMessage {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		panic("asl: a decoded JSON value does not encode: " + err.Error())
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}

// compact checks that text is one JSON value and takes out the white space.
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

// integer returns v as a whole number.
func integer(v any) (int64, bool) {
	n, ok := v.(json.Number)
	if !ok {
		return 0, false
	}
	if i, err := strconv.ParseInt(n.String(), 10, 64); err == nil {
		return i, true
	}
	f, err := n.Float64()
	if err != nil || f != math.Trunc(f) || math.Abs(f) > 1<<53 {
		return 0, false
	}
	return int64(f), true
}

// compareNumbers orders two JSON numbers, exactly where both are whole.
func compareNumbers(a, b json.Number) int {
	i, iok := integer(a)
	j, jok := integer(b)
	if iok && jok {
		switch {
		case i < j:
			return -1
		case i > j:
			return 1
		}
		return 0
	}
	x, _ := a.Float64()
	y, _ := b.Float64()
	switch {
	case x < y:
		return -1
	case x > y:
		return 1
	}
	return 0
}

// equal compares JSON values; numbers by value, not by spelling.
func equal(a, b any) bool {
	switch x := a.(type) {
	case json.Number:
		y, ok := b.(json.Number)
		return ok && compareNumbers(x, y) == 0
	case []any:
		y, ok := b.([]any)
		if !ok || len(x) != len(y) {
			return false
		}
		for i := range x {
			if !equal(x[i], y[i]) {
				return false
			}
		}
		return true
	case map[string]any:
		y, ok := b.(map[string]any)
		if !ok || len(x) != len(y) {
			return false
		}
		for key := range x {
			other, ok := y[key]
			if !ok || !equal(x[key], other) {
				return false
			}
		}
		return true
	}
	return reflect.DeepEqual(a, b)
}

// parseTime reads a timestamp of the language: RFC 3339 with upper-case T and Z.
func parseTime(text string) (time.Time, error) { return time.Parse(time.RFC3339Nano, text) }

// formatTime writes a timestamp as the context object has it.
func formatTime(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }
