package readme_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"beian/shared/process/limits"
)

// TestLimits: deploy.md has a row with the limits of each action.
func TestLimits(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(root, ".github/docs/deploy.md"))
	if err != nil {
		t.Fatal(err)
	}
	number := func(n int) string {
		if n == 0 {
			return "none"
		}
		return strconv.Itoa(n)
	}
	for action, rule := range limits.Defaults {
		row := fmt.Sprintf("| `%s` | %s | %s |", action, number(rule.Max[limits.Account]), number(rule.Max[limits.Address]))
		if n := rule.Max[limits.Recipient]; n > 0 {
			row += fmt.Sprintf(" %d for each recipient", n)
			if own := rule.Max[limits.Requester]; own > 0 {
				row += fmt.Sprintf(", %d of them from each requester", own)
			}
			row += ": "
		}
		if !strings.Contains(string(text), row) {
			t.Errorf("deploy.md has no row that begins with %s", row)
		}
	}
	if !strings.Contains(string(text), fmt.Sprintf("`\"drafts\": %d`", limits.Drafts)) {
		t.Errorf("deploy.md does not say that an account may have %d drafts", limits.Drafts)
	}
}
