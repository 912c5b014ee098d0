package asl

import (
	"fmt"
	"maps"
	"strings"
)

// A path is $ with names after it, such as $.returned.Cause, or $$.Task.Token.
type path struct {
	text  string
	token bool // $$.Task.Token
	names []string
}

const tokenPath = "$$.Task.Token"

// parsePath parses a path. Paths that are not implemented are errors.
func parsePath(text string) (path, error) {
	p := path{text: text}
	switch {
	case text == tokenPath:
		p.token = true
		return p, nil
	case strings.HasPrefix(text, "$$"):
		return p, fmt.Errorf("path %q: only %s is implemented of the context object", text, tokenPath)
	case text == "$":
		return p, nil
	}
	rest, found := strings.CutPrefix(text, "$.")
	if !found {
		return p, fmt.Errorf("path %q: must begin with $ and a name; intrinsic functions are not implemented", text)
	}
	p.names = strings.Split(rest, ".")
	for _, name := range p.names {
		if name == "" || strings.ContainsAny(name, "[](),'\"*?@\\ ") {
			return p, fmt.Errorf("path %q: only names are implemented after $", text)
		}
	}
	return p, nil
}

// get returns the value at the path in root.
func (p path) get(root any) (value any, ok bool) {
	for _, name := range p.names {
		object, isObject := root.(map[string]any)
		if root, ok = object[name]; !isObject || !ok {
			return nil, false
		}
	}
	return root, true
}

// put returns root with the value at the path. It creates missing objects and copies those on the path, so that root does not change. A
// value on the path that is not an object is an error.
func (p path) put(root, value any) (any, error) { return put(root, p.names, value) }

func put(root any, names []string, value any) (any, error) {
	if len(names) == 0 {
		return value, nil
	}
	object, ok := root.(map[string]any)
	if !ok {
		return nil, fmt.Errorf("%q cannot be set in a value that is not an object", names[0])
	}
	child, ok := object[names[0]]
	if !ok {
		child = map[string]any{}
	}
	child, err := put(child, names[1:], value)
	if err != nil {
		return nil, err
	}
	changed := make(map[string]any, len(object)+1)
	maps.Copy(changed, object)
	changed[names[0]] = child
	return changed, nil
}
