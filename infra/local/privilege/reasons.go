package privilege

import (
	"slices"
	"strings"
)

// A reason says why functions may do what no journey on the laptop makes them do.
type reason struct {
	actions   []string // with "*" at the end: all that begin so
	functions []string // nil is all
	reason    string
}

var reasons = []reason{
	{[]string{"logs:*"}, nil, "Functions write their logs through Lambda; on the laptop they write to its output."},
}

func reasonFor(g grant) string {
	for _, r := range reasons {
		if r.functions != nil && !slices.Contains(r.functions, g.function) {
			continue
		}
		if slices.ContainsFunc(r.actions, func(action string) bool {
			prefix, wild := strings.CutSuffix(action, "*")
			return g.action == action || wild && strings.HasPrefix(g.action, prefix)
		}) {
			return r.reason
		}
	}
	return ""
}
