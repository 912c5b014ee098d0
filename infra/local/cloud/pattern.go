package cloud

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// A pattern says which records a mapping wants, in the language of EventBridge: an object has to have each field that the
// pattern has, and a value has to be one of the pattern's list. Of the language there are texts and {"prefix": …} here.
type pattern struct {
	fields map[string]pattern // of an object
	values []wanted           // of a text; nil for an object
}

// wanted is what a text may be.
type wanted struct {
	text   string
	prefix bool // or begin with
}

// parsePattern reads a pattern strictly.
func parsePattern(text string) (pattern, error) {
	d := json.NewDecoder(strings.NewReader(text))
	var whole json.RawMessage
	if err := d.Decode(&whole); err != nil {
		return pattern{}, fmt.Errorf("filter pattern: %w", err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return pattern{}, errors.New("filter pattern: there is something after it")
	}
	var p pattern
	if err := p.read(whole, "the pattern"); err != nil {
		return pattern{}, fmt.Errorf("filter pattern: %w", err)
	}
	return p, nil
}

func (p *pattern) read(text json.RawMessage, place string) error {
	if bytes.HasPrefix(text, []byte("[")) {
		return p.readValues(text, place)
	}
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(text, &fields); err != nil || len(fields) == 0 {
		return fmt.Errorf("%s is neither a list nor an object with fields", place)
	}
	p.fields = map[string]pattern{}
	for name, inner := range fields {
		var field pattern
		if err := field.read(inner, name); err != nil {
			return err
		}
		p.fields[name] = field
	}
	return nil
}

func (p *pattern) readValues(text json.RawMessage, place string) error {
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

// fits reports whether a decoded JSON value is wanted.
func (p pattern) fits(value any) bool {
	if p.values != nil {
		text, is := value.(string)
		return is && slices.ContainsFunc(p.values, func(w wanted) bool {
			return text == w.text || w.prefix && strings.HasPrefix(text, w.text)
		})
	}
	object, is := value.(map[string]any)
	for name, field := range p.fields {
		is = is && field.fits(object[name])
	}
	return is
}
