package pages

import (
	"testing"

	"beian/shared/rules/finding"
)

// TestPlaceholders: a number that an operation may leave out is a pointer. Its text has the number.
func TestPlaceholders(t *testing.T) {
	minutes := 7
	v := &Visit{Language: "en", site: &Site{words: map[string]finding.Words{"coaching.minutes": {Chinese: "{n} 分钟", English: "{n} minutes"}}}}
	for _, n := range []any{7, "7", &minutes} {
		if text, err := v.T("coaching.minutes", "n", n); err != nil || text != "7 minutes" {
			t.Errorf("%T: %q, %v", n, text, err)
		}
	}
}
