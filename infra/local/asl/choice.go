package asl

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

// A rule is a Choice rule or a part of one. One of the groups is set.
type rule struct {
	next string // at the top only

	and, or []rule
	not     *rule

	variable path
	operator string
	test     func(value, operand any) bool
	operand  any   // literal
	from     *path // or where the operand is found, for the …Path operators
}

// holds decides the rule. A path that names nothing ends the execution, as on AWS; only IsPresent may ask for one.
func (r *rule) holds(s *scope) (bool, *Failure) {
	switch {
	case r.not != nil:
		ok, failure := r.not.holds(s)
		return !ok, failure
	case r.and != nil:
		for i := range r.and {
			if ok, failure := r.and[i].holds(s); failure != nil || !ok {
				return false, failure
			}
		}
		return true, nil
	case r.or != nil:
		for i := range r.or {
			if ok, failure := r.or[i].holds(s); failure != nil || ok {
				return ok, failure
			}
		}
		return false, nil
	}
	value, present := s.find(r.variable)
	if r.operator == "IsPresent" {
		return present == r.operand, nil
	}
	if !present {
		return false, invalidPath(r.variable)
	}
	operand := r.operand
	if r.from != nil {
		found, ok := s.find(*r.from)
		if !ok {
			return false, invalidPath(*r.from)
		}
		operand = found
	}
	return r.test(value, operand), nil
}

func invalidPath(p path) *Failure {
	return &Failure{Name: ErrorRuntime, Cause: fmt.Sprintf(
		"Invalid path '%s': The choice state's condition path references an invalid value.", p.text)}
}

// tests are the comparison operators with two operands, without the ending Path. A value of another type than the
// operator's never passes.
var tests = map[string]func(value, operand any) bool{
	"StringEquals":               ordered(compareText, func(c int) bool { return c == 0 }),
	"StringLessThan":             ordered(compareText, func(c int) bool { return c < 0 }),
	"StringGreaterThan":          ordered(compareText, func(c int) bool { return c > 0 }),
	"StringLessThanEquals":       ordered(compareText, func(c int) bool { return c <= 0 }),
	"StringGreaterThanEquals":    ordered(compareText, func(c int) bool { return c >= 0 }),
	"NumericEquals":              ordered(compareJSONNumbers, func(c int) bool { return c == 0 }),
	"NumericLessThan":            ordered(compareJSONNumbers, func(c int) bool { return c < 0 }),
	"NumericGreaterThan":         ordered(compareJSONNumbers, func(c int) bool { return c > 0 }),
	"NumericLessThanEquals":      ordered(compareJSONNumbers, func(c int) bool { return c <= 0 }),
	"NumericGreaterThanEquals":   ordered(compareJSONNumbers, func(c int) bool { return c >= 0 }),
	"TimestampEquals":            ordered(compareTimes, func(c int) bool { return c == 0 }),
	"TimestampLessThan":          ordered(compareTimes, func(c int) bool { return c < 0 }),
	"TimestampGreaterThan":       ordered(compareTimes, func(c int) bool { return c > 0 }),
	"TimestampLessThanEquals":    ordered(compareTimes, func(c int) bool { return c <= 0 }),
	"TimestampGreaterThanEquals": ordered(compareTimes, func(c int) bool { return c >= 0 }),
	"BooleanEquals":              equalBooleans,
	"StringMatches":              matchText,
}

// kinds are the operators that ask for a value's type; their operand is true or false.
var kinds = map[string]func(value any) bool{
	"IsNull":      func(v any) bool { return v == nil },
	"IsPresent":   func(any) bool { return true },
	"IsNumeric":   func(v any) bool { _, ok := v.(json.Number); return ok },
	"IsString":    func(v any) bool { _, ok := v.(string); return ok },
	"IsBoolean":   func(v any) bool { _, ok := v.(bool); return ok },
	"IsTimestamp": func(v any) bool { _, ok := timestamp(v); return ok },
}

func ordered(compare func(a, b any) (int, bool), wanted func(int) bool) func(value, operand any) bool {
	return func(value, operand any) bool {
		c, ok := compare(value, operand)
		return ok && wanted(c)
	}
}

func compareText(a, b any) (int, bool) {
	x, ok1 := a.(string)
	y, ok2 := b.(string)
	return strings.Compare(x, y), ok1 && ok2
}

func compareJSONNumbers(a, b any) (int, bool) {
	x, ok1 := a.(json.Number)
	y, ok2 := b.(json.Number)
	if !ok1 || !ok2 {
		return 0, false
	}
	return compareNumbers(x, y), true
}

func timestamp(v any) (time.Time, bool) {
	text, ok := v.(string)
	if !ok {
		return time.Time{}, false
	}
	t, err := parseTime(text)
	return t, err == nil
}

func compareTimes(a, b any) (int, bool) {
	x, ok1 := timestamp(a)
	y, ok2 := timestamp(b)
	return x.Compare(y), ok1 && ok2
}

func equalBooleans(a, b any) bool {
	x, ok1 := a.(bool)
	y, ok2 := b.(bool)
	return ok1 && ok2 && x == y
}

// matchText matches a pattern in which * stands for any characters, and \* and \\ for themselves.
func matchText(value, operand any) bool {
	text, ok1 := value.(string)
	pattern, ok2 := operand.(string)
	if !ok1 || !ok2 {
		return false
	}
	pieces := []string{""}
	for i := 0; i < len(pattern); i++ {
		last := len(pieces) - 1
		switch {
		case pattern[i] == '\\' && i+1 < len(pattern):
			i++
			pieces[last] += pattern[i : i+1]
		case pattern[i] == '*':
			pieces = append(pieces, "")
		default:
			pieces[last] += pattern[i : i+1]
		}
	}
	if len(pieces) == 1 {
		return text == pieces[0]
	}
	first, last := pieces[0], pieces[len(pieces)-1]
	if len(text) < len(first)+len(last) || !strings.HasPrefix(text, first) || !strings.HasSuffix(text, last) {
		return false
	}
	text = text[len(first) : len(text)-len(last)]
	for _, piece := range pieces[1 : len(pieces)-1] {
		_, after, found := strings.Cut(text, piece)
		if !found {
			return false
		}
		text = after
	}
	return true
}
