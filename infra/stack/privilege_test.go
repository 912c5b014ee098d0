package stack_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/go/ssa"

	"beian/infra/stack"
)

// withheld are grants that a function could come to use as far as its code's shape goes, and never does.
var withheld = map[stack.Grant]string{
	stack.NewKey:  "An order gets its data key when it is opened, which only the API does.",
	stack.Start:   "Rounds begin when an order is opened, submitted again, or closed after a refusal, by whoever uses the API or by idleness.",
	stack.Succeed: "Telling, setting duties and closing leave no step for the machine to wait in; what was not told, the sweeper tells.",
	stack.Fail:    "As with success.",
}

// unseen are grants that no line of ours calls.
var unseen = map[stack.Grant]string{
	stack.ReadStream: "Lambda reads the table's stream in the function's name.",
}

// TestLeastPrivilege proves from the code itself, both ways, that a function is granted what it can come to do: the
// operations of AWS that its Handle reaches are those on the list, but for what the two tables above explain.
func TestLeastPrivilege(t *testing.T) {
	program, all := load(t)
	methods := methodsOf(program, all)
	explained := map[stack.Grant]bool{}
	for _, f := range stack.Functions {
		home := all["beian/functions/"+f.Name]
		if home == nil {
			t.Fatalf("there is no package functions/%s", f.Name)
		}
		r := &reach{program: program, methods: methods, seen: map[*ssa.Function]bool{}, calls: map[string]bool{}}
		r.visit(home.Func("New")) // where there is one, it hands out what Handle calls
		for _, handle := range methods["Handle"] {
			if handle.Object().Pkg() == home.Pkg {
				r.visit(handle)
			}
		}
		granted := map[string]bool{}
		for _, g := range f.May {
			// The code's shape does not show which table or bucket a call is about.
			granted[strings.TrimSuffix(strings.TrimSuffix(string(g), " keys"), " uploads")] = true
			if unseen[g] != "" {
				explained[g] = true
				delete(granted, string(g))
			}
		}
		delete(r.calls, "s3:ListBucket") // comes with the grants on objects
		for g := range withheld {
			if r.calls[string(g)] && !granted[string(g)] {
				explained[g] = true
				delete(r.calls, string(g))
			}
		}
		if diff := cmp.Diff(slices.Sorted(maps.Keys(r.calls)), slices.Sorted(maps.Keys(granted))); diff != "" {
			t.Errorf("%s: what its code can do (-) and what it may (+):\n%s", f.Name, diff)
		}
	}
	for _, table := range []map[stack.Grant]string{withheld, unseen} {
		for g := range table {
			if !explained[g] {
				t.Errorf("nothing needs the explanation of %s any more", g)
			}
		}
	}
}
