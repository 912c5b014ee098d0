package asl

import (
	"cmp"
	"encoding/json"
	"slices"
	"strings"
)

// A template is a JSON value whose fields with a name that ends in ".$" are computed from a path.
type template struct {
	literal any             // if fields is nil
	fields  []templateField // of an object, by name
}

type templateField struct {
	name     string    // without ".$"
	computed *path     // or
	nested   *template // literal, or an object with computed fields
}

// template parses the template in a field. It returns nil if the field is missing. Only the Parameters of a task that waits may contain the
// task token.
func (o *object) template(field string, token bool) *template {
	raw := o.raw(field)
	if raw == nil {
		return nil
	}
	v, err := decode(raw)
	if err != nil {
		o.problem(field, "not JSON: %v", err)
		return nil
	}
	if _, isObject := v.(map[string]any); !isObject {
		o.problem(field, "must be an object")
		return nil
	}
	return o.parseTemplate(v, field, token)
}

func (o *object) parseTemplate(v any, at string, token bool) *template {
	object, isObject := v.(map[string]any)
	if !isObject {
		if _, isList := v.([]any); isList {
			o.problem(at, "arrays are not implemented here")
		}
		return &template{literal: v}
	}
	t := &template{fields: []templateField{}}
	for _, key := range sortedKeys(object) {
		place := at + "." + key
		name, computed := strings.CutSuffix(key, ".$")
		if !computed {
			t.fields = append(t.fields, templateField{name: key, nested: o.parseTemplate(object[key], place, token)})
			continue
		}
		if _, twice := object[name]; twice {
			o.problem(place, "the field exists with and without %q", ".$")
		}
		text, isText := object[key].(string)
		p, err := parsePath(text)
		switch {
		case !isText:
			o.problem(place, "must be a string that contains a path")
		case err != nil:
			o.problem(place, "%v", err)
		case p.token && !token:
			o.problem(place, "%s exists only in the Parameters of a task that waits for its token", tokenPath)
		}
		t.fields = append(t.fields, templateField{name: name, computed: &p})
	}
	slices.SortFunc(t.fields, func(a, b templateField) int { return cmp.Compare(a.name, b.name) })
	return t
}

// field returns a field of an object.
func (t *template) field(name string) (templateField, bool) {
	for _, f := range t.fields {
		if f.name == name {
			return f, true
		}
	}
	return templateField{}, false
}

// value computes the template of a state that needs no token. A nil template is its input.
func (t *template) value(input *value) (*value, *Failure) {
	if t == nil {
		return input, nil
	}
	text, failure := t.appendTo(nil, input, "")
	if failure != nil {
		return nil, failure
	}
	return &value{text: text}, nil
}

// appendTo appends the text of the computed template.
func (t *template) appendTo(b []byte, input *value, token string) ([]byte, *Failure) {
	if t.fields == nil {
		return appendJSON(b, t.literal), nil
	}
	b = append(b, '{')
	for i, f := range t.fields {
		if i > 0 {
			b = append(b, ',')
		}
		var failure *Failure
		if b, failure = f.appendTo(append(appendString(b, f.name), ':'), input, token); failure != nil {
			return nil, failure
		}
	}
	return append(b, '}'), nil
}

func (f templateField) appendTo(b []byte, input *value, token string) ([]byte, *Failure) {
	switch {
	case f.nested != nil:
		return f.nested.appendTo(b, input, token)
	case f.computed.token:
		return appendString(b, token), nil
	case len(f.computed.names) == 0:
		return append(b, input.encoded()...), nil
	}
	v, ok := f.computed.get(input.get())
	if !ok {
		return nil, failuref(ErrorParameterPath, "The JSONPath '%s' specified for the field '%s.$' could not be found in the input",
			f.computed.text, f.name)
	}
	return appendJSON(b, v), nil
}

// arguments computes the Parameters of a task. payload, the argument of the function, is a part of the text.
func (s *state) arguments(input *value, token string) (text, payload json.RawMessage, failure *Failure) {
	text = append(appendString([]byte(`{"FunctionName":`), s.function), `,"Payload":`...)
	f, ok := s.parameters.field("Payload")
	if !ok {
		return append(text[:len(text)-len(`,"Payload":`)], '}'), json.RawMessage("{}"), nil
	}
	start := len(text)
	if text, failure = f.appendTo(text, input, token); failure != nil {
		return nil, nil, failure
	}
	end := len(text)
	return append(text, '}'), text[start:end:end], nil
}
