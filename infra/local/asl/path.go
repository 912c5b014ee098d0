package asl

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// A path is a JSONPath: the part of it that Step Functions documents, without filter and script expressions.
type path struct {
	text    string
	context bool // begins at the context object ("$$") instead of the input
	parts   []part
}

// A part selects children of a node: by name, by index, by range, or all of them; deep also among all descendants.
type part struct {
	deep     bool
	all      bool
	names    []string
	indexes  []int
	slice    bool
	from, to *int
}

var errFilter = errors.New("filter and script expressions are not implemented")

// parsePath parses text as a whole.
func parsePath(text string) (path, error) {
	p, rest, err := scanPath(text)
	if err == nil && rest != "" {
		err = fmt.Errorf("unexpected %q", rest)
	}
	if err != nil {
		return path{}, fmt.Errorf("path %q: %w", text, err)
	}
	return p, nil
}

// parseReference parses a reference path, which names exactly one place: names and indexes only.
func parseReference(text string) (path, error) {
	p, err := parsePath(text)
	if err != nil {
		return path{}, err
	}
	if !p.definite() {
		return path{}, fmt.Errorf("path %q: a reference path names a single place", text)
	}
	return p, nil
}

// scanPath parses the path at the beginning of text and returns what follows it.
func scanPath(text string) (p path, rest string, err error) {
	rest, found := strings.CutPrefix(text, "$")
	if !found {
		return path{}, text, errors.New("a path begins with $")
	}
	if after, found := strings.CutPrefix(rest, "$"); found {
		p.context, rest = true, after
	}
	for rest != "" {
		var one part
		switch {
		case strings.HasPrefix(rest, "..["):
			one, rest, err = scanBracket(rest[3:])
			one.deep = true
		case strings.HasPrefix(rest, ".."):
			one, rest, err = scanName(rest[2:])
			one.deep = true
		case rest[0] == '.':
			one, rest, err = scanName(rest[1:])
		case rest[0] == '[':
			one, rest, err = scanBracket(rest[1:])
		default:
			p.text = text[:len(text)-len(rest)]
			return p, rest, nil
		}
		if err != nil {
			return path{}, rest, err
		}
		p.parts = append(p.parts, one)
	}
	p.text = text
	return p, "", nil
}

