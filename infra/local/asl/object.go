package asl

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// An object reads the fields of one JSON object of a definition. It reports invalid values as problems of the parser. After the last
// field, reportUnread reports the fields that were not read.
type object struct {
	p      *parser
	state  string
	at     string // field of the state that the object is, "" for the state itself
	fields map[string]json.RawMessage
	order  []string
	asked  map[string]bool
}

func (p *parser) object(state, at string, raw json.RawMessage) *object {
	o := &object{p: p, state: state, at: at, asked: map[string]bool{}}
	fields, order, err := objectFields(raw)
	if err != nil {
		p.problem(state, at, err.Error())
	}
	o.fields, o.order = fields, order
	return o
}

// objectFields returns the fields of an object and their order. Duplicate fields are an error.
func objectFields(raw []byte) (map[string]json.RawMessage, []string, error) {
	d := json.NewDecoder(bytes.NewReader(raw))
	open, err := d.Token()
	if err != nil {
		return nil, nil, fmt.Errorf("not JSON: %w", err)
	}
	if open != json.Delim('{') {
		return nil, nil, errors.New("must be an object")
	}
	fields := map[string]json.RawMessage{}
	var order []string
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return fields, order, fmt.Errorf("not JSON: %w", err)
		}
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			return fields, order, fmt.Errorf("not JSON: %w", err)
		}
		name := key.(string)
		if _, twice := fields[name]; twice {
			return fields, order, fmt.Errorf("%q occurs twice", name)
		}
		fields[name] = value
		order = append(order, name)
	}
	if _, err := d.Token(); err != nil {
		return fields, order, fmt.Errorf("not JSON: %w", err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return fields, order, errors.New("more text follows the object")
	}
	return fields, order, nil
}

// fieldPath returns the path from the state to a field of the object. "" means the object itself.
func (o *object) fieldPath(field string) string { return strings.Trim(o.at+"."+field, ".") }

func (o *object) problem(field, format string, args ...any) {
	o.p.problem(o.state, o.fieldPath(field), fmt.Sprintf(format, args...))
}

func (o *object) has(field string) bool {
	_, ok := o.fields[field]
	return ok
}

// raw returns the field's JSON, or nil.
func (o *object) raw(field string) json.RawMessage {
	o.asked[field] = true
	return o.fields[field]
}

func (o *object) isNull(field string) bool { return string(o.fields[field]) == "null" }

// decodeField decodes the field if it exists. want describes the expected type.
func (o *object) decodeField(field string, to any, want string) bool {
	raw := o.raw(field)
	if raw == nil {
		return false
	}
	if string(raw) == "null" || json.Unmarshal(raw, to) != nil {
		o.problem(field, "must be %s", want)
		return false
	}
	return true
}

func (o *object) text(field string) string {
	var text string
	o.decodeField(field, &text, "a string")
	return text
}

// required reads a string. A missing or empty one is a problem.
func (o *object) required(field string) string {
	text := o.text(field)
	if !o.has(field) {
		o.problem(field, "is missing")
	} else if text == "" && !o.isNull(field) {
		o.problem(field, "must not be empty")
	}
	return text
}

// ends reads End, which may only be true, and without Next.
func (o *object) ends() bool {
	var end bool
	if !o.decodeField("End", &end, "true") {
		return o.has("End")
	}
	if !end {
		o.problem("End", "must be true")
	}
	if o.has("Next") {
		o.problem("Next", "must be missing in a state with End")
		o.raw("Next")
	}
	return true
}

func (o *object) integer(field string, missing, least, most int64) int64 {
	n := missing
	if o.decodeField(field, &n, "a whole number") && (n < least || n > most) {
		o.problem(field, "must be between %d and %d", least, most)
		return missing
	}
	return n
}

func (o *object) decimal(field string, missing, least float64) float64 {
	n := missing
	if o.decodeField(field, &n, "a number") && n < least {
		o.problem(field, "must be at least %v", least)
		return missing
	}
	return n
}

func (o *object) list(field string) []json.RawMessage {
	var list []json.RawMessage
	o.decodeField(field, &list, "an array")
	return list
}

// path reads a reference into the input: nil for null, $ if the field is missing.
func (o *object) path(field string) *path {
	raw := o.raw(field)
	if string(raw) == "null" {
		return nil
	}
	text := "$"
	o.decodeField(field, &text, "a path or null")
	p, err := parsePath(text)
	switch {
	case err != nil:
		o.problem(field, "%v", err)
	case p.token:
		o.problem(field, "the context object is not implemented here")
	}
	return &p
}

// errorEquals reads ErrorEquals. last reports whether the entry is the last one of its list.
func (o *object) errorEquals(last bool) []string {
	var names []string
	if !o.decodeField("ErrorEquals", &names, "an array of strings") || len(names) == 0 {
		o.problem("ErrorEquals", "must name at least one error")
	}
	for _, name := range names {
		switch {
		case name == ErrorAll && (len(names) > 1 || !last):
			o.problem("ErrorEquals", "%s must stand alone, in the last entry", ErrorAll)
		case strings.HasPrefix(name, "States.") && name != ErrorAll && name != ErrorTimeout:
			o.problem("ErrorEquals", "the error %q is not implemented", name)
		}
	}
	return names
}

// reportUnread reports the fields that were not read.
func (o *object) reportUnread() {
	for _, field := range o.order {
		if !o.asked[field] {
			o.problem(field, "is unknown, or not implemented")
		}
	}
}
