package asl

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
)

// A scope is what expressions of one state can see.
type scope struct {
	input   any
	context func() any
	random  func() *rand.Rand
}

func (s *scope) at(input any) *scope {
	return &scope{input: input, context: s.context, random: s.random}
}

// find gives the value that a path names.
func (s *scope) find(p path) (any, bool) {
	if p.context {
		return p.get(s.context())
	}
	return p.get(s.input)
}

// An expression is what a template's ".$" field holds: a path or a call of an intrinsic function.
type expression struct {
	path *path
	call *call
}

func parseExpression(text string) (expression, error) {
	if strings.HasPrefix(text, "$") {
		p, err := parsePath(text)
		return expression{path: &p}, err
	}
	c, err := parseCall(text)
	return expression{call: c}, err
}

// value evaluates the expression; field is the template's field, for the cause.
func (e expression) value(s *scope, field string) (any, *Failure) {
	if e.call != nil {
		v, err := e.call.value(s)
		if err != nil {
			return nil, &Failure{Name: ErrorIntrinsic, Cause: err.Error()}
		}
		return v, nil
	}
	v, ok := s.find(*e.path)
	if !ok {
		return nil, &Failure{Name: ErrorParameterPath, Cause: fmt.Sprintf(
			"The JSONPath '%s' specified for the field '%s' could not be found in the input", e.path.text, field)}
	}
	return v, nil
}

// A template is a JSON value in which fields whose name ends in ".$" are computed.
type template struct {
	literal any // when there is nothing to compute below
	fields  []templateField
	items   []*template
	kind    templateKind
}

type templateKind int

const (
	literalTemplate templateKind = iota
	objectTemplate
	listTemplate
)

type templateField struct {
	name     string // without ".$"
	computed *expression
	nested   *template
}

// parseTemplate compiles v. Problems are reported with the place of the field below at.
func parseTemplate(v any, at string, problem func(at, text string)) *template {
	switch v := v.(type) {
	case map[string]any:
		t := &template{kind: objectTemplate}
		for _, key := range slices.Sorted(maps.Keys(v)) {
			place := at + "." + key
			name, computed := strings.CutSuffix(key, ".$")
			if !computed {
				t.fields = append(t.fields, templateField{name: key, nested: parseTemplate(v[key], place, problem)})
				continue
			}
			if _, twice := v[name]; twice {
				problem(place, fmt.Sprintf("the field is there with and without %q", ".$"))
			}
			text, ok := v[key].(string)
			if !ok {
				problem(place, "must be a string that holds a path or an intrinsic function")
				continue
			}
			e, err := parseExpression(text)
			if err != nil {
				problem(place, err.Error())
				continue
			}
			t.fields = append(t.fields, templateField{name: name, computed: &e})
		}
		return t
	case []any:
		t := &template{kind: listTemplate}
		for i, item := range v {
			t.items = append(t.items, parseTemplate(item, fmt.Sprintf("%s[%d]", at, i), problem))
		}
		return t
	}
	return &template{literal: v}
}

func (t *template) value(s *scope) (any, *Failure) {
	switch t.kind {
	case objectTemplate:
		object := make(map[string]any, len(t.fields))
		for _, f := range t.fields {
			var v any
			var failure *Failure
			if f.computed != nil {
				v, failure = f.computed.value(s, f.name+".$")
			} else {
				v, failure = f.nested.value(s)
			}
			if failure != nil {
				return nil, failure
			}
			object[f.name] = v
		}
		return object, nil
	case listTemplate:
		list := make([]any, len(t.items))
		for i, item := range t.items {
			v, failure := item.value(s)
			if failure != nil {
				return nil, failure
			}
			list[i] = v
		}
		return list, nil
	}
	return t.literal, nil
}

// field returns the template of an object's field, literal or computed.
func (t *template) field(name string) (templateField, bool) {
	for _, f := range t.fields {
		if f.name == name {
			return f, true
		}
	}
	return templateField{}, false
}

// literalText returns the string that a field is known to be without any input.
func (t *template) literalText(name string) string {
	f, ok := t.field(name)
	if !ok || f.nested == nil || f.nested.kind != literalTemplate {
		return ""
	}
	switch v := f.nested.literal.(type) {
	case string:
		return v
	case json.Number:
		return v.String()
	}
	return ""
}
