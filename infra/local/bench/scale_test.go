package bench_test

import (
	"os"
	"strings"
	"testing"

	"beian/infra/local/bench"
)

// TestScale: the page about scale has the table of the model, whose figures are those of the page about cost.
func TestScale(t *testing.T) {
	page, err := os.ReadFile("../../../.github/docs/scale.md")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(page), strings.TrimSpace(bench.ScaleTable())) {
		t.Errorf("scale.md differs from the model; it must have\n%s", bench.ScaleTable())
	}
	cost, err := os.ReadFile("../../../.github/docs/cost.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range bench.ScaleUses() {
		if !strings.Contains(string(cost), line) {
			t.Errorf("cost.md has no row that begins with %s", line)
		}
	}
}