// scanName parses what follows a dot: a name or a star.
func scanName(text string) (part, string, error) {
	if rest, found := strings.CutPrefix(text, "*"); found {
		return part{all: true}, rest, nil
	}
	end := strings.IndexFunc(text, func(r rune) bool {
		return r <= ' ' || strings.ContainsRune(`.[](),'"*?@\`, r)
	})
	if end < 0 {
		end = len(text)
	}
	if end == 0 {
		return part{}, text, errors.New("a name is missing after the dot")
	}
	return part{names: []string{text[:end]}}, text[end:], nil
}

// scanBracket parses what follows "[", through the closing bracket.
func scanBracket(text string) (one part, rest string, err error) {
	text = strings.TrimLeft(text, " ")
	switch {
	case strings.HasPrefix(text, "*"):
		one.all, rest = true, text[1:]
	case strings.HasPrefix(text, "?"), strings.HasPrefix(text, "("):
		return part{}, text, errFilter
	case strings.HasPrefix(text, "'"), strings.HasPrefix(text, `"`):
		one.names, rest, err = scanQuotedNames(text)
	default:
		end := strings.IndexByte(text, ']')
		if end < 0 {
			return part{}, text, errors.New("a bracket is not closed")
		}
		one, err = parseSubscript(text[:end])
		rest = text[end:]
	}
	if err != nil {
		return part{}, rest, err
	}
	rest, found := strings.CutPrefix(strings.TrimLeft(rest, " "), "]")
	if !found {
		return part{}, rest, errors.New("a bracket is not closed")
	}
	return one, rest, nil
}

func scanQuotedNames(text string) (names []string, rest string, err error) {
	for {
		quote := text[0]
		var name strings.Builder
		i := 1
		for ; i < len(text) && text[i] != quote; i++ {
			if text[i] == '\\' && i+1 < len(text) {
				i++
			}
			name.WriteByte(text[i])
		}
		if i == len(text) {
			return nil, "", errors.New("a quoted name is not closed")
		}
		names = append(names, name.String())
		rest = strings.TrimLeft(text[i+1:], " ")
		after, more := strings.CutPrefix(rest, ",")
		if !more {
			return names, rest, nil
		}
		text = strings.TrimLeft(after, " ")
		if text == "" || text[0] != '\'' && text[0] != '"' {
			return nil, "", errors.New("a quoted name is missing after the comma")
		}
	}
}

// parseSubscript parses "0", "-1", "0,2" or "1:3".
func parseSubscript(text string) (one part, err error) {
	if from, to, ranged := strings.Cut(text, ":"); ranged {
		one.slice = true
		if one.from, err = parseBound(from); err != nil {
			return part{}, err
		}
		if one.to, err = parseBound(to); err != nil {
			return part{}, err
		}
		return one, nil
	}
	for _, number := range strings.Split(text, ",") {
		n, err := strconv.Atoi(strings.TrimSpace(number))
		if err != nil {
			return part{}, fmt.Errorf("%q is not an index", number)
		}
		one.indexes = append(one.indexes, n)
	}
	return one, nil
}

func parseBound(text string) (*int, error) {
	text = strings.TrimSpace(text)
	if text == "" {
		return nil, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		return nil, fmt.Errorf("%q is not an index", text)
	}
	return &n, nil
}

// definite reports whether the path can name one place at most.
func (p path) definite() bool {
	return !slices.ContainsFunc(p.parts, func(s part) bool {
		return s.deep || s.all || s.slice || len(s.names)+len(s.indexes) != 1
	})
}

// get returns what the path names in root. A definite path names one value or, with ok false, none. Any other path
// gives the list of all matches, which may be empty.
func (p path) get(root any) (value any, ok bool) {
	nodes := []any{root}
	for _, s := range p.parts {
		var next []any
		for _, node := range nodes {
			if s.deep {
				for n := range descend(node) {
					next = s.appendChildren(next, n)
				}
				continue
			}
			next = s.appendChildren(next, node)
		}
		nodes = next
	}
	if !p.definite() {
		if nodes == nil {
			nodes = []any{}
		}
		return nodes, true
	}
	if len(nodes) == 0 {
		return nil, false
	}
	return nodes[0], true
}

// descend yields node and everything below it, parents first.
func descend(node any) func(yield func(any) bool) {
	return func(yield func(any) bool) {
		walk(node, yield)
	}
}

func walk(node any, yield func(any) bool) bool {
	if !yield(node) {
		return false
	}
	switch n := node.(type) {
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(n)) {
			if !walk(n[key], yield) {
				return false
			}
		}
	case []any:
		for _, child := range n {
			if !walk(child, yield) {
				return false
			}
		}
	}
	return true
}

func (s part) appendChildren(to []any, node any) []any {
	switch n := node.(type) {
	case map[string]any:
		if s.all {
			for _, key := range slices.Sorted(maps.Keys(n)) {
				to = append(to, n[key])
			}
		}
		for _, name := range s.names {
			if child, ok := n[name]; ok {
				to = append(to, child)
			}
		}
	case []any:
		if s.all {
			to = append(to, n...)
		}
		for _, i := range s.indexes {
			if i < 0 {
				i += len(n)
			}
			if i >= 0 && i < len(n) {
				to = append(to, n[i])
			}
		}
		if s.slice {
			from, to2 := bound(s.from, 0, len(n)), bound(s.to, len(n), len(n))
			if from < to2 {
				to = append(to, n[from:to2]...)
			}
		}
	}
	return to
}

func bound(at *int, missing, length int) int {
	if at == nil {
		return missing
	}
	i := *at
	if i < 0 {
		i += length
	}
	return min(max(i, 0), length)
}

// put returns root with value at the reference path. Objects on the way are made; an index must exist.
func (p path) put(root, value any) (any, error) {
	if len(p.parts) == 0 {
		return value, nil
	}
	return put(root, p.parts, value)
}

func put(node any, parts []part, value any) (any, error) {
	if len(parts) == 0 {
		return value, nil
	}
	first := parts[0]
	if len(first.names) == 1 {
		object, ok := node.(map[string]any)
		if !ok {
			return nil, fmt.Errorf("%q cannot be set in a value that is not an object", first.names[0])
		}
		child, ok := object[first.names[0]]
		if !ok {
			child = map[string]any{}
		}
		child, err := put(child, parts[1:], value)
		if err != nil {
			return nil, err
		}
		object[first.names[0]] = child
		return object, nil
	}
	list, ok := node.([]any)
	i := first.indexes[0]
	if !ok || i < 0 || i >= len(list) {
		return nil, fmt.Errorf("there is no array element [%d] to set", i)
	}
	child, err := put(list[i], parts[1:], value)
	if err != nil {
		return nil, err
	}
	list[i] = child
	return list, nil
}
