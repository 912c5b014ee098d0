package asl

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// A call is an intrinsic function with its arguments.
type call struct {
	name      string
	function  intrinsic
	arguments []argument
}

// An argument is a literal, a path or another call.
type argument struct {
	literal any // string, json.Number, bool or nil
	escaped any // the literal with its backslashes, which States.Format needs to tell \{ from {
	path    *path
	call    *call
}

// maxNesting is how deep calls may be nested in calls, as on AWS.
const maxNesting = 10

// parseCall parses text as one call.
func parseCall(text string) (*call, error) {
	c, rest, err := scanCall(strings.TrimSpace(text), 1)
	if err == nil && rest != "" {
		err = fmt.Errorf("unexpected %q", rest)
	}
	if err != nil {
		return nil, fmt.Errorf("%q is neither a path nor an intrinsic function: %w", text, err)
	}
	return c, nil
}

func scanCall(text string, depth int) (*call, string, error) {
	if depth > maxNesting {
		return nil, text, fmt.Errorf("calls are nested more than %d deep", maxNesting)
	}
	name, rest, found := strings.Cut(text, "(")
	if !found {
		return nil, text, errors.New("no opening parenthesis")
	}
	name = strings.TrimSpace(name)
	function, known := intrinsics[name]
	if !known {
		return nil, text, fmt.Errorf("there is no function %q", name)
	}
	c := &call{name: name, function: function}
	rest = strings.TrimLeft(rest, " ")
	if after, closed := strings.CutPrefix(rest, ")"); closed {
		return c, after, c.checkArity()
	}
	for {
		a, after, err := scanArgument(rest, depth)
		if err != nil {
			return nil, rest, err
		}
		c.arguments = append(c.arguments, a)
		after = strings.TrimLeft(after, " ")
		switch {
		case strings.HasPrefix(after, ","):
			rest = strings.TrimLeft(after[1:], " ")
		case strings.HasPrefix(after, ")"):
			return c, after[1:], c.checkArity()
		default:
			return nil, after, fmt.Errorf("expected a comma or a closing parenthesis at %q", after)
		}
	}
}

func (c *call) checkArity() error {
	n := len(c.arguments)
	if n < c.function.least || c.function.most >= 0 && n > c.function.most {
		return fmt.Errorf("%s does not take %d arguments", c.name, n)
	}
	return nil
}

func scanArgument(text string, depth int) (argument, string, error) {
	switch {
	case text == "":
		return argument{}, "", errors.New("an argument is missing")
	case text[0] == '\'':
		return scanString(text[1:])
	case text[0] == '$':
		p, rest, err := scanPath(text)
		return argument{path: &p}, rest, err
	case strings.HasPrefix(text, "States."):
		c, rest, err := scanCall(text, depth+1)
		return argument{call: c}, rest, err
	}
	end := strings.IndexAny(text, " ,)")
	if end < 0 {
		end = len(text)
	}
	word := text[:end]
	v, err := decode([]byte(word))
	if err != nil {
		return argument{}, text, fmt.Errorf("%q is not an argument", word)
	}
	switch v.(type) {
	case json.Number, bool, nil:
		return argument{literal: v, escaped: v}, text[end:], nil
	}
	return argument{}, text, fmt.Errorf("%q is not an argument", word)
}

// scanString parses a string up to its closing quote. A backslash escapes a quote, a brace or a backslash.
func scanString(text string) (argument, string, error) {
	var plain strings.Builder
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '\'':
			return argument{literal: plain.String(), escaped: text[:i]}, text[i+1:], nil
		case '\\':
			i++
			if i == len(text) || !strings.ContainsRune(`'{}\`, rune(text[i])) {
				return argument{}, "", errors.New(`a backslash must be followed by ', {, } or \`)
			}
			plain.WriteByte(text[i])
		default:
			plain.WriteByte(text[i])
		}
	}
	return argument{}, "", errors.New("a string is not closed")
}

func (c *call) value(s *scope) (any, error) {
	values := make([]any, len(c.arguments))
	for i, a := range c.arguments {
		switch {
		case a.call != nil:
			v, err := a.call.value(s)
			if err != nil {
				return nil, err
			}
			values[i] = v
		case a.path != nil:
			v, ok := s.find(*a.path)
			if !ok {
				return nil, fmt.Errorf("%s: the path '%s' could not be found in the input", c.name, a.path.text)
			}
			values[i] = v
		case c.name == formatFunction && i == 0:
			values[i] = a.escaped
		default:
			values[i] = a.literal
		}
	}
	v, err := c.function.apply(s, values)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", c.name, err)
	}
	return v, nil
}
