package asl

import "strings"

// A template is a JSON value whose fields with a name that ends in ".$" are computed from a path.
type template struct {
	literal any             // if fields is nil
	fields  []templateField // of an object
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

// value computes the template. A nil template is its input.
func (t *template) value(input any, token string) (any, *Failure) {
	if t == nil {
		return input, nil
	}
	if t.fields == nil {
		return t.literal, nil
	}
	object := make(map[string]any, len(t.fields))
	for _, f := range t.fields {
		var failure *Failure
		switch {
		case f.nested != nil:
			object[f.name], failure = f.nested.value(input, token)
		case f.computed.token:
			object[f.name] = token
		default:
			v, ok := f.computed.get(input)
			if !ok {
				failure = failuref(ErrorParameterPath, "The JSONPath '%s' specified for the field '%s.$' could not be found in the input",
					f.computed.text, f.name)
			}
			object[f.name] = v
		}
		if failure != nil {
			return nil, failure
		}
	}
	return object, nil
}
