package cloudformation

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// decode reads JSON or YAML. Numbers keep their digits, and what YAML would take for a date stays text.
func decode(text []byte) (any, error) {
	if trimmed := bytes.TrimSpace(text); bytes.HasPrefix(trimmed, []byte("{")) {
		d := json.NewDecoder(bytes.NewReader(trimmed))
		d.UseNumber()
		var value any
		if err := d.Decode(&value); err != nil {
			return nil, wrong("Template format error: JSON not well-formed. (%v)", err)
		}
		if _, err := d.Token(); !errors.Is(err, io.EOF) {
			return nil, wrong("Template format error: JSON not well-formed. (something follows its end)")
		}
		return value, nil
	}
	var document yaml.Node
	if err := yaml.Unmarshal(text, &document); err != nil {
		return nil, wrong("Template format error: YAML not well-formed. (%v)", err)
	}
	if len(document.Content) == 0 {
		return nil, wrong("Template format error: the template is empty.")
	}
	return fromYAML(document.Content[0])
}

// fromYAML turns a node into what the same JSON would be. A short tag, !Sub, becomes its function, {"Fn::Sub": …}.
func fromYAML(n *yaml.Node) (any, error) {
	value, err := untagged(n)
	name, short := strings.CutPrefix(n.Tag, "!")
	if err != nil || !short || name == "" || strings.HasPrefix(name, "!") {
		return value, err
	}
	switch name {
	case "Ref", "Condition":
		return map[string]any{name: value}, nil
	case "GetAtt":
		if text, ok := value.(string); ok {
			if id, attribute, ok := strings.Cut(text, "."); ok {
				value = []any{id, attribute}
			}
		}
	}
	return map[string]any{"Fn::" + name: value}, nil
}

func untagged(n *yaml.Node) (any, error) {
	switch n.Kind {
	case yaml.ScalarNode:
		return scalar(n)
	case yaml.SequenceNode:
		list := make([]any, 0, len(n.Content))
		for _, each := range n.Content {
			value, err := fromYAML(each)
			if err != nil {
				return nil, err
			}
			list = append(list, value)
		}
		return list, nil
	case yaml.MappingNode:
		all := make(map[string]any, len(n.Content)/2)
		for i := 0; i+1 < len(n.Content); i += 2 {
			key := n.Content[i]
			if key.Kind != yaml.ScalarNode {
				return nil, wrong("Template format error: YAML not well-formed. (line %d, column %d: a key that is not text)", key.Line, key.Column)
			}
			if _, twice := all[key.Value]; twice {
				return nil, wrong("Template format error: YAML not well-formed. (line %d, column %d: duplicate key %s)", key.Line, key.Column, key.Value)
			}
			value, err := fromYAML(n.Content[i+1])
			if err != nil {
				return nil, err
			}
			all[key.Value] = value
		}
		return all, nil
	}
	return nil, wrong("Template error: YAML aliases are not allowed in CloudFormation templates (line %d, column %d)", n.Line, n.Column)
}

func scalar(n *yaml.Node) (any, error) {
	switch n.ShortTag() {
	case "!!null":
		return nil, nil
	case "!!bool":
		var yes bool
		if err := n.Decode(&yes); err != nil {
			return nil, wrong("Template format error: YAML not well-formed. (%v)", err)
		}
		return yes, nil
	case "!!int", "!!float":
		if number := json.Number(n.Value); json.Valid([]byte(n.Value)) {
			return number, nil
		}
	}
	return n.Value, nil
}

// fields reads the members of an object into *string, *[]string, *map[string]any, *[]any or *any. A member that is
// not asked for is an error, as is one of another kind. Where a list of texts is asked for, one text will do.
func fields(at string, value any, into map[string]any) error {
	all, err := object(value, at)
	if err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(all)) {
		target, known := into[name]
		if !known {
			return wrong("Template format error: Invalid property '%s' at /%s", name, at)
		}
		fits := true
		switch target := target.(type) {
		case *any:
			*target = all[name]
		case *string:
			*target, fits = text(all[name])
		case *[]any:
			*target, fits = all[name].([]any)
		case *map[string]any:
			*target, fits = all[name].(map[string]any)
		case *[]string:
			*target, fits = texts(all[name])
		}
		if !fits {
			return wrong("Template format error: /%s/%s is not of the kind that belongs there.", at, name)
		}
	}
	return nil
}

func object(value any, at string) (map[string]any, error) {
	all, ok := value.(map[string]any)
	if !ok {
		return nil, wrong("Template format error: /%s must be an object.", at)
	}
	return all, nil
}

// text is a scalar as text, the way CloudFormation turns numbers and booleans into it.
func text(value any) (string, bool) {
	switch v := value.(type) {
	case string:
		return v, true
	case json.Number:
		return v.String(), true
	case bool:
		if v {
			return "true", true
		}
		return "false", true
	}
	return "", false
}

func texts(value any) ([]string, bool) {
	list, ok := value.([]any)
	if !ok {
		one, ok := text(value)
		return []string{one}, ok
	}
	all := make([]string, 0, len(list))
	for _, each := range list {
		one, ok := text(each)
		if !ok {
			return nil, false
		}
		all = append(all, one)
	}
	return all, true
}
