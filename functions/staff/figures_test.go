package staff

import (
	"strings"
	"testing"

	"beian/functions/operator"
)

// TestCharts: a chart scales to the largest number, and draws nothing where there are no percentiles.
func TestCharts(t *testing.T) {
	got := string(page{}.BacklogChart([]operator.BacklogDay{{Open: 10, Review: 5, Late: 1}, {Open: 0}}))
	for _, want := range []string{`class="open" x="0.0" y="0.0" width="240.0" height="120.0"`, `class="review" x="0.0" y="60.0" width="240.0" height="60.0"`, `class="late" x="0.0" y="108.0"`} {
		if !strings.Contains(got, want) {
			t.Errorf("%s is missing in %s", want, got)
		}
	}
	if empty := string(page{}.BacklogChart([]operator.BacklogDay{{}})); strings.Contains(empty, "NaN") {
		t.Errorf("a day without orders: %s", empty)
	}
	half, most := 2, 60
	if bar := string(page{}.StepBar(operator.StepTime{P50: &half, P95: &most})); !strings.Contains(bar, `class="open" width="20"`) || !strings.Contains(bar, `class="review" width="2"`) {
		t.Errorf("a bar beyond its end: %s", bar)
	}
	if bar := (page{}).StepBar(operator.StepTime{Count: 3}); bar != "" {
		t.Errorf("a step with few visits: %s", bar)
	}
}
