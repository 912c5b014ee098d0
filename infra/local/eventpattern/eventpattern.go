// Package eventpattern says which events somebody wants, in the language of EventBridge, as the filters of Lambda's event
// source mappings are written: an object has to have each field that the pattern has, and a text has to be one of the
// pattern's list. Of the language it knows texts and {"prefix": …}; the rest is refused when a pattern is parsed.
package eventpattern

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// A Pattern is what an event has to be like. Make it with [Parse].
type Pattern struct {
	fields map[string]Pattern // of an object
	values []wanted           // of a text; nil for an object
}

// wanted is what a text may be.
type wanted struct {
	text   string
	prefix bool // or begin with
}

// Parse reads a pattern strictly. Its errors name the field that they are about.
func Parse(text string) (Pattern, error) {
	d := json.NewDecoder(strings.NewReader(text))
	var whole json.RawMessage
	if err := d.Decode(&whole); err != nil {
		return Pattern{}, fmt.Errorf("event pattern: %w", err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return Pattern{}, errors.New("event pattern: there is something after it")
	}
	var p Pattern
	if err := p.read(whole, "the pattern"); err != nil {
		return Pattern{}, fmt.Errorf("event pattern: %w", err)
	}
	return p, nil
}

func (p *Pattern) read(text json.RawMessage, place string) error {
	if bytes.HasPrefix(text, []byte("[")) {
		return p.readValues(text, place)
	}
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(text, &fields); err != nil || len(fields) == 0 {
		return fmt.Errorf("%s is neither a list nor an object with fields", place)
	}
	p.fields = map[string]Pattern{}
	for name, inner := range fields {
		var field Pattern
		if err := field.read(inner, name); err != nil {
			return err
		}
		p.fields[name] = field
	}
	return nil
}

func (p *Pattern) readValues(text json.RawMessage, place string) error {
	var all []json.RawMessage
	if err := json.Unmarshal(text, &all); err != nil || len(all) == 0 {
		return fmt.Errorf("%s has no values", place)
	}
	for _, each := range all {
		var plain *string
		var prefix struct{ Prefix *string }
		if err := json.Unmarshal(each, &plain); err == nil && plain != nil {
			p.values = append(p.values, wanted{text: *plain})
			continue
		}
		d := json.NewDecoder(bytes.NewReader(each))
		d.DisallowUnknownFields()
		if err := d.Decode(&prefix); err != nil || prefix.Prefix == nil {
			return fmt.Errorf(`%s: %s is not known here; there are texts and {"prefix": …}`, place, each)
		}
		p.values = append(p.values, wanted{*prefix.Prefix, true})
	}
	return nil
}

// Fits reports whether an event is wanted: a value as package encoding/json decodes JSON into an any.
func (p Pattern) Fits(value any) bool {
	if p.values != nil {
		text, is := value.(string)
		return is && slices.ContainsFunc(p.values, func(w wanted) bool {
			return text == w.text || w.prefix && strings.HasPrefix(text, w.text)
		})
	}
	object, is := value.(map[string]any)
	for name, field := range p.fields {
		is = is && field.Fits(object[name])
	}
	return is
}
