// Package pattern compiles regular expressions at their first use. Each process of a function starts with the packages of all rules, and applies few
// of them: compiling every expression before main was a sixth of its start.
//
//	var form = pattern.New(`^[0-9]{6}$`)
//
//	form().MatchString(code)
package pattern

import (
	"regexp"
	"sync"
)

// New returns a function that returns the compiled expression. It panics at the first use if the expression is malformed; a test of package
// architecture compiles all of them.
func New(expression string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expression) })
}
