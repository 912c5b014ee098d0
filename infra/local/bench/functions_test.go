package bench

import (
	"slices"
	"strings"
	"testing"

	"beian/infra/stack"
	"beian/shared/setup/environ"
)

// TestFunctionsStart checks that each function gets the variables without which it does not start.
func TestFunctionsStart(t *testing.T) {
	given := lambdaEnvironment("127.0.0.1:1")
	for _, f := range stack.Functions {
		for _, name := range slices.Concat(f.Variables...) {
			set := slices.ContainsFunc(given, func(value string) bool { return strings.HasPrefix(value, string(name)+"=") })
			if !set && !slices.Contains(environ.Optional, name) {
				t.Errorf("%s reads %s", f.Name, name)
			}
		}
	}
}
